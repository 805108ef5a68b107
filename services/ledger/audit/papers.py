"""Agreements as delegation's log tells them, and when a grant stood without its own; pure."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from services.ledger.audit.told import Told, first_instant, instant
from services.ledger.audit.views import Rows
from services.ledger.cover import Lack, Paper, lacks
from shared.clock import day_of, end_of


class Papers:
    """What each agreement says, paper after paper (R070, R075, R182)."""

    def __init__(self) -> None:
        self.papers: dict[str, Rows[Paper]] = defaultdict(Rows)
        self._lacks: dict[tuple[str, str, datetime, datetime], tuple[Lack, ...]] = {}

    def take(self, told: Told) -> None:
        """Learn from one fact of delegation."""
        if taken := TAKES.get(told.name):
            self.papers[told.data["agreement_id"]].tell(told.recorded, taken(told))
            self._lacks.clear()

    def lacking(
        self, agreement: str, item: str, *, begins: datetime, ends: datetime, at: datetime,
        known: datetime | None,
    ) -> Lack | None:
        """Why the agreement does not cover the item at an instant; None where it does.

        Args:
            begins: of the interval of the grant that needs it; *ends* too.
        """
        if known is not None:
            papers = self.papers[agreement].known(known)
            found = tuple(lacks(papers, item, begins, ends))
        else:
            key = agreement, item, begins, ends
            if key not in self._lacks:
                self._lacks[key] = tuple(lacks(self.papers[agreement].known(None), *key[1:]))
            found = self._lacks[key]
        return next((lack for lack in found if lack.since <= at < lack.until), None)


def _signed(told: Told) -> Paper:
    """It holds from its signature, and not before its term."""
    data = told.data
    first = data["term_from"] or data["signed_on"]
    return Paper(
        told.position, "signed", frozenset(data["item_ids"]),
        max(first_instant(first), first_instant(data["signed_on"])), _end(data["term_to"]),
    )


def _renewed(told: Told) -> Paper:
    data = told.data
    since = max(first_instant(data["term_from"]), first_instant(data["signed_on"]))
    return Paper(told.position, "renewed", frozenset(), since, _end(data["term_to"]))


def _amended(told: Told) -> Paper:
    """A paper has a day and no hour: what it takes out is covered to the end of that day."""
    day = told.data["amended_on"]
    return Paper(
        told.position, "amended", frozenset(told.data["item_ids"]), first_instant(day), _end(day)
    )


def _expired(told: Told) -> Paper:
    return Paper(told.position, "expired", frozenset(), None, instant(told.data["expired_at"]))


def _terminated(told: Told) -> Paper:
    return Paper(
        told.position, "terminated", frozenset(), None, _end(told.data["terminated_on"])
    )


def _end(day: str | None) -> datetime | None:
    return None if day is None else end_of(day_of(first_instant(day)))


TAKES: dict[str, Callable[[Told], Paper]] = {
    "AgreementSigned": _signed,
    "AgreementRenewed": _renewed,
    "AgreementAmended": _amended,
    "AgreementExpired": _expired,
    "AgreementTerminated": _terminated,
}
