"""A notice of units that missed a deadline: the system proposes, an official issues (R193)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.supervision.domain import refusals


class Notice(Aggregate):
    """One notice of a programme and a day."""

    class NoticeProposed(Aggregate.Created):
        notice_id: str
        kind: str
        on: date
        unit_ids: list[str]
        obligation_ids: list[str]
        lines: list[dict[str, Any]]

    class NoticeIssued(Aggregate.Event):
        notice_id: str
        kind: str
        issuer_org_id: str
        unit_ids: list[str]
        issued_on: date

    @staticmethod
    def create_id(programme: str, on: date) -> UUID:
        """One stream per programme and day."""
        return uuid5(NAMESPACE_URL, f"fuquan:notice/{programme}/{on.isoformat()}")

    @classmethod
    def propose(cls, *, programme: str, on: date, late: Sequence[Mapping[str, Any]]) -> "Notice":
        """Draw up the notice from what was missed.

        Args:
            late: per obligation ``obligation_id, unit_id, task_no, days_late``.
        """
        if not late:
            raise refusals.nobody_overdue(programme, on)
        lines = [
            {key: one[key] for key in ("obligation_id", "unit_id", "task_no", "days_late")}
            for one in late
        ]
        return cls._create(
            cls.NoticeProposed,
            id=cls.create_id(programme, on),
            notice_id=str(cls.create_id(programme, on)),
            kind="criticism",
            on=on,
            unit_ids=sorted({line["unit_id"] for line in lines}),
            obligation_ids=[line["obligation_id"] for line in lines],
            lines=lines,
        )

    def issue(self, *, programme: str, by: str, issuer: str | None, on: date) -> None:
        """Issue the notice, by the office that the programme names and no other."""
        if issuer is None:
            raise refusals.no_issuer_named(programme)
        if by != issuer:
            raise refusals.not_the_issuing_office(by, issuer)
        if self.issued_on is not None:
            raise refusals.already_issued(str(self.id), self.issued_on)
        self._issued(
            notice_id=str(self.id),
            kind=self.kind,
            issuer_org_id=by,
            unit_ids=self.units,
            issued_on=on,
        )

    @event(NoticeProposed)
    def __init__(
        self,
        notice_id: str,
        kind: str,
        on: date,
        unit_ids: list[str],
        obligation_ids: list[str],
        lines: list[dict[str, Any]],
    ) -> None:
        self.kind, self.units = kind, unit_ids
        self.issued_on: date | None = None

    @event(NoticeIssued)
    def _issued(
        self, notice_id: str, kind: str, issuer_org_id: str, unit_ids: list[str], issued_on: date
    ) -> None:
        self.issued_on = issued_on
