"""Time on a line: where an instant lies, and which months or years are marked. Asia/Shanghai."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.clock import SHANGHAI

STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 12000)  # months between two marks
MOST = 9  # marks
YEAR = 12
LAST = datetime(9999, 1, 1, tzinfo=SHANGHAI)  # no year after it has a name


@dataclass(frozen=True)
class Scale:
    """A line from *first* to *last*, drawn from *left* to *right*.

    Args:
        months: between two marks.
    """

    first: datetime
    last: datetime
    left: float
    right: float
    months: int

    @classmethod
    def of(cls, instants: Iterable[datetime], *, left: float, right: float) -> "Scale":
        """A line that has room for all of these."""
        known = sorted(instants)
        margin = max(known[-1] - known[0], timedelta(days=28)) / 30
        first = known[0] - margin
        last = known[-1] + margin if known[-1] < LAST - margin else LAST
        span = (last.year - first.year) * YEAR + last.month - first.month + 1
        months = next(step for step in STEPS if span / step <= MOST)
        return cls(first, last, left, right, months)

    def x(self, instant: datetime) -> float:
        """Where it lies; what is outside lies at the edge."""
        share = (instant - self.first) / (self.last - self.first)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def ticks(self) -> Iterator[datetime]:
        """The first instants of the marked months."""
        local = self.first.astimezone(SHANGHAI)
        month = -(-(local.year * YEAR + local.month) // self.months) * self.months
        while month <= LAST.year * YEAR and (found := _start(month)) <= self.last:
            yield found
            month += self.months


def label(instant: datetime, months: int) -> str:
    """The mark at an instant: its year, or year and month."""
    local = instant.astimezone(SHANGHAI)
    return f"{local.year}年" if months >= YEAR else f"{local.year}年{local.month}月"


def _start(month: int) -> datetime:
    """The first instant of a month, counted from the year 0."""
    return datetime(month // YEAR, month % YEAR + 1, 1, tzinfo=SHANGHAI)
