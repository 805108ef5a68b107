"""Issued versions: the guidance catalogue that towns are served from, the menu they choose in."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import event

from services.catalog.domain import refusals
from services.catalog.domain.stream import Stream


class Issue(Stream):
    """Something issued in versions 1, 2, 3 …, each complete in itself."""

    def begin(self) -> None:
        """No version yet."""
        self.versions: dict[int, dict[str, Any]] = {}

    @property
    def latest(self) -> dict[str, Any]:
        """What the last version says; empty before the first."""
        return self.versions[max(self.versions)] if self.versions else {}

    def is_new(self, name: str, version: int, asked: Mapping[str, Any]) -> bool:
        """Whether *version* is the one that comes next; False for one issued just so."""
        if version in self.versions:
            refusals.unchanged("version", f"{name} v{version}", self.versions[version], asked)
            return False
        if version != len(self.versions) + 1:
            raise refusals.version_out_of_order(name, version, len(self.versions) + 1)
        return True


class Catalogue(Issue):
    """The guidance catalogue of a programme (R010, R011)."""

    class GuidanceCatalogueIssued(Stream.Happened):
        catalogue_id: str
        version: int
        size: int
        item_ids: list[str]
        instrument_ref: str | None

    @staticmethod
    def create_id(catalogue_id: str) -> UUID:
        """The stream of a catalogue."""
        return uuid5(NAMESPACE_URL, f"fuquan:catalogue:{catalogue_id}")

    def issue(
        self, *, catalogue_id: str, version: int, item_ids: Sequence[str],
        instrument_ref: str | None, stated_size: int | None,
    ) -> None:
        """Issue the next version; the size that the notice states binds the first (R010, R011)."""
        asked: dict[str, Any] = {"item_ids": list(item_ids), "instrument_ref": instrument_ref}
        if not self.is_new(catalogue_id, version, asked):
            return
        size = len(set(item_ids))
        if version == 1 and stated_size is not None and size != stated_size:
            raise refusals.size_differs(catalogue_id, size, stated_size)
        self._issued(catalogue_id=catalogue_id, version=version, size=size, **asked)

    @event(GuidanceCatalogueIssued)
    def _issued(
        self, catalogue_id: str, version: int, size: int, item_ids: list[str],
        instrument_ref: str | None,
    ) -> None:
        self.versions[version] = {"item_ids": item_ids, "instrument_ref": instrument_ref}


class Menu(Issue):
    """The menu of a programme in which towns choose (R023, R031)."""

    class MenuIssued(Stream.Happened):
        menu_id: str
        version: int
        item_ids: list[str]
        left_out: list[dict[str, str]]

    @staticmethod
    def create_id(menu_id: str) -> UUID:
        """The stream of a menu."""
        return uuid5(NAMESPACE_URL, f"fuquan:menu:{menu_id}")

    def issue(
        self, *, menu_id: str, version: int, item_ids: Sequence[str],
        left_out: Sequence[Mapping[str, str]],
    ) -> None:
        """Issue the next version; what is left out stands in it with its reason."""
        asked: dict[str, Any] = {
            "item_ids": list(item_ids), "left_out": [dict(one) for one in left_out]
        }
        if self.is_new(menu_id, version, asked):
            self._issued(menu_id=menu_id, version=version, **asked)

    @event(MenuIssued)
    def _issued(
        self, menu_id: str, version: int, item_ids: list[str], left_out: list[dict[str, str]]
    ) -> None:
        self.versions[version] = {"item_ids": item_ids, "left_out": left_out}
