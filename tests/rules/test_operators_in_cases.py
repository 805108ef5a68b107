"""Who may do an act in a case for the organ: R094, R097."""

from uuid import uuid4

import pytest

from services.cases.readmodel import readmodel
from shared.clock import day_of
from shared.contracts.envelope import instant
from shared.rebuild import rebuild
from shared.refusal import Refused
from tests.county import county  # noqa: F401 - the fixture

AT = "2023-07-04T09:00:00+08:00"
AGENCY = "MD2023-ORG-19"
BEICHENG_CENTRE = "MD2023-TOWN-04-CENTRE"
FUCHENG = "ST2021-TOWN-09"
FUCHENG_DEPT = f"{FUCHENG}-DEPT"
SENDER = "ST2021-ORG-07"
OPINION = {"result": "positive", "opinion_ref": "意见-1"}
CHECKED = {"result": "ok", "defects": []}


def told(county, type_, programme, at, **data):
    county.tell(f"delegation.{type_}", uuid4(), data, programme=programme, at=at)
    county.settle()


def assigned(county, kind, acting_for=BEICHENG_CENTRE, *, since, until=None, operator="op-1"):
    """The operator acts for the counter from that day on."""
    told(
        county, "OperatorAssigned", acting_for.partition("-")[0], f"{since}T00:00:00+08:00",
        operator_id=operator, employer_org_id=AGENCY, acting_org_id=acting_for,
        contract_kind=kind, from_=day_of(instant(f"{since}T12:00:00+08:00")),
        to=day_of(instant(f"{until}T12:00:00+08:00")) if until else None,
    )


def seconded(county, to_org=FUCHENG, *, direction="down", since="2023-07-01", operator="op-1"):
    """An officer of the department goes down, or a learner of the town goes up."""
    told(
        county, "SecondmentStarted", "ST2021", f"{since}T00:00:00+08:00", operator_id=operator,
        direction=direction, from_org_id=SENDER, to_org_id=to_org, item_ids=["ST21-06"],
        from_=day_of(instant(f"{since}T12:00:00+08:00")),
    )


def back(county, *, last_day):
    told(
        county, "SecondmentEnded", "ST2021", f"{last_day}T18:00:00+08:00", operator_id="op-1",
        to=day_of(instant(f"{last_day}T12:00:00+08:00")),
    )


def at_the_window(county):
    """MD23-07 by 委托受理, accepted at 北城街道办事处."""
    county.granted("MD23-07", "MD2023-TOWN-04", "entrusted_acceptance")
    return county.accepted("MD23-07", BEICHENG_CENTRE, at=AT)


def in_the_town(county):
    """ST21-06 by 下放实质性审核权, accepted in 凫城镇."""
    county.granted("ST21-06", FUCHENG, "substantive_review")
    return county.accepted("ST21-06", FUCHENG, at=AT)


def decided_with_seal_no_2(county):
    """MD23-04 by 委托办理 at 北城街道办事处, decided; the seal."""
    county.granted("MD23-04", "MD2023-TOWN-04", "entrusted_handling")
    seal = county.seal_no_2(AGENCY, "MD2023-TOWN-04")
    case = county.accepted("MD23-04", BEICHENG_CENTRE, at=AT)
    county.act("review", case, BEICHENG_CENTRE, at=AT, **OPINION)
    county.act("approve", case, BEICHENG_CENTRE, at=AT)
    return case, seal


@pytest.mark.rule("R094")
def test_a_seconded_officer_does_not_sign_the_towns_review_opinion(county):
    case = in_the_town(county)
    seconded(county)

    with pytest.raises(Refused) as refused:
        county.act("review", case, FUCHENG_DEPT, at=AT, **OPINION)

    assert refused.value.code == "cases.seconded-officer-cannot-act"
    assert refused.value.facts == {
        "act": "substantive_review", "org": FUCHENG_DEPT, "operator": "op-1"
    }
    assert county.events_of(case)[-1] == "AuthorityCheckFailed"
    told_why = county.fact_of(case, "AuthorityCheckFailed")
    assert (told_why["act"], told_why["reason_code"]) == (
        "review", "cases.seconded-officer-cannot-act"
    )


@pytest.mark.rule("R094")
def test_the_act_stays_the_towns_from_the_acceptance_on(county):
    county.granted("ST21-06", FUCHENG, "substantive_review")
    seconded(county)
    case = county.filed("ST21-06", FUCHENG, at=AT)

    with pytest.raises(Refused) as refused:
        county.act("accept", case, FUCHENG, at=AT)

    assert refused.value.code == "cases.seconded-officer-cannot-act"


@pytest.mark.rule("R094")
def test_a_seconded_officer_does_not_pass_the_towns_case_on(county):
    case = in_the_town(county)
    county.act("review", case, FUCHENG_DEPT, at=AT, opinion_seal="seal", **OPINION)
    seconded(county)

    with pytest.raises(Refused) as refused:
        county.act("forward", case, FUCHENG_DEPT, at=AT, to=SENDER)

    assert refused.value.code == "cases.seconded-officer-cannot-act"


