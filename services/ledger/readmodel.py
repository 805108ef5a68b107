"""What the ledger keeps: every log's mirror, its own holdings, what to re-check and to prove."""

from psycopg2.extensions import cursor

from services.ledger.granting import granting
from services.ledger.subtrees import keep
from services.ledger.terms import FINISH
from shared.contracts.envelope import Fact
from shared.holdings.projection import holdings
from shared.log.tree import leaf_hash
from shared.projection import Projection
from shared.register.projection import register

readmodel = Projection(register, holdings, granting)


@readmodel.on_every
def mirrored(at: cursor, fact: Fact) -> None:
    """The bytes as they came, under a hash that the ledger computes itself."""
    at.execute(
        "INSERT INTO mirror VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            fact.source, fact.position, fact.previous, fact.stream, fact.version, fact.type,
            leaf_hash(fact.envelope), fact.envelope,
        ),
    )
    keep(at, fact.source, fact.position)


@readmodel.on(
    "delegation.ItemRecalled", "delegation.GrantModeChanged", "delegation.GrantScopeChanged"
)
def recalled(at: cursor, fact: Fact) -> None:
    if fact.data["in_flight_policy"] == FINISH:
        at.execute(
            "INSERT INTO finishing VALUES (%(grant_id)s) ON CONFLICT DO NOTHING", fact.data
        )


@readmodel.on("cases.CaseAccepted")
def accepted(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO acceptance VALUES"
        " (%(case_id)s, %(town_id)s, %(subitem)s, %(accepted_level)s, %(cross_town)s,"
        " %(accepted_at)s)",
        fact.data,
    )


@readmodel.on("cases.CrossTownDetected")
def found_to_cross_towns(at: cursor, fact: Fact) -> None:
    at.execute("UPDATE acceptance SET cross_town = true WHERE case_id = %(case_id)s", fact.data)


@readmodel.on("cases.ApprovalIssued")
def approved(at: cursor, fact: Fact) -> None:
    """The approval with its acceptance as known so far; what is found out later changes nothing."""
    at.execute(
        "INSERT INTO approval SELECT %(position)s, case_id, %(programme)s, %(item_id)s,"
        " %(decided_by_org_id)s, %(grant_id)s, %(decided_at)s, %(recorded_at)s,"
        " town_id, subitem, filed_at, cross_town, accepted_at"
        " FROM acceptance WHERE case_id = %(case_id)s",
        fact.data
        | {
            "position": fact.position, "programme": fact.programme,
            "recorded_at": fact.recorded_at,
        },
    )
