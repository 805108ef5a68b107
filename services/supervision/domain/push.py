"""Information owed to the other side: approvals one way, supervision results the other (R152)."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.supervision.domain import refusals
from services.supervision.domain.owed import Owed, must_be_overdue


class Opening(Aggregate.Event):
    """An event that may be the first of a push's stream or a later one: sent or overdue first."""

    def mutate(self, aggregate: Any) -> Any:
        """Apply to the push; to one of which nothing is recorded yet, where there is none."""
        return super().mutate(
            aggregate if aggregate is not None else Push.expected(self.originator_id)
        )


class Push(Owed):
    """A push in one direction; expected since the approval or record, before anything is here."""

    class ApprovalPushed(Opening):
        push_id: str
        case_id: str
        from_org_id: str
        to_org_id: str
        due_at: datetime | None
        sent_at: datetime

    class SupervisionResultPushed(Opening):
        push_id: str
        case_id: str | None
        subject_ref: str
        result: str
        to_org_ids: list[str]
        at: datetime

    class PushOverdue(Opening):
        push_id: str
        owed_by_org_id: str
        due_at: datetime

    class ApprovalPushAcknowledged(Aggregate.Event):
        push_id: str
        at: datetime

    sent_at = cast("datetime | None", None)
    acknowledged_at = cast("datetime | None", None)

    @staticmethod
    def of_approval(decision: str) -> UUID:
        """The push of an approval to the supervising department."""
        return uuid5(NAMESPACE_URL, f"fuquan:push/approval/{decision}")

    @staticmethod
    def of_result(record: str) -> UUID:
        """The push of a supervision result to town and granting department."""
        return uuid5(NAMESPACE_URL, f"fuquan:push/result/{record}")

    @classmethod
    def expected(cls, push: UUID) -> "Push":
        """A push of which nothing is recorded yet, version 0."""
        blank = cls.__new__(cls)
        blank.__base_init__(push, 0, datetime.min.replace(tzinfo=UTC))
        return blank

    def send_approval(
        self,
        *,
        case: str,
        from_org: str,
        to_org: str,
        due_at: datetime | None,
        at: datetime,
        overdue_event: str | None,
    ) -> None:
        """Tell the supervising department of an approval."""
        self._must_be_unsent()
        self._approval_pushed(
            push_id=str(self.id),
            case_id=case,
            from_org_id=from_org,
            to_org_id=to_org,
            due_at=due_at,
            sent_at=at,
        )
        self._prove(due_at=due_at, overdue_event=overdue_event)

    def send_result(
        self,
        *,
        case: str | None,
        subject: str,
        result: str,
        to_orgs: list[str],
        due_at: datetime | None,
        at: datetime,
        overdue_event: str | None,
    ) -> None:
        """Tell town and granting department of a supervision result."""
        self._must_be_unsent()
        self._result_pushed(
            push_id=str(self.id),
            case_id=case,
            subject_ref=subject,
            result=result,
            to_org_ids=to_orgs,
            at=at,
        )
        self._prove(due_at=due_at, overdue_event=overdue_event)

    def acknowledge(self, *, at: datetime) -> None:
        """Acknowledge what was sent, once."""
        if self.sent_at is None:
            raise refusals.not_sent(str(self.id))
        if self.acknowledged_at is not None:
            raise refusals.already_acknowledged(str(self.id), self.acknowledged_at)
        self._acknowledged(push_id=str(self.id), at=at)

    def declare_overdue(self, *, owed_by: str, due_at: datetime | None, at: datetime) -> None:
        """Charge the side that owes the push, once; without an agreed limit it is never overdue."""
        if self.is_overdue:
            return
        missed = must_be_overdue(str(self.id), due_at=due_at, done_at=self.sent_at, at=at)
        self._overdue(push_id=str(self.id), owed_by_org_id=owed_by, due_at=missed)

    def _must_be_unsent(self) -> None:
        if self.sent_at is not None:
            raise refusals.already_sent(str(self.id), self.sent_at)

    def _prove(self, *, due_at: datetime | None, overdue_event: str | None) -> None:
        if self.is_overdue and overdue_event and self.sent_at and due_at and self.sent_at < due_at:
            self.withdraw(overdue_event=overdue_event, done_at=self.sent_at)

    @event(ApprovalPushed)
    def _approval_pushed(
        self,
        push_id: str,
        case_id: str,
        from_org_id: str,
        to_org_id: str,
        due_at: datetime | None,
        sent_at: datetime,
    ) -> None:
        self.sent_at = sent_at

    @event(SupervisionResultPushed)
    def _result_pushed(
        self,
        push_id: str,
        case_id: str | None,
        subject_ref: str,
        result: str,
        to_org_ids: list[str],
        at: datetime,
    ) -> None:
        self.sent_at = at

    @event(ApprovalPushAcknowledged)
    def _acknowledged(self, push_id: str, at: datetime) -> None:
        self.acknowledged_at = at

    @event(PushOverdue)
    def _overdue(self, push_id: str, owed_by_org_id: str, due_at: datetime) -> None:
        self.is_overdue = True
