"""A whole programme as one request: its shape, what lets it in, what depends on what."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from services.catalog.domain import refusals
from services.catalog.domain.folder_checks import Row, check
from services.catalog.domain.folder_settings import SETTINGS
from services.catalog.domain.folder_tables import COLUMNS, SETTLED, Cell
from services.catalog.domain.item import missing_columns

REFERS = ("superior_org_id", "managing_zone_id", "matching_county_id")


def malformed(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is not as `folder.load` gives it, by place; empty where all is."""
    found = {name: ["Unknown field."] for name in content.keys() - COLUMNS.keys() - {"programme"}}
    found |= {
        f"programme.{path}": ["Missing, unknown, or not a valid value."]
        for path in malformed_settings(content.get("programme"))
    }
    for table, columns in COLUMNS.items():
        rows = content.get(table)
        if isinstance(rows, list):
            found |= {place: ["Not a valid value."] for place in _rows(table, rows, columns)}
        else:
            found[table] = ["Missing, or not a list."]
    return found


def malformed_settings(programme: object) -> list[str]:
    """The paths of settings that are unknown, missing (None says silent) or of the wrong kind."""
    given = dict(_flat(programme)) if isinstance(programme, dict) else {}
    wrong = [
        path for path, cell in SETTINGS.items()
        if path not in given or not _fits(cell, given[path])
    ]
    return sorted(given.keys() - SETTINGS.keys()) + wrong


def malformed_registration(settings: Mapping[str, Any]) -> list[str]:
    """As `malformed_settings`, for settings with the tables of `SETTLED` among them."""
    own = {name: value for name, value in settings.items() if name not in SETTLED}
    wrong = [name for name in SETTLED if not isinstance(settings.get(name), list)]
    return wrong + malformed_settings(own | {"obligations": {"unit_ids": None}})


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        path = f"{above}{key}"
        if isinstance(value, dict) and path not in SETTINGS:
            yield from _flat(value, f"{path}.")
        else:
            yield path, value


def _rows(table: str, rows: Sequence[object], columns: Mapping[str, Cell]) -> Iterator[str]:
    further = {"units"} if table == "obligations" else set()
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or row.keys() != columns.keys() | further:
            yield f"{table}.{number}"
            continue
        yield from (
            f"{table}.{number}.{name}" for name, cell in columns.items()
            if not _fits(cell, row[name])
        )


def _fits(cell: Cell, value: object) -> bool:
    if value is None:
        return not cell.required
    if cell.kind == "choice":
        return value in cell.of
    return FITS.get(cell.kind, _is_text)(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(one, kind) for one in value)


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


FITS: dict[str, Callable[[object], bool]] = {
    "number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "flag": lambda value: isinstance(value, bool),
    "day": _is_day,
    "words": _are(str),
    "refs": _are(str),
    "deadlines": _are(dict),
    "table": lambda value: isinstance(value, dict) and all(map(_is_text, value.values())),
}


def approve(content: Mapping[str, Any]) -> None:
    """Let the content in as a whole, or refuse it as a whole (R011, R012).

    Raises:
        Refused: ``catalog.incomplete-rows``, ``catalog.duplicate-code`` or
            ``catalog.content-refused`` with every fault.
    """
    required = content["programme"]["catalogue"]["required_columns"]
    rows = [
        {"seq": row["seq"], "item": row["item_id"], "missing": missing}
        for row in content["items"] if (missing := missing_columns(row, required))
    ]
    if rows:
        raise refusals.incomplete_rows(rows)
    codes: dict[str, str] = {}
    for row in content["items"]:
        if row["code"] and codes.setdefault(row["code"], row["item_id"]) != row["item_id"]:
            raise refusals.duplicate_code(row["code"], codes[row["code"]], row["item_id"])
    tables = {table: content[table] for table in COLUMNS}
    faults = [one for one in check(content["programme"], tables) if one.severity == "error"]
    if faults:
        raise refusals.content_refused([
            {"file": one.file, "row": one.row, "column": one.column, "code": one.code,
             "message_zh": one.message_zh}
            for one in faults
        ])


def bodies_in_order(content: Mapping[str, Any]) -> list[Row]:
    """Organs and towns, each after those it refers to."""
    rows = {row["org_id"]: row for row in content["organs"]}
    rows |= {row["town_id"]: row for row in content["towns"]}
    ordered: dict[str, Row] = {}

    def place(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise refusals.unknown_organ(name)
        for column in REFERS:
            if (other := rows[name].get(column)) in rows and other not in ordered:
                place(other, (*above, name))
        ordered[name] = rows[name]

    for name in rows:
        if name not in ordered:
            place(name, ())
    return list(ordered.values())
