"""Something owed by an instant: overdue once, withdrawn on late proof of a timely act (R224)."""

from datetime import datetime

from eventsourcing.domain import Aggregate, event

from services.supervision.domain import refusals


class Owed(Aggregate):
    """What obligations, forwardings and pushes have in common.

    Overdue is a function of (due, now, done). The fact is recorded once, and never deleted.
    """

    class OverdueWithdrawn(Aggregate.Event):
        obligation_id: str
        overdue_event_id: str
        reason: str

    is_overdue = False

    def withdraw(self, *, overdue_event: str, done_at: datetime) -> None:
        """Withdraw the overdue fact: the act was in time and only became known late."""
        self._withdrawn(
            obligation_id=str(self.id),
            overdue_event_id=overdue_event,
            reason=f"occurred_at {done_at.isoformat()} is before the deadline",
        )

    @event(OverdueWithdrawn)
    def _withdrawn(self, obligation_id: str, overdue_event_id: str, reason: str) -> None:
        self.is_overdue = False


def must_be_overdue(
    what: str, *, due_at: datetime | None, done_at: datetime | None, at: datetime
) -> datetime:
    """The deadline that has been missed at the instant *at*.

    Raises:
        Refused: nobody wrote a deadline (R118, R196), it has not passed, or the act was in time.
    """
    if due_at is None:
        raise refusals.no_deadline(what)
    if done_at is not None and done_at < due_at:
        raise refusals.done_in_time(what, done_at)
    if at < due_at:
        raise refusals.not_yet_due(what, due_at)
    return due_at
