"""The checks that need more than one cell of a programme's folder: keys, references, codes."""

from collections.abc import Callable, Iterator
from typing import Any

from services.catalog.domain.folder_import import BEFOREHAND
from services.catalog.domain.folder_problem import Problem, nearest, problem
from services.catalog.domain.folder_settings import SETTINGS
from services.catalog.domain.folder_tables import COLUMNS, EACH_UNIT, SPACES, UNIQUE

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def setting(programme: Row, path: str) -> Any:
    """Return the setting at a dotted *path*; None where the notice is silent."""
    value: Any = programme
    for part in path.split("."):
        value = value[part]
    return value


def _duplicates(_: Row, tables: Tables) -> Iterator[Problem]:
    for file, columns, code in UNIQUE:
        seen: set[tuple[Any, ...]] = set()
        for number, row in enumerate(tables.get(file, ()), 1):
            key = tuple(row[column] for column in columns)
            if None in key:
                continue
            if key in seen:
                value = "、".join(map(str, key))
                yield problem((f"{file}.csv", number, columns[-1]), code, value)
            seen.add(key)


def _bodies_once(_: Row, tables: Tables) -> Iterator[Problem]:
    """One body has one id and stands in one place: among the organs or among the towns."""
    organs = {row["org_id"] for row in tables.get("organs", ())}
    names = {row["alias"]: row["org_id"] for row in tables.get("aliases", ())}
    for number, row in enumerate(tables.get("towns", ()), 1):
        for part in ("town", "centre", "department"):
            body = row[f"{part}_id"]
            name = row["name" if part == "town" else f"{part}_name"]
            if (body is None) != (name is None):
                column = f"{part}_id" if body is None else f"{part}_name"
                yield problem(("towns.csv", number, column), "required_cell")
            if body in organs:
                yield problem(("towns.csv", number, f"{part}_id"), "duplicate_id", body)
            if body and names.get(name, body) != body:
                yield problem(
                    ("towns.csv", number, f"{part}_id"), "duplicate_alias", name
                )


def _known(tables: Tables, space: str) -> tuple[str, ...] | None:
    """Collect the ids of *space*; None when one of its files could not be read."""
    if any(file not in tables for file, _ in SPACES[space]):
        return None
    ids = {row[column] for file, column in SPACES[space] for row in tables[file]}
    return tuple(sorted(ids - {None})) + (
        (EACH_UNIT,) if space == "responsible" else ()
    )


def _references(programme: Row, tables: Tables) -> Iterator[Problem]:
    places = [
        (f"{file}.csv", number, column, cell, row[column])
        for file, columns in COLUMNS.items()
        for number, row in enumerate(tables.get(file, ()), 1)
        for column, cell in columns.items()
    ] + [
        ("programme.toml", None, path, cell, setting(programme, path))
        for path, cell in SETTINGS.items()
    ]
    ids = {space: _known(tables, space) for space in SPACES}
    for file, number, column, cell, value in places:
        known = ids[cell.of[0]] if cell.kind in ("ref", "refs") else None
        if value is None or known is None:
            continue
        for one in value if isinstance(value, list) else [value]:
            if one not in known:
                hint = nearest(one, known)
                yield problem((file, number, column), "unknown_reference", one, hint)


def _required_by_programme(programme: Row, tables: Tables) -> Iterator[Problem]:
    """R011: the columns a programme demands of every item."""
    demanded = setting(programme, "catalogue.required_columns") or []
    for column in demanded:
        if column not in COLUMNS["items"]:
            place = ("programme.toml", None, "catalogue.required_columns")
            hint = nearest(column, tuple(COLUMNS["items"]))
            yield problem(place, "unknown_value", column, hint)
    for number, row in enumerate(tables.get("items", ()), 1):
        # R063: an enforcement item has no application, so no outcome of one.
        own = [] if row["domain"] == "enforcement" else ["outcome_kind"]
        for column in [*demanded, *own]:
            if column in row and row[column] is None:
                yield problem(("items.csv", number, column), "required_cell")


def _codes(programme: Row, tables: Tables) -> Iterator[Problem]:
    """R012: codes have their digits; digits 7-8 agree with the power type, or it is a warning."""
    digits = setting(programme, "catalogue.code_digits")
    types = setting(programme, "catalogue.code_types") or {}
    own = {name: mark for mark, name in types.items()}
    for number, row in enumerate(tables.get("items", ()), 1):
        code, kind = row["code"], row["power_type"]
        if code is None:
            continue
        if digits is not None and not (
            code.isascii() and code.isdigit() and len(code) == digits
        ):
            yield problem(("items.csv", number, "code"), "bad_code", code, "0" * digits)
        elif kind in own and code[6:8] != own[kind]:
            marks = f"{code[6:8]}≠{own[kind]}"
            hint = types.get(code[6:8])
            place = ("items.csv", number, "power_type")
            yield problem(place, "code_type_mismatch", marks, hint, "warning")


def _size(programme: Row, tables: Tables) -> Iterator[Problem]:
    """R010, R011: the notice says how many; a catalogue that comes apart is not yet here."""
    size, items = setting(programme, "catalogue.size"), tables.get("items")
    if size is not None and items and size != len(items):
        yield problem(
            ("programme.toml", None, "catalogue.size"), "size_mismatch", len(items)
        )


CHECKS: tuple[Callable[[Row, Tables], Iterator[Problem]], ...] = (
    _duplicates,
    _bodies_once,
    _references,
    _required_by_programme,
    _codes,
    _size,
    *BEFOREHAND,
)


def check(programme: Row, tables: Tables) -> list[Problem]:
    """Every fault between the cells of *tables* and the settings of *programme*."""
    return [found for one in CHECKS for found in one(programme, tables)]
