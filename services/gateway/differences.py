"""What differs between two answers on who holds a power: what began, what ended, what changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

SAME = ("facet", "filed_at", "cross_town", "org_id", "grant_id")  # by these it is the same holding
TOLD = ("mode", "capacity", "scope", "effective_from", "effective_to", "instrument")

Row = Mapping[str, Any]


def differences(first: Sequence[Row], second: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """One row for each holding that is not in both, or is told otherwise in the second.

    Returns:
        ``what``: ``ended``, ``changed`` or ``began``; ``row``: the holding, of the second answer
        where it has one; ``changed``: ``(field, before, after)`` for each field.
    """
    before, after = ({_key(row): row for row in rows} for rows in (first, second))
    for key, row in before.items():
        if key not in after:
            yield {"what": "ended", "row": row, "changed": []}
        elif changed := [
            (field, row.get(field), after[key].get(field))
            for field in TOLD if row.get(field) != after[key].get(field)
        ]:
            yield {"what": "changed", "row": after[key], "changed": changed}
    for key, row in after.items():
        if key not in before:
            yield {"what": "began", "row": row, "changed": []}


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row.get(field) for field in SAME)
