"""What supervision is asked: who owes what, who is late, what lacked authority."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.supervision.domain import refusals
from services.supervision.domain.standing import LATE, standing
from services.supervision.pushes import PushList
from shared.calendar import days_late
from shared.clock import day_of, end_of
from shared.database import Database
from shared.plain import plain
from shared.register.questions import Register

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)


class Questions:
    """The doors that only read.

    Args:
        database: of the service; reads its read model.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.register = Register(database)
        self.push_list = PushList(database)

    def obligations(
        self, *, programme: str, unit: str | None, state: str | None, on: date
    ) -> list[dict[str, Any]]:
        """Every obligation of the programme as it stands at the end of the day."""
        found = self._standing(programme, on, unit=unit)
        for row in found:
            del row["history"], row["recorded_at"]
        return [plain(row) for row in found if state in {None, row["state"]}]

    def overdue(self, *, programme: str, on: date) -> list[dict[str, Any]]:
        """What is late on the day and still owed: obligations, forwards and pushes, with days late.

        Each row says by ``owed`` which of the three it is, and by ``org_id`` who owes it.
        """
        tasks = self.obligations(programme=programme, unit=None, state="overdue", on=on)
        rows = [row | {"owed": "obligation", "org_id": row["unit_id"]} for row in tasks]
        rows += [plain(row) | {"owed": "forward"} for row in self._forwards_missed(programme, on)]
        rows += [plain(row) | {"owed": "push"} for row in self._pushes_missed(programme, on)]
        return sorted(rows, key=lambda row: str(row["due_at"]))

    def work_ledger(self, *, programme: str, on: date) -> dict[str, Any]:
        """The ledger from what was recorded by the end of the day; later it is the same (R190)."""
        rows = self._standing(programme, on, recorded_before=end_of(on))
        return {"programme": programme, "on": on.isoformat(), "rows": plain(rows)}

    def pushes(self, *, programme: str, state: str | None) -> list[dict[str, Any]]:
        """Pushes of both directions; ``due_at`` is null where no memorandum sets a limit."""
        return [
            plain(row) for row in self.push_list.all(programme) if state in {None, row["state"]}
        ]

    def memoranda(self, *, programme: str) -> list[dict[str, Any]]:
        """Per town and supervising department: separated items delegated, and what is signed."""
        required = self.register.programme(programme)["settings"]["memorandum"]["required_when"]
        if required != "separated":
            return []
        rows = self.database.dicts(
            f"SELECT s.town_id, s.supervising_org_id, s.items, d.memo_id, d.signed_on,"
            " ARRAY(SELECT unnest(s.items) EXCEPT SELECT item_id FROM boundary b"
            "  WHERE b.memo_id = d.memo_id ORDER BY 1) AS missing_items"
            f" FROM ({SEPARATED}) s LEFT JOIN LATERAL (SELECT * FROM memorandum d"
            "  WHERE d.town_id = s.town_id"
            "  AND successor(d.supervising_org_id) = s.supervising_org_id"
            "  ORDER BY d.signed_on DESC LIMIT 1) d ON true ORDER BY 1, 2",
            {"programme": programme},
        )
        return [plain(row | {"state": _memo_state(row)}) for row in rows]

    def notice(self, *, notice: UUID) -> dict[str, Any]:
        """The notice with its lines and the text for the official who issues it."""
        rows = self.database.dicts("SELECT * FROM notice WHERE notice_id = %s", (notice,))
        if not rows:
            raise refusals.unknown_notice(str(notice))
        found = rows[0]
        names = self._names(found["programme_id"])
        lines = self.database.dicts(
            "SELECT l.obligation_id, l.unit_id, l.task_no, l.days_late, o.task, o.due_at"
            " FROM notice_line l LEFT JOIN obligation o USING (obligation_id)"
            " WHERE l.notice_id = %s ORDER BY l.nth",
            (notice,),
        )
        for line in lines:
            line["unit_name"] = names.get(line["unit_id"], line["unit_id"])
        return plain(
            found
            | {
                "state": "issued" if found["issued_on"] else "proposed",
                "unit_ids": sorted({line["unit_id"] for line in lines}),
                "lines": lines,
                "text": _text(found["day"], lines),
            }
        )

    def flags(self, *, programme: str | None) -> list[dict[str, Any]]:
        """Decisions taken without authority, in the order in which they were found (R131)."""
        return plain(
            self.database.dicts(
                "SELECT f.decision_id, f.programme_id, f.case_id, f.ground, f.grant_id,"
                " f.recall_id, f.gap_seconds, f.flagged_at, a.item_id, a.town_id, a.org_id,"
                " a.decided_at FROM flag f LEFT JOIN approval a USING (decision_id)"
                " WHERE %(p)s IS NULL OR f.programme_id = %(p)s ORDER BY f.position",
                {"p": programme},
            )
        )

    def no_limit_set(self, *, programme: str) -> list[dict[str, Any]]:
        """Items that a town must pass on and for which nobody set a forward limit (R118)."""
        return self.database.dicts(
            "SELECT h.item_id, i.name, h.town_id, h.mode, (SELECT count(*) FROM accepted_case c"
            "  WHERE c.item_id = h.item_id AND c.town_id = h.town_id AND c.mode = h.mode"
            "  AND c.left_at IS NULL) AS cases_waiting"
            " FROM (SELECT DISTINCT programme_id, item_id, town_id, mode FROM holding"
            "  WHERE programme_id = %s AND superseded_by IS NULL AND effective_to IS NULL) h"
            " JOIN item i USING (item_id)"
            " JOIN mode m ON m.programme_id = h.programme_id AND m.mode = h.mode"
            " WHERE m.policy ->> 'forward_to' IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM item_limit l WHERE l.item_id = h.item_id"
            "  AND l.step = 'forward' AND l.town_id IN ('', h.town_id))"
            " ORDER BY i.seq, h.item_id, h.town_id",
            (programme,),
        )

    def late(self, *, programme: str, on: date) -> list[dict[str, Any]]:
        """What a notice of the day names: what is still owed, or was met late and never named."""
        named = {
            obligation
            for (obligation,) in self.database.rows(
                "SELECT obligation_id FROM notice_line JOIN notice USING (notice_id)"
                " WHERE programme_id = %s AND issued_on IS NOT NULL",
                (programme,),
            )
        }
        return [
            row | {"obligation_id": str(row["obligation_id"])}
            for row in self._standing(programme, on)
            if row["state"] == "overdue"
            or (row["state"] in LATE and row["obligation_id"] not in named)
        ]

    def separated_items(self, *, programme: str, town: str, supervising_org: str) -> list[str]:
        """The items delegated to the town that this department supervises and another grants."""
        rows = self.database.rows(
            f"SELECT items FROM ({SEPARATED}) s WHERE town_id = %(town)s"
            " AND supervising_org_id = %(org)s",
            {"programme": programme, "town": town, "org": supervising_org},
        )
        return list(rows[0][0]) if rows else []

    def due(self, *, programme: str | None, now: datetime) -> list[dict[str, Any]]:
        """What is overdue at the instant and not recorded as such, oldest first.

        Returns:
            The ``door`` that records it, the ``field`` of its request and its value ``what``,
            ``programme`` and ``due_at``.
        """
        rows = self.database.dicts(
            "SELECT 'declare_task_overdue' AS door, 'obligation' AS field,"
            "  obligation_id::text AS what, programme_id AS programme, due_at FROM obligation o"
            " WHERE due_at <= %(now)s AND (%(p)s IS NULL OR programme_id = %(p)s)"
            "  AND NOT EXISTS (SELECT 1 FROM obligation_history h"
            "   WHERE h.obligation_id = o.obligation_id AND (h.type = 'supervision.TaskOverdue'"
            "    OR (h.type = 'supervision.TaskCompleted'"
            "    AND (h.data ->> 'completed_at')::timestamptz < o.due_at)))"
            " UNION ALL"
            " SELECT 'declare_forward_overdue', 'case', case_id, programme_id, forward_due_at"
            " FROM accepted_case c WHERE forward_due_at <= %(now)s"
            "  AND (%(p)s IS NULL OR programme_id = %(p)s)"
            "  AND (left_at IS NULL OR left_at >= forward_due_at)"
            "  AND NOT EXISTS (SELECT 1 FROM forward_overdue f WHERE f.case_id = c.case_id)",
            {"now": now, "p": programme},
        )
        rows += [
            {
                "door": "declare_push_overdue",
                "field": "push",
                "what": str(row["push_id"]),
                "programme": row["programme_id"],
                "due_at": row["due_at"],
            }
            for row in self.push_list.open(programme)
            if _push_missed(row, now)
        ]
        return sorted(rows, key=lambda row: (row["due_at"], row["door"], row["what"]))

    def decisions(
        self, *, grant: str | None = None, item: str | None = None, org: str | None = None,
        since: datetime | None = None,
    ) -> list[str]:
        """Decisions under a grant, on an item or of an organ, from an instant on."""
        rows = self.database.rows(
            "SELECT decision_id FROM approval WHERE (grant_id = %(grant)s OR item_id = %(item)s"
            " OR org_id = %(org)s)"
            " AND (%(since)s::timestamptz IS NULL OR decided_at >= %(since)s) ORDER BY decided_at",
            {"grant": grant, "item": item, "org": org, "since": since},
        )
        return [decision for (decision,) in rows]

    def _standing(
        self,
        programme: str,
        on: date,
        *,
        unit: str | None = None,
        recorded_before: datetime | None = None,
    ) -> list[dict[str, Any]]:
        asked = {"p": programme, "unit": unit, "before": recorded_before or FOREVER}
        rows = self.database.dicts(
            "SELECT * FROM obligation WHERE programme_id = %(p)s"
            " AND (%(unit)s IS NULL OR unit_id = %(unit)s) AND recorded_at < %(before)s"
            " ORDER BY position",
            asked,
        )
        history: dict[UUID, list[dict[str, Any]]] = {row["obligation_id"]: [] for row in rows}
        for fact in self.database.dicts(
            "SELECT h.* FROM obligation_history h JOIN obligation o USING (obligation_id)"
            " WHERE o.programme_id = %(p)s AND (%(unit)s IS NULL OR o.unit_id = %(unit)s)"
            " AND h.recorded_at < %(before)s ORDER BY h.position",
            asked,
        ):
            history[fact.pop("obligation_id")].append(fact)
        names = self._names(programme)
        for row in rows:
            row["unit_name"] = names.get(row["unit_id"], row["unit_id"])
            row["history"] = history[row["obligation_id"]]
            row["overdue_recorded"] = _recorded(row["history"], "TaskOverdue")
            row["overdue_withdrawn"] = _recorded(row["history"], "OverdueWithdrawn")
            row.update(standing(row, row["history"], on=on))
        return rows

    def _names(self, programme: str) -> dict[str, str]:
        return dict(
            self.database.rows(
                "SELECT org_id, name FROM organ WHERE programme_id = %(p)s UNION ALL"
                " SELECT department_id, department_name FROM town"
                " WHERE programme_id = %(p)s AND department_id IS NOT NULL UNION ALL"
                " SELECT town_id, name FROM town WHERE programme_id = %(p)s",
                {"p": programme},
            )
        )

    def _forwards_missed(self, programme: str, on: date) -> list[dict[str, Any]]:
        rows = self.database.dicts(
            "SELECT case_id, item_id, town_id AS org_id, accepted_at, forward_due_at AS due_at,"
            " left_at FROM accepted_case WHERE programme_id = %(p)s AND forward_due_at < %(end)s"
            " AND (left_at IS NULL OR left_at >= %(end)s) ORDER BY forward_due_at, case_id",
            {"p": programme, "end": end_of(on)},
        )
        return [row | {"days_late": _late_on(row["due_at"], on)} for row in rows]

    def _pushes_missed(self, programme: str, on: date) -> list[dict[str, Any]]:
        end = end_of(on)
        return [
            row | {"org_id": row["owed_by_org_id"], "days_late": _late_on(row["due_at"], on)}
            for row in self.push_list.all(programme)
            if row["due_at"]
            and row["due_at"] < end
            and (row["sent_at"] is None or row["sent_at"] >= end)
        ]


