"""What the proof of competence needs beside the holdings: grantors, papers, acts."""

from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor

from shared.clock import end_of, start_of
from shared.contracts.envelope import Fact
from shared.projection import Projection

granting = Projection()

# Delegation's facts by which an organ moves a power, and the field that names it (R005).
MOVES = {
    "delegation.ItemDelegated": "decided_by_org_id",
    "delegation.ItemRecalled": "decided_by_org_id",
    "delegation.TownListApproved": "approved_by_org_id",
}
# The facts of cases whose authority is pinned: the acts under a power (DESIGN 4.5).
ACTS = tuple(
    f"cases.{name}"
    for name in (
        "CaseAccepted", "PreliminaryReviewCompleted", "SubstantiveReviewCompleted",
        "CaseForwarded", "ApprovalIssued", "ApplicationDenied", "ServiceCompleted", "SealApplied",
    )
)


@granting.on("delegation.ItemDelegated")
def delegated(at: cursor, fact: Fact) -> None:
    _granted(at, fact, fact.data["grant_id"], transfer=False)


@granting.on("delegation.PowerTransferred")
def transferred(at: cursor, fact: Fact) -> None:
    _granted(at, fact, fact.data["transfer_id"], transfer=True)


@granting.on("delegation.AgreementSigned")
def signed(at: cursor, fact: Fact) -> None:
    """It holds from its signature, and not before its term (R070, R075)."""
    first, last = fact.data["term_from"] or fact.data["signed_on"], fact.data["term_to"]
    _paper(
        at, fact, "signed", items=fact.data["item_ids"],
        since=start_of(max(first, fact.data["signed_on"])), until=last and end_of(last),
    )


@granting.on("delegation.AgreementRenewed")
def renewed(at: cursor, fact: Fact) -> None:
    _paper(
        at, fact, "renewed", since=start_of(max(fact.data["term_from"], fact.data["signed_on"])),
        until=end_of(fact.data["term_to"]),
    )


@granting.on("delegation.AgreementAmended")
def amended(at: cursor, fact: Fact) -> None:
    """A paper dated by its day leaves the hour open: what it takes out is covered to the end."""
    day = fact.data["amended_on"]
    _paper(
        at, fact, "amended", items=fact.data["item_ids"], since=start_of(day), until=end_of(day)
    )


@granting.on("delegation.AgreementExpired")
def expired(at: cursor, fact: Fact) -> None:
    _paper(at, fact, "expired", until=fact.data["expired_at"])


@granting.on("delegation.AgreementTerminated")
def terminated(at: cursor, fact: Fact) -> None:
    _paper(at, fact, "terminated", until=end_of(fact.data["terminated_on"]))


@granting.on("delegation.SealIssued", "delegation.SealRegistered")
def seal_issued(at: cursor, fact: Fact) -> None:
    at.execute("INSERT INTO seal_issue VALUES (%s, %s)", (fact.position, fact.data["seal_id"]))


@granting.on(*MOVES)
def moved(at: cursor, fact: Fact) -> None:
    _act(at, fact, org=fact.data[MOVES[fact.type]], at_=fact.occurred_at)


@granting.on(*ACTS)
def acted(at: cursor, fact: Fact) -> None:
    held = fact.data["authority"]
    _act(at, fact, org=held["org_id"], facet=held["facet"], at_=fact.occurred_at)


def _granted(at: cursor, fact: Fact, grant: str, *, transfer: bool) -> None:
    at.execute(
        "INSERT INTO granting VALUES (%s, %s, %s, %s, %s)",
        (
            grant, fact.position, transfer, fact.data.get("decided_by_org_id"),
            fact.data["agreement_id"],
        ),
    )


def _paper(
    at: cursor, fact: Fact, says: str, *, items: list[str] | None = None,
    since: datetime | None = None, until: datetime | None = None,
) -> None:
    at.execute(
        "INSERT INTO paper VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (fact.position, fact.data["agreement_id"], says, items, since, until, fact.recorded_at),
    )


def _act(at: cursor, fact: Fact, *, org: str, at_: datetime, facet: str | None = None) -> None:
    named: dict[str, Any] = {key: fact.data.get(key) for key in ("case_id", "item_id", "town_id")}
    at.execute(
        "INSERT INTO act VALUES (%(source)s, %(position)s, %(type)s, %(programme)s, %(case_id)s,"
        " %(item_id)s, %(town_id)s, %(org)s, %(facet)s, %(at)s, %(recorded_at)s)",
        named | {
            "source": fact.source, "position": fact.position, "type": fact.type, "org": org,
            "programme": fact.programme, "facet": facet, "at": at_,
            "recorded_at": fact.recorded_at,
        },
    )
