"""What a row of an answer on holdings has, and where it stands in a long answer."""

from typing import Any, NamedTuple

# `at` and `known_at` as plain comparisons: an index on the beginnings rules rows out unread.
IN_FORCE = (
    "effective_from <= %(at)s AND (effective_to IS NULL OR effective_to > %(at)s)"
    " AND known_from <= %(known_at)s AND (known_to IS NULL OR known_to > %(known_at)s)"
)
ROW = (
    "org_id, capacity, filed_at, cross_town, mode, grant_id::text, scope, instrument,"
    " effective_from, effective_to, opened_by, closed_by"
)

TRANSFERRED = "bureau"  # a power filed there was moved wholly, so that no other counter has it


class Place(NamedTuple):
    """Where a row of `Holdings.held_by` stands: granted ones first, then an organ's own power.

    Args:
        position: of the fact that opened it, in delegation's log; of its own, in catalog's.
        nth: among the rows of that fact.
    """

    own: bool = False
    position: int = -1
    nth: int = -1

    @classmethod
    def of(cls, text: str | None) -> "Place":
        """A place as it was told; None: before the first.

        Raises:
            ValueError: it was not told so.
        """
        if text is None:
            return cls()
        kind, position, nth = text.split(".")
        return cls(("granted", "own").index(kind) == 1, int(position), int(nth))

    def after(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """*rows* that follow here, each with its own place as text."""
        kind = "own" if self.own else "granted"
        for row in rows:
            row["place"] = f"{kind}.{row['opened_by']}.{row.pop('nth')}"
        return rows
