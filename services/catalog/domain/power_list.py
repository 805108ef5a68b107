"""A department's power-and-responsibility list, from which a menu is drawn (R023)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import event

from services.catalog.domain.stream import Stream


class PowerList(Stream):
    """One department's list, item by item."""

    class PowerListEntryRecorded(Stream.Happened):
        org_id: str
        item_id: str
        status: str
        from_: date

    @staticmethod
    def create_id(org: str) -> UUID:
        """The stream of a department's list."""
        return uuid5(NAMESPACE_URL, f"fuquan:power-list:{org}")

    def begin(self) -> None:
        """Nothing on the list."""
        self.entries: dict[str, list[tuple[date, str]]] = {}

    def record(self, *, org: str, entries: Sequence[Mapping[str, Any]], from_: date) -> None:
        """Record what is on the list, or off it, from a day on."""
        for entry in entries:
            item, status = entry["item"], entry["status"]
            if self.status(item, from_) != status:
                self._recorded(org_id=org, item_id=item, status=status, from_=from_)

    def status(self, item: str, on: date) -> str | None:
        """``in_force`` or ``abolished`` on that day; None: never on the list."""
        told = [row for row in self.entries.get(item, ()) if row[0] <= on]
        return max(told, key=lambda row: row[0])[1] if told else None

    @event(PowerListEntryRecorded)
    def _recorded(self, org_id: str, item_id: str, status: str, from_: date) -> None:
        self.entries.setdefault(item_id, []).append((from_, status))
