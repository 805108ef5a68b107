"""Who is trained, who has an account, who acts for whom: look-ups and questions."""

from datetime import date, datetime
from typing import Any

from services.delegation.domain.rights import Held, Interval
from shared.database import Database
from shared.holdings.own import OF_DEPARTMENT, OF_SUPERVISOR
from shared.plain import plain

# A town or unit with its centre and its department or bureau.
SIDE = (
    "SELECT unnest(ARRAY[t.town_id, t.department_id, c.centre_id])"
    " FROM town t LEFT JOIN centre c USING (town_id) WHERE t.programme_id = %(programme)s"
)
IN_FORCE = (
    "a.valid_from <= %(at)s AND coalesce(a.valid_to > %(at)s, true)"
    " AND coalesce(a.revoked_from > %(at)s, true)"
)
# From when to when an organ had an item of its own, or its trade to supervise, by the catalogue.
SPANS = (
    "SELECT item_id, nullif(since, '-infinity') AS since, until FROM (SELECT item_id, org_id,"
    " since, lead(since) OVER (PARTITION BY item_id ORDER BY position) AS until FROM {told}"
    " WHERE item_id = ANY (%(items)s)) spans WHERE org_id = %(org)s"
)
OWNED = SPANS.format(told="item_owner") + (
    " UNION ALL SELECT item_id, NULL, NULL FROM item i WHERE granting_org_id = %(org)s"
    " AND item_id = ANY (%(items)s)"
    " AND NOT EXISTS (SELECT FROM item_owner o WHERE o.item_id = i.item_id)"
)
SUPERVISED = SPANS.format(told="supervisor")
# What an account has: at an instant, or as now known.
STANDS = "(r.until IS NULL OR r.until > coalesce(%(at)s::timestamptz, 'infinity'))"


