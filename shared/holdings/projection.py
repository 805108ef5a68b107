"""Delegation's facts into intervals: what opens a holding, what ends it, what corrects it."""

import json
from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor

from shared.contracts.envelope import Fact
from shared.projection import Projection

holdings = Projection()

INSERT = (
    "INSERT INTO holding"
    " (opened_by, nth, written_by, grant_id, programme_id, item_id, town_id, scope,"
    " mode, facet, org_id, capacity, filed_at, cross_town, exclusive, instrument, effective_from,"
    " known_from)"
    " VALUES (%(position)s, %(nth)s, %(position)s, %(grant_id)s, %(programme)s, %(item_id)s,"
    " %(town_id)s, %(scope)s, %(mode)s, %(facet)s, %(org_id)s, %(capacity)s, %(filed_at)s,"
    " %(cross_town)s, %(exclusive)s, %(instrument)s, %(effective_from)s, %(recorded_at)s)"
)

# What was known stays as it was known; what is known from now on is a row of its own. A fact
# recorded by a clock behind that of an earlier one still comes after it.
REWRITE = (
    "WITH known AS (UPDATE holding SET superseded_by = %(position)s,"
    "  known_to = greatest(known_from, %(recorded_at)s)"
    "  WHERE grant_id = %(grant)s AND superseded_by IS NULL RETURNING *)"
    " INSERT INTO holding"
    " (opened_by, nth, written_by, grant_id, programme_id, item_id, town_id, scope,"
    "  mode, facet, org_id, capacity, filed_at, cross_town, exclusive, instrument, effective_from,"
    "  effective_to, known_from, closed_by)"
    " SELECT opened_by, nth, %(position)s, grant_id, programme_id, item_id, town_id, scope, mode,"
    " facet,"
    "  org_id, capacity, filed_at, cross_town, exclusive, instrument, {begins}, {ends}, known_to,"
    "  {closed_by} FROM known"
)
# An interval that ends before it began is empty.
ENDED = REWRITE.format(
    begins="effective_from", ends="greatest(effective_from, %(when)s)", closed_by="%(position)s"
)
CORRECTED = REWRITE.format(begins="%(when)s", ends="effective_to", closed_by="closed_by")


def _open(at: cursor, fact: Fact, **common: Any) -> None:
    common |= {
        "position": fact.position, "programme": fact.programme, "recorded_at": fact.recorded_at,
        "instrument": json.dumps(fact.instrument) if fact.instrument else None,
    }
    for nth, facet in enumerate(fact.data["facets"]):
        at.execute(INSERT, common | facet | {"nth": nth})


def _rewrite(at: cursor, fact: Fact, statement: str, grant: str, when: datetime) -> None:
    at.execute(
        statement,
        {
            "grant": grant, "when": when, "recorded_at": fact.recorded_at,
            "position": fact.position,
        },
    )


@holdings.on("delegation.ItemDelegated")
def delegated(at: cursor, fact: Fact) -> None:
    given = fact.data
    _open(
        at, fact, grant_id=given["grant_id"], item_id=given["item_id"], town_id=given["town_id"],
        scope=given["scope"], mode=given["mode"], exclusive=given["exclusive"],
        effective_from=given["effective_from"],
    )


@holdings.on("delegation.PowerTransferred")
def transferred(at: cursor, fact: Fact) -> None:
    given = fact.data
    _open(
        at, fact, grant_id=given["transfer_id"], item_id=given["item_id"], town_id=given["unit_id"],
        scope=[], mode="transfer", exclusive=True, effective_from=given["transfer_at"],
    )


@holdings.on("delegation.ItemRecalled")
def recalled(at: cursor, fact: Fact) -> None:
    _rewrite(at, fact, ENDED, fact.data["grant_id"], fact.data["effective_from"])


@holdings.on("delegation.GrantCorrected")
def corrected(at: cursor, fact: Fact) -> None:
    if fact.data["field"] == "effective_from":
        new = datetime.fromisoformat(fact.data["new"])
        _rewrite(at, fact, CORRECTED, fact.data["grant_id"], new)


@holdings.on("delegation.ItemImplementationStarted")
def started(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO started VALUES (%(grant_id)s, %(started_at)s) ON CONFLICT DO NOTHING",
        fact.data
    )
