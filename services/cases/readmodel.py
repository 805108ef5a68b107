"""The read model of cases: applications, their history, seals, operators, ended grants."""

import json
from typing import Any

from psycopg2.extensions import cursor

from services.cases.applicants.readmodel import applicants
from shared.clock import start_of
from shared.contracts import events
from shared.contracts.envelope import Fact
from shared.holdings.projection import holdings
from shared.projection import Projection
from shared.register.projection import register

own = Projection()

# What a fact sets in the row of its case; a name is a field of the fact, `=` a fixed word.
SETS: dict[str, dict[str, str]] = {
    "MaterialsDeficiencyNotified": {"state": "=deficient"},
    "MaterialsSupplemented": {},
    "CaseAccepted": {
        "state": "=accepted", "town_id": "town_id", "mode": "mode", "filed_at": "accepted_level",
        "cross_town": "cross_town", "grant_id": "grant_id", "at_org_id": "accepted_by_org_id",
        "accepted_by_org_id": "accepted_by_org_id", "accepted_at": "accepted_at",
        "forward_due_at": "due.forward", "total_due_at": "due.total",
    },
    "CaseNotAccepted": {"state": "=not_accepted", "outcome": "=not_accepted", "finished_at": "@"},
    "DuplicateApplicationLinked": {
        "state": "=duplicate", "outcome": "=duplicate", "duplicate_of": "duplicate_of",
        "finished_at": "@",
    },
    "CrossTownDetected": {"cross_town": "=true"},
    "PreliminaryReviewCompleted": {},
    "SubstantiveReviewCompleted": {"state": "=reviewed", "at_org_id": "reviewer_org_id"},
    "CaseForwarded": {
        "state": "=forwarded", "at_org_id": "to_org_id", "forwarded_at": "forwarded_at",
    },
    "CaseForwardReceived": {"state": "=received", "received_at": "received_at"},
    "CaseReturned": {"state": "=returned", "at_org_id": "to_org_id"},
    "CaseHandedUp": {"state": "=handed_up", "at_org_id": "to_org_id"},
    "ApprovalIssued": {
        "state": "=decided", "outcome": "=approved", "decided_at": "decided_at",
        "at_org_id": "decided_by_org_id", "liable_org_id": "liable_org_id",
    },
    "ApplicationDenied": {
        "state": "=decided", "outcome": "=denied", "decided_at": "decided_at",
        "at_org_id": "decided_by_org_id",
    },
    "ServiceCompleted": {"state": "=closed", "outcome": "=completed", "finished_at": "at"},
    "SealApplied": {"state": "=sealed", "sealed_at": "at"},
    "DocumentDelivered": {"state": "=delivered", "delivered_at": "at", "at_org_id": "at_org_id"},
    "CaseWithdrawn": {"state": "=withdrawn", "outcome": "=withdrawn", "finished_at": "at"},
    "CaseClosed": {"state": "=closed", "finished_at": "at"},
    "AuthorityCheckFailed": {},
    "SealUseRejected": {},
}


@own.on("cases.ApplicationSubmitted")
def submitted(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO application (case_id, programme_id, item_id, subitem, applicant_key,"
        " subject_key, channel, chosen_org_id, town_id, cross_town, state, at_org_id,"
        " submitted_at, position) VALUES (%(case_id)s, %(programme)s, %(item_id)s, %(subitem)s,"
        " %(applicant_key)s, %(subject_key)s, %(channel)s, %(chosen_org_id)s, %(town_id)s,"
        " %(crossing)s, 'submitted', %(chosen_org_id)s, %(submitted_at)s, %(position)s)",
        fact.data | {
            "programme": fact.programme, "position": fact.position,
            "crossing": len(set(fact.data["towns_concerned"])) > 1,
        },
    )
    _keep(at, fact)


@own.on(*(f"cases.{name}" for name in SETS))
def changed(at: cursor, fact: Fact) -> None:
    """Assign what `SETS` names, and keep the act."""
    row = {
        column: _value(fact, told)
        for column, told in SETS[fact.type.partition(".")[2]].items()
    } | {"position": fact.position}
    assigned = ", ".join(f"{column} = %({column})s" for column in row)
    at.execute(
        f"UPDATE application SET {assigned} WHERE case_id = %(case)s",
        row | {"case": fact.data["case_id"]},
    )
    _keep(at, fact)


@own.on("cases.CaseReturned")
def returned(at: cursor, fact: Fact) -> None:
    """R119: returns are counted."""
    at.execute(
        "UPDATE application SET returns = returns + 1 WHERE case_id = %(case_id)s", fact.data
    )


@own.on("cases.PreliminaryReviewCompleted")
def looked_through(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE application SET state = 'prelim_reviewed'"
        " WHERE case_id = %(case_id)s AND %(result)s = 'ok'", fact.data,
    )


@own.on("cases.MaterialsSupplemented")
def supplemented(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE application SET state = CASE WHEN returns > 0 THEN 'returned'"
        " WHEN accepted_at IS NULL THEN 'submitted' ELSE 'accepted' END"
        " WHERE case_id = %(case_id)s", fact.data,
    )


def _value(fact: Fact, told: str) -> Any:
    if told == "@":
        return fact.occurred_at
    if told.startswith("="):
        return told[1:]
    field, _, part = told.partition(".")
    return fact.data[field][part] if part else fact.data[field]


def _keep(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO act VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            fact.data["case_id"], fact.position, fact.type, fact.actor["org"],
            fact.actor["operator"], fact.occurred_at, fact.recorded_at,
            json.dumps(events.dump(fact.type, fact.data)),
        ),
    )


