"""What every door of catalog needs: find what was registered, or refuse."""

from collections.abc import Iterable
from contextvars import ContextVar
from typing import TypeVar
from uuid import UUID

from services.catalog.domain import refusals
from services.catalog.domain.item import Item
from services.catalog.domain.organ import Directory, Town
from services.catalog.domain.programme import Programme
from services.catalog.domain.stream import Stream
from services.catalog.readmodel.questions import CatalogQuestions
from shared.clock import Clock, system_clock
from shared.commands import Commands
from shared.database import Database

S = TypeVar("S", bound=Stream)

# The jurisdiction of the programme that is being registered: it is in no stream yet.
registering: ContextVar[str] = ContextVar("registering")


class Doors(Commands):
    """Finding.

    What exists is looked up in the streams, never in the read model, so that an import can refer
    to what it has just registered. Programmes, organs and towns are never unregistered: what was
    seen once is remembered.
    """

    def __init__(self, database: Database, clock: Clock | None = system_clock) -> None:
        super().__init__(database, clock)
        self.questions: CatalogQuestions = CatalogQuestions(database)
        self._seen: dict[str, Programme] = {}
        self._bodies: set[str] = set()

    def jurisdiction(self, programme: str) -> str:
        """Where the programme is in force; also while it is being registered."""
        if programme not in self._seen:
            known = self.load(Programme, Programme.create_id(programme))
            if known is None:
                return registering.get()
            self._seen[programme] = known
        return self._seen[programme].jurisdiction

    def programme_of(self, programme: str) -> Programme:
        known = self.load(Programme, Programme.create_id(programme))
        if known is None:
            raise refusals.unknown_programme(programme)
        self._seen[programme] = known
        return known

    def programme_seen(self, programme: str, mode: str | None = None) -> Programme:
        """The programme as last seen: its notice never changes, its modes only grow (R002)."""
        known = self._seen.get(programme)
        if known is None or (mode and mode not in known.modes):
            known = self.programme_of(programme)
        if mode and mode not in known.modes:
            raise refusals.mode_not_in_programme(mode, programme, list(known.modes))
        return known

    def stream(self, kind: type[S], name: UUID) -> S:
        return self.load(kind, name) or kind.empty(name)

    def directory(self, programme: str) -> tuple[Directory, str]:
        jurisdiction = self.jurisdiction(programme)
        return self.stream(Directory, Directory.create_id(jurisdiction)), jurisdiction

    def item(self, programme: str, item: str) -> Item:
        self.programme_seen(programme)
        known = self.load(Item, Item.create_id(item))
        if known is None or not str(known.row["catalogue_id"]).startswith(f"{programme}-"):
            raise refusals.unknown_item(item)
        return known

    def must_be_listed(self, programme: str, items: Iterable[str]) -> None:
        for item in items:
            self.item(programme, item)

    def department_of(self, programme: str, item: str) -> str:
        """The granting department of an item, or who has taken it over."""
        directory, _ = self.directory(programme)
        return directory.standing(self.item(programme, item).row["granting_org_id"])

    def must_be_town(self, programme: str, town: str) -> None:
        self.town_of(programme, town)

    def town_of(self, programme: str, town: str) -> Town:
        known = self.load(Town, Town.create_id(town))
        if known is None or not town.startswith(f"{programme}-"):
            raise refusals.unknown_town(town)
        return known

    def must_be_known(self, programme: str, bodies: Iterable[str | None]) -> None:
        for body in bodies:
            if body is not None and body not in self._bodies and not self._find(programme, body):
                raise refusals.unknown_organ(body)

    def _find(self, programme: str, body: str) -> bool:
        """Look for an organ, town, centre or town department of this jurisdiction, or of any."""
        directory, _ = self.directory(programme)
        self._bodies |= directory.organs.keys()
        for name in (body, body.rpartition("-")[0]):
            if town := self.load(Town, Town.create_id(name)):
                self._bodies |= town.bodies
        if body not in self._bodies and self.questions.register.names([body]):
            self._bodies.add(body)
        return body in self._bodies


def must_begin(name: str, programme: str) -> None:
    """Ids of a programme begin with its code, so no two programmes can share one."""
    if not name.startswith(f"{programme}-"):
        raise refusals.foreign_id(name, f"{programme}-")
