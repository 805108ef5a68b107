"""Facts into intervals: what opens a holding, what ends it, what corrects it."""

import json
from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor

from shared.clock import start_of
from shared.contracts.envelope import Fact
from shared.projection import Projection

holdings = Projection()

COLUMNS = (
    "(opened_by, nth, written_by, grant_id, programme_id, item_id, town_id, scope, mode, facet,"
    " org_id, capacity, filed_at, cross_town, exclusive, instrument, effective_from, effective_to,"
    " known_from, closed_by)"
)
OPEN = (
    f"INSERT INTO holding {COLUMNS}"
    " SELECT %(position)s, nth - 1, %(position)s, %(grant_id)s::uuid, %(programme)s, %(item_id)s,"
    "  %(town_id)s, %(scope)s::text[], %(mode)s, facet, org_id, capacity, filed_at, cross_town,"
    "  %(exclusive)s, %(instrument)s::jsonb, %(effective_from)s, NULL, %(recorded_at)s, NULL"
    " FROM ROWS FROM (jsonb_to_recordset(%(facets)s) AS (facet text, org_id text, capacity text,"
    "  filed_at text, cross_town text)) WITH ORDINALITY"
    "  AS held (facet, org_id, capacity, filed_at, cross_town, nth)"
)

# What was known stays as it was known; what is known from now on is a row of its own. A fact
# recorded by a clock behind that of an earlier one about these rows still comes after it.
KNOWN = (
    "WITH known AS (UPDATE holding SET superseded_by = %(position)s, known_to = (SELECT"
    "   greatest(max(known_from), %(recorded_at)s) FROM holding"
    "   WHERE grant_id = %(grant_id)s AND superseded_by IS NULL)"
    "  WHERE grant_id = %(grant_id)s AND superseded_by IS NULL"
    "  AND (effective_to > {since} OR effective_to IS NULL) RETURNING *)"
    f" INSERT INTO holding {COLUMNS} "
)
AGAIN = (
    "SELECT {opened_by}, nth, %(position)s, grant_id, programme_id, item_id, town_id, {scope},"
    " mode, facet, org_id, capacity, filed_at, cross_town, exclusive, {instrument}, {begins},"
    " {ends}, known_to, {closed_by} FROM known"
)
SAME = {
    "opened_by": "opened_by", "scope": "scope", "instrument": "instrument",
    "begins": "effective_from", "ends": "effective_to", "closed_by": "closed_by",
}
# An interval that ends before it began is empty.
CUT = "greatest(effective_from, %(effective_from)s)"
ENDED = AGAIN.format(**SAME | {"ends": CUT, "closed_by": "%(position)s"})
RESUMED = AGAIN.format(**SAME | {
    "opened_by": "%(position)s", "scope": "%(scope_after)s", "instrument": "%(instrument)s::jsonb",
    "begins": CUT,
})
# The intervals of a grant that begin later are the successor's from their beginning.
STRADDLES = " WHERE effective_from < %(effective_from)s"
SUCCEEDED = AGAIN.replace("facet, org_id,", "facet, {org},").format(**SAME | {
    "opened_by": "CASE WHEN effective_from < %(effective_from)s THEN %(position)s"
    " ELSE opened_by END",
    "org": "CASE org_id WHEN %(from_org_id)s THEN %(to_org_id)s ELSE org_id END",
    "begins": CUT,
})
# Another beginning leaves the later intervals of a grant where they were told to begin.
CORRECTED = AGAIN.format(**SAME | {
    "begins": "least(effective_to, greatest(%(new)s, CASE WHEN opened_by > min(opened_by) OVER ()"
    " THEN (SELECT effective_from FROM holding told WHERE told.nth = known.nth AND"
    " told.opened_by = known.opened_by AND told.written_by = known.opened_by) END))",
})


def _of(fact: Fact) -> dict[str, Any]:
    return fact.data | {
        "position": fact.position, "programme": fact.programme, "recorded_at": fact.recorded_at,
        "instrument": json.dumps(fact.instrument) if fact.instrument else None,
    }


@holdings.on("delegation.ItemDelegated")
def delegated(at: cursor, fact: Fact) -> None:
    """Every facet in one statement."""
    at.execute(OPEN, _of(fact) | {"facets": json.dumps(fact.data["facets"])})


@holdings.on("delegation.PowerTransferred")
def transferred(at: cursor, fact: Fact) -> None:
    given = fact.data
    at.execute(
        OPEN,
        _of(fact) | {
            "grant_id": given["transfer_id"], "town_id": given["unit_id"], "scope": [],
            "mode": "transfer", "exclusive": True, "effective_from": given["transfer_at"],
            "facets": json.dumps(given["facets"]),
        },
    )


@holdings.on("delegation.ItemRecalled", "delegation.GrantModeChanged")
def ended(at: cursor, fact: Fact) -> None:
    at.execute(KNOWN.format(since="%(effective_from)s") + ENDED, _of(fact))


@holdings.on("delegation.GrantScopeChanged")
def scope_changed(at: cursor, fact: Fact) -> None:
    """One interval ends, and the next of the same grant begins (R183)."""
    at.execute(
        KNOWN.format(since="%(effective_from)s") + ENDED + " UNION ALL " + RESUMED, _of(fact)
    )


@holdings.on("delegation.GrantSucceeded")
def succeeded(at: cursor, fact: Fact) -> None:
    """The same grant, with another organ in the place of one that is no more."""
    at.execute(
        KNOWN.format(since="%(effective_from)s") + ENDED + STRADDLES + " UNION ALL " + SUCCEEDED,
        _of(fact),
    )


@holdings.on("delegation.GrantCorrected")
def corrected(at: cursor, fact: Fact) -> None:
    if fact.data["field"] == "effective_from":
        new = datetime.fromisoformat(fact.data["new"])
        at.execute(KNOWN.format(since="'-infinity'") + CORRECTED, _of(fact) | {"new": new})


@holdings.on("delegation.ItemImplementationStarted")
def started(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO started VALUES (%(grant_id)s, %(started_at)s) ON CONFLICT DO NOTHING",
        fact.data
    )


@holdings.on("catalog.ItemListed")
def listed(at: cursor, fact: Fact) -> None:
    if fact.data["supervising_org_id"]:
        _supervised(at, fact, "-infinity")


@holdings.on("catalog.ItemSupervisorAssigned")
def supervisor_assigned(at: cursor, fact: Fact) -> None:
    _supervised(at, fact, start_of(fact.data["from_"]))


@holdings.on("catalog.OrganMerged")
def supervisor_merged(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO supervisor SELECT item_id, %(position)s, %(into_org_id)s, %(since)s,"
        " %(recorded_at)s FROM (SELECT DISTINCT ON (item_id) item_id, org_id FROM supervisor"
        "  WHERE item_id IN (SELECT item_id FROM supervisor WHERE org_id = %(org_id)s)"
        "  ORDER BY item_id, position DESC) AS latest WHERE org_id = %(org_id)s",
        _of(fact) | {"since": start_of(fact.data["effective_on"])},
    )


def _supervised(at: cursor, fact: Fact, since: datetime | str) -> None:
    at.execute(
        "INSERT INTO supervisor VALUES (%(item_id)s, %(position)s, %(supervising_org_id)s,"
        " %(since)s, %(recorded_at)s)", _of(fact) | {"since": since},
    )
