"""Delegation's log as intervals in memory: what each grant and transfer gave to whom; pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from services.ledger.audit.told import Told, instant
from services.ledger.audit.views import Rows, Views
from services.ledger.terms import FAR

TRANSFER = "transfer"
FITS = {False: ("any", "no"), True: ("any", "yes")}  # rows for matters that cross towns or do not

# Where a notice is silent on the seal, it goes with the decision (谁审批、谁负责, R165).
SEAL, DECIDE = "seal", "decide"


class Row(NamedTuple):
    """One facet in one organ's hands."""

    facet: str
    org: str
    capacity: str
    filed_at: str
    cross_town: str


class Span(NamedTuple):
    """An interval, half-open (R065), in which nothing about a grant changed.

    Args:
        scope: sub-items; empty: the whole item (R013).
        told: when it was first said to begin.
        instrument: of the fact that opened it.
    """

    begins: datetime
    ends: datetime
    scope: tuple[str, ...]
    rows: tuple[Row, ...]
    told: datetime
    instrument: Mapping[str, Any] | None

    def row(self, facet: str, *, cross_town: bool) -> Row | None:
        """Who has *facet* for such a case; None where the grant gives it to nobody."""
        fits = FITS[cross_town]
        for row in self.rows:
            if row.facet == facet and row.cross_town in fits:
                return row
        return None


class End(NamedTuple):
    """What ends a grant: from when, why, and what becomes of cases in hand (R131)."""

    since: datetime
    why: str
    policy: str | None


class Grant:
    """A grant, or a transfer, as delegation's log tells it."""

    __slots__ = (
        "agreement", "ends", "exclusive", "filed_at", "id", "item", "mode", "positions",
        "programme", "recorded", "reviews", "spans", "started", "town", "transfer",
    )

    def __init__(
        self, told: Told, *, id_: str, town: str, mode: str, exclusive: bool, begins: datetime,
        scope: tuple[str, ...],
    ) -> None:
        data = told.data
        rows = tuple(
            Row(row["facet"], row["org_id"], row["capacity"], row["filed_at"], row["cross_town"])
            for row in data["facets"]
        )
        self.id, self.programme, self.item, self.town = id_, told.programme, data["item_id"], town
        self.mode, self.exclusive, self.transfer = mode, exclusive, mode == TRANSFER
        self.filed_at = rows[0].filed_at if rows else "town"
        self.agreement, self.recorded = data["agreement_id"], told.recorded
        self.positions = {told.position}
        self.spans: Views[tuple[Span, ...]] = Views()
        self.spans.tell(told.recorded, (Span(begins, FAR, scope, rows, begins, told.instrument),))
        self.started: Rows[datetime] = Rows()
        self.reviews: Rows[datetime] = Rows()
        self.ends: Rows[End] = Rows()

    def at(self, at: datetime, known: datetime | None) -> Span | None:
        """The interval in which it stands at an instant; None: not in force then (R065)."""
        for span in self.spans.at(known) or ():
            if span.begins <= at < span.ends:
                return span
        return None

    def begun(self, at: datetime, known: datetime | None) -> bool:
        """Whether the town works under it; a bureau does from the transfer on (R074, R091)."""
        return self.filed_at != "town" or any(day <= at for day in self.started.known(known))

    def under_review(self, at: datetime, known: datetime | None) -> bool:
        """Whether a legal bar on record keeps the town from acting (R046)."""
        return any(since <= at for since in self.reviews.known(known))

    def end(self, at: datetime, known: datetime | None) -> End | None:
        """What has ended it by then, the earliest first."""
        ends = [end for end in self.ends.known(known) if end.since <= at]
        return min(ends, key=lambda end: end.since, default=None)


class Grants:
    """Every grant and transfer, by id and by power."""

    def __init__(self) -> None:
        self.by_id: dict[str, Grant] = {}
        self.by_place: dict[tuple[str, str], list[Grant]] = defaultdict(list)
        self.exclusive: dict[str, list[Grant]] = defaultdict(list)

    def take(self, told: Told) -> None:
        """Learn from one fact of delegation."""
        if taken := TAKES.get(told.name):
            taken(self, told)

    def moved(self, item: str, at: datetime, known: datetime | None) -> Grant | None:
        """The transfer that has taken the item from its department by then (R064)."""
        for grant in self.exclusive.get(item, ()):
            if grant.transfer and grant.at(at, known) is not None:
                return grant
        return None

    def in_force(
        self, item: str, town: str, at: datetime, known: datetime | None
    ) -> Iterator[tuple[Grant, Span]]:
        """The grants of an item in a town then, each with its interval."""
        for grant in self.by_place.get((item, town), ()):
            if (span := grant.at(at, known)) is not None:
                yield grant, span

    def _open(self, grant: Grant) -> None:
        self.by_id[grant.id] = grant
        self.by_place[grant.item, grant.town].append(grant)
        if grant.exclusive:
            self.exclusive[grant.item].append(grant)


