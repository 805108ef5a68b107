"""Agreements as they stand."""

import json
from typing import Any

from psycopg2.extensions import cursor

from shared.clock import day_of
from shared.contracts.envelope import Fact
from shared.projection import Projection

agreements = Projection()


def _set(at: cursor, fact: Fact, assignments: str, **more: Any) -> None:
    at.execute(
        f"UPDATE agreement SET {assignments}, position = %(position)s WHERE agreement_id ="
        " %(agreement_id)s",
        fact.data | {"position": fact.position} | more,
    )


@agreements.on("delegation.AgreementDrafted")
def drafted(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO agreement"
        " (agreement_id, programme_id, kind, department_id, town_id, parties, item_ids,"
        " clauses, state, term_from, term_to, transfer_at, position) VALUES (%(agreement_id)s,"
        " %(programme)s,"
        " %(kind)s, %(department_id)s, %(town_id)s, %(parties)s, %(item_ids)s, %(clauses)s,"
        " 'drafted',"
        " %(term_from)s, %(term_to)s, %(transfer_at)s, %(position)s)",
        fact.data | {
            "programme": fact.programme, "position": fact.position,
            "clauses": json.dumps(fact.data["clauses"]),
        },
    )


@agreements.on("delegation.AgreementSigned")
def signed(at: cursor, fact: Fact) -> None:
    _set(at, fact, "state = 'signed', signed_on = %(signed_on)s, file_hash = %(file_hash)s")


@agreements.on("delegation.AgreementFiled")
def filed(at: cursor, fact: Fact) -> None:
    _set(at, fact, "filed_with = %(recipient_org_id)s, filed_on = %(filed_on)s")


@agreements.on("delegation.AgreementAmended")
def amended(at: cursor, fact: Fact) -> None:
    _set(
        at, fact,
        "item_ids = %(item_ids)s, clauses = %(terms)s, filed_with = NULL, filed_on = NULL,"
        " file_hash = coalesce(%(file_hash)s, file_hash)", terms=json.dumps(fact.data["clauses"]),
    )


@agreements.on("delegation.AgreementExpiring")
def expiring(at: cursor, fact: Fact) -> None:
    _set(at, fact, "warned = true")


@agreements.on("delegation.AgreementRenewed")
def renewed(at: cursor, fact: Fact) -> None:
    _set(at, fact, "term_to = %(term_to)s, warned = false")


@agreements.on("delegation.AgreementExpired")
def expired(at: cursor, fact: Fact) -> None:
    _set(at, fact, "state = 'expired', ended_on = %(day)s", day=day_of(fact.data["expired_at"]))


@agreements.on("delegation.AgreementTerminated")
def terminated(at: cursor, fact: Fact) -> None:
    _set(at, fact, "state = 'terminated', ended_on = %(terminated_on)s")
