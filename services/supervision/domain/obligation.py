"""One task of a notice as the obligation of one unit (R190-R196, R200, R224)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.supervision.domain import refusals
from services.supervision.domain.owed import Owed, must_be_overdue
from shared.calendar import by_day, days_late

# Kind of a row in the programme's table → kind of the obligation.
KINDS = {"task": "step", "report": "report", "filing": "filing"}


def written_deadlines(row: Mapping[str, Any], binding_source: str) -> list[dict[str, Any]]:
    """Every date written for a task, with its place; one binds (R195).

    Args:
        row: of the programme's table: ``due_on``, ``source`` and ``other_deadlines``.
        binding_source: ``table`` binds the table's own date; ``text`` the first other one.
    """
    table = [{"date": row["due_on"], "source": row["source"]}] if row["due_on"] else []
    found = [
        {"date": date.fromisoformat(one["date"]), "source": one["source"], "binding": False}
        for one in (*table, *row["other_deadlines"])
    ]
    if found:
        elsewhere = binding_source != "table" and bool(table) and len(found) > 1
        found[1 if elsewhere else 0]["binding"] = True
    return found


class Obligation(Owed):
    """What one unit owes under one task of one programme."""

    class TaskAssigned(Aggregate.Created):
        obligation_id: str
        programme_id: str
        task_no: str
        task: str
        kind: str
        unit_id: str
        recipients: list[str]
        due_at: datetime | None
        deadline_text: str | None
        precision: str
        deadlines: list[dict[str, Any]]
        source: str

    class TaskReported(Aggregate.Event):
        obligation_id: str
        by_org_id: str
        text_ref: str
        at: datetime

    class TaskCompleted(Aggregate.Event):
        obligation_id: str
        evidence_refs: list[str]
        completed_at: datetime
        days_late: int

    class TaskOverdue(Aggregate.Event):
        obligation_id: str
        unit_id: str
        task_no: str
        kind: str
        due_at: datetime

    @staticmethod
    def create_id(programme_id: str, task_no: str, unit_id: str) -> UUID:
        """One stream per programme, task and unit: assigning again finds it (R194)."""
        return uuid5(NAMESPACE_URL, f"fuquan:obligation/{programme_id}/{task_no}/{unit_id}")

    @classmethod
    def assign(
        cls, *, programme: str, row: Mapping[str, Any], unit: str, deadlines: Mapping[str, Any]
    ) -> "Obligation":
        """Assign a task of the programme's table to one of its units.

        Args:
            row: of the table: task_no, task, kind, units, recipients, due_on, deadline_text,
                precision, source, other_deadlines.
            deadlines: the programme's settings ``inclusive`` and ``binding_source``.
        """
        if unit not in row["units"]:
            raise refusals.unit_not_responsible(row["task_no"], unit)
        written = written_deadlines(row, deadlines["binding_source"])
        binding = next((one["date"] for one in written if one["binding"]), None)
        due = by_day(binding, inclusive=deadlines["inclusive"])
        return cls(
            obligation_id=str(cls.create_id(programme, row["task_no"], unit)),
            programme_id=programme,
            task_no=row["task_no"],
            task=row["task"],
            kind=KINDS[row["kind"]],
            unit_id=unit,
            recipients=list(row["recipients"]),
            due_at=due.due_at if due else None,
            deadline_text=row["deadline_text"],
            precision=row["precision"],
            deadlines=written,
            source="notice",
        )

    def report(self, *, by: str, text_ref: str, at: datetime) -> None:
        """Report progress, or one activity of a task that only has a year (R196)."""
        self._must_be_open()
        self._reported(obligation_id=str(self.id), by_org_id=by, text_ref=text_ref, at=at)

    def complete(
        self, *, evidence_refs: list[str], at: datetime, overdue_event: str | None
    ) -> None:
        """Meet the obligation at the instant *at*; in time, it withdraws an earlier overdue (R224).

        Args:
            overdue_event: id of the fact that recorded this obligation as overdue, if one did.
        """
        self._must_be_open()
        late = days_late(self.due_at, at) if self.due_at else 0
        self._completed(
            obligation_id=str(self.id), evidence_refs=evidence_refs, completed_at=at, days_late=late
        )
        if overdue_event and self.is_overdue and not late:
            self.withdraw(overdue_event=overdue_event, done_at=at)

    def declare_overdue(self, *, at: datetime) -> None:
        """Record once that the deadline passed; nothing further when it is recorded already."""
        if self.is_overdue:
            return
        due_at = must_be_overdue(str(self.id), due_at=self.due_at, done_at=self.completed_at, at=at)
        self._overdue(
            obligation_id=str(self.id),
            unit_id=self.unit,
            task_no=self.task_no,
            kind=self.kind,
            due_at=due_at,
        )

    def _must_be_open(self) -> None:
        if self.completed_at is not None:
            raise refusals.already_completed(str(self.id), self.completed_at)

    @event(TaskAssigned)
    def __init__(
        self,
        obligation_id: str,
        programme_id: str,
        task_no: str,
        task: str,
        kind: str,
        unit_id: str,
        recipients: list[str],
        due_at: datetime | None,
        deadline_text: str | None,
        precision: str,
        deadlines: list[dict[str, Any]],
        source: str,
    ) -> None:
        self.task_no, self.kind, self.unit, self.due_at = task_no, kind, unit_id, due_at
        self.completed_at: datetime | None = None

    @event(TaskReported)
    def _reported(self, obligation_id: str, by_org_id: str, text_ref: str, at: datetime) -> None:
        self.reported_at = at

    @event(TaskCompleted)
    def _completed(
        self, obligation_id: str, evidence_refs: list[str], completed_at: datetime, days_late: int
    ) -> None:
        self.completed_at = completed_at

    @event(TaskOverdue)
    def _overdue(
        self, obligation_id: str, unit_id: str, task_no: str, kind: str, due_at: datetime
    ) -> None:
        self.is_overdue = True
