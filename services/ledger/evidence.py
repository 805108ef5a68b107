"""The ledger's tables as the history that a proof rests on, as known at an instant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.ledger.cover import Paper, by_agreement
from services.ledger.history import Act, Grant, History, Power, Row
from services.ledger.terms import FAR
from shared.database import Database

# A grant with its facets, over the interval in which it was known to hold; never begun: left out.
GRANTS = """
SELECT h.grant_id::text, h.programme_id, h.item_id, h.town_id, h.scope, h.mode, h.exclusive,
       h.effective_from, h.effective_to, h.opened_by, min(h.filed_at) AS filed_at,
       jsonb_agg(jsonb_build_array(h.facet, h.org_id, h.cross_town) ORDER BY h.nth) AS facets,
       (SELECT min(v.written_by) FROM holding v
         WHERE v.opened_by = h.opened_by AND v.effective_from = h.effective_from
           AND v.written_by > coalesce(
             (SELECT max(x.written_by) FROM holding x
               WHERE x.opened_by = h.opened_by AND x.effective_from <> h.effective_from
                 AND x.written_by < max(h.written_by)), -1)) AS begun_by,
       g.transfer, g.decided_by_org_id, g.agreement_id::text
  FROM holding h
  JOIN granting g USING (grant_id)
 WHERE h.recorded @> %(known_at)s::timestamptz AND NOT isempty(h.effective)
   AND h.programme_id = coalesce(%(programme)s, h.programme_id)
   AND h.item_id = coalesce(%(item)s, h.item_id) AND h.town_id = coalesce(%(town)s, h.town_id)
 GROUP BY h.grant_id, h.programme_id, h.item_id, h.town_id, h.scope, h.mode, h.exclusive,
          h.effective_from, h.effective_to, h.opened_by, g.grant_id
 ORDER BY h.item_id, h.town_id, h.effective_from, h.opened_by
"""
POWERS = (
    "SELECT programme_id, item_id, granting_org_id, recorded_at, position FROM item"
    " WHERE recorded_at <= %(known_at)s AND programme_id = coalesce(%(programme)s, programme_id)"
    " AND item_id = coalesce(%(item)s, item_id) ORDER BY item_id"
)
PAPERS = (
    "SELECT agreement_id::text, position, says, item_ids, since, until FROM paper"
    " WHERE recorded_at <= %(known_at)s ORDER BY position"
)
# A step of a case has its item and town from the acceptance.
ACTS = """
SELECT a.programme_id, coalesce(a.item_id, c.item_id) AS item_id,
       coalesce(a.town_id, c.town_id) AS town_id, a.org_id, a.facet, a.at, a.source, a.position
  FROM act a
  JOIN organ o USING (org_id)
  LEFT JOIN act c ON c.case_id = a.case_id AND c.type = 'cases.CaseAccepted'
 WHERE o.kind = 'zone_committee' AND a.recorded_at <= %(known_at)s
   AND a.programme_id = coalesce(%(programme)s, a.programme_id)
   AND (%(item)s::text IS NULL OR coalesce(a.item_id, c.item_id) = %(item)s)
   AND (%(town)s::text IS NULL OR coalesce(a.town_id, c.town_id) = %(town)s)
 ORDER BY a.source, a.position
"""
# The bodies of a town; the bureau of a unit holds by transfer, as its own power (R064, R067).
TOWNS = (
    "SELECT body, town_id FROM town LEFT JOIN centre USING (town_id),"
    " unnest(ARRAY[town_id, department_id, centre_id]) body WHERE kind <> 'unit' AND body <> ''"
)
REACHED = (
    "SELECT greatest((SELECT max(recorded_at) FROM item), (SELECT max(known_from) FROM holding),"
    " (SELECT max(recorded_at) FROM paper), (SELECT max(recorded_at) FROM act), 'epoch')"
)


def history(
    database: Database, *, programme: str | None, item: str | None, town: str | None,
    known_at: datetime | None,
) -> History:
    """The history of a programme, an item, a town; None: of all.

    Args:
        known_at: what was known then, and as far as then; None: all that is recorded, as far as
            the latest fact.
    """
    asked = {
        "programme": programme, "item": item, "town": town, "known_at": known_at or FAR,
    }
    modes = {
        (row["programme_id"], row["mode"]): row
        for row in database.dicts(
            "SELECT programme_id, mode, policy, settings ->> 'redelegation_allowed' AS said"
            " FROM mode JOIN programme USING (programme_id)"
        )
    }
    grants = [_grant(row, modes) for row in database.dicts(GRANTS, asked)]
    return History(
        grants=grants, powers=[Power(*row) for row in database.rows(POWERS, asked)],
        acts=[Act(*row) for row in database.rows(ACTS, asked)],
        kinds=dict(database.rows("SELECT org_id, kind FROM body")),
        towns=dict(database.rows(TOWNS)),
        papers=by_agreement(
            (agreement, Paper(position, says, frozenset(items or ()), since, until))
            for agreement, position, says, items, since, until in database.rows(PAPERS, asked)
        ),
        until=known_at or reached(database),
    )


def reached(database: Database) -> datetime:
    """The instant at which the latest fact was recorded: so far the history reaches."""
    ((latest,),) = database.rows(REACHED)
    found: datetime = latest
    return found


def _grant(row: Mapping[str, Any], modes: Mapping[tuple[str, str], Mapping[str, Any]]) -> Grant:
    known = modes.get((row["programme_id"], row["mode"]))
    policy = known["policy"] if known else {}
    said = policy.get("redelegation_allowed")
    return Grant(
        id=row["grant_id"], programme=row["programme_id"], item=row["item_id"],
        town=row["town_id"], scope=tuple(row["scope"]), filed_at=row["filed_at"],
        exclusive=row["exclusive"], begins=row["effective_from"], ends=row["effective_to"] or FAR,
        opened_by=row["opened_by"], begun_by=row["begun_by"],
        rows=tuple(Row(*facet) for facet in row["facets"]),
        decided_by=row["decided_by_org_id"], agreement=row["agreement_id"],
        agreement_due=policy.get("agreement_force") == "must", transfer=row["transfer"],
        redelegable=said if said is not None else known is not None and known["said"] == "true",
        roles=frozenset(facet["holder"] for facet in policy.get("facets", ())),
    )
