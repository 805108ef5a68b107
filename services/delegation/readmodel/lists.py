"""Claims, lists and catalogues of the towns."""

import json
from typing import Any

from psycopg2.extensions import cursor

from shared.clock import day_of
from shared.contracts.envelope import Fact
from shared.projection import Projection

lists = Projection()

CLAIM = (
    "INSERT INTO claim (claim_id, programme_id, town_id, item_id, {columns}, state) VALUES"
    " (%(claim_id)s,"
    " %(programme)s, %(town_id)s, %(item_id)s, {values},"
    " '{state}') ON CONFLICT (claim_id) DO UPDATE SET"
    " state = '{state}', {sets}"
)


def _claim(state: str, *columns: str) -> str:
    return CLAIM.format(
        state=state, columns=", ".join(columns),
        values=", ".join(f"%({name})s" for name in columns),
        sets=", ".join(f"{name} = EXCLUDED.{name}" for name in columns),
    )


CLAIMED = _claim("claimed", "kind", "claimed_on")
PROPOSED = _claim("deferral_proposed", "ground", "reason", "expected_on")


def _of(fact: Fact) -> dict[str, Any]:
    return fact.data | {
        "programme": fact.programme, "position": fact.position, "day": day_of(fact.occurred_at),
    }


@lists.on("delegation.ItemClaimed")
def claimed(at: cursor, fact: Fact) -> None:
    at.execute(CLAIMED, _of(fact))
    at.execute("UPDATE claim SET deferred_until = NULL WHERE claim_id = %(claim_id)s", fact.data)


@lists.on("delegation.ClaimDeferralProposed")
def deferral_proposed(at: cursor, fact: Fact) -> None:
    at.execute(PROPOSED, _of(fact))


@lists.on("delegation.ClaimDeferralConsented")
def deferral_consented(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE claim SET state = 'deferred', consented_on = %(consented_on)s,"
        " deferred_until = expected_on WHERE claim_id = %(claim_id)s",
        fact.data,
    )


@lists.on("delegation.ClaimDeferralRejected")
def deferral_rejected(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE claim SET reason = %(reason)s, state = CASE WHEN deferred_until IS NULL"
        " THEN 'to_be_claimed' ELSE 'deferred' END WHERE claim_id = %(claim_id)s",
        fact.data,
    )


@lists.on("delegation.ClaimDeferralLapsed")
def deferral_lapsed(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE claim SET deferred_until = NULL, state = CASE state WHEN 'deferred' THEN 'lapsed'"
        " ELSE state END WHERE claim_id = %(claim_id)s", fact.data,
    )


@lists.on("delegation.ClaimRefused")
def claim_refused(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE claim SET state = 'refused', reason = %(objective_reason)s, document_ref ="
        " %(document_ref)s,"
        " answered_on = %(issued_on)s WHERE claim_id = %(claim_id)s", fact.data,
    )


@lists.on("delegation.ItemDelegated")
def claim_granted(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE claim SET state = 'granted', answered_on = %(day)s WHERE claim_id = %(claim_id)s",
        _of(fact)
    )


@lists.on("delegation.TownListDrafted", "delegation.PreliminaryListDrawn")
def drafted(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE town_list SET state = 'superseded' WHERE programme_id = %(programme)s"
        " AND town_id = %(town_id)s AND state = 'drafted'", _of(fact),
    )
    _version(at, fact, "drafted", approved_by_org_id=None, decision_ref=None, day=None, reason=None)


@lists.on("delegation.TownListApproved")
def approved(at: cursor, fact: Fact) -> None:
    _supersede(at, fact)
    _version(at, fact, "current", day=fact.data["approved_on"], reason=None)


@lists.on("delegation.TownListRevised")
def revised(at: cursor, fact: Fact) -> None:
    _supersede(at, fact)
    _version(at, fact, "current", approved_by_org_id=None, decision_ref=None)


def _supersede(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE town_list SET state = 'superseded' WHERE programme_id = %(programme)s"
        " AND town_id = %(town_id)s AND state = 'current'", _of(fact),
    )


def _version(at: cursor, fact: Fact, state: str, **others: Any) -> None:
    at.execute(
        "INSERT INTO town_list VALUES"
        " (%(programme)s, %(town_id)s, %(version)s, %(state)s, %(entries)s,"
        " %(approved_by_org_id)s, %(decision_ref)s, %(day)s, %(reason)s, %(position)s)"
        " ON CONFLICT (programme_id, town_id, version) DO UPDATE SET state = EXCLUDED.state,"
        " entries = EXCLUDED.entries, approved_by_org_id = EXCLUDED.approved_by_org_id,"
        " decision_ref = EXCLUDED.decision_ref, from_day = EXCLUDED.from_day, position ="
        " EXCLUDED.position",
        _of(fact) | {"state": state, "entries": json.dumps(fact.data["entries"])} | others,
    )


@lists.on("delegation.TownCatalogueCompiled")
def compiled(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO town_catalogue (programme_id, town_id, version, item_ids) VALUES"
        " (%(programme)s,"
        " %(town_id)s, %(version)s, %(item_ids)s) ON CONFLICT DO NOTHING", _of(fact),
    )


@lists.on("delegation.TownCatalogueFiled")
def filed(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE town_catalogue SET filed = filed || %(filing)s::jsonb WHERE programme_id ="
        " %(programme)s"
        " AND town_id = %(town_id)s AND version = %(version)s",
        _of(fact) | {
            "filing": json.dumps(
                {fact.data["recipient_org_id"]: fact.data["filed_on"].isoformat()}
            ),
        },
    )


@lists.on("delegation.TownCataloguePublished")
def catalogue_published(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE town_catalogue SET published_at = %(published_at)s, channel = %(channel)s, url ="
        " %(url)s"
        " WHERE programme_id = %(programme)s AND town_id = %(town_id)s AND version = %(version)s",
        _of(fact),
    )


@lists.on("catalog.TownListPublished")
def list_published(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO published_list VALUES"
        " (%(programme)s, %(town_id)s, %(list_version)s, %(published_at)s)"
        " ON CONFLICT DO NOTHING", _of(fact),
    )
