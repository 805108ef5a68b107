"""Figures, online status and lists of powers: projections."""

import json

from psycopg2.extensions import cursor

from shared.contracts.envelope import Fact
from shared.projection import Projection

items = Projection()

FIGURES = ("steps", "limit_value", "limit_unit", "materials")


@items.on("catalog.ItemBaselineRecorded")
def baseline(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO item_baseline VALUES (%(item_id)s, 1, %(figures)s, %(taken_on)s, NULL)",
        fact.data | {"figures": _figures(fact)},
    )


@items.on("catalog.ItemBaselineCorrected")
def baseline_corrected(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO item_baseline SELECT %(item_id)s, max(version) + 1, %(figures)s, NULL,"
        " %(reason)s FROM item_baseline WHERE item_id = %(item_id)s",
        fact.data | {"figures": json.dumps(fact.data["new"])},
    )


@items.on("catalog.ItemProcessRevised")
def revised(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO item_process VALUES (%(item_id)s, %(town)s, %(version)s, %(figures)s)"
        " ON CONFLICT (item_id, town_id) DO UPDATE SET version = EXCLUDED.version,"
        " figures = EXCLUDED.figures",
        fact.data | {"town": fact.data["town_id"] or "", "figures": _figures(fact)},
    )


@items.on("catalog.ReductionRuleBreached")
def breached(at: cursor, fact: Fact) -> None:
    told = {key: json.dumps(fact.data[key]) for key in ("before", "after")}
    at.execute(
        "INSERT INTO item_breach VALUES (%(position)s, %(item_id)s, %(town_id)s, %(before)s,"
        " %(after)s)", fact.data | told | {"position": fact.position},
    )


@items.on("catalog.ItemOnlineStatusSet")
def online(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO item_online VALUES (%(item_id)s, %(status)s, %(exemption_reason)s)"
        " ON CONFLICT (item_id) DO UPDATE SET status = EXCLUDED.status,"
        " exemption_reason = EXCLUDED.exemption_reason", fact.data,
    )


@items.on("catalog.PowerListEntryRecorded")
def power(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO power_list VALUES (%(org_id)s, %(item_id)s, %(status)s, %(from_)s)"
        " ON CONFLICT (item_id, since) DO UPDATE SET status = EXCLUDED.status", fact.data,
    )


@items.on("catalog.ItemLinkedAsSameMatter")
def linked(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO same_matter VALUES (%(item_id)s, %(other_item_id)s, %(basis)s)"
        " ON CONFLICT (item_id, other_item_id) DO UPDATE SET basis = EXCLUDED.basis", fact.data,
    )


def _figures(fact: Fact) -> str:
    return json.dumps({name: fact.data[name] for name in FIGURES})
