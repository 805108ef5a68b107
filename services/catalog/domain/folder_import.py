"""The checks that tell beforehand, with its place, what an import would refuse of a folder."""

import json
import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

from services.catalog.domain.folder_problem import Place, Problem, problem
from services.catalog.domain.folder_tables import POWER_TYPES, SETTLED
from services.catalog.domain.item import beyond_statutory
from services.catalog.domain.programme import MOST_SETTINGS

Row = dict[str, Any]
Tables = dict[str, list[Row]]

PROGRAMME_ID = re.compile(r"\w{2,50}")
JURISDICTION = re.compile(r"[0-9]{6}")
TEXT = 500
LONGEST = {  # characters that a request at catalog's doors may have
    "organs": {"org_id": 200, "name": 200},
    "aliases": {"alias": 200},
    "towns": {"town_id": 200, "name": 200, "centre_id": 200, "centre_name": 200,
              "department_id": 200, "department_name": 200, "note": TEXT},
    "items": {"item_id": 200, "code": 50, "name": TEXT, "note": TEXT},
    "scopes": {"subitem": TEXT},
    "modes": {"mode": 200, "mode_zh": 100},
}
FROM_ONE = {"items": "seq", "modes": "order_of_preference", "limits": "value"}
SEAL_WORDS = {"district", "department", "town"}


def _names(programme: Row, _: Tables) -> Iterator[Problem]:
    """The codes of the programme and of its jurisdiction."""
    patterns = (("id", PROGRAMME_ID, "XX2024"), ("jurisdiction_id", JURISDICTION, "990001"))
    for setting, pattern, example in patterns:
        value = programme[setting]
        if value is not None and not pattern.fullmatch(value):
            yield problem(_setting(setting), "bad_id", value, example)


def _ids(programme: Row, tables: Tables) -> Iterator[Problem]:
    """Ids begin with the programme's code, those of a town's bodies with the town's."""
    prefix = f"{programme['id']}-" if programme["id"] else ""
    organs = {row["org_id"] for row in tables.get("organs", ())}
    for file, column in (("organs", "org_id"), ("towns", "town_id")):
        for number, row in enumerate(tables.get(file, ()), 1):
            if row[column] and not row[column].startswith(prefix):
                yield problem((f"{file}.csv", number, column), "foreign_id", row[column], prefix)
    for number, row in enumerate(tables.get("towns", ()), 1):
        for column in ("centre_id", "department_id") if row["town_id"] not in organs else ():
            own = f"{row['town_id']}-"
            if row[column] and row[column].rpartition("-")[0] != row["town_id"]:
                yield problem(("towns.csv", number, column), "foreign_id", row[column], own)
        if row["centre_id"] and row["centre_id"] == row["department_id"]:
            place = ("towns.csv", number, "department_id")
            yield problem(place, "duplicate_id", row["department_id"])


def _lengths(programme: Row, tables: Tables) -> Iterator[Problem]:
    """What a request may hold."""
    for setting in ("title", "document_no"):
        if len(programme[setting] or "") > TEXT:
            yield problem(_setting(setting), "too_long", TEXT)
    for file, columns in LONGEST.items():
        for number, row in enumerate(tables.get(file, ()), 1):
            for column, most in columns.items():
                if len(row[column] or "") > most:
                    yield problem((f"{file}.csv", number, column), "too_long", most)
    for file, column in FROM_ONE.items():
        for number, row in enumerate(tables.get(file, ()), 1):
            if row[column] is not None and not 1 <= row[column] < 2**31:
                yield problem((f"{file}.csv", number, column), "bad_number", row[column], "1")


def _organ_names(_: Row, tables: Tables) -> Iterator[Problem]:
    """R007: one name, one organ, among the full names and the further ones together."""
    holders = {row["alias"]: row["org_id"] for row in tables.get("aliases", ())}
    for number, row in enumerate(tables.get("organs", ()), 1):
        if holders.setdefault(row["name"], row["org_id"]) != row["org_id"]:
            yield problem(("organs.csv", number, "name"), "duplicate_alias", row["name"])


def _superiors(_: Row, tables: Tables) -> Iterator[Problem]:
    """No organ is above itself."""
    above = {row["org_id"]: row["superior_org_id"] for row in tables.get("organs", ())}
    for number, row in enumerate(tables.get("organs", ()), 1):
        seen, body = {row["org_id"]}, row["superior_org_id"]
        while body in above and body not in seen:
            seen.add(body)
            body = above[body]
        if body is not None and body == row["org_id"]:
            place = ("organs.csv", number, "superior_org_id")
            yield problem(place, "above_itself", row["superior_org_id"])


