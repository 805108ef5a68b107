"""The read model of applicants: which fields are held, every fact, and what was erased."""

import json

from psycopg2.extensions import cursor

from shared.contracts import events
from shared.contracts.envelope import Fact
from shared.projection import Projection

applicants = Projection()


@applicants.on("cases.ApplicantRegistered")
def registered(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO applicant (applicant_key, programme_id, commitment, held_fields,"
        " registered_by_org_id, registered_at) VALUES (%(applicant_key)s, %(programme_id)s,"
        " %(commitment)s, %(held_fields)s, %(registered_by_org_id)s, %(registered_at)s)", fact.data,
    )


@applicants.on("cases.ApplicantDetailsCorrected")
def corrected(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE applicant SET commitment = %(commitment)s, held_fields = %(held_fields)s,"
        " corrected_at = %(corrected_at)s WHERE applicant_key = %(applicant_key)s", fact.data,
    )


@applicants.on("cases.ApplicantErased")
def erased(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE applicant SET held_fields = '{}', erased_at = %(erased_at)s,"
        " erased_by_org_id = %(erased_by_org_id)s, erased_fields = %(erased_fields)s,"
        " ground = %(ground)s, instrument_ref = %(instrument_ref)s"
        " WHERE applicant_key = %(applicant_key)s", fact.data,
    )


@applicants.on(
    "cases.ApplicantRegistered", "cases.ApplicantDetailsRead", "cases.ApplicantDetailsCorrected",
    "cases.ApplicantErased", "cases.ApplicantAccessRefused",
)
def told(at: cursor, fact: Fact) -> None:
    """Keep every fact about an applicant."""
    at.execute(
        "INSERT INTO applicant_act VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            fact.data["applicant_key"], fact.position, fact.type, fact.actor["org"],
            fact.actor["operator"], fact.occurred_at, fact.recorded_at,
            json.dumps(events.dump(fact.type, fact.data)),
        ),
    )
