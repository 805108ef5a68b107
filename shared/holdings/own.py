"""The power of its own that an organ has by the catalogue alone: it always did. R060, R064."""

from shared.holdings.rows import IN_FORCE, TRANSFERRED

# Where no grant or transfer says otherwise, the granting department has the whole bundle; the
# trade is supervised by the department that the catalogue names for it (R060).
OF_SUPERVISOR = "trade_supervision"
OF_DEPARTMENT = (
    "accept", "preliminary_review", "substantive_review", "decide", "seal", "named_authority",
    "liability", "act_supervision", "archive",
)
FACETS = (*OF_DEPARTMENT, OF_SUPERVISOR)

ROW = (
    "'own' AS capacity, 'district' AS filed_at, 'any' AS cross_town, NULL AS mode,"
    " NULL AS grant_id, '{}'::text[] AS scope, NULL AS instrument, NULL AS effective_from,"
    " NULL AS effective_to, position AS opened_by, NULL AS closed_by"
)
LISTED = """
SELECT programme_id, item_id, position,
       coalesce((SELECT org_id FROM item_owner o
         WHERE o.item_id = i.item_id AND since <= %(at)s AND o.recorded_at <= %(known_at)s
         ORDER BY o.position DESC LIMIT 1), granting_org_id) AS granting_org_id,
       (SELECT org_id FROM supervisor s
         WHERE s.item_id = i.item_id AND since <= %(at)s AND s.recorded_at <= %(known_at)s
         ORDER BY s.position DESC LIMIT 1) AS supervising_org_id
  FROM item i WHERE recorded_at <= %(known_at)s
"""
OWNER = f"CASE facet WHEN '{OF_SUPERVISOR}' THEN supervising_org_id ELSE granting_org_id END"

HELD = f"""
SELECT NULL AS town_id, {OWNER} AS org_id, {ROW}
  FROM ({LISTED} AND item_id = %(item)s) AS listed, (SELECT %(facet)s AS facet) AS bundle
 WHERE {OWNER} IS NOT NULL
"""

# The items that ever were an organ's by the catalogue; a town and its centre have none.
ITEMS = """
SELECT item_id FROM item WHERE granting_org_id = %(org)s
UNION SELECT item_id FROM item_owner WHERE org_id = %(org)s
UNION SELECT item_id FROM supervisor WHERE org_id = %(org)s
"""
# An item has one row at least, so no page needs more of them.
HELD_BY = f"""
WITH listed AS (
  SELECT * FROM ({LISTED}
     AND position >= %(position)s
     AND item_id = ANY (%(items)s)
     AND NOT EXISTS (SELECT FROM holding h WHERE h.item_id = i.item_id AND exclusive
                        AND filed_at = '{TRANSFERRED}' AND {IN_FORCE})) AS known
   WHERE %(org)s IN (granting_org_id, supervising_org_id)
   ORDER BY position LIMIT %(limit)s + 1)
SELECT programme_id, item_id, NULL AS town_id, facet, %(org)s AS org_id, {ROW}, nth,
       ARRAY(SELECT DISTINCT town_id FROM holding h WHERE h.item_id = listed.item_id AND exclusive
                AND {IN_FORCE} ORDER BY town_id) AS except_towns
  FROM listed CROSS JOIN unnest(%(facets)s) WITH ORDINALITY AS bundle (facet, nth)
 WHERE (position, nth) > (%(position)s, %(nth)s) AND %(org)s = {OWNER}
 ORDER BY position, nth LIMIT %(limit)s
"""