def _modes(_: Row, tables: Tables) -> Iterator[Problem]:
    """R002: a mode is a split of facets; one row answers for a facet of a case."""
    facets = tables.get("facets")
    if facets is None:
        return
    split = {row["mode"] for row in facets}
    for number, row in enumerate(tables.get("modes", ()), 1):
        if row["mode"] not in split:
            yield problem(("modes.csv", number, "mode"), "mode_without_facets", row["mode"])
        agreed = row["agreement_force"] or row["agreement_items"]
        if agreed and row["agreement_kind"] is None:
            yield problem(("modes.csv", number, "agreement_kind"), "required_cell")
    told = {(row["mode"], row["filed_at"], row["facet"], row["cross_town"]) for row in facets}
    for number, row in enumerate(facets, 1):
        both = (row["mode"], row["filed_at"], row["facet"], "any")
        if row["cross_town"] in ("yes", "no") and both in told:
            place = ("facets.csv", number, "cross_town")
            yield problem(place, "facet_twice", row["facet"], "any / yes + no")


def _scopes(_: Row, tables: Tables) -> Iterator[Problem]:
    """R013: the remark's verb is one for an item, and agrees with its mode."""
    names = {row["mode"]: row["mode_zh"] for row in tables.get("modes", ())}
    modes = {row["item_id"]: names.get(row["mode"]) for row in tables.get("items", ())}
    verbs: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(tables.get("scopes", ()), 1):
        item, verb, mode_zh = row["item_id"], row["verb"], modes.get(row["item_id"])
        if not (item and verb):
            continue
        first = verbs.setdefault(item, verb)
        if (mode_zh and verb not in mode_zh) or verb != first:
            hint = first if verb != first else mode_zh
            yield problem(("scopes.csv", number, "verb"), "verb_disagrees", verb, hint)
        if (item, row["subitem"]) in seen:
            yield problem(("scopes.csv", number, "subitem"), "duplicate_id", row["subitem"])
        seen.add((item, row["subitem"]))


def _limits(_: Row, tables: Tables) -> Iterator[Problem]:
    """R020: the steps of an item stay within its statutory limit."""
    known: dict[str, dict[tuple[str | None, str], tuple[int, str]]] = {}
    for number, row in enumerate(tables.get("limits", ()), 1):
        if None in (row["item_id"], row["step"], row["value"], row["unit"]):
            continue
        limits = known.setdefault(row["item_id"], {})
        limits[None, row["step"]] = (row["value"], row["unit"])
        if over := beyond_statutory(limits, None):
            steps, most = over
            place = ("limits.csv", number, "value")
            yield problem(place, "exceeds_statutory", steps, f"≤ {most}")


def _deadlines(_: Row, tables: Tables) -> Iterator[Problem]:
    """R196: a day stands where the notice gives a day, and nowhere else."""
    for number, row in enumerate(tables.get("obligations", ()), 1):
        if row["precision"] is not None and (row["precision"] == "day") == (row["due_on"] is None):
            yield problem(("obligations.csv", number, "due_on"), "day_and_precision",
                          row["precision"], "day ⇔ YYYY-MM-DD")


def _words(programme: Row, _: Tables) -> Iterator[Problem]:
    """Words that stand for something else: places in the seal's text, types in the codes."""
    pattern = programme["seal"]["name_pattern"] or ""
    try:
        used = {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
    except ValueError:
        used = {pattern}
    for word in sorted(used - SEAL_WORDS):
        hint = "{district}{department}{town}"
        yield problem(_setting("seal.name_pattern"), "unknown_value", word, hint)
    for word in (programme["catalogue"]["code_types"] or {}).values():
        if word not in POWER_TYPES:
            yield problem(_setting("catalogue.code_types"), "unknown_value", word)


def _size(programme: Row, tables: Tables) -> Iterator[Problem]:
    """The settings with their tables are one event."""
    whole = programme | {name: tables[name] for name in SETTLED if name in tables}
    size = len(json.dumps(whole, ensure_ascii=False).encode())
    if size > MOST_SETTINGS:
        yield problem(("programme.toml", None, None), "settings_too_large", size)


def _setting(path: str) -> Place:
    return ("programme.toml", None, path)


BEFOREHAND = (
    _names, _ids, _lengths, _organ_names, _superiors, _modes, _scopes, _limits, _deadlines,
    _words, _size,
)
