"""A town's duty to pass an accepted case on within the limit (R061, R118)."""

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.supervision.domain.owed import Owed, must_be_overdue


class Forwarding(Owed):
    """The forward that one case was owed; its stream begins when the limit was missed."""

    class ForwardOverdue(Aggregate.Created):
        case_id: str
        org_id: str
        due_at: datetime

    @staticmethod
    def create_id(case_id: str) -> UUID:
        """One stream per case: overdue is recorded once."""
        return uuid5(NAMESPACE_URL, f"fuquan:forwarding/{case_id}")

    @classmethod
    def declare_overdue(
        cls,
        *,
        case: str,
        town: str,
        due_at: datetime | None,
        left_at: datetime | None,
        at: datetime,
    ) -> "Forwarding":
        """Charge the town with a case that had not left it when the limit ended.

        Args:
            due_at: end of the forward limit, None where nobody set one.
            left_at: when the case was forwarded, handed up or withdrawn; not when that was told.
        """
        missed = must_be_overdue(case, due_at=due_at, done_at=left_at, at=at)
        return cls(case_id=case, org_id=town, due_at=missed)

    def prove(self, *, left_at: datetime, overdue_event: str) -> None:
        """Withdraw the overdue if the case had left the town in time after all."""
        if self.is_overdue and left_at < self.due_at:
            self.withdraw(overdue_event=overdue_event, done_at=left_at)

    @event(ForwardOverdue)
    def __init__(self, case_id: str, org_id: str, due_at: datetime) -> None:
        self.due_at, self.is_overdue = due_at, True