class CapabilityRecords:
    """What the gates and the commands ask (R091, R092).

    Args:
        database: of this service.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def trained(self, programme: str, town: str, item: str) -> bool:
        """Whether people of the town or unit were trained on the item, or found able (R093)."""
        return bool(
            self.database.rows(
                "SELECT 1 FROM training_held WHERE (programme_id, town_id, item_id) ="
                " (%(programme)s, %(town)s, %(item)s) UNION ALL SELECT 1 FROM capability"
                " WHERE (programme_id, town_id, item_id) = (%(programme)s, %(town)s, %(item)s)"
                " LIMIT 1",
                {"programme": programme, "town": town, "item": item},
            )
        )

    def has_account(self, programme: str, town: str, item: str, at: datetime) -> bool:
        """Whether somebody of the town can log in for the item at that instant (R092)."""
        return bool(
            self.database.rows(
                "SELECT 1 FROM account a JOIN account_item r USING (account_id)"
                f" WHERE a.programme_id = %(programme)s AND {IN_FORCE}"
                f" AND r.item_id = %(item)s AND {STANDS}"
                f" AND a.org_id IN ({SIDE} AND t.town_id = %(town)s) LIMIT 1",
                {"programme": programme, "town": town, "item": item, "at": at},
            )
        )

    def side_of(self, programme: str, org: str) -> frozenset[str]:
        """The bodies of the town or unit that *org* belongs to; a department stands alone."""
        found = self.database.rows(
            f"{SIDE} AND %(org)s IN (t.town_id, t.department_id, c.centre_id)",
            {"programme": programme, "org": org},
        )
        return frozenset({org, *(body for (body,) in found if body)})

    def held(self, org: str, items: list[str]) -> Held:
        """When the organ holds which facet: by grants, transfers, or of its own (R060, R064)."""
        held: dict[tuple[str, str], list[Interval]] = {}
        for item, facet, begins, ends in self.database.rows(
            "SELECT item_id, facet, effective_from, effective_to FROM holding"
            " WHERE org_id = %(org)s AND item_id = ANY (%(items)s) AND superseded_by IS NULL"
            " AND NOT isempty(effective) UNION ALL"
            " SELECT i.item_id, facet, i.since, least(i.until, (SELECT min(h.effective_from)"
            "  FROM holding h WHERE h.item_id = i.item_id AND h.exclusive"
            "  AND h.filed_at = 'bureau' AND h.superseded_by IS NULL AND NOT isempty(h.effective)))"
            f" FROM ({OWNED}) i CROSS JOIN unnest(%(facets)s) AS facet UNION ALL"
            f" SELECT item_id, '{OF_SUPERVISOR}', since, until FROM ({SUPERVISED}) i",
            {"org": org, "items": items, "facets": list(OF_DEPARTMENT)},
        ):
            held.setdefault((item, facet), []).append((begins, ends))
        return held

    def open_accounts(
        self, programme: str, *, org: str | None = None, item: str | None = None,
        operator: str | None = None,
    ) -> list[str]:
        """Accounts not revoked: of an organ or its town, with an item, of an operator."""
        return [
            str(account) for (account,) in self.database.rows(
                "SELECT account_id FROM account WHERE programme_id = %(programme)s"
                " AND state <> 'revoked' AND (%(side)s::text[] IS NULL OR org_id = ANY (%(side)s))"
                " AND operator_id = coalesce(%(operator)s, operator_id)"
                " AND (%(item)s::text IS NULL OR EXISTS (SELECT FROM account_item r"
                "  WHERE r.account_id = account.account_id AND r.item_id = %(item)s))"
                " ORDER BY position",
                {
                    "programme": programme, "item": item, "operator": operator,
                    "side": org and sorted(self.side_of(programme, org)),
                },
            )
        ]


class CapabilityQuestions:
    """Questions on training, operators, accounts and guidance."""

    database: Database

    def accounts(
        self, *, programme: str, town: str | None, org: str | None, item: str | None,
        at: datetime | None,
    ) -> Any:
        """R092."""
        of = f"r WHERE r.account_id = a.account_id AND {STANDS} ORDER BY 1"
        return plain(self.database.dicts(
            "SELECT * FROM (SELECT account_id, system, org_id, operator_id, state, valid_from,"
            " valid_to, revoked_from, reason,"
            f" ARRAY(SELECT item_id FROM account_item {of}) AS item_ids,"
            f" ARRAY(SELECT facet FROM account_facet {of}) AS facets"
            " FROM account a WHERE a.programme_id = %(programme)s"
            " AND a.org_id = coalesce(%(org)s, a.org_id)"
            f" AND (%(town)s::text IS NULL OR a.org_id IN ({SIDE} AND t.town_id = %(town)s))"
            f" AND (%(at)s::timestamptz IS NULL OR {IN_FORCE})) known"
            " WHERE %(item)s::text IS NULL OR %(item)s = ANY (item_ids)"
            " ORDER BY org_id, operator_id, system, valid_from, account_id",
            {"programme": programme, "town": town, "org": org, "item": item, "at": at},
        ))

    def training(self, *, programme: str, town: str | None, item: str | None) -> Any:
        """R093, R099: what is granted, transferred or trained on, and how far."""
        return plain(self.database.dicts(
            "SELECT pair.town_id, pair.item_id, i.granting_org_id AS department_id, p.plan_ref,"
            " h.sessions, h.last_held_on, h.attendee_ids, c.capable_on, c.capable_ids,"
            " CASE WHEN c.capable_on IS NOT NULL THEN 'capable'"
            "  WHEN h.sessions > 0 THEN 'held' ELSE 'none' END AS state"
            " FROM (SELECT town_id, item_id FROM granted WHERE programme_id = %(programme)s"
            "   AND state <> 'ended'"
            "  UNION SELECT unit_id, item_id FROM transferred WHERE programme_id = %(programme)s"
            "  UNION SELECT town_id, item_id FROM training_held WHERE programme_id = %(programme)s"
            "  UNION SELECT town_id, item_id FROM capability WHERE programme_id = %(programme)s"
            " ) pair JOIN item i USING (item_id)"
            " LEFT JOIN training_plan p ON p.item_id = pair.item_id"
            "  AND p.programme_id = %(programme)s"
            " CROSS JOIN LATERAL (SELECT count(DISTINCT position) AS sessions,"
            "  max(held_on) AS last_held_on,"
            "  coalesce(array_agg(DISTINCT one ORDER BY one), '{}') AS attendee_ids"
            "  FROM training_held t, unnest(t.attendee_ids) AS one"
            "  WHERE (t.town_id, t.item_id) = (pair.town_id, pair.item_id)) h"
            " CROSS JOIN LATERAL (SELECT max(confirmed_on) AS capable_on,"
            "  coalesce(array_agg(DISTINCT one ORDER BY one), '{}') AS capable_ids"
            "  FROM capability k, unnest(k.operator_ids) AS one"
            "  WHERE (k.town_id, k.item_id) = (pair.town_id, pair.item_id)) c"
            " WHERE pair.town_id = coalesce(%(town)s, pair.town_id)"
            " AND pair.item_id = coalesce(%(item)s, pair.item_id)"
            " ORDER BY pair.town_id, pair.item_id",
            {"programme": programme, "town": town, "item": item},
        ))

    def secondments(self, *, programme: str, town: str | None, on: date) -> Any:
        """R094."""
        return plain(self.database.dicts(
            "SELECT operator_id, direction, from_org_id, to_org_id, item_ids, from_day, to_day"
            " FROM secondment WHERE programme_id = %(programme)s AND from_day <= %(on)s"
            " AND coalesce(to_day >= %(on)s, true) AND (%(town)s::text IS NULL"
            f"  OR from_org_id IN ({SIDE} AND t.town_id = %(town)s)"
            f"  OR to_org_id IN ({SIDE} AND t.town_id = %(town)s)) ORDER BY position",
            {"programme": programme, "town": town, "on": on},
        ))

    def operators(self, *, programme: str, org: str, on: date) -> Any:
        """R097."""
        return plain(self.database.dicts(
            "SELECT operator_id, employer_org_id, acting_org_id, contract_kind, from_day, to_day"
            " FROM operator_assigned WHERE programme_id = %(programme)s"
            " AND acting_org_id = %(org)s AND from_day <= %(on)s"
            " AND coalesce(to_day >= %(on)s, true) ORDER BY operator_id",
            {"programme": programme, "org": org, "on": on},
        ))

    def guidance(
        self, *, programme: str, item: str | None, town: str | None, state: str | None
    ) -> Any:
        """R102: an answer is for every town that holds the item."""
        return plain(self.database.dicts(
            "SELECT question_id, town_id, item_id, department_id, text_ref, asked_on, state, form,"
            " answer_ref, answered_on FROM guidance g WHERE programme_id = %(programme)s"
            " AND item_id = coalesce(%(item)s, item_id) AND state = coalesce(%(state)s, state)"
            " AND (%(town)s::text IS NULL OR town_id = %(town)s OR state = 'answered'"
            "  AND EXISTS (SELECT FROM granted d WHERE d.town_id = %(town)s"
            "   AND d.item_id = g.item_id AND d.state <> 'ended'))"
            " ORDER BY asked_on, position",
            {"programme": programme, "item": item, "town": town, "state": state},
        ))
