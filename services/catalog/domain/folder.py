"""Reads a programme's folder into one JSON-serialisable request, or says what is wrong with it."""

import csv
import tomllib
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from services.catalog.domain.folder_checks import Row, Tables, check, setting
from services.catalog.domain.folder_problem import Place, Problem, nearest, problem
from services.catalog.domain.folder_settings import SETTINGS
from services.catalog.domain.folder_tables import COLUMNS, EACH_UNIT, Cell

__all__ = ["BrokenFolder", "Problem", "load", "problems"]

SEPARATOR = "；"
FLAGS = {"true": True, "false": False}
FAULTS = {  # kind of cell: code of the fault, what to write instead
    "number": ("bad_number", "1"),
    "flag": ("bad_boolean", "true / false"),
    "day": ("bad_date", "YYYY-MM-DD"),
    "deadlines": ("bad_deadline", "YYYY-MM-DD@出处"),
}


class BrokenFolder(Exception):
    """The folder cannot be loaded; *problems* says where and why."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the problems beside their Chinese words."""
        super().__init__("\n".join(found.message_zh for found in problems))
        self.problems = problems


def load(folder: Path) -> dict[str, Any]:
    """Read the programme in *folder* as the one request that registers it.

    Returns:
        ``programme`` (its settings, nested, None where the notice is silent) and one list of
        rows for each table. Lists are lists, days ISO strings. Each obligation has besides
        its ``units``: the ids that owe it.

    Raises:
        BrokenFolder: any problem that is more than a warning.
    """
    programme, tables, found = _read(folder)
    errors = [one for one in found if one.severity == "error"]
    if errors:
        raise BrokenFolder(errors)
    return {"programme": programme, **tables}


def problems(folder: Path) -> list[Problem]:
    """List every error and warning of *folder*, file by file."""
    return _read(folder)[2]


def _add_units(programme: Row, tables: Tables) -> None:
    """Give each obligation the ids that owe it, each once (R194)."""
    recipients = [town["town_id"] for town in tables.get("towns", ()) if town["recipient"]]
    each = setting(programme, "obligations.unit_ids") or recipients
    for task in tables.get("obligations", ()):
        named = [
            one for word in task["responsible"]
            for one in (each if word == EACH_UNIT else [word])
        ]
        task["units"] = list(dict.fromkeys(named))


def _read(folder: Path) -> tuple[Row, Tables, list[Problem]]:
    if not folder.is_dir():
        return {}, {}, [problem((folder.name, None, None), "no_folder", folder.name)]
    programme, found = _settings(folder / "programme.toml")
    tables: Tables = {}
    for file, columns in COLUMNS.items():
        rows, faults = _table(folder / f"{file}.csv", columns)
        found += faults
        if rows is not None:
            tables[file] = rows
    known = {"programme.toml", *(f"{file}.csv" for file in COLUMNS)}
    for path in sorted(folder.iterdir()):
        if path.name not in known and not path.name.startswith("."):
            hint = nearest(path.name, tuple(sorted(known)))
            found.append(problem((path.name, None, None), "unknown_file", "", hint, "warning"))
    _add_units(programme, tables)
    told = {(one.file, one.row, one.column) for one in found}
    for one in check(programme, tables):
        if (one.file, one.row, one.column) not in told:
            found.append(one)
    return programme, tables, found


def _text(path: Path) -> tuple[str | None, list[Problem]]:
    """Read the file's text; spreadsheets put a byte order mark before it, which is dropped."""
    if not path.is_file():
        return None, [problem((path.name, None, None), "no_file", suggestion=path.name)]
    try:
        return path.read_text(encoding="utf-8-sig"), []
    except UnicodeDecodeError:
        return None, [problem((path.name, None, None), "unreadable", "UTF-8", "UTF-8")]


def _table(
    path: Path, columns: dict[str, Cell]
) -> tuple[list[Row] | None, list[Problem]]:
    text, found = _text(path)
    if text is None:
        return None, found
    try:
        lines = [
            line for line in csv.reader(StringIO(text, newline=""), strict=True) if line
        ]
    except csv.Error as fault:
        return None, [problem((path.name, None, None), "unreadable", fault)]
    header = lines[0] if lines else []
    if header != list(columns):
        odd = next((name for name in header if name not in columns), None)
        missing = next((name for name in columns if name not in header), None)
        right = ",".join(columns)
        return None, [
            problem((path.name, None, odd or missing), "wrong_header", right, right)
        ]
    rows: list[Row] = []
    for number, line in enumerate(lines[1:], 1):
        if len(line) != len(columns):
            found.append(problem((path.name, number, None), "wrong_width", len(line)))
        cells = (line + [""] * len(columns))[: len(columns)]
        row, faults = _row(
            path.name, number, dict(zip(columns, cells, strict=True)), columns
        )
        rows.append(row)
        found += faults
    return rows, found


