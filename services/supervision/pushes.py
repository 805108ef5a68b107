"""The pushes that approvals and supervision results call for, with what became of each (R152)."""

from typing import Any
from uuid import UUID

from shared.calendar import within
from shared.database import Database
from shared.holidays import china

# An approval of a separated item goes to the supervising department; the result of that department
# goes back to the town and the granting department. The limit is that of the memorandum in force.
# For an organ that is no more stands who has taken it over.
EXPECTED = """
WITH closed AS MATERIALIZED (
  SELECT org_id, successor(org_id) AS now FROM succession
), told AS NOT MATERIALIZED (
  SELECT a.push_id, a.case_id, a.programme_id, a.decision_id, a.item_id, a.decided_at,
         coalesce(t.now, a.town_id) AS town_id, coalesce(o.now, a.org_id) AS org_id,
         i.granting_org_id, i.supervising_org_id
    FROM approval a
    LEFT JOIN closed t ON t.org_id = a.town_id
    LEFT JOIN closed o ON o.org_id = a.org_id
    JOIN item i USING (item_id)
    JOIN programme p ON p.programme_id = a.programme_id
   WHERE p.settings -> 'supervision' ->> 'two_way_push' = 'true' AND a.town_id IS NOT NULL
     AND i.supervising_org_id <> i.granting_org_id
), expected AS (
  SELECT push_id, 'approval' AS direction, programme_id, case_id, decision_id, item_id, town_id,
         NULL AS subject_ref, decided_at AS since, supervising_org_id AS party,
         CASE WHEN org_id = granting_org_id THEN org_id ELSE town_id END AS owed_by_org_id,
         ARRAY[supervising_org_id] AS to_org_ids
    FROM told
  UNION ALL
  SELECT r.push_id, 'result', r.programme_id, r.case_id, t.decision_id, t.item_id, t.town_id,
         r.subject_ref, r.at, coalesce(c.now, r.source_org_id), coalesce(c.now, r.source_org_id),
         ARRAY[t.town_id, t.granting_org_id]
    FROM supervision_record r
    JOIN told t USING (case_id)
    LEFT JOIN closed c ON c.org_id = r.source_org_id
)
SELECT e.*, m.limit_value, m.limit_unit, k.sent_at, k.acknowledged_at, k.result, k.overdue_at,
       coalesce(k.withdrawn, false) AS withdrawn
  FROM expected e
  LEFT JOIN push k USING (push_id)
  LEFT JOIN LATERAL (
    SELECT b.limit_value, b.limit_unit
      FROM memorandum d
      JOIN boundary b USING (memo_id)
      LEFT JOIN closed c ON c.org_id = d.supervising_org_id
     WHERE d.town_id = e.town_id AND coalesce(c.now, d.supervising_org_id) = e.party
       AND b.item_id = e.item_id
       AND d.signed_on <= (e.since AT TIME ZONE 'Asia/Shanghai')::date
     ORDER BY d.signed_on DESC
     LIMIT 1
  ) m ON true
"""


class PushList:
    """Expected pushes; whether one is due follows from the memorandum and the calendar.

    Args:
        database: of the service; reads its read model.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def all(self, programme: str | None) -> list[dict[str, Any]]:
        """Every expected push of a programme, or of all, oldest first."""
        return self._found("WHERE %(p)s IS NULL OR e.programme_id = %(p)s", {"p": programme})

    def open(self, programme: str | None) -> list[dict[str, Any]]:
        """Those with an agreed limit that may be late and are not recorded as overdue.

        The shortest limit is one working day, so what went out within a day was in time.
        """
        return self._found(
            "WHERE (%(p)s IS NULL OR e.programme_id = %(p)s) AND m.limit_value IS NOT NULL"
            " AND k.overdue_at IS NULL"
            " AND (k.sent_at IS NULL OR k.sent_at >= e.since + interval '1 day')",
            {"p": programme},
        )

    def one(self, push: UUID) -> dict[str, Any] | None:
        """The expected push of that id, or None."""
        found = self._found("WHERE e.push_id = %(push)s", {"push": push})
        return found[0] if found else None

    def _found(self, where: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
        rows = self.database.dicts(f"{EXPECTED} {where} ORDER BY e.since, e.push_id", asked)
        return [_told(row) for row in rows]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    limit = within(
        row.pop("limit_value"), row.pop("limit_unit"), started_at=row["since"], calendar=china()
    )
    due_at = limit.due_at if limit else None
    return row | {
        "to_org_id": row["to_org_ids"][0],
        "due_at": due_at,
        "due_explained": limit.explain() if limit else "备忘录未约定推送时限，不作逾期计算",
        "state": _state(row),
    }


def _state(row: dict[str, Any]) -> str:
    if row["acknowledged_at"]:
        return "acknowledged"
    if row["sent_at"]:
        return "sent"
    return "overdue" if row["overdue_at"] and not row["withdrawn"] else "expected"
