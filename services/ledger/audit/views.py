"""Two clocks: what holds from when on, and since when it is known; pure. R222."""

from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


class Views(Generic[T]):
    """What was known of one thing, one view after another; nothing is overwritten.

    A fact recorded by a clock behind that of an earlier one of the thing still comes after it.
    """

    __slots__ = ("views",)

    def __init__(self) -> None:
        self.views: list[tuple[datetime, T]] = []

    def tell(self, recorded: datetime, value: T) -> None:
        """From *recorded* on it is known so."""
        if self.views:
            recorded = max(recorded, self.views[-1][0])
        self.views.append((recorded, value))

    @property
    def last(self) -> T | None:
        """As now known; None: nothing is."""
        return self.views[-1][1] if self.views else None

    def at(self, known: datetime | None) -> T | None:
        """As known at an instant; None for *known*: as now known."""
        if known is None:
            return self.last
        found = None
        for recorded, value in self.views:
            if recorded > known:
                break
            found = value
        return found


class Rows(Generic[T]):
    """Facts with the instants at which they were recorded, in the order of the log."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[tuple[datetime, T]] = []

    def tell(self, recorded: datetime, row: T) -> None:
        self.rows.append((recorded, row))

    def known(self, known: datetime | None) -> list[T]:
        """Those recorded by then; None: all."""
        return [row for recorded, row in self.rows if known is None or recorded <= known]
