"""A sheet as it was found: its cells as text by the row numbers people see, and what is wrong."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

MOST_ROWS = 5_000
MOST_COLUMNS = 100
MOST_CELLS = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet.

    Args:
        row: its number on the sheet, from 1.
        cells: their text, None where empty; every cell of a merged one has its text.
        carried: positions, from 0, of cells that only continue a merged one.
    """

    row: int
    cells: list[str | None]
    carried: list[int]

    def own(self) -> list[int]:
        """Positions of the cells with a text of their own."""
        return [
            at for at, cell in enumerate(self.cells) if cell is not None and at not in self.carried
        ]


@dataclass(frozen=True, slots=True)
class Fault:
    """What could not be read, by a code of `finding.MESSAGES`; row and column as far as known."""

    code: str
    row: int | None = None
    column: str | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows that were read, and the faults that reading found."""

    rows: list[Row]
    faults: list[Fault]

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Sheet":
        """The sheet that those JSON values tell of."""
        return cls(
            [Row(**row) for row in plain["rows"]], [Fault(**fault) for fault in plain["faults"]]
        )


def unread(code: str, value: object = "") -> Sheet:
    """A sheet of which nothing could be read, and why."""
    return Sheet([], [Fault(code, value=str(value))])


def position(letters: str) -> int:
    """The place of a column by the letters over it: 0 for A, 26 for AA."""
    place = 0
    for one in letters:
        place = place * 26 + ord(one) - ord("A") + 1
    return place - 1


def letter(position: int) -> str:
    """The letters over a column: A for 0, AA for 26."""
    above, own = divmod(position, 26)
    return (letter(above - 1) if above else "") + chr(ord("A") + own)
