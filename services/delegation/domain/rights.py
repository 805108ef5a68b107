"""How long an organ holds the facets that an account is to have (R092)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from services.delegation.domain import capability_refusals
from shared.clock import end_of, start_of

# From when to when, half-open; None: from ever, without end.
Interval = tuple[datetime | None, datetime | None]
# The intervals in which one organ holds a facet of an item, by (item, facet).
Held = Mapping[tuple[str, str], Sequence[Interval]]


def until(intervals: Sequence[Interval], at: datetime) -> datetime | None:
    """The end of what holds at *at* without a gap; *at* itself where nothing does, None: no end."""
    while ends := [
        end for begin, end in intervals
        if (begin is None or begin <= at) and (end is None or at < end)
    ]:
        known = [end for end in ends if end is not None]
        if len(known) < len(ends):
            return None
        at = max(known)
    return at


def beginning(
    held: Held, items: Sequence[str], facets: Sequence[str], day: date
) -> datetime:
    """The first instant of *day*, or that of the last power to begin in its course (R041)."""
    first = start_of(day)
    asked = [held.get((item, facet), ()) for item in items for facet in facets]
    late = [
        begin for intervals in asked if until(intervals, first) == first
        for begin, _ in intervals if begin is not None and first < begin < end_of(day)
    ]
    return max(late, default=first)


def held_until(
    held: Held, item: str, facets: Sequence[str], at: datetime
) -> datetime | None:
    """When the first of the facets is held no more; None: all without end."""
    ends = [until(held.get((item, facet), ()), at) for facet in facets]
    return min((end for end in ends if end is not None), default=None)


def check(
    held: Held, *, org: str, item: str, facets: Sequence[str], begins: datetime,
    ends: datetime | None
) -> None:
    """The organ holds every facet of the item for as long as the account is to last (R092)."""
    missing = [facet for facet in facets if until(held.get((item, facet), ()), begins) == begins]
    if missing:
        raise capability_refusals.facet_not_delegated(org, item, missing)
    over = held_until(held, item, facets, begins)
    if over is not None and (ends is None or ends > over):
        raise capability_refusals.account_outlasts_grant(item, over)