# The separated items that each town holds now, by supervising department.
SEPARATED = (
    "SELECT h.town_id, i.supervising_org_id,"
    " array_agg(DISTINCT i.item_id ORDER BY i.item_id) AS items"
    " FROM holding h JOIN item i USING (item_id) WHERE h.programme_id = %(programme)s"
    " AND h.superseded_by IS NULL AND h.effective_to IS NULL"
    " AND i.supervising_org_id <> i.granting_org_id GROUP BY h.town_id, i.supervising_org_id"
)


def _memo_state(row: Mapping[str, Any]) -> str:
    if row["memo_id"] is None:
        return "missing"
    return "incomplete" if row["missing_items"] else "signed"


def _push_missed(row: Mapping[str, Any], now: datetime) -> bool:
    return (
        row["due_at"] is not None
        and row["due_at"] <= now
        and (row["sent_at"] is None or row["sent_at"] >= row["due_at"])
    )


def _late_on(due_at: datetime, on: date) -> int:
    return days_late(due_at, end_of(on) - _MOMENT)


def _recorded(history: list[dict[str, Any]], event: str) -> bool:
    return any(fact["type"] == f"supervision.{event}" for fact in history)


def _text(on: date, lines: list[dict[str, Any]]) -> str:
    said = "；".join(
        f"{line['unit_name']}第{line['task_no']}项“{line['task']}”"
        f"（期限{day_of(line['due_at'] - _MOMENT).isoformat()}）逾期{line['days_late']}天"
        for line in lines
    )
    return f"截至{on.isoformat()}，未按时间节点推进赋权工作的单位：{said}。"