def _delegated(book: Grants, told: Told) -> None:
    data = told.data
    book._open(Grant(  # noqa: SLF001 - the table of this module
        told, id_=data["grant_id"], town=data["town_id"], mode=data["mode"],
        exclusive=data["exclusive"], begins=instant(data["effective_from"]),
        scope=tuple(data["scope"]),
    ))


def _transferred(book: Grants, told: Told) -> None:
    data = told.data
    book._open(Grant(  # noqa: SLF001
        told, id_=data["transfer_id"], town=data["unit_id"], mode=TRANSFER, exclusive=True,
        begins=instant(data["transfer_at"]), scope=(),
    ))


def _ended(book: Grants, told: Told) -> None:
    """Recalled, or followed by a grant of another mode (R181, R184)."""
    if grant := _of(book, told):
        since = instant(told.data["effective_from"])
        why = told.data["ground"] if told.name == "ItemRecalled" else "mode_changed"
        grant.ends.tell(told.recorded, End(since, why, told.data["in_flight_policy"]))
        _write(grant, told, tuple(
            span._replace(ends=max(span.begins, since)) if span.ends > since else span
            for span in grant.spans.last or ()
        ))


def _scope_changed(book: Grants, told: Told) -> None:
    """One interval ends, and the next of the same grant begins (R183)."""
    if grant := _of(book, told):
        since, after = instant(told.data["effective_from"]), tuple(told.data["scope_after"])
        grant.ends.tell(
            told.recorded, End(since, "scope_changed", told.data["in_flight_policy"])
        )
        spans: list[Span] = []
        for span in grant.spans.last or ():
            begins = max(span.begins, since)
            if span.ends <= since:
                spans.append(span)
            else:
                spans += [span._replace(ends=begins), span._replace(
                    begins=begins, scope=after, told=begins, instrument=told.instrument
                )]
        _write(grant, told, tuple(spans))


def _succeeded(book: Grants, told: Told) -> None:
    """The same grant, with another organ in the place of one that is no more (R131)."""
    if grant := _of(book, told):
        data, since = told.data, instant(told.data["effective_from"])
        spans: list[Span] = []
        for span in grant.spans.last or ():
            rows = tuple(
                row._replace(org=data["to_org_id"]) if row.org == data["from_org_id"] else row
                for row in span.rows
            )
            if span.ends <= since:
                spans.append(span)
            elif span.begins >= since:
                spans.append(span._replace(rows=rows))
            else:
                spans += [span._replace(ends=since), span._replace(begins=since, rows=rows)]
        _write(grant, told, tuple(spans))


def _corrected(book: Grants, told: Told) -> None:
    """Another beginning leaves the later intervals where they were told to begin (R222)."""
    if (grant := _of(book, told)) and told.data["field"] == "effective_from":
        new = instant(told.data["new"])
        first, *later = grant.spans.last or ()
        _write(grant, told, (
            first._replace(begins=min(first.ends, new)),
            *(span._replace(begins=min(span.ends, max(new, span.told))) for span in later),
        ))


def _started(book: Grants, told: Told) -> None:
    if grant := _of(book, told):
        grant.started.tell(told.recorded, instant(told.data["started_at"]))


def _reviewed(book: Grants, told: Told) -> None:
    if grant := _of(book, told):
        grant.reviews.tell(told.recorded, told.occurred)


def _of(book: Grants, told: Told) -> Grant | None:
    return book.by_id.get(told.data["grant_id"])


def _write(grant: Grant, told: Told, spans: tuple[Span, ...]) -> None:
    grant.positions.add(told.position)
    grant.spans.tell(told.recorded, spans)


TAKES: dict[str, Callable[[Grants, Told], None]] = {
    "ItemDelegated": _delegated,
    "PowerTransferred": _transferred,
    "ItemRecalled": _ended,
    "GrantModeChanged": _ended,
    "GrantScopeChanged": _scope_changed,
    "GrantSucceeded": _succeeded,
    "GrantCorrected": _corrected,
    "ItemImplementationStarted": _started,
    "LegalityReviewOpened": _reviewed,
}
