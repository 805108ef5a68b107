"""Doors for item catalogues: a version for each set of items, and the import of a table."""

from collections.abc import Sequence
from typing import Any

from services.catalog.domain import refusals
from services.catalog.domain.catalogue import Catalogue
from services.catalog.domain.steps import catalogue_of
from services.catalog.doors.base import Doors
from shared.contracts.envelope import Given


class TableDoors(Doors):
    """Tables."""

    def import_catalogue(
        self, given: Given, *, programme: str, sheet: dict[str, Any], instrument_ref: str | None
    ) -> None:
        """All new items of the table, or, with one error in it, none (R011)."""
        settings = self.programme_seen(programme).settings
        reading = self.questions.catalogue_table(programme, sheet)
        if reading.table.broken:
            found = [one.plain() for one in reading.table.findings if one.severity == "error"]
            raise refusals.table_refused(found)
        catalogue = catalogue_of(settings)
        items = reading.added()
        for item in items:
            request = {"programme": programme, "catalogue_id": catalogue} | item
            self.follow(given, f"item:{item['item_id']}", "list_item", request)
        listed = [str(item["item_id"]) for item in items]
        self.issue_with(given, programme, catalogue, listed, instrument_ref)

    def issue_with(
        self, given: Given, programme: str, catalogue_id: str, items: Sequence[str],
        instrument_ref: str | None,
    ) -> None:
        """Issue the next version, of the last one's items and these; none where all are in it."""
        known = self.stream(Catalogue, Catalogue.create_id(catalogue_id))
        last = known.latest.get("item_ids", [])
        if set(items) <= set(last):
            return
        version = len(known.versions) + 1
        self.follow(given, f"catalogue:{version}", "issue_catalogue", {
            "programme": programme, "catalogue_id": catalogue_id, "version": version,
            "item_ids": list(dict.fromkeys([*last, *items])), "instrument_ref": instrument_ref,
        })
