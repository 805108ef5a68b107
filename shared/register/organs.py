"""Catalog's facts on what becomes of organs and towns into the local copy."""

import json
from typing import Any

from psycopg2.extensions import cursor

from shared.clock import start_of
from shared.contracts.envelope import Fact
from shared.projection import Projection

organs = Projection()

FORMER = "former_name"
# In the settings of a programme an organ stands for what it does; who issued the notice, and
# whose task was whose, is history (R194).
SETTINGS = (
    "UPDATE programme SET settings = replace((settings - '{issuer_org_id,obligations}'::text[])"
    "::text, %(org)s, %(successor)s)::jsonb || (SELECT coalesce(jsonb_object_agg(key, value), '{}')"
    "  FROM jsonb_each(settings) WHERE key IN ('issuer_org_id', 'obligations'))"
    " WHERE strpos(settings::text, %(org)s) > 0"
)
BODIES = (
    "SELECT body.* FROM town t LEFT JOIN centre c USING (town_id)"
    " JOIN town i ON i.town_id = %(into_town_id)s LEFT JOIN centre d ON d.town_id = i.town_id,"
    " LATERAL (VALUES (t.town_id, i.town_id), (c.centre_id, coalesce(d.centre_id, i.town_id)),"
    "  (t.department_id, coalesce(i.department_id, i.town_id))) AS body (org_id, successor)"
    " WHERE t.town_id = %(town_id)s AND body.org_id IS NOT NULL"
)


@organs.on("catalog.OrganRenamed")
def renamed(at: cursor, fact: Fact) -> None:
    at.execute("UPDATE organ SET name = %(new_name)s WHERE org_id = %(org_id)s", fact.data)
    at.execute(
        "UPDATE alias SET basis = %(former)s WHERE org_id = %(org_id)s AND alias = %(old_name)s",
        _of(fact),
    )
    at.execute(
        "INSERT INTO alias VALUES (%(jurisdiction)s, %(new_name)s, %(org_id)s, 'canonical')"
        " ON CONFLICT (jurisdiction_id, alias)"
        " DO UPDATE SET org_id = EXCLUDED.org_id, basis = EXCLUDED.basis", _of(fact),
    )


@organs.on("catalog.OrganResubordinated")
def resubordinated(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE organ SET superior_org_id = %(superior_org_id)s WHERE org_id = %(org_id)s",
        fact.data,
    )


@organs.on("catalog.OrganMerged")
def merged(at: cursor, fact: Fact) -> None:
    """Whatever named the organ names its successor; what it was until then is kept apart."""
    told = _of(fact) | {"since": start_of(fact.data["effective_on"])}
    _closed(at, told, fact.data["org_id"], fact.data["into_org_id"])
    for table, column in (
        ("organ", "superior_org_id"), ("town", "managing_zone_id"), ("town", "matching_county_id"),
        ("item", "supervising_org_id"), ("item_supervision", "supervising_org_id"),
    ):
        at.execute(
            f"UPDATE {table} SET {column} = %(into_org_id)s WHERE {column} = %(org_id)s", told
        )
    at.execute(
        "INSERT INTO item_owner SELECT item_id, position, %(org_id)s, '-infinity'::timestamptz,"
        "  recorded_at FROM item WHERE granting_org_id = %(org_id)s"
        " UNION ALL SELECT item_id, %(position)s, %(into_org_id)s, %(since)s, %(recorded_at)s"
        "  FROM item WHERE granting_org_id = %(org_id)s ON CONFLICT DO NOTHING", told,
    )
    at.execute(
        "UPDATE item SET granting_org_id = %(into_org_id)s WHERE granting_org_id = %(org_id)s",
        told,
    )
    at.execute(
        "INSERT INTO coordinator SELECT programme_id, %(into_org_id)s, since FROM coordinator"
        " WHERE org_id = %(org_id)s ON CONFLICT DO NOTHING", told,
    )
    at.execute("DELETE FROM coordinator WHERE org_id = %(org_id)s", told)
    at.execute(SETTINGS, {
        "org": _quoted(fact.data["org_id"]), "successor": _quoted(fact.data["into_org_id"]),
    })


@organs.on("catalog.TownRenamed")
def town_renamed(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE town SET name = %(new_name)s,"
        " department_name = coalesce(%(department_name)s, department_name)"
        " WHERE town_id = %(town_id)s", fact.data,
    )
    at.execute(
        "UPDATE centre SET name = coalesce(%(centre_name)s, name) WHERE town_id = %(town_id)s",
        fact.data,
    )


@organs.on("catalog.TownKindChanged")
def town_kind_changed(at: cursor, fact: Fact) -> None:
    at.execute("UPDATE town SET kind = %(new_kind)s WHERE town_id = %(town_id)s", fact.data)


@organs.on("catalog.TownMerged")
def town_merged(at: cursor, fact: Fact) -> None:
    """With the town go its centre, its department and its windows; it receives nothing more."""
    told = _of(fact) | {"since": start_of(fact.data["effective_on"])}
    at.execute(BODIES, told)
    for org, successor in at.fetchall():
        _closed(at, told, org, successor)
    for table, column in (("service_window", "closed_on"), ("recipient", "removed_on")):
        at.execute(
            f"UPDATE {table} SET {column} = %(effective_on)s"
            f" WHERE town_id = %(town_id)s AND {column} IS NULL", told,
        )


def _closed(at: cursor, told: dict[str, Any], org: str, successor: str) -> None:
    """Who stands for it from then on, also when its names are read (R007)."""
    row = told | {"org": org, "successor": successor, "former": FORMER}
    at.execute(
        "INSERT INTO succession VALUES (%(org)s, %(successor)s, %(effective_on)s, %(since)s,"
        " %(recorded_at)s, %(position)s)", row,
    )
    at.execute(
        "UPDATE alias SET org_id = %(successor)s, basis = %(former)s WHERE org_id = %(org)s", row
    )


def _quoted(org: str) -> str:
    """An id as the settings' JSON has it."""
    return json.dumps(org, ensure_ascii=False)


def _of(fact: Fact) -> dict[str, Any]:
    return fact.data | {
        "position": fact.position, "recorded_at": fact.recorded_at, "former": FORMER,
        "jurisdiction": fact.jurisdiction,
    }
