"""Re-checks every approval against who held the power to decide it. DESIGN section 4; R065, R131."""

from typing import Any

from shared.database import Database, fetch_dicts

# The rows that cover a case: in force when it was decided, for its item, town, sub-item, place of
# filing and extent, as known at {known_at}. Where none does, the power was the department's own;
# an exclusive transfer covers whatever counter the case was filed at (R064).
HELD = """
coalesce((
  SELECT bool_or(h.org_id = a.org_id) FROM holding h
   WHERE h.item_id = a.item_id AND h.town_id = a.town_id AND h.facet = 'decide'
     AND h.effective @> a.decided_at AND h.recorded @> {known_at}
     AND (h.scope = '{{}}' OR a.subitem = ANY (h.scope))
     AND (h.exclusive OR h.filed_at = a.filed_at)
     AND h.cross_town IN ('any', CASE WHEN a.cross_town THEN 'yes' ELSE 'no' END)
), a.org_id = i.granting_org_id)
"""

WITHOUT = (
    "SELECT a.position, a.case_id::text, a.programme_id, a.item_id, a.town_id, a.subitem, a.filed_at,"
    " a.cross_town, a.org_id, a.grant_id::text, a.decided_at, a.recorded_at,"
    f" {HELD.format(known_at='a.recorded_at')} AS held_as_then_known"
    " FROM approval a JOIN item i USING (item_id)"
    " WHERE a.programme_id = coalesce(%(programme)s, a.programme_id)"
    f" AND NOT {HELD.format(known_at="'infinity'::timestamptz")} ORDER BY a.position"
)


def without_authority(
    database: Database, programme: str | None
) -> tuple[int, list[dict[str, Any]]]:
    """How many approvals were checked, and those whose organ did not hold the power, as now known.

    Returns:
        Each row also says whether the power was held *as then known*: then a recall came late, and
        the approval is flagged but stands as it was issued.
    """
    with database.transaction() as at:
        asked = {"programme": programme}
        at.execute(
            "SELECT count(*) FROM approval WHERE programme_id = coalesce(%(programme)s, programme_id)",
            asked,
        )
        ((checked,),) = at.fetchall()
        return checked, fetch_dicts(at, WITHOUT, asked)