@pytest.mark.rule("R094")
def test_a_seconded_officer_does_not_decide_for_the_town(county):
    county.granted("ST21-01", FUCHENG, "direct")
    case = county.accepted("ST21-01", FUCHENG, at=AT)
    county.act("review", case, FUCHENG_DEPT, at=AT, **OPINION)
    seconded(county, FUCHENG_DEPT)

    with pytest.raises(Refused) as refused:
        county.act("approve", case, FUCHENG_DEPT, at=AT)

    assert refused.value.code == "cases.seconded-officer-cannot-act"


@pytest.mark.rule("R094")
def test_the_seconded_officers_own_department_is_still_served(county):
    seconded(county)

    case = county.accepted("ST21-06", SENDER, at=AT)
    county.act("review", case, SENDER, at=AT, **OPINION)
    county.act("approve", case, SENDER, at=AT)

    assert county.events_of(case)[-1] == "ApprovalIssued"


@pytest.mark.rule("R094")
def test_in_the_towns_own_case_the_officer_still_decides_for_the_department(county):
    case = in_the_town(county)
    county.act("review", case, FUCHENG_DEPT, at=AT, opinion_seal="seal", **OPINION)
    county.act("forward", case, FUCHENG_DEPT, at=AT, to=SENDER)
    seconded(county)

    county.act("receive", case, SENDER, at=AT)
    county.act("approve", case, SENDER, at=AT)

    assert county.fact_of(case, "ApprovalIssued")["decided_by_org_id"] == SENDER


@pytest.mark.rule("R094")
@pytest.mark.rule("R097")
def test_an_assignment_does_not_end_a_secondment(county):
    case = in_the_town(county)
    seconded(county)
    assigned(county, "own_staff", FUCHENG, since="2023-07-02")

    with pytest.raises(Refused) as refused:
        county.act("review", case, FUCHENG_DEPT, at=AT, **OPINION)

    assert refused.value.code == "cases.seconded-officer-cannot-act"


@pytest.mark.rule("R094")
@pytest.mark.rule("R097")
def test_the_end_of_a_secondment_does_not_end_an_assignment(county):
    case = in_the_town(county)
    assigned(county, "contractor", FUCHENG, since="2023-06-01")
    seconded(county)
    back(county, last_day="2023-07-02")

    with pytest.raises(Refused) as refused:
        county.act("review", case, FUCHENG_DEPT, at=AT, **OPINION)

    assert refused.value.code == "cases.contractor-cannot-review"


@pytest.mark.rule("R094")
def test_a_secondment_to_another_town_keeps_nobody_from_acting_here(county):
    case = in_the_town(county)
    seconded(county, "ST2021-TOWN-08")

    county.act("review", case, FUCHENG_DEPT, at=AT, **OPINION)

    assert county.events_of(case)[-1] == "SubstantiveReviewCompleted"


@pytest.mark.rule("R094")
def test_a_learner_in_the_department_acts_for_the_town_as_before(county):
    case = in_the_town(county)
    seconded(county, SENDER, direction="up")

    county.act("review", case, FUCHENG_DEPT, at=AT, **OPINION)

    assert county.events_of(case)[-1] == "SubstantiveReviewCompleted"


@pytest.mark.rule("R094")
@pytest.mark.parametrize("at", ["2023-06-30T23:59:59+08:00", "2023-08-01T00:00:00+08:00"])
def test_before_and_after_the_secondment_the_person_may_be_the_towns(county, at):
    county.granted("ST21-06", FUCHENG, "substantive_review")
    seconded(county, since="2023-07-01")
    back(county, last_day="2023-07-31")

    case = county.accepted("ST21-06", FUCHENG, at=at)

    assert county.events_of(case)[-1] == "CaseAccepted"


@pytest.mark.rule("R094")
@pytest.mark.parametrize("at", ["2023-07-01T00:00:00+08:00", "2023-07-31T23:59:59+08:00"])
def test_a_secondment_counts_from_its_first_day_to_its_last(county, at):
    county.granted("ST21-06", FUCHENG, "substantive_review")
    seconded(county, since="2023-07-01")
    back(county, last_day="2023-07-31")
    case = county.filed("ST21-06", FUCHENG, at=at)

    with pytest.raises(Refused) as refused:
        county.act("accept", case, FUCHENG, at=at)

    assert refused.value.code == "cases.seconded-officer-cannot-act"


@pytest.mark.rule("R097")
def test_a_contractor_receives_materials_and_does_not_review_them(county):
    assigned(county, "contractor", since="2023-07-01")
    case = at_the_window(county)

    with pytest.raises(Refused) as refused:
        county.act("preliminary_review", case, BEICHENG_CENTRE, at=AT, **CHECKED)

    assert refused.value.code == "cases.contractor-cannot-review"
    assert refused.value.facts == {
        "act": "preliminary_review", "org": BEICHENG_CENTRE, "operator": "op-1"
    }
    assert county.events_of(case) == [
        "ApplicationSubmitted", "CaseAccepted", "AuthorityCheckFailed"
    ]


