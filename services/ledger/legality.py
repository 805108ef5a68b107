"""Re-checks every approval against who held the power to decide it. R064, R065, R131."""

from typing import Any

from shared.database import Database

# The holdings that cover a case: for its item, town, sub-item, place of filing and extent, in force
# when it was decided, or when it was accepted where a case in hand may be finished (R131). Where
# none does, the power was the granting department's own. An exclusive transfer covers every counter
# (R064).
WITHOUT_AUTHORITY = """
WITH judged AS (
  SELECT a.position, a.case_id::text, a.programme_id, a.item_id, a.town_id, a.subitem, a.filed_at,
         a.cross_town, a.org_id, a.grant_id::text, a.decided_at,
         coalesce(bool_or(h.org_id = a.org_id) FILTER (WHERE upper_inf(h.recorded)),
                  a.org_id = o.owner, false) AS held_as_now_known,
         coalesce(bool_or(h.org_id = a.org_id) FILTER (WHERE h.recorded @> a.recorded_at),
                  a.org_id = o.owner_then, false) AS held_as_then_known
    FROM approval a
    JOIN item i USING (item_id)
    CROSS JOIN LATERAL (
      SELECT coalesce((SELECT org_id FROM item_owner w WHERE w.item_id = a.item_id
                          AND since <= a.decided_at ORDER BY position DESC LIMIT 1),
                      i.granting_org_id) AS owner,
             coalesce((SELECT org_id FROM item_owner w WHERE w.item_id = a.item_id
                          AND since <= a.decided_at AND w.recorded_at <= a.recorded_at
                        ORDER BY position DESC LIMIT 1), i.granting_org_id) AS owner_then
    ) o
    LEFT JOIN holding h
      ON h.item_id = a.item_id AND h.facet = 'decide'
     AND (h.town_id = a.town_id OR h.mode = 'transfer' OR h.exclusive AND a.town_id IS NULL)
     AND (h.effective @> a.decided_at
          OR h.grant_id = a.grant_id AND h.effective @> a.accepted_at
             AND h.grant_id IN (SELECT grant_id FROM finishing))
     AND (h.scope = '{}' OR a.subitem = ANY (h.scope))
     AND (h.exclusive OR h.filed_at = a.filed_at)
     AND h.cross_town IN ('any', CASE WHEN a.cross_town THEN 'yes' ELSE 'no' END)
   WHERE a.programme_id = coalesce(%(programme)s, a.programme_id)
   GROUP BY a.position, o.owner, o.owner_then
)
SELECT (SELECT count(*) FROM judged) AS checked, j.*
  FROM (SELECT 1) one LEFT JOIN judged j ON NOT j.held_as_now_known
 ORDER BY j.position
"""


def without_authority(
    database: Database, programme: str | None
) -> tuple[int, list[dict[str, Any]]]:
    """How many approvals were checked, and those whose organ did not hold the power to decide.

    Returns:
        Judged as now known. ``held_as_then_known`` says whether the power was held as far as was
        recorded when the approval was: then a recall came late, and the approval is flagged, not
        erased (R131).
    """
    rows = database.dicts(WITHOUT_AUTHORITY, {"programme": programme})
    checked = rows[0].pop("checked")
    found = [
        {key: value for key, value in row.items() if key not in {"checked", "held_as_now_known"}}
        for row in rows
        if row["position"] is not None
    ]
    return checked, found
