"""Operators as delegation's log tells them: employed by whom, lent to whom, from when on; pure."""

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import NamedTuple

from services.ledger.audit.told import Told
from services.ledger.audit.views import Views
from shared.clock import day_of

SECONDED, CONTRACTOR = "seconded", "contractor"


class Duty(NamedTuple):
    """What an operator is from day to day, both included; *host*: lent to that organ."""

    kind: str
    host: str | None
    first: date
    last: date


class Staff:
    """What is on record of operators, by programme and operator (R094, R097)."""

    def __init__(self) -> None:
        self.duties: dict[tuple[str, str], Views[tuple[Duty, ...]]] = defaultdict(Views)

    def take(self, told: Told) -> None:
        """Learn from one fact of delegation."""
        if taken := TAKES.get(told.name):
            views = self.duties[told.programme, told.data["operator_id"]]
            views.tell(told.recorded, taken(views.last or (), told))

    def kinds(
        self, told: Told, side: Collection[str], known: datetime | None
    ) -> Collection[str]:
        """What the actor was on the day of an act, for an organ of *side*; empty: not on record."""
        views = self.duties.get((told.programme, told.operator))
        if views is None:
            return ()
        day = day_of(told.occurred)
        return {
            duty.kind for duty in views.at(known) or ()
            if duty.first <= day <= duty.last and (duty.host is None or duty.host in side)
        }


def _assigned(before: tuple[Duty, ...], told: Told) -> tuple[Duty, ...]:
    """An assignment ends where the next one begins."""
    first = _day(told, "from", date.min)
    fresh = Duty(told.data["contract_kind"], None, first, _day(told, "to", date.max))
    return (*(_cut(duty, first) if duty.host is None else duty for duty in before), fresh)


def _seconded(before: tuple[Duty, ...], told: Told) -> tuple[Duty, ...]:
    """Who goes down advises the host; a learner goes up and acts for nobody."""
    if told.data["direction"] != "down":
        return before
    first = _day(told, "from", date.min)
    return (*before, Duty(SECONDED, told.data["to_org_id"], first, date.max))


def _returned(before: tuple[Duty, ...], told: Told) -> tuple[Duty, ...]:
    last = _day(told, "to", date.max)
    return tuple(
        duty._replace(last=last) if duty.host is not None and duty.last == date.max else duty
        for duty in before
    )


def _cut(duty: Duty, first: date) -> Duty:
    before = date.fromordinal(max(first.toordinal() - 1, 1))
    return duty._replace(last=before) if duty.last >= first else duty


def _day(told: Told, field: str, silent: date) -> date:
    text = told.data[field]
    return silent if text is None else date.fromisoformat(text)


TAKES: dict[str, Callable[[tuple[Duty, ...], Told], tuple[Duty, ...]]] = {
    "OperatorAssigned": _assigned,
    "SecondmentStarted": _seconded,
    "SecondmentEnded": _returned,
}
