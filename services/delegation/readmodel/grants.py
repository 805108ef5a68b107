"""Grants and transfers as they stand."""

import json
from typing import Any

from psycopg2.extensions import cursor

from shared.contracts.envelope import Fact
from shared.projection import Projection

grants = Projection()


def _set(at: cursor, fact: Fact, assignments: str, **more: Any) -> None:
    at.execute(
        f"UPDATE granted SET {assignments}, position = %(position)s WHERE grant_id = %(grant_id)s",
        fact.data | {"position": fact.position} | more,
    )


def _instrument(fact: Fact) -> str | None:
    return json.dumps(fact.instrument) if fact.instrument else None


@grants.on("delegation.ItemDelegated")
def delegated(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO granted"
        " (grant_id, programme_id, town_id, item_id, scope, mode, decided_by_org_id,"
        " power_owner_org_id, act_supervisor_org_id, agreement_id, claim_id, predecessor_grant_id,"
        " effective_from, state, instrument, decided_at, position) VALUES (%(grant_id)s,"
        " %(programme_id)s,"
        " %(town_id)s, %(item_id)s, %(scope)s, %(mode)s, %(decided_by_org_id)s,"
        " %(power_owner_org_id)s,"
        " %(act_supervisor_org_id)s, %(agreement_id)s, %(claim_id)s, %(predecessor_grant_id)s,"
        " %(effective_from)s, 'decided', %(instrument)s, %(decided_at)s, %(position)s)",
        fact.data | {
            "instrument": _instrument(fact), "decided_at": fact.occurred_at,
            "position": fact.position,
        },
    )


@grants.on("delegation.ItemDelegationRejected")
def rejected(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO rejected VALUES"
        " (%(programme)s, %(town_id)s, %(item_id)s, %(mode)s, %(reason_code)s,"
        " %(why)s, %(at)s, %(position)s)",
        fact.data | {
            "programme": fact.programme, "why": json.dumps(fact.data["facts"]),
            "at": fact.occurred_at,
            "position": fact.position,
        },
    )


@grants.on("delegation.ImplementationGateChecked")
def gates_checked(at: cursor, fact: Fact) -> None:
    _set(at, fact, "gates = %(rows)s", rows=json.dumps(fact.data["gates"]))


@grants.on("delegation.ItemImplementationStarted")
def started(at: cursor, fact: Fact) -> None:
    _set(at, fact, "state = 'in_force', started_at = %(started_at)s")


@grants.on("delegation.GrantCorrected")
def corrected(at: cursor, fact: Fact) -> None:
    _set(at, fact, "effective_from = %(new)s::timestamptz")


@grants.on("delegation.LegalityReviewOpened")
def under_review(at: cursor, fact: Fact) -> None:
    _set(at, fact, "state = 'legality_review', review_article = %(article)s")


@grants.on("delegation.RecallProposed")
def recall_proposed(at: cursor, fact: Fact) -> None:
    _set(
        at, fact, "state = 'recall_proposed', recall = %(proposal)s",
        proposal=json.dumps({
            key: fact.data[key]
            for key in ("recall_id", "ground", "evidence_refs", "proposed_by_org_id")
        }),
    )


@grants.on("delegation.RecallOpinionHeard")
def town_heard(at: cursor, fact: Fact) -> None:
    _set(
        at, fact, "recall = recall || %(heard)s::jsonb",
        heard=json.dumps({"opinion_ref": fact.data["opinion_ref"]}),
    )


@grants.on("delegation.ItemRecalled")
def recalled(at: cursor, fact: Fact) -> None:
    end = {
        key: fact.data[key]
        for key in (
            "recall_id", "ground", "evidence_refs", "decided_by_org_id", "returns_to_org_id"
        )
    }
    _set(
        at, fact, "state = 'ended', ended_at = %(effective_from)s,"
        " recall = coalesce(recall, '{}'::jsonb) || %(end)s::jsonb",
        end=json.dumps(end | {"decided_on": fact.data["decided_on"].isoformat()}),
    )


@grants.on("delegation.PowerTransferred")
def transferred(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO transferred VALUES (%(transfer_id)s, %(programme)s, %(unit_id)s, %(item_id)s,"
        " %(from_org_id)s, %(to_org_id)s, %(agreement_id)s, %(transfer_at)s, %(instrument)s,"
        " %(position)s)",
        fact.data | {
            "programme": fact.programme, "instrument": _instrument(fact), "position": fact.position,
        },
    )
