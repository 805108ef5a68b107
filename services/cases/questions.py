"""Questions on cases: where is it, what was done, where may one apply, may I."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.applicants.questions import ApplicantQuestions
from services.cases.circumstances import Actor, Circumstances
from services.cases.domain import refusals
from services.cases.domain.authority import Standing, holder
from services.cases.domain.decision import named
from services.cases.domain.path import seal_kind, way
from shared.clock import Clock
from shared.plain import plain
from shared.refusal import Refused

NAMED = ("at_org_id", "accepted_by_org_id", "chosen_org_id", "liable_org_id")


class CaseQuestions(ApplicantQuestions):
    """Answers from the read model.

    Args:
        world: the look-ups of this service.
        clock: for questions that name no instant.
    """

    def __init__(self, world: Circumstances, clock: Clock) -> None:
        self.world = world
        self.clock = clock

    def case(self, *, case: UUID) -> dict[str, Any]:
        rows = self._cases("WHERE a.case_id = %(case)s", {"case": str(case)}, 1)
        if not rows:
            raise refusals.unknown_case(str(case))
        return rows[0]

    def cases(
        self, *, programme: str | None, town: str | None, state: str | None, org: str | None,
        limit: int,
    ) -> list[dict[str, Any]]:
        asked: dict[str, Any] = {
            "programme": programme, "town": town, "state": state,
            "org": [org, *self.world.register.predecessors(org)] if org else None,
        }
        tests = {
            "programme": "a.programme_id = %(programme)s", "town": "a.town_id = %(town)s",
            "state": "a.state = %(state)s",
            "org": "(a.at_org_id = ANY (%(org)s) OR a.accepted_by_org_id = ANY (%(org)s))",
        }
        told = [test for name, test in tests.items() if asked[name] is not None]
        return self._cases(f"WHERE {' AND '.join(told)}" if told else "", asked, limit)

    def history(self, *, case: UUID) -> list[dict[str, Any]]:
        rows = self.world.database.dicts(
            "SELECT position, type, org_id, operator, occurred_at, recorded_at, data FROM act"
            " WHERE case_id = %s ORDER BY position", (str(case),),
        )
        if not rows:
            raise refusals.unknown_case(str(case))
        names = self.world.register.names(row["org_id"] for row in rows)
        return [plain(row) | {"org_name": names.get(row["org_id"])} for row in rows]

    def outcomes(self, *, programme: str) -> list[dict[str, Any]]:
        return self.world.database.dicts(
            "SELECT mode, filed_at, state, outcome, count(*) AS cases, sum(returns)::int AS returns"
            " FROM application WHERE programme_id = %s GROUP BY 1, 2, 3, 4"
            " ORDER BY 1, 2, 3, 4", (programme,),
        )

    def where_to_apply(
        self, *, programme: str, item: str, subitem: str | None, town: str | None,
        at: datetime | None,
    ) -> dict[str, Any]:
        """R108, R113: the district counter, or the bureau after a transfer, and the towns."""
        now = at or self.clock()
        row = self.world.register.item(programme, item, at=now)
        filing = self.world.filing(
            programme=programme, item=row, subitem=subitem, town=town,
            org=row["granting_org_id"], at=now,
        )
        places = [
            place | {"decided_by": self._decider(item, place, now, row["granting_org_id"])}
            for place in filing.towns
            if town in {None, place["town_id"]}
        ]
        return {
            "item": item, "name": row["name"], "at": now.isoformat(),
            "counter": dict(filing.go_to), "towns": places,
        }

    def may_i(
        self, *, programme: str, item: str, subitem: str | None, town: str | None,
        towns_concerned: list[str], org: str, at: datetime | None,
    ) -> dict[str, Any]:
        """R113: accept or not; which steps are this organ's, with which seal, in whose name."""
        actor = Actor(org, "", at or self.clock())
        row = self.world.register.item(programme, item, at=actor.at)
        filing = self.world.filing(
            programme=programme, item=row, subitem=subitem, town=town, org=org, at=actor.at
        )
        crossing = len(set(towns_concerned)) > 1
        try:
            standing = self.world.at_counter(filing, actor, filing.grant(), programme)
        except Refused as refused:
            return {
                "may_accept": False, "code": refused.code, "zh": refused.zh,
                "facts": refused.facts, "go_to": dict(filing.go_to),
                "towns": list(filing.towns), "path": [],
            }
        return self._answer(standing, row["outcome_kind"], crossing=crossing)

    def _answer(
        self, standing: Standing, outcome_kind: str | None, *, crossing: bool
    ) -> dict[str, Any]:
        grant, owner = standing.grant, standing.owner
        path = way(grant, owner=owner, cross_town=crossing, outcome_kind=outcome_kind)
        accept = holder("accept", grant, owner=owner, cross_town=crossing)
        in_name_of = named("named_authority", grant, owner=owner, cross_town=crossing)
        return {
            "may_accept": accept.org_id == standing.org,
            "accepts": self.world.place(accept.org_id),
            "mode": grant["mode"] if grant else None,
            "grant_id": grant["grant_id"] if grant else None,
            "mine": [step["step"] for step in path if step["org_id"] == standing.org],
            "path": path,
            "seal_kind": seal_kind(grant, owner=owner, cross_town=crossing),
            "in_name_of": self.world.place(in_name_of) if in_name_of else None,
            "cross_town": crossing,
        }

    def _decider(
        self, item: str, place: dict[str, Any], at: datetime, owner: str
    ) -> dict[str, Any]:
        grant = next(
            grant for grant in self.world.grants(item, place["town_id"], at)
            if grant["grant_id"] == place["grant_id"]
        )
        return self.world.place(holder("decide", grant, owner=owner, cross_town=False).org_id)

    def _cases(self, where: str, asked: dict[str, Any], limit: int) -> list[dict[str, Any]]:
        rows = self.world.database.dicts(
            "SELECT a.*, i.name AS item_name, t.name AS town_name, m.mode_zh FROM application a"
            " LEFT JOIN item i USING (item_id) LEFT JOIN town t ON t.town_id = a.town_id"
            " LEFT JOIN mode m ON m.programme_id = a.programme_id AND m.mode = a.mode"
            f" {where} ORDER BY a.submitted_at DESC, a.case_id LIMIT {int(limit)}", asked,
        )
        names = self.world.register.names(row[key] for row in rows for key in NAMED)
        return [
            plain(row) | {key.replace("_id", "_name"): names.get(row[key]) for key in NAMED}
            for row in rows
        ]
