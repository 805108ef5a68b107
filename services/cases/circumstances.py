"""What a case needs to know of the world at an instant: local copies in the domain's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.cases.domain.authority import Filing, Grant, Standing, covers, holder
from services.cases.domain.case_state import CaseState
from shared.calendar import within
from shared.clock import day_of
from shared.database import Database
from shared.holdings.questions import Holdings
from shared.holidays import china
from shared.register.questions import Register

FINISH = "finish_if_reviewed"
WINDOW = "town_window"


@dataclass(frozen=True)
class Actor:
    """Who acts, and when."""

    org: str
    operator: str
    at: datetime


class Circumstances:
    """Look-ups for the commands and for the clerk's question.

    Args:
        database: of the service; reads its read model.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.register = Register(database)
        self.holdings = Holdings(database)

    def filing(
        self, *, programme: str, item: Mapping[str, Any], subitem: str | None, town: str | None,
        org: str, at: datetime,
    ) -> Filing:
        """The application before *org*; *town* is the applicant's, if told."""
        org_town = self.town_of(programme, org)
        place = org_town or town
        item_id = item["item_id"]
        transfers = self.transfers(item_id, at)
        owner = item["granting_org_id"]
        counter = (
            holder("accept", transfers[0], owner=owner, cross_town=False).org_id
            if transfers
            else owner
        )
        grants = self.grants(item_id, place, at) if place else []
        return Filing(
            item=item, subitem=subitem, town=place, org=org, org_town=org_town, at=at,
            grants=grants, transfers=transfers, shut=self._shut(programme, grants, item_id, at),
            equal_acceptance=self.register.programme(programme)["settings"].get("equal_acceptance"),
            go_to=self.place(counter), towns=self.towns_with(item_id, subitem, at),
        )

    def _shut(
        self, programme: str, grants: Sequence[Grant], item: str, at: datetime
    ) -> frozenset[str]:
        """R068: grants worked at a window that is not open, where the programme blocks that."""
        found = self.register.programme(programme)
        if found["settings"]["gates"]["window"] != "block":
            return frozenset()
        windowed = {
            mode for mode, row in found["modes"].items()
            if any(facet["holder"] == WINDOW for facet in row["policy"]["facets"])
        }
        return frozenset(
            grant["grant_id"] for grant in grants
            if grant["mode"] in windowed
            and not self.register.window_open(grant["town_id"], item, day_of(at))
        )

    def standing(
        self, case: CaseState, item: Mapping[str, Any], actor: Actor, programme: str
    ) -> Standing:
        """The actor before an accepted case; the grant is the one it was accepted under (R131)."""
        grant, lapsed = self._grant_of(case, item, actor.at, programme)
        town_orgs = self.town_orgs(case.town) if case.town else frozenset()
        return Standing(
            at=actor.at, org=actor.org, operator=actor.operator, grant=grant, lapsed=lapsed,
            owner=item["granting_org_id"], item_position=item["position"],
            holdings_version=self.holdings_version(), town_orgs=town_orgs,
            kinds=self.kinds(actor, town_orgs, programme),
            successors=self.register.successions(actor.at),
        )

    def at_counter(
        self, filing: Filing, actor: Actor, grant: Grant | None, programme: str
    ) -> Standing:
        """The actor before an application that is not accepted yet."""
        town_orgs = self.town_orgs(filing.town) if filing.town else frozenset()
        return Standing(
            at=actor.at, org=actor.org, operator=actor.operator, grant=grant, lapsed=None,
            owner=filing.item["granting_org_id"], item_position=filing.item["position"],
            holdings_version=self.holdings_version(), town_orgs=town_orgs,
            kinds=self.kinds(actor, town_orgs, programme),
            standards=self.register.standards(filing.item["item_id"], day_of(actor.at)),
        )

    def _grant_of(
        self, case: CaseState, item: Mapping[str, Any], at: datetime, programme: str
    ) -> tuple[Grant | None, str | None]:
        if case.grant_id is None or case.town is None:
            transfers = self.transfers(item["item_id"], at)
            return (transfers[0] if transfers else None), None
        if found := self._same(case, item, at):
            return found, None
        finishing = case.reviewed_by is not None and self._finishes(case.grant_id, programme)
        if finishing and case.accepted_at is not None:
            return self._same(case, item, case.accepted_at), None
        return None, case.grant_id

    def _same(self, case: CaseState, item: Mapping[str, Any], at: datetime) -> Grant | None:
        assert case.town is not None
        return next(
            (
                grant for grant in self.grants(item["item_id"], case.town, at)
                if grant["grant_id"] == case.grant_id and covers(grant, case.subitem)
            ),
            None,
        )

    def _finishes(self, grant: str, programme: str) -> bool:
        """R131: what the programme, or the recall itself, says of reviewed cases in flight."""
        ended = self.database.dicts("SELECT * FROM grant_end WHERE grant_id = %s", (grant,))
        if any(row["cause"] == "legality" for row in ended):
            return False
        settings = self.register.programme(programme)["settings"]
        policies = [row["in_flight_policy"] for row in ended if row["in_flight_policy"]]
        return (policies or [(settings.get("recall") or {}).get("in_flight_policy")])[0] == FINISH

    def grants(self, item: str, town: str, at: datetime) -> list[dict[str, Any]]:
        """In force and not under legality review (R046), with who stands for each organ then."""
        barred = {
            grant for (grant,) in self.database.rows(
                "SELECT grant_id FROM grant_end WHERE cause = 'legality' AND ended_from <= %s",
                (at,),
            )
        }
        found = self.holdings.grants(item=item, town=town, at=at)
        successors = self.register.successions(at)
        for row in (row for grant in found for row in grant["facets"]):
            row["org_id"] = successors.get(row["org_id"], row["org_id"])
        return [grant | {"town_id": town} for grant in found if grant["grant_id"] not in barred]

    def transfers(self, item: str, at: datetime) -> list[dict[str, Any]]:
        """Exclusive grants of the item in force, wherever (R064)."""
        units = self.database.rows(
            "SELECT DISTINCT town_id FROM holding WHERE item_id = %s AND exclusive"
            " AND effective @> %s::timestamptz AND upper_inf(recorded) ORDER BY town_id",
            (item, at),
        )
        return [
            grant for (unit,) in units for grant in self.grants(item, unit, at)
            if grant["exclusive"]
        ]

    def towns_with(self, item: str, subitem: str | None, at: datetime) -> list[dict[str, Any]]:
        """The counters of the towns that have the matter in force and have begun (R108, R113)."""
        return self.database.dicts(
            "SELECT DISTINCT t.town_id, coalesce(c.name, t.name) AS name, t.name AS town, h.scope,"
            "  h.mode, m.mode_zh, h.grant_id::text"
            " FROM holding h JOIN town t USING (town_id) LEFT JOIN centre c USING (town_id)"
            " LEFT JOIN mode m ON m.programme_id = h.programme_id AND m.mode = h.mode"
            " LEFT JOIN started s ON s.grant_id = h.grant_id"
            " WHERE h.item_id = %(item)s AND h.facet = 'accept' AND upper_inf(h.recorded)"
            " AND h.effective @> %(at)s::timestamptz"
            " AND (h.filed_at <> 'town' OR s.started_at <= %(at)s)"
            " AND (h.scope = '{}' OR %(subitem)s::text IS NULL OR %(subitem)s = ANY (h.scope))"
            " AND NOT EXISTS (SELECT FROM grant_end e WHERE e.grant_id = h.grant_id::text"
            "  AND e.cause = 'legality' AND e.ended_from <= %(at)s)"
            " ORDER BY t.town_id", {"item": item, "subitem": subitem, "at": at},
        )

    def town_of(self, programme: str, org: str) -> str | None:
        """The town whose body *org* is; None for a department."""
        rows = self.database.rows(
            "SELECT t.town_id FROM town t LEFT JOIN centre c USING (town_id)"
            " WHERE t.programme_id = %s AND %s IN (t.town_id, c.centre_id, t.department_id)",
            (programme, org),
        )
        return str(rows[0][0]) if rows else None

    def town_orgs(self, town: str) -> frozenset[str]:
        """The town, its centre and its department."""
        rows = self.database.rows(
            "SELECT t.town_id, c.centre_id, t.department_id FROM town t"
            " LEFT JOIN centre c USING (town_id) WHERE t.town_id = %s", (town,),
        )
        return frozenset(org for row in rows for org in row if org)

    def kinds(self, actor: Actor, town_orgs: frozenset[str], programme: str) -> list[str]:
        """What is on record of the operator for the organ on the day of the act (R094, R097)."""
        return [
            kind for (kind,) in self.database.rows(
                "SELECT DISTINCT kind FROM operator_kind WHERE (programme_id, operator_id) ="
                " (%(programme)s, %(operator)s) AND from_day <= %(on)s"
                " AND coalesce(to_day >= %(on)s, true)"
                " AND coalesce(host_org_id = ANY (%(side)s), true) ORDER BY kind",
                {
                    "programme": programme, "operator": actor.operator, "on": day_of(actor.at),
                    "side": list(town_orgs) if actor.org in town_orgs else [],
                },
            )
        ]

    def place(self, org: str) -> dict[str, Any]:
        """An organ as an answer names it."""
        return {"org_id": org, "name": self.register.names([org]).get(org, org)}

    def seal(self, seal: str, at: datetime) -> dict[str, Any] | None:
        """The seal with whether it was ``in_use`` at *at*; None: not registered."""
        rows = self.database.dicts(
            "SELECT *, in_use_from <= %(at)s AND coalesce(in_use_to > %(at)s, true) AS in_use"
            " FROM seal WHERE seal_id = %(seal)s", {"seal": seal, "at": at},
        )
        return rows[0] if rows else None

    def seal_for(
        self, kind: str | None, user: str, *, owner: str, town: str | None, at: datetime
    ) -> str | None:
        """The one seal that *user* keeps for such a document; None: there is none, or several."""
        rows = self.database.rows(
            "SELECT seal_id FROM seal WHERE kind = %(kind)s AND custodian_org_id = %(user)s"
            " AND (department_id IS NULL OR (department_id, town_id) = (%(owner)s, %(town)s))"
            " AND in_use_from <= %(at)s AND coalesce(in_use_to > %(at)s, true)",
            {"kind": kind, "user": user, "owner": owner, "town": town, "at": at},
        )
        return str(rows[0][0]) if len(rows) == 1 else None

    def due(self, item: str, town: str | None, since: datetime) -> dict[str, datetime | None]:
        """When each limit would end; None where nobody set one (R118)."""
        ends: dict[str, datetime | None] = {}
        for step in ("forward", "approve", "total"):
            value, unit = self.register.limit(item, town or "", step) or (None, None)
            deadline = within(value, unit, started_at=since, calendar=china())
            ends[step] = deadline.due_at if deadline else None
        return ends

    def holdings_version(self) -> int:
        """The next position of delegation's log that this copy has not seen."""
        rows = self.database.rows("SELECT projected FROM bus.cursor WHERE source = 'delegation'")
        return int(rows[0][0]) if rows else 0
