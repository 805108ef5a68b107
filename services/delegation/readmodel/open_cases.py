"""Open cases, as far as the end of a grant concerns them (R131)."""

from psycopg2.extensions import cursor

from shared.contracts.envelope import Fact
from shared.projection import Projection

open_cases = Projection()

# The state a fact puts its case in, and the field that says with whom it is then.
STATES = {
    "cases.MaterialsDeficiencyNotified": ("deficient", None),
    "cases.SubstantiveReviewCompleted": ("reviewed", "reviewer_org_id"),
    "cases.CaseForwarded": ("forwarded", "to_org_id"),
    "cases.CaseForwardReceived": ("received", None),
    "cases.CaseReturned": ("returned", "to_org_id"),
}


@open_cases.on("cases.ApplicationSubmitted")
def submitted(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO open_case (case_id, programme_id, item_id, town_id, state, with_org_id) VALUES"
        " (%(case_id)s, %(programme)s, %(item_id)s, %(town_id)s, 'submitted', %(chosen_org_id)s)",
        fact.data | {"programme": fact.programme},
    )


@open_cases.on("cases.CaseAccepted")
def accepted(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO open_case VALUES (%(case_id)s, %(programme)s, %(item_id)s, %(town_id)s,"
        " %(grant_id)s, 'accepted', %(accepted_by_org_id)s) ON CONFLICT (case_id) DO UPDATE SET"
        " town_id = EXCLUDED.town_id, grant_id = EXCLUDED.grant_id, state = EXCLUDED.state,"
        " with_org_id = EXCLUDED.with_org_id", fact.data | {"programme": fact.programme},
    )


@open_cases.on(*STATES)
def moved(at: cursor, fact: Fact) -> None:
    state, whom = STATES[fact.type]
    at.execute(
        "UPDATE open_case SET state = %(state)s, with_org_id = coalesce(%(whom)s, with_org_id)"
        " WHERE case_id = %(case_id)s",
        fact.data | {"state": state, "whom": whom and fact.data[whom]},
    )


@open_cases.on("cases.MaterialsSupplemented")
def supplemented(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE open_case SET state = CASE WHEN grant_id IS NULL THEN 'submitted'"
        " ELSE 'accepted' END WHERE case_id = %(case_id)s", fact.data,
    )


@open_cases.on("cases.ApprovalIssued")
def approved(at: cursor, fact: Fact) -> None:
    """Decided, and still to be sealed by whoever keeps the seal."""
    at.execute(
        "UPDATE open_case SET state = 'decided', with_org_id = %(whom)s"
        " WHERE case_id = %(case_id)s",
        fact.data | {"whom": fact.data["seal_user_org_id"] or fact.data["acting_org_id"]},
    )


@open_cases.on(
    "cases.SealApplied", "cases.ApplicationDenied", "cases.ServiceCompleted",
    "cases.DocumentDelivered", "cases.CaseHandedUp", "cases.CaseNotAccepted",
    "cases.CaseWithdrawn", "cases.CaseClosed", "cases.DuplicateApplicationLinked",
)
def over(at: cursor, fact: Fact) -> None:
    """No grant's end concerns it any more."""
    at.execute("DELETE FROM open_case WHERE case_id = %(case_id)s", fact.data)