def _row(
    file: str, number: int, cells: dict[str, str], columns: dict[str, Cell]
) -> tuple[Row, list[Problem]]:
    row: Row = {}
    found: list[Problem] = []
    for name, cell in columns.items():
        text = cells[name].strip()
        row[name] = [] if cell.kind in ("words", "refs", "deadlines") else None
        if not text:
            if cell.required:
                found.append(problem((file, number, name), "required_cell"))
            continue
        try:
            row[name] = _value(cell, text)
        except ValueError:
            found.append(_fault((file, number, name), cell, text))
    return row, found


def _value(cell: Cell, text: str) -> Any:
    """Read the cell's value; raises ValueError for one that its kind does not allow."""
    match cell.kind:
        case "number" if text.isascii() and text.isdigit():
            return int(text)
        case "flag" if text in FLAGS:
            return FLAGS[text]
        case "day":
            return _day(text)
        case "words" | "refs":
            return [word.strip() for word in text.split(SEPARATOR) if word.strip()]
        case "deadlines":
            return [_deadline(one) for one in text.split(SEPARATOR)]
        case kind if kind in ("text", "ref") or (kind == "choice" and text in cell.of):
            return text
    raise ValueError(text)


def _day(text: str) -> str:
    """Admit an ISO day in its long form, the one in which days sort as text."""
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError(text)
    return text


def _deadline(text: str) -> dict[str, str]:
    """Read a date that another place of the notice gives, with that place (R195)."""
    day, at, source = text.partition("@")
    if not (at and source):
        raise ValueError(text)
    return {"date": _day(day.strip()), "source": source.strip()}


def _fault(place: Place, cell: Cell, value: object) -> Problem:
    if cell.kind == "choice":
        hint = nearest(str(value), cell.of) or " / ".join(cell.of)
        return problem(place, "unknown_value", value, hint)
    code, hint = FAULTS.get(cell.kind, ("bad_value", cell.kind))
    return problem(place, code, value, hint)


def _settings(path: Path) -> tuple[Row, list[Problem]]:
    """Read the settings, every known one present and None where the file is silent."""
    text, found = _text(path)
    given: dict[str, Any] = {}
    try:
        given = dict(_flat(tomllib.loads(text or "")))
    except tomllib.TOMLDecodeError as fault:
        return _nested({}), [problem((path.name, None, None), "unreadable", fault)]
    for name in given.keys() - SETTINGS.keys():
        hint = nearest(name, tuple(SETTINGS))
        found.append(
            problem((path.name, None, name), "unknown_setting", suggestion=hint)
        )
    if text is None:
        return _nested({}), found
    values: dict[str, Any] = {}
    for name, cell in SETTINGS.items():
        value = given.get(name)
        if value is None or value == "":
            if cell.required:
                found.append(problem((path.name, None, name), "required_cell"))
            continue
        try:
            values[name] = _setting(cell, value)
        except ValueError:
            found.append(_fault((path.name, None, name), cell, value))
    return _nested(values), found


def _setting(cell: Cell, value: object) -> Any:
    """Read the setting's value; raises ValueError for one that its kind does not allow."""
    match cell.kind, value:
        case ("flag", bool()):
            return value
        case ("flag", _) | (_, bool()):
            raise ValueError(value)
        case ("number", int()):
            return value
        case ("day", date()):
            return _day(value.isoformat())
        case ("words" | "refs", list()) if all(isinstance(word, str) for word in value):
            return value
        case ("table", dict()) if all(isinstance(word, str) for word in value.values()):
            return value
        case (_, str()):
            return _value(cell, value)
    raise ValueError(value)


def _flat(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        path = f"{above}{key}"
        if isinstance(value, dict) and path not in SETTINGS:
            yield from _flat(value, f"{path}.")
        else:
            yield path, value


def _nested(values: dict[str, Any]) -> Row:
    programme: Row = {}
    for path in SETTINGS:
        *tables, key = path.split(".")
        place = programme
        for table in tables:
            place = place.setdefault(table, {})
        place[key] = values.get(path)
    return programme
