"""The life of grants, and the answers to the modes' criteria."""

import json
from datetime import date
from typing import Any

from psycopg2.extensions import cursor

from services.delegation.domain.delegating import NOT_MET
from services.delegation.domain.programme import earlier_modes, setting
from shared.contracts.envelope import Fact
from shared.database import Database
from shared.plain import plain
from shared.projection import Projection
from shared.register.questions import Register

grant_life = Projection()


def _of(fact: Fact) -> dict[str, Any]:
    return fact.data | {"programme": fact.programme, "position": fact.position}


def _set(at: cursor, fact: Fact, assignments: str) -> None:
    at.execute(
        f"UPDATE granted SET {assignments}, position = %(position)s WHERE grant_id = %(grant_id)s",
        _of(fact),
    )


@grant_life.on("delegation.HandlingBodyAssigned")
def body_assigned(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO handling_body VALUES (%(programme)s, %(town_id)s, %(item_id)s, %(grant_id)s,"
        " %(body_org_id)s, %(from_)s, %(position)s) ON CONFLICT (programme_id, town_id, item_id)"
        " DO UPDATE SET grant_id = EXCLUDED.grant_id, body_org_id = EXCLUDED.body_org_id,"
        " since = EXCLUDED.since, position = EXCLUDED.position", _of(fact),
    )


@grant_life.on("delegation.ForwardingMechanismRegistered")
def mechanism_registered(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO forwarding_mechanism VALUES (%(programme)s, %(town_id)s, %(item_id)s,"
        " %(grant_id)s, %(reviewer_org_id)s, %(deputy_org_id)s, %(target_org_id)s, %(limits)s,"
        " %(position)s) ON CONFLICT (programme_id, town_id, item_id)"
        " DO UPDATE SET grant_id = EXCLUDED.grant_id, reviewer_org_id = EXCLUDED.reviewer_org_id,"
        " deputy_org_id = EXCLUDED.deputy_org_id, target_org_id = EXCLUDED.target_org_id,"
        " limits = EXCLUDED.limits, position = EXCLUDED.position",
        _of(fact) | {"limits": json.dumps(fact.data["limits"])},
    )


@grant_life.on("delegation.TransitionStarted")
def transition_started(at: cursor, fact: Fact) -> None:
    _set(
        at, fact, "state = 'in_transition', transition_until = %(until)s,"
        " transition_started_at = started_at",
    )


@grant_life.on("delegation.TransitionEnded")
def transition_ended(at: cursor, fact: Fact) -> None:
    _set(
        at, fact, "state = 'in_force', transition_result = %(assessment_result)s,"
        " transition_ended_on = %(ended_on)s",
    )


@grant_life.on("delegation.GrantModeChanged")
def mode_changed(at: cursor, fact: Fact) -> None:
    _set(
        at, fact, "state = 'ended', ended_at = %(effective_from)s,"
        " successor_grant_id = %(successor_grant_id)s",
    )


@grant_life.on("delegation.GrantScopeChanged")
def scope_changed(at: cursor, fact: Fact) -> None:
    _set(at, fact, "scope = %(scope_after)s")


@grant_life.on("delegation.ModeAssessed")
def assessed(at: cursor, fact: Fact) -> None:
    row = _of(fact) | {
        "town": fact.data["town_id"] or "", "assessed_at": fact.occurred_at,
        "rejected": json.dumps(fact.data["earlier_modes_rejected"]),
    }
    at.execute(ASSESSED, row)
    for one in fact.data["earlier_modes_rejected"]:
        at.execute(ASSESSED, row | one | {"answer": NOT_MET, "rejected": "[]"})


ASSESSED = (
    "INSERT INTO mode_assessment VALUES (%(programme)s, %(item_id)s, %(town)s, %(mode)s,"
    " %(criterion_id)s, %(criterion)s, %(answer)s, %(reason)s, %(rejected)s,"
    " %(assessed_by_org_id)s, %(assessed_at)s, %(position)s)"
    " ON CONFLICT (programme_id, item_id, town_id, mode) DO UPDATE SET"
    " criterion_id = EXCLUDED.criterion_id, criterion = EXCLUDED.criterion,"
    " answer = EXCLUDED.answer, reason = EXCLUDED.reason,"
    " earlier_modes_rejected = EXCLUDED.earlier_modes_rejected,"
    " assessed_by_org_id = EXCLUDED.assessed_by_org_id, assessed_at = EXCLUDED.assessed_at,"
    " position = EXCLUDED.position"
)


class GrantLifeQuestions:
    """Questions on transitions and modes."""

    database: Database
    register: Register

    def transitions(self, *, programme: str, town: str | None, on: date) -> Any:
        """R095: an end that was set and has passed without an assessment is not confirmed."""
        rows = self.database.dicts(
            "SELECT grant_id, town_id, item_id, transition_started_at, transition_until,"
            " transition_ended_on, transition_result FROM granted"
            " WHERE programme_id = %(programme)s AND town_id = coalesce(%(town)s, town_id)"
            " AND transition_started_at IS NOT NULL"
            " AND (state <> 'ended' OR transition_ended_on IS NOT NULL)"
            " ORDER BY town_id, item_id, transition_started_at",
            {"programme": programme, "town": town},
        )
        return plain([row | {"state": _standing(row, on)} for row in rows])

    def mode_assessments(self, *, programme: str, item: str | None) -> Any:
        """R051, R057: the answers, and the open grants whose earlier modes have none."""
        asked = {"programme": programme, "item": item}
        answers = self.database.dicts(
            "SELECT item_id, nullif(town_id, '') AS town_id, mode, criterion_id, criterion, answer,"
            " reason, earlier_modes_rejected, assessed_by_org_id, assessed_at FROM mode_assessment"
            " WHERE programme_id = %(programme)s AND item_id = coalesce(%(item)s, item_id)"
            " ORDER BY item_id, mode_assessment.town_id, mode", asked,
        )
        grants = self.database.dicts(
            "SELECT g.grant_id, g.town_id, g.item_id, g.mode FROM granted g JOIN item i"
            " USING (item_id) WHERE g.programme_id = %(programme)s AND g.state <> 'ended'"
            " AND g.item_id = coalesce(%(item)s, g.item_id) AND g.mode IS DISTINCT FROM i.mode"
            " ORDER BY g.town_id, g.item_id", asked,
        )
        return plain({"assessments": answers, "unassessed": self._unassessed(programme, grants)})

    def _unassessed(
        self, programme: str, grants: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        rules = self.register.programme(programme)
        if setting(rules, "assessment", "earlier_modes") is None:
            return []
        rejected = set(self.database.rows(
            "SELECT item_id, town_id, mode FROM mode_assessment WHERE programme_id = %s"
            " AND answer = %s", (programme, NOT_MET),
        ))
        found = []
        for row in grants:
            missing = [
                mode for mode in earlier_modes(rules, row["mode"])
                if not {(row["item_id"], town, mode) for town in ("", row["town_id"])} & rejected
            ]
            if missing:
                found.append(row | {"missing": missing})
        return found


def _standing(row: dict[str, Any], on: date) -> str:
    """How a transition stands when the day begins."""
    if row["transition_ended_on"] is not None:
        return "ended"
    if row["transition_until"] is None:
        return "no_end_set"
    return "transition_end_unconfirmed" if row["transition_until"] < on else "running"