@pytest.mark.rule("R097")
def test_a_contractor_passes_papers_on(county):
    case = at_the_window(county)
    county.act("preliminary_review", case, BEICHENG_CENTRE, at=AT, **CHECKED)
    assigned(county, "contractor", since="2023-07-01")

    county.act("forward", case, BEICHENG_CENTRE, at=AT, to=AGENCY)

    assert county.events_of(case)[-1] == "CaseForwarded"


@pytest.mark.rule("R097")
@pytest.mark.parametrize(("act", "fields"), [
    ("approve", {}),
    ("deny", {
        "reason": "不符合条件", "legal_basis": "食品安全法", "document_ref": "文书-1",
        "ground": "merits",
    }),
])
def test_a_contractor_does_not_decide(county, act, fields):
    county.granted("MD23-04", "MD2023-TOWN-04", "entrusted_handling")
    case = county.accepted("MD23-04", BEICHENG_CENTRE, at=AT)
    county.act("review", case, BEICHENG_CENTRE, at=AT, **OPINION)
    assigned(county, "contractor", since="2023-07-01")

    with pytest.raises(Refused) as refused:
        county.act(act, case, BEICHENG_CENTRE, at=AT, **fields)

    assert refused.value.code == "cases.contractor-cannot-review"


@pytest.mark.rule("R097")
def test_a_contractor_does_not_seal_and_the_attempt_is_on_record(county):
    case, seal = decided_with_seal_no_2(county)
    assigned(county, "contractor", since="2023-07-01")

    with pytest.raises(Refused) as refused:
        county.act("seal", case, BEICHENG_CENTRE, at=AT, seal=seal, document_hash="ab" * 32)

    assert refused.value.code == "cases.contractor-cannot-review"
    assert county.fact_of(case, "SealUseRejected")["reason_code"] == refused.value.code


@pytest.mark.rule("R097")
@pytest.mark.parametrize("kind", ["own_staff", "provided"])
def test_who_is_employed_or_provided_by_the_agency_does_every_act(county, kind):
    assigned(county, kind, since="2023-07-01")

    case, seal = decided_with_seal_no_2(county)
    county.act("seal", case, BEICHENG_CENTRE, at=AT, seal=seal, document_hash="ab" * 32)

    assert county.events_of(case)[-1] == "SealApplied"


@pytest.mark.rule("R097")
def test_the_assignment_of_another_operator_keeps_nobody_from_acting(county):
    assigned(county, "contractor", since="2023-07-01", operator="op-2")
    case = at_the_window(county)

    county.act("preliminary_review", case, BEICHENG_CENTRE, at=AT, **CHECKED)

    assert county.events_of(case)[-1] == "PreliminaryReviewCompleted"


@pytest.mark.rule("R097")
def test_with_a_later_assignment_the_earlier_one_ends(county):
    assigned(county, "contractor", since="2023-06-01")
    assigned(county, "provided", since="2023-07-01")
    case = at_the_window(county)

    county.act("preliminary_review", case, BEICHENG_CENTRE, at=AT, **CHECKED)

    assert county.events_of(case)[-1] == "PreliminaryReviewCompleted"


@pytest.mark.rule("R097")
def test_a_later_assignment_does_not_stretch_one_that_is_over(county):
    assigned(county, "contractor", since="2023-06-01", until="2023-06-10")
    assigned(county, "own_staff", since="2023-09-01")
    case = at_the_window(county)

    county.act("preliminary_review", case, BEICHENG_CENTRE, at=AT, **CHECKED)

    assert county.events_of(case)[-1] == "PreliminaryReviewCompleted"


@pytest.mark.rule("R097")
def test_what_an_organ_does_not_hold_is_told_before_what_its_operator_may_not_do(county):
    assigned(county, "contractor", since="2023-07-01")
    case = at_the_window(county)

    with pytest.raises(Refused) as refused:
        county.act("approve", case, BEICHENG_CENTRE, at=AT)

    assert refused.value.code == "cases.decision-not-delegated"


@pytest.mark.rule("R094")
@pytest.mark.rule("R097")
def test_what_is_on_record_of_operators_is_rebuilt_from_the_facts(county):
    assigned(county, "contractor", since="2023-06-01")
    assigned(county, "provided", since="2023-07-01", until="2023-12-31")
    seconded(county)
    back(county, last_day="2023-07-31")
    seconded(county, SENDER, direction="up", operator="op-3")
    consumer = county.consumers["cases"]

    compared = rebuild(
        consumer.database, readmodel, {"delegation": consumer.logs["delegation"]}, ["delegation"]
    )

    kinds = compared["operator_kind"]
    assert (kinds.rows, kinds.live == kinds.rebuilt) == (3, True)
