"""How a town changes: its name, its kind, and its end in another town (R004)."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from eventsourcing.domain import Aggregate

from services.catalog.domain import organ_refusals as refusals
from services.catalog.domain.organ_change import check_day

CHANGING = ("镇", "乡", "街道办事处")


class TownChange(Aggregate):
    """What has changed since the town was registered; its row stays as it was told."""

    if TYPE_CHECKING:  # the library makes of annotated fields what an event must tell
        town_id: str
        name: str
        kind: str
        changes: dict[str, str]
        into: str | None
        changed_on: date | None

    class TownRenamed(Aggregate.Event):
        town_id: str
        old_name: str
        new_name: str
        centre_name: str | None
        department_name: str | None
        effective_on: date

        def apply(self, aggregate: "TownChange") -> None:
            aggregate.name, aggregate.changed_on = self.new_name, self.effective_on
            told = {
                "name": self.new_name, "centre_name": self.centre_name,
                "department_name": self.department_name,
            }
            aggregate.changes |= {key: name for key, name in told.items() if name is not None}

    class TownKindChanged(Aggregate.Event):
        town_id: str
        old_kind: str
        new_kind: str
        effective_on: date

        def apply(self, aggregate: "TownChange") -> None:
            aggregate.kind, aggregate.changed_on = self.new_kind, self.effective_on
            aggregate.changes |= {"kind": self.new_kind}

    class TownMerged(Aggregate.Event):
        town_id: str
        into_town_id: str
        effective_on: date

        def apply(self, aggregate: "TownChange") -> None:
            aggregate.into, aggregate.changed_on = self.into_town_id, self.effective_on

    def rename(
        self, *, name: str, effective_on: date, at: datetime, **bodies: str | None
    ) -> None:
        """Another name for the same town.

        Args:
            **bodies: ``centre_name``, ``department_name``; None where they keep theirs.
        """
        self.must_be_open()
        check_day(self.town_id, effective_on, at, self.changed_on)
        if name == self.name:
            raise refusals.same_name(self.town_id, name)
        self.trigger_event(
            self.TownRenamed, town_id=self.town_id, old_name=self.name, new_name=name,
            effective_on=effective_on, **bodies,
        )

    def change_kind(self, *, kind: str, effective_on: date, at: datetime) -> None:
        """撤镇设街道 and the like: another kind, the same recipient."""
        self.must_be_open()
        self.must_change()
        check_day(self.town_id, effective_on, at, self.changed_on)
        if kind == self.kind:
            raise refusals.same_kind(self.town_id, kind)
        self.trigger_event(
            self.TownKindChanged, town_id=self.town_id, old_kind=self.kind, new_kind=kind,
            effective_on=effective_on,
        )

    def merge(self, *, into: "TownChange", effective_on: date, at: datetime) -> None:
        """Close the town for ever; *into* stands for it from that day on."""
        for town in (self, into):
            town.must_be_open()
            town.must_change()
            check_day(town.town_id, effective_on, at, town.changed_on)
        if into.town_id == self.town_id:
            raise refusals.same_organ(self.town_id)
        self.trigger_event(
            self.TownMerged, town_id=self.town_id, into_town_id=into.town_id,
            effective_on=effective_on,
        )

    def must_be_open(self) -> None:
        """Let pass a town that is in no other."""
        if self.into is not None:
            raise refusals.id_closed(self.town_id, self.into)

    def must_change(self) -> None:
        """Let pass a town or sub-district."""
        if self.kind not in CHANGING:
            raise refusals.kind_fixed(self.town_id, self.kind)
