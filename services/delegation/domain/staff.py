"""Approval staff who follow the work from a department to a unit's bureau (R098, R205)."""

from datetime import date
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain import capability_refusals, refusals
from services.delegation.domain.programme import Row
from services.delegation.domain.stream import Recorded, record, stream_id


class StaffTransfer(Aggregate):
    """All that move from one department to one unit, at once or in parts."""

    class PersonnelTransferred(Recorded):
        unit_id: str
        from_org_id: str
        to_org_id: str
        approval_staff_total: int
        transferred: int
        effective_on: date

        def apply(self, aggregate: "StaffTransfer") -> None:
            aggregate.total = self.approval_staff_total
            aggregate.transferred += self.transferred

    @staticmethod
    def create_id(programme: str, unit: str, department: str) -> UUID:
        return stream_id("staff", programme, unit, department)

    def __init__(self) -> None:
        self.total = 0
        self.transferred = 0

    @classmethod
    def transfer(
        cls, before: "StaffTransfer | None", *, programme: str, unit: Row, department: str,
        approval_staff_total: int, transferred: int, effective_on: date,
    ) -> "StaffTransfer":
        """Numbers as they are: the notice's floor is reported and blocks nothing (R098)."""
        if not unit["recipient"]:
            raise refusals.not_a_recipient(unit["town_id"], programme)
        receives = unit["department_id"] or unit["town_id"]
        if receives == department:
            raise refusals.same_organ(department)
        if before is not None and before.total != approval_staff_total:
            raise capability_refusals.staff_total_differs(
                department, before.total, approval_staff_total
            )
        moved = transferred + (before.transferred if before else 0)
        if moved > approval_staff_total:
            raise capability_refusals.more_staff_than_there_are(
                department, approval_staff_total, moved
            )
        return record(
            cls, before, cls.create_id(programme, unit["town_id"], department),
            cls.PersonnelTransferred, unit_id=unit["town_id"], from_org_id=department,
            to_org_id=receives, approval_staff_total=approval_staff_total,
            transferred=transferred, effective_on=effective_on,
        )
