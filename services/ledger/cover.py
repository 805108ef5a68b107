"""What an agreement covered, and when a grant stood without it: pure. R070, R075, R182."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.ledger.terms import FAR

# Which finding it is when the cover has ended with a paper that says this.
ENDS = {
    "signed": "agreement-expired", "renewed": "agreement-expired", "expired": "agreement-expired",
    "terminated": "agreement-ended", "amended": "agreement-ended",
}


@dataclass(frozen=True)
class Paper:
    """One fact about an agreement; *items* only where it names them.

    Args:
        says: signed, renewed, amended, expired or terminated.
        since: from when its content holds.
        until: to when its content holds, exclusive; an amendment: what it takes out.
    """

    position: int
    says: str
    items: frozenset[str]
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Span:
    """An interval, half-open; *by* is the paper that sets its end."""

    since: datetime
    until: datetime
    by: Paper


@dataclass(frozen=True)
class Lack:
    """A grant without its agreement; *position* of the paper that caused it, None: no paper did."""

    since: datetime
    until: datetime
    code: str
    position: int | None


def lacks(papers: Sequence[Paper], item: str, begins: datetime, ends: datetime) -> Iterator[Lack]:
    """The parts of ``[begins, ends)`` in which the agreement did not cover the item.

    Args:
        papers: of one agreement, in the order of the log.
    """
    reached, last = begins, None
    for span in sorted(cover(papers, item), key=lambda one: one.since):
        if span.since >= ends:
            break
        if span.since > reached:
            yield _lack(reached, span.since, last)
        if span.until > begins or last is None or span.until > last.until:
            last = span
        reached = max(reached, span.until)
    if reached < ends:
        yield _lack(reached, ends, last)


def cover(papers: Sequence[Paper], item: str) -> list[Span]:
    """When the agreement was in its term and named the item."""
    terms: list[Span] = []
    named: list[Span] = []
    for paper in papers:
        terms = _terms(terms, paper)
        named = _named(named, paper, item)
    return [
        Span(max(term.since, part.since), min(term.until, part.until), min(
            (term, part), key=lambda one: one.until
        ).by)
        for term in terms for part in named
        if max(term.since, part.since) < min(term.until, part.until)
    ]


def _terms(terms: list[Span], paper: Paper) -> list[Span]:
    """The terms after *paper*; one that joins the last lengthens it, a gap stays a gap (R075)."""
    until = paper.until or FAR
    if paper.says in ("expired", "terminated"):
        return [_cut(term, until, paper) for term in terms]
    if paper.says == "amended" or paper.since is None:
        return terms
    if paper.says == "renewed" and terms and paper.since <= terms[-1].until:
        return [*terms[:-1], Span(terms[-1].since, max(terms[-1].until, until), paper)]
    return [*terms, Span(paper.since, until, paper)]


def _named(named: list[Span], paper: Paper, item: str) -> list[Span]:
    """The intervals in which the item stands in the agreement, after *paper* (R182)."""
    if paper.says not in ("signed", "amended") or paper.since is None:
        return named
    open_ = bool(named) and named[-1].until == FAR
    if item in paper.items:
        return named if open_ else [*named, Span(paper.since, FAR, paper)]
    return [*named[:-1], _cut(named[-1], paper.until or FAR, paper)] if open_ else named


def _cut(span: Span, until: datetime, paper: Paper) -> Span:
    return span if span.until < until else replace(span, until=max(span.since, until), by=paper)


def _lack(since: datetime, until: datetime, last: Span | None) -> Lack:
    if last is None:
        return Lack(since, until, "agreement-not-signed", None)
    return Lack(since, until, ENDS[last.by.says], last.by.position)


def by_agreement(rows: Iterable[tuple[str, Paper]]) -> dict[str, list[Paper]]:
    """The papers of each agreement."""
    found: dict[str, list[Paper]] = {}
    for agreement, paper in rows:
        found.setdefault(agreement, []).append(paper)
    return found