@own.on("delegation.SealIssued")
def seal_issued(at: cursor, fact: Fact) -> None:
    """Seal No. 2: of one department for one town, kept by the town's centre (R082)."""
    at.execute(
        "INSERT INTO seal VALUES (%(seal_id)s, 'seal_no_2', %(department_id)s, %(town_id)s,"
        " %(custodian_org_id)s, %(from)s, NULL, 'in_use') ON CONFLICT (seal_id) DO UPDATE"
        " SET in_use_from = EXCLUDED.in_use_from, in_use_to = NULL, state = 'in_use',"
        " custodian_org_id = EXCLUDED.custodian_org_id",
        fact.data | {"from": start_of(fact.data["issued_on"])},
    )


@own.on("delegation.SealRegistered")
def seal_registered(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO seal VALUES (%(seal_id)s, %(kind)s, NULL, NULL, %(org_id)s, %(from)s, NULL,"
        " 'in_use') ON CONFLICT (seal_id) DO UPDATE SET in_use_to = NULL, state = 'in_use'",
        fact.data | {"from": fact.occurred_at},
    )


# R087, R088: how a seal leaves use, and from when.
ENDS = {
    "delegation.SealSuspended": ("suspended", "from"),
    "delegation.SealLost": ("lost", "reported_at"),
    "delegation.SealReturned": ("returned", "on"),
    "delegation.SealDestroyed": ("destroyed", "on"),
    "delegation.SealRetired": ("retired", "on"),
}


@own.on(*ENDS)
def seal_out_of_use(at: cursor, fact: Fact) -> None:
    state, since = ENDS[fact.type]
    told = fact.data[since]
    at.execute(
        "UPDATE seal SET state = %(state)s, in_use_to = least(in_use_to, %(since)s)"
        " WHERE seal_id = %(seal)s",
        {
            "state": state, "seal": fact.data["seal_id"],
            "since": told if hasattr(told, "tzinfo") else start_of(told),
        },
    )


@own.on("delegation.OperatorAssigned")
def operator_assigned(at: cursor, fact: Fact) -> None:
    """R097: an assignment ends where the next one begins."""
    told = fact.data | {"programme": fact.programme, "position": fact.position}
    at.execute(
        "UPDATE operator_kind SET to_day = %(from_)s::date - 1 WHERE programme_id = %(programme)s"
        " AND operator_id = %(operator_id)s AND host_org_id IS NULL"
        " AND coalesce(to_day >= %(from_)s, true)", told,
    )
    at.execute(
        "INSERT INTO operator_kind VALUES (%(programme)s, %(operator_id)s, %(position)s,"
        " %(contract_kind)s, NULL, %(from_)s, %(to)s)", told,
    )


@own.on("delegation.SecondmentStarted")
def secondment_started(at: cursor, fact: Fact) -> None:
    """R094: an officer who goes down advises the host; a learner goes up and acts for nobody."""
    at.execute(
        "INSERT INTO operator_kind SELECT %(programme)s, %(operator_id)s, %(position)s, 'seconded',"
        " %(to_org_id)s, %(from_)s WHERE %(direction)s = 'down'",
        fact.data | {"programme": fact.programme, "position": fact.position},
    )


@own.on("delegation.SecondmentEnded")
def secondment_ended(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE operator_kind SET to_day = %(to)s WHERE programme_id = %(programme)s"
        " AND operator_id = %(operator_id)s AND host_org_id IS NOT NULL AND to_day IS NULL",
        fact.data | {"programme": fact.programme},
    )


@own.on("delegation.ItemRecalled")
def grant_ended(at: cursor, fact: Fact) -> None:
    cause = "expiry" if fact.data["ground"] == "term_expired" else "recall"
    _ended(at, fact, fact.data["effective_from"], cause, fact.data["in_flight_policy"])


@own.on("delegation.LegalityReviewOpened")
def grant_under_review(at: cursor, fact: Fact) -> None:
    """R046: the town decides no new case."""
    _ended(at, fact, fact.occurred_at, "legality", None)


@own.on("delegation.GrantModeChanged")
def mode_changed(at: cursor, fact: Fact) -> None:
    """R184: for the cases in hand the end of a grant, whatever begins with it."""
    _ended(at, fact, fact.data["effective_from"], "mode_change", fact.data["in_flight_policy"])


@own.on("delegation.GrantScopeChanged")
def scope_changed(at: cursor, fact: Fact) -> None:
    """R013, R183: the sub-items left out are the department's again."""
    at.execute(
        "INSERT INTO scope_change VALUES (%(grant_id)s, %(position)s, %(effective_from)s,"
        " %(scope_after)s, %(in_flight_policy)s, %(told)s)",
        fact.data | {"position": fact.position, "told": fact.occurred_at},
    )


def _ended(at: cursor, fact: Fact, since: Any, cause: str, policy: str | None) -> None:
    at.execute(
        "INSERT INTO grant_end VALUES (%(grant)s, %(since)s, %(cause)s, %(policy)s, %(told)s)"
        " ON CONFLICT (grant_id) DO UPDATE SET ended_from = least(grant_end.ended_from, %(since)s)",
        {
            "grant": fact.data["grant_id"], "since": since, "cause": cause, "policy": policy,
            "told": fact.occurred_at,
        },
    )


readmodel = Projection(register, holdings, own, applicants)
