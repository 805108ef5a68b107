"""Training: what an organ plans, holds and assesses so that others can do the work."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain import capability_refusals, refusals
from services.delegation.domain.programme import Row
from services.delegation.domain.stream import Recorded, record, stream_id


class Training(Aggregate):
    """All of one organ under one programme (R093, R099)."""

    class TrainingPlanSet(Recorded):
        department_id: str
        item_ids: list[str]
        plan_ref: str

    class TrainingHeld(Recorded):
        held_by_org_id: str
        item_ids: list[str]
        town_ids: list[str]
        unit_id: str | None
        attendee_ids: list[str]
        materials: list[str]
        held_on: date

    class CapabilityConfirmed(Recorded):
        town_id: str
        operator_ids: list[str]
        item_ids: list[str]
        assessed_by_org_id: str
        on: date

    @staticmethod
    def create_id(programme: str, org: str) -> UUID:
        return stream_id("training", programme, org)

    @classmethod
    def plan(
        cls, before: "Training | None", *, programme: str, department: str, items: Sequence[Row],
        plan_ref: str
    ) -> "Training":
        """A department's plan for its own items (R093)."""
        for item in items:
            if item["granting_org_id"] != department:
                raise capability_refusals.not_its_item(
                    department, item["item_id"], item["granting_org_id"]
                )
        return record(
            cls, before, cls.create_id(programme, department), cls.TrainingPlanSet,
            department_id=department, item_ids=[item["item_id"] for item in items],
            plan_ref=plan_ref,
        )

    @classmethod
    def hold(
        cls, before: "Training | None", *, programme: str, held_by: str, items: Sequence[str],
        towns: Sequence[str], unit: str | None, attendees: Sequence[str],
        materials: Sequence[str], held_on: date, today: date,
    ) -> "Training":
        """A session that took place (R093); with it the task is done, not the duty (R099)."""
        if bool(towns) == (unit is not None):
            raise capability_refusals.towns_or_unit(towns, unit)
        if held_on > today:
            raise refusals.wrong_date_order("培训日", held_on, "登记日", today)
        return record(
            cls, before, cls.create_id(programme, held_by), cls.TrainingHeld,
            held_by_org_id=held_by, item_ids=list(items), town_ids=list(towns), unit_id=unit,
            attendee_ids=list(attendees), materials=list(materials), held_on=held_on,
        )

    @classmethod
    def confirm(
        cls, before: "Training | None", *, programme: str, town: str, operators: Sequence[str],
        items: Sequence[str], assessed_by: str, on: date, today: date,
    ) -> "Training":
        """The assessment that ends the duty to train (R099)."""
        if on > today:
            raise refusals.wrong_date_order("评估日", on, "登记日", today)
        return record(
            cls, before, cls.create_id(programme, assessed_by), cls.CapabilityConfirmed,
            town_id=town, operator_ids=list(operators), item_ids=list(items),
            assessed_by_org_id=assessed_by, on=on,
        )
