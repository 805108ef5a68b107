"""Seals as they stand."""

from typing import Any

from psycopg2.extensions import cursor

from services.delegation.domain.seal import SEAL_NO_2
from shared.clock import start_of
from shared.contracts.envelope import Fact
from shared.projection import Projection

seals = Projection()


def _insert(at: cursor, fact: Fact, kind: str, org: str, town: str | None, state: str) -> None:
    at.execute(
        "INSERT INTO seal (seal_id, programme_id, kind, org_id, town_id, state, since, position)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            fact.data["seal_id"], fact.programme, kind, org, town, state, fact.occurred_at,
            fact.position
        ),
    )


def _set(at: cursor, fact: Fact, state: str, since: Any, assignments: str = "") -> None:
    at.execute(
        f"UPDATE seal SET state = %(state)s, since = %(since)s, position ="
        f" %(position)s{assignments}"
        " WHERE seal_id = %(seal_id)s",
        fact.data | {"state": state, "since": since, "position": fact.position},
    )


@seals.on("delegation.SealAuthorised")
def authorised(at: cursor, fact: Fact) -> None:
    _insert(at, fact, SEAL_NO_2, fact.data["department_id"], fact.data["town_id"], "authorised")


@seals.on("delegation.SealRegistered")
def registered(at: cursor, fact: Fact) -> None:
    _insert(at, fact, fact.data["kind"], fact.data["org_id"], None, "in_use")


@seals.on("delegation.SealEngraved")
def engraved(at: cursor, fact: Fact) -> None:
    _set(
        at, fact, "engraved", start_of(fact.data["engraved_on"]),
        ", text = %(text)s, pattern_deviation = %(pattern_deviation)s",
    )


@seals.on("delegation.SealIssued")
def issued(at: cursor, fact: Fact) -> None:
    _set(
        at, fact, "in_use", start_of(fact.data["issued_on"]),
        ", custodian_org_id = %(custodian_org_id)s"
    )


@seals.on("delegation.SealSuspended")
def suspended(at: cursor, fact: Fact) -> None:
    _set(at, fact, "suspended", fact.data["from"])


@seals.on("delegation.SealReturned")
def returned(at: cursor, fact: Fact) -> None:
    _set(
        at, fact, "returned", start_of(fact.data["on"]),
        ", custodian_org_id = %(returned_to_org_id)s"
    )


@seals.on("delegation.SealDestroyed")
def destroyed(at: cursor, fact: Fact) -> None:
    _set(at, fact, "destroyed", start_of(fact.data["on"]))


@seals.on("delegation.SealLost")
def lost(at: cursor, fact: Fact) -> None:
    _set(at, fact, "lost", fact.data["reported_at"])


@seals.on("delegation.SealRetired")
def retired(at: cursor, fact: Fact) -> None:
    _set(at, fact, "retired", start_of(fact.data["on"]))
