"""The commands that a programme's content stands for, in an order in which each can be done."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from services.catalog.domain.content import bodies_in_order
from services.catalog.domain.folder_checks import Row
from services.catalog.domain.folder_tables import SETTLED

FACET = ("filed_at", "cross_town", "facet", "holder", "capacity")
POLICY = (
    "seal_kind", "agreement_kind", "agreement_force", "agreement_items", "filing", "exclusive",
    "redelegation_allowed", "forward_to", "forward_reason", "issue_on_seal", "criterion",
)
ORGAN = ("org_id", "name", "kind", "level", "superior_org_id")
TOWN = (
    "town_id", "name", "kind", "tier", "managing_zone_id", "matching_county_id", "department_id",
    "department_name", "centre_id", "centre_name", "note",
)
ITEM = (
    "item_id", "seq", "code", "name", "power_type", "domain", "power_level", "outcome_kind",
    "granting_org_id", "supervising_org_id", "mode", "exclusions", "note",
)


class Step(NamedTuple):
    """One command: a name by which it happens once, its door, its request."""

    name: str
    door: str
    request: dict[str, Any]


def steps(content: Mapping[str, Any]) -> Iterator[Step]:
    """Programme and modes, organs and towns with their names, recipients, items, limits."""
    yield Step("programme", "register_programme", _programme(content))
    yield from _modes(content)
    yield from _bodies(content)
    yield from _recipients(content)
    yield from _coordinators(content)
    yield from _items(content)


def document_of(programme: Row) -> str:
    """What the notice is cited by: its number, or its title where it has none."""
    return str(programme["document_no"] or programme["title"])


def catalogue_of(programme: Row) -> str:
    """The id of the programme's catalogue."""
    return f"{programme['id']}-CATALOGUE"


def _programme(content: Mapping[str, Any]) -> dict[str, Any]:
    notice = content["programme"]
    return {
        "title": notice["title"], "document_no": notice["document_no"],
        "issuer_org": notice["issuer_org_id"], "issued_on": notice["issued_on"],
        "jurisdiction_id": notice["jurisdiction_id"], "level": notice["level"],
        "parent_programme_id": notice["parent_programme"],
        "parent_documents": notice["parent_documents"], "grantor_kind": notice["grantor_kind"],
        "claim_required": notice["claim"]["required"],
        "settings": notice | {table: content[table] for table in SETTLED},
    }


def _modes(content: Mapping[str, Any]) -> Iterator[Step]:
    for row in content["modes"]:
        facets = [
            {name: facet[name] for name in FACET}
            for facet in content["facets"] if facet["mode"] == row["mode"]
        ]
        clauses = [
            clause["clause"] for clause in content["clauses"]
            if row["agreement_kind"] and clause["agreement_kind"] == row["agreement_kind"]
        ]
        policy = {name: row[name] for name in POLICY} | {"facets": facets, "clauses": clauses}
        yield Step(f"mode:{row['mode']}", "enable_mode", {
            "mode": row["mode"], "mode_zh": row["mode_zh"], "policy": policy,
            "order_of_preference": row["order_of_preference"],
            "instrument_ref": document_of(content["programme"]),
        })


def _bodies(content: Mapping[str, Any]) -> Iterator[Step]:
    organs = {row["org_id"] for row in content["organs"]}
    names: dict[str, list[dict[str, str]]] = {}
    for row in content["aliases"]:
        names.setdefault(row["org_id"], []).append({"alias": row["alias"], "basis": row["basis"]})
    for row in bodies_in_order(content):
        if "town_id" in row:
            above = (content["programme"]["centre"] or {}).get("managed_by_org_id")
            managed_by = {"centre_managed_by_org_id": row["centre_id"] and above}  # R213
            town = {name: row[name] for name in TOWN} | managed_by
            yield Step(f"town:{row['town_id']}", "register_town", town)
        else:
            organ = {name: row[name] for name in ORGAN}
            aliases = {"aliases": names.get(row["org_id"], [])}
            yield Step(f"organ:{row['org_id']}", "register_organ", organ | aliases)
    for body, aliases_of in names.items():
        for alias in aliases_of if body not in organs else ():
            yield Step(f"alias:{alias['alias']}", "add_alias", {"org_id": body} | alias)


def _recipients(content: Mapping[str, Any]) -> Iterator[Step]:
    for row in content["towns"]:
        if row["recipient"]:
            since = {"town": row["town_id"], "from": content["programme"]["issued_on"]}
            yield Step(f"recipient:{row['town_id']}", "add_recipient", since)


def _coordinators(content: Mapping[str, Any]) -> Iterator[Step]:
    notice = content["programme"]
    for org in notice["coordinator_org_ids"] or ():
        since = {"org": org, "from": notice["issued_on"]}
        yield Step(f"coordinator:{org}", "set_coordinator", since)


def _items(content: Mapping[str, Any]) -> Iterator[Step]:
    catalogue = {"catalogue_id": catalogue_of(content["programme"])}
    for row in content["items"]:
        scope = [one for one in content["scopes"] if one["item_id"] == row["item_id"]]
        yield Step(f"item:{row['item_id']}", "list_item", catalogue | {
            "subitems": [one["subitem"] for one in scope],
            "verb": scope[0]["verb"] if scope else None,
        } | {name: row[name] for name in ITEM})
    for row in content["limits"]:
        limit = {name: row[name] for name in ("step", "value", "unit")}
        name = f"limit:{row['item_id']}:{row['step']}"
        yield Step(name, "set_time_limit", {"item": row["item_id"], "town": None} | limit)
