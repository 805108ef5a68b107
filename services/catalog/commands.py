"""The commands of catalog: programmes, organs, towns, items, catalogues, publications."""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar

from eventsourcing.domain import Aggregate
from marshmallow import ValidationError

from services.catalog.domain import content as whole
from services.catalog.domain import refusals
from services.catalog.domain.catalogue import Catalogue, Issue, Menu
from services.catalog.domain.item import Item, ItemCode
from services.catalog.domain.organ import Directory, Town
from services.catalog.domain.programme import Programme
from services.catalog.domain.publication import Publication
from services.catalog.domain.steps import catalogue_of, document_of, steps
from services.catalog.readmodel import CatalogQuestions
from shared.clock import Clock, system_clock
from shared.commands import Commands
from shared.contracts.envelope import Given
from shared.database import Database

# The jurisdiction of the programme that is being registered: it is in no stream yet.
_registering: ContextVar[str] = ContextVar("registering")


class Catalog(Commands):
    """Doors of catalog.

    What exists is looked up in the streams, never in the read model, so that an import can refer
    to what it has just registered. Programmes, organs and towns are never unregistered: what was
    seen once is remembered.
    """

    service = "catalog"
    aggregates: ClassVar[tuple[type[Aggregate], ...]] = (
        Programme, Directory, Town, ItemCode, Item, Catalogue, Menu, Publication,
    )

    def __init__(self, database: Database, clock: Clock | None = system_clock) -> None:
        super().__init__(database, clock)
        self.questions: CatalogQuestions = CatalogQuestions(database)
        self._seen: dict[str, Programme] = {}
        self._bodies: set[str] = set()
        self._items: set[tuple[str, str]] = set()

    def jurisdiction(self, programme: str) -> str:
        """Where the programme is in force; also while it is being registered."""
        if programme not in self._seen:
            known = self.load(Programme, Programme.create_id(programme))
            if known is None:
                return _registering.get()
            self._seen[programme] = known
        return self._seen[programme].jurisdiction

    def register_programme(self, given: Given, *, programme: str, **notice: Any) -> Programme:
        known = self.load(Programme, Programme.create_id(programme))
        if known is None:
            _registering.set(notice["jurisdiction_id"])
            return Programme.register(programme_id=programme, **notice)
        known.register_again(**notice)
        return known

    def enable_mode(self, given: Given, *, programme: str, **mode: Any) -> Programme:
        known = self._programme(programme)
        known.enable_mode(**mode)
        return known

    def add_recipient(
        self, given: Given, *, programme: str, town: str, from_: date
    ) -> Programme:
        known = self._programme(programme)
        self._must_be_town(town)
        known.add_recipient(town=town, from_=from_)
        return known

    def remove_recipient(
        self, given: Given, *, programme: str, town: str, to: date, reason: str
    ) -> Programme:
        known = self._programme(programme)
        if grants := self.questions.grants_in_force(programme, town, given.at):
            raise refusals.grants_in_force(town, grants)
        known.remove_recipient(town=town, to=to, reason=reason)
        return known

    def register_organ(
        self, given: Given, *, programme: str, org_id: str, superior_org_id: str | None, **row: Any
    ) -> Directory:
        self._programme_seen(programme)
        self._must_be_known(programme, [superior_org_id])
        if self.load(Town, Town.create_id(org_id)):
            raise refusals.id_taken(org_id)
        directory, jurisdiction = self._directory(programme)
        directory.register(
            programme=programme, jurisdiction=jurisdiction, org_id=org_id,
            superior_org_id=superior_org_id, **row,
        )
        return directory

    def add_alias(
        self, given: Given, *, programme: str, org_id: str, alias: str, basis: str
    ) -> Directory:
        self._programme_seen(programme)
        self._must_be_known(programme, [org_id])
        directory, jurisdiction = self._directory(programme)
        directory.add_alias(jurisdiction=jurisdiction, org_id=org_id, alias=alias, basis=basis)
        return directory

    def register_town(self, given: Given, *, programme: str, town_id: str, **row: Any) -> Town:
        self._programme_seen(programme)
        above = ("managing_zone_id", "matching_county_id", "centre_managed_by_org_id")
        self._must_be_known(programme, [row[column] for column in above])
        known = self.load(Town, Town.create_id(town_id))
        if known:
            known.register_again(**row)
            return known
        directory, _ = self._directory(programme)
        if town_id in directory.organs:
            raise refusals.id_taken(town_id)
        return Town.register(town_id=town_id, **row)

    def assign_code(self, given: Given, *, programme: str, item: str, code: str) -> ItemCode:
        known = self.load(ItemCode, ItemCode.create_id(programme, code))
        if known:
            known.assign_again(item=item)
            return known
        digits = self._programme_seen(programme).settings["catalogue"]["code_digits"]
        return ItemCode.assign(programme=programme, item=item, code=code, digits=digits)

    def list_item(self, given: Given, *, programme: str, item_id: str, **row: Any) -> Item:
        rules = self._programme_seen(programme, mode=row["mode"])
        self._must_be_known(programme, [row["granting_org_id"], row["supervising_org_id"]])
        known = self.load(Item, Item.create_id(item_id))
        if known:
            known.enter_again(item_id=item_id, **row)
            return known
        item = Item.enter(
            item_id=item_id, required=rules.settings["catalogue"]["required_columns"],
            mode_zh=rules.modes[row["mode"]]["mode_zh"] if row["mode"] else None, **row,
        )
        if row["code"]:
            code = {"programme": programme, "item": item_id, "code": row["code"]}
            self.follow(given, "code", "assign_code", code)
        return item
