"""What goes before claims and lists: field surveys, opinions, dockings (R030, R031, R037)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain.stream import Recorded, record, stream_id


class Survey(Aggregate):
    """What was asked and heard in one town under one programme."""

    class NeedsSurveyed(Recorded):
        town_id: str
        outline_ref: str
        visited_on: date
        needs: list[str]
        capacity: list[str]

        def apply(self, aggregate: "Survey") -> None:
            aggregate.surveyed = True

    class OpinionRecorded(Recorded):
        town_id: str
        menu_version: int
        text_ref: str
        handled_how: str

        def apply(self, aggregate: "Survey") -> None:
            aggregate.heard_on.add(self.menu_version)

    @staticmethod
    def create_id(programme: str, town: str) -> UUID:
        return stream_id("survey", programme, town)

    def __init__(self) -> None:
        self.surveyed = False
        self.heard_on: set[int] = set()  # versions of the menu

    @classmethod
    def survey(
        cls, before: "Survey | None", *, programme: str, town: str, outline_ref: str,
        visited_on: date, needs: Sequence[str], capacity: Sequence[str],
    ) -> "Survey":
        return record(
            cls, before, cls.create_id(programme, town), cls.NeedsSurveyed, town_id=town,
            outline_ref=outline_ref, visited_on=visited_on, needs=list(needs),
            capacity=list(capacity),
        )

    @classmethod
    def opinion(
        cls, before: "Survey | None", *, programme: str, town: str, menu_version: int,
        text_ref: str, handled_how: str,
    ) -> "Survey":
        return record(
            cls, before, cls.create_id(programme, town), cls.OpinionRecorded, town_id=town,
            menu_version=menu_version, text_ref=text_ref, handled_how=handled_how,
        )


class Docking(Aggregate):
    """Meetings of one department and one town on the items to take over."""

    class DockingHeld(Recorded):
        department_id: str
        town_id: str
        held_on: date
        item_ids: list[str]
        outcome: str

        def apply(self, aggregate: "Docking") -> None:
            aggregate.item_ids = sorted({*aggregate.item_ids, *self.item_ids})

    @staticmethod
    def create_id(programme: str, department: str, town: str) -> UUID:
        return stream_id("docking", programme, department, town)

    def __init__(self) -> None:
        self.item_ids: list[str] = []

    @classmethod
    def hold(
        cls, before: "Docking | None", *, programme: str, department: str, town: str, held_on: date,
        items: Sequence[str], outcome: str,
    ) -> "Docking":
        return record(
            cls, before, cls.create_id(programme, department, town), cls.DockingHeld,
            department_id=department, town_id=town, held_on=held_on, item_ids=list(items),
            outcome=outcome,
        )
