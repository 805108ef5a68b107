"""Delegation's facts into intervals: what opens a holding, what ends it, what corrects it."""

import json
from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor

from shared.contracts.envelope import Fact
from shared.projection import Projection

holdings = Projection()

INSERT = (
    "INSERT INTO holding (opened_by, nth, grant_id, programme_id, item_id, town_id, scope, mode, facet, org_id, capacity,"
    " filed_at, cross_town, exclusive, instrument, effective, recorded) VALUES (%(position)s, %(nth)s, %(grant_id)s,"
    " %(programme)s, %(item_id)s, %(town_id)s, %(scope)s, %(mode)s, %(facet)s, %(org_id)s, %(capacity)s, %(filed_at)s,"
    " %(cross_town)s, %(exclusive)s, %(instrument)s, tstzrange(%(effective_from)s, NULL), tstzrange(%(recorded_at)s, NULL))"
)


def _open(at: cursor, fact: Fact, **common: Any) -> None:
    common |= {
        "position": fact.position, "programme": fact.programme, "recorded_at": fact.recorded_at,
        "instrument": json.dumps(fact.instrument) if fact.instrument else None,
    }
    for nth, facet in enumerate(fact.data["facets"]):
        at.execute(INSERT, common | facet | {"nth": nth})


@holdings.on("delegation.ItemDelegated")
def delegated(at: cursor, fact: Fact) -> None:
    given = fact.data
    _open(
        at, fact, grant_id=given["grant_id"], item_id=given["item_id"], town_id=given["town_id"], scope=given["scope"],
        mode=given["mode"], exclusive=given["exclusive"], effective_from=given["effective_from"],
    )


@holdings.on("delegation.PowerTransferred")
def transferred(at: cursor, fact: Fact) -> None:
    given = fact.data
    _open(
        at, fact, grant_id=given["transfer_id"], item_id=given["item_id"], town_id=given["unit_id"], scope=[],
        mode="transfer", exclusive=True, effective_from=given["transfer_at"],
    )


@holdings.on("delegation.ItemRecalled")
def recalled(at: cursor, fact: Fact) -> None:
    end(at, fact, fact.data["grant_id"], fact.data["effective_from"])


def end(at: cursor, fact: Fact, grant: Any, when: datetime) -> None:
    """From the moment the fact was recorded, the grant's intervals end at *when*; before, they were known as open."""
    at.execute(
        "WITH known AS (UPDATE holding SET recorded = tstzrange(lower(recorded), %(recorded_at)s), superseded_by = %(position)s"
        "  WHERE grant_id = %(grant)s AND upper_inf(recorded) AND effective @> %(when)s::timestamptz RETURNING *)"
        " INSERT INTO holding SELECT opened_by, nth, grant_id, programme_id, item_id, town_id, scope, mode, facet, org_id,"
        "  capacity, filed_at, cross_town, exclusive, instrument, tstzrange(lower(effective), %(when)s),"
        "  tstzrange(%(recorded_at)s, NULL), %(position)s, NULL FROM known",
        {"grant": grant, "when": when, "recorded_at": fact.recorded_at, "position": fact.position},
    )


@holdings.on("delegation.ItemImplementationStarted")
def started(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO started VALUES (%(grant_id)s, %(started_at)s) ON CONFLICT DO NOTHING", fact.data
    )
