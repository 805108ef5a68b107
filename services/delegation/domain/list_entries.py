"""The lines of a town's list: four columns each, in the catalogue or with a reason (R021, R022)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.delegation.domain import list_refusals, refusals
from services.delegation.domain.programme import Row, policy, setting

COLUMNS = ("power_type", "granting_org_id", "supervising_org_id")


def entries(programme: Row, asked: Sequence[Row], items: Mapping[str, Row]) -> list[dict[str, Any]]:
    """The lines as they are recorded.

    Args:
        asked: ``item, mode, scope, override_reason, power_type, granting_org, supervising_org``.
        items: rows of the catalogue by item, for those that are in it.
    """
    seen: set[str] = set()
    for row in asked:
        if row["item"] in seen:
            raise list_refusals.duplicate_entry(row["item"])
        seen.add(row["item"])
    return [_entry(programme, row, items.get(row["item"])) for row in asked]


def changes(before: Sequence[Row], after: Sequence[Row]) -> list[dict[str, str]]:
    """What the second list has that the first has not, the other way round, and what differs."""
    old, new = ({entry["item_id"]: entry for entry in rows} for rows in (before, after))
    return (
        [{"kind": "added", "item_id": item} for item in new if item not in old]
        + [{"kind": "removed", "item_id": item} for item in old if item not in new]
        + [
            {"kind": "changed", "item_id": item} for item in new if item in old
            and new[item] != old[item]
        ]
    )


def departments(rows: Iterable[Row]) -> list[str]:
    """The granting departments of these lines, each once."""
    return sorted({str(row["granting_org_id"]) for row in rows})


def scope_of(item: Row, asked: Sequence[str]) -> list[str]:
    """The sub-items that move: those asked for, or all that the catalogue names (R013)."""
    subitems = list(item["subitems"])
    if wrong := [name for name in asked if name not in subitems]:
        raise refusals.scope_not_of_item(item["item_id"], wrong, subitems)
    return list(asked) or subitems


def _entry(programme: Row, asked: Row, item: Row | None) -> dict[str, Any]:
    code = asked["item"]
    columns = _columns(programme, asked) if item is None else {name: item[name] for name in COLUMNS}
    required = setting(programme, "catalogue", "required_columns") or ()
    if missing := [name for name in COLUMNS if name in required and columns[name] is None]:
        raise list_refusals.entry_incomplete(code, missing)
    return {
        "item_id": code,
        "scope": list(asked["scope"]) if item is None else scope_of(item, asked["scope"]),
        "mode": _mode(programme, code, asked["mode"]),
        **columns,
        "outside_catalogue": item is None,
        "override_reason": asked["override_reason"] if item is None else None,
    }


def _columns(programme: Row, asked: Row) -> dict[str, str | None]:
    """The columns of an item outside the catalogue, where such are let on the list (R022)."""
    if setting(programme, "list", "outside_catalogue") != "override":
        raise list_refusals.outside_catalogue(asked["item"])
    if not asked["override_reason"]:
        raise list_refusals.override_reason_required(asked["item"])
    if missing := [name for name in ("power_type", "granting_org") if asked[name] is None]:
        raise list_refusals.entry_incomplete(asked["item"], missing)
    return {
        "power_type": asked["power_type"],
        "granting_org_id": asked["granting_org"],
        "supervising_org_id": asked["supervising_org"],
    }


def _mode(programme: Row, item: str, mode: str | None) -> str:
    modes = list(programme["modes"])
    if mode is None and len(modes) == 1:
        return str(modes[0])
    if mode is None:
        raise list_refusals.mode_required(item)
    policy(programme, mode)
    return mode
