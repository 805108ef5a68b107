"""Who does what in a case, by mode and place of filing: R050, R056 to R061, R066, R110, R117."""

import pytest

from shared.refusal import Refused
from tests.county import county  # noqa: F401 - the fixture

MORNING = "2021-09-01T09:00:00+08:00"
LATER = "2021-09-02T09:00:00+08:00"
XIJI = "ST2021-TOWN-01"
SHATU = "MD2023-TOWN-08"
ST_BUREAU = "ST2021-ORG-07"
MD_BUREAU = "MD2023-ORG-19"


@pytest.mark.rule("R050")
@pytest.mark.rule("R086")
def test_a_directly_devolved_item_is_decided_and_sealed_in_the_town_and_never_forwarded(county):
    county.granted("ST21-01", XIJI, "direct")
    seal = county.seal_of(XIJI, "town_approval_seal", programme="ST2021")
    case = county.accepted("ST21-01", XIJI, at=MORNING)

    county.act("review", case, f"{XIJI}-DEPT", at=MORNING, result="positive", opinion_ref="op-1")
    county.act("approve", case, f"{XIJI}-DEPT", at=MORNING)
    county.act("seal", case, XIJI, at=MORNING, seal=seal, document_hash="d1")

    assert county.events_of(case) == [
        "ApplicationSubmitted", "CaseAccepted", "SubstantiveReviewCompleted", "ApprovalIssued",
        "SealApplied",
    ]
    approval = county.fact_of(case, "ApprovalIssued")
    assert approval["in_name_of_org_id"] == XIJI
    assert approval["decided_by_org_id"] == f"{XIJI}-DEPT"
    assert approval["seal_kind"] == "town_approval_seal"


@pytest.mark.rule("R050")
def test_a_directly_devolved_item_cannot_be_forwarded(county):
    county.granted("ST21-01", XIJI, "direct")
    case = county.accepted("ST21-01", XIJI, at=MORNING)
    county.act("review", case, f"{XIJI}-DEPT", at=MORNING, result="positive", opinion_ref="op-1")

    with pytest.raises(Refused) as refused:
        county.act("forward", case, XIJI, at=MORNING, to=ST_BUREAU)

    assert refused.value.code == "cases.not-the-next-step"
    assert refused.value.facts["next"] == "decide"


@pytest.mark.rule("R056")
def test_at_a_forward_window_the_town_does_not_decide(county):
    county.granted("ST21-13", "ST2021-TOWN-05", "window_forward")
    case = county.accepted("ST21-13", "ST2021-TOWN-05-CENTRE", at=MORNING)

    with pytest.raises(Refused) as refused:
        county.act("approve", case, "ST2021-TOWN-05-CENTRE", at=MORNING)

    assert refused.value.code == "cases.decision-not-delegated"
    assert "AuthorityCheckFailed" in county.events_of(case)


@pytest.mark.rule("R056")
def test_what_the_window_passes_on_the_department_reviews_and_decides(county):
    county.granted("ST21-13", "ST2021-TOWN-05", "window_forward")
    case = county.accepted("ST21-13", "ST2021-TOWN-05-CENTRE", at=MORNING)

    county.act("forward", case, "ST2021-TOWN-05-CENTRE", at=MORNING, to="ST2021-ORG-12")
    county.act("receive", case, "ST2021-ORG-12", at=LATER)
    county.act("review", case, "ST2021-ORG-12", at=LATER, result="positive", opinion_ref="op-1")
    county.act("approve", case, "ST2021-ORG-12", at=LATER)

    approval = county.fact_of(case, "ApprovalIssued")
    assert approval["decided_by_org_id"] == "ST2021-ORG-12"
    assert approval["basis"] == "full_review"


@pytest.mark.rule("R117")
def test_a_forward_window_has_no_preliminary_review(county):
    county.granted("ST21-12", XIJI, "window_forward")
    case = county.accepted("ST21-12", f"{XIJI}-CENTRE", at=MORNING)

    with pytest.raises(Refused) as refused:
        county.act("preliminary_review", case, f"{XIJI}-CENTRE", at=MORNING, result="ok")

    assert refused.value.code == "cases.facet-not-delegated"


@pytest.mark.rule("R058")
def test_entrusted_handling_names_department_town_and_centre_on_the_decision(county):
    county.granted("MD23-04", SHATU, "entrusted_handling")
    seal = county.seal_no_2(MD_BUREAU, SHATU)
    case = county.accepted("MD23-04", f"{SHATU}-CENTRE", at=MORNING)
    county.act("review", case, f"{SHATU}-CENTRE", at=MORNING, result="positive",
               opinion_ref="op-1")

    county.act("approve", case, f"{SHATU}-CENTRE", at=MORNING)

    approval = county.fact_of(case, "ApprovalIssued")
    assert approval["in_name_of_org_id"] == MD_BUREAU
    assert approval["acting_org_id"] == SHATU
    assert approval["seal_user_org_id"] == f"{SHATU}-CENTRE"
    assert approval["seal_id"] == seal


@pytest.mark.rule("R061")
@pytest.mark.rule("R117")
def test_entrusted_acceptance_is_pre_reviewed_and_forwarded_to_the_granting_department(county):
    county.granted("MD23-30", SHATU, "entrusted_acceptance")
    case = county.accepted("MD23-30", f"{SHATU}-CENTRE", at=MORNING)

    county.act("preliminary_review", case, f"{SHATU}-CENTRE", at=MORNING, result="ok")
    county.act("forward", case, f"{SHATU}-CENTRE", at=LATER, to=MD_BUREAU)

    assert county.fact_of(case, "CaseForwarded")["to_org_id"] == MD_BUREAU


@pytest.mark.rule("R061")
def test_forwarding_to_the_supervising_department_is_the_wrong_target(county):
    county.granted("MD23-30", SHATU, "entrusted_acceptance")
    case = county.accepted("MD23-30", f"{SHATU}-CENTRE", at=MORNING)
    county.act("preliminary_review", case, f"{SHATU}-CENTRE", at=MORNING, result="ok")

    with pytest.raises(Refused) as refused:
        county.act("forward", case, f"{SHATU}-CENTRE", at=MORNING, to="MD2023-ORG-21")

    assert refused.value.code == "cases.wrong-forward-target"
    assert refused.value.facts["target"] == MD_BUREAU


@pytest.mark.rule("R061")
def test_a_preliminary_review_with_defects_does_not_open_the_way_to_forwarding(county):
    county.granted("MD23-30", SHATU, "entrusted_acceptance")
    case = county.accepted("MD23-30", f"{SHATU}-CENTRE", at=MORNING)
    county.act("preliminary_review", case, f"{SHATU}-CENTRE", at=MORNING, result="defects",
               defects=["林权证"])

    with pytest.raises(Refused) as refused:
        county.act("forward", case, f"{SHATU}-CENTRE", at=MORNING, to=MD_BUREAU)

    assert refused.value.code == "cases.not-the-next-step"


@pytest.mark.rule("R066")
def test_a_matter_of_two_towns_is_not_decided_by_the_town(county):
    county.granted("MD23-21", SHATU, "entrusted_handling")
    case = county.accepted(
        "MD23-21", f"{SHATU}-CENTRE", at=MORNING, towns=(SHATU, "MD2023-TOWN-09")
    )

    with pytest.raises(Refused) as refused:
        county.act("approve", case, f"{SHATU}-CENTRE", at=MORNING)

    assert refused.value.code == "cases.cross-town-reserved-to-district"


@pytest.mark.rule("R066")
def test_a_matter_of_two_towns_is_forwarded_and_the_department_approves_with_its_own_seal(county):
    county.granted("MD23-21", SHATU, "entrusted_handling")
    seal = county.seal_of(MD_BUREAU, "department_seal", programme="MD2023")
    case = county.accepted(
        "MD23-21", f"{SHATU}-CENTRE", at=MORNING, towns=(SHATU, "MD2023-TOWN-09")
    )

    county.act("forward", case, f"{SHATU}-CENTRE", at=MORNING, to=MD_BUREAU)
    county.act("receive", case, MD_BUREAU, at=LATER)
    county.act("approve", case, MD_BUREAU, at=LATER)
    county.act("seal", case, MD_BUREAU, at=LATER, seal=seal, document_hash="d1")

    assert county.fact_of(case, "CaseForwarded")["reason"] == "cross_town"
    assert county.events_of(case)[-2:] == ["ApprovalIssued", "SealApplied"]


@pytest.mark.rule("R066")
def test_a_second_town_found_later_turns_the_case_to_the_district_and_keeps_its_acceptance(county):
    county.granted("MD23-21", SHATU, "entrusted_handling")
    case = county.accepted("MD23-21", f"{SHATU}-CENTRE", at=MORNING, towns=(SHATU,))
    county.act("review", case, f"{SHATU}-CENTRE", at=MORNING, result="positive",
               opinion_ref="op-1")

    county.act("detect_cross_town", case, f"{SHATU}-CENTRE", at=LATER, town="MD2023-TOWN-09")
    county.act("forward", case, f"{SHATU}-CENTRE", at=LATER, to=MD_BUREAU)

    accepted = county.fact_of(case, "CaseAccepted")["accepted_at"]
    assert county.fact_of(case, "CaseForwarded")["accepted_at"] == accepted
    assert county.fact_of(case, "CrossTownDetected")["detected_at_step"] == "reviewed"


def returned_across_towns(county):
    """Reviewed by the centre, then found to concern two towns, forwarded and sent back."""
    county.granted("MD23-21", SHATU, "entrusted_handling")
    centre = f"{SHATU}-CENTRE"
    case = county.accepted("MD23-21", centre, at=MORNING, towns=(SHATU,))
    county.act("review", case, centre, at=MORNING, result="positive", opinion_ref="op-1")
    county.act("detect_cross_town", case, centre, at=LATER, town="MD2023-TOWN-09")
    county.act("forward", case, centre, at=LATER, to=MD_BUREAU)
    county.act("receive", case, MD_BUREAU, at=LATER)
    county.act("return_case", case, MD_BUREAU, at=LATER, reason_code="wrong_item", text="请核对")
    return case


@pytest.mark.rule("R066")
@pytest.mark.rule("R119")
def test_a_returned_case_of_two_towns_is_only_forwarded_again_and_reviewed_by_the_district(county):
    case = returned_across_towns(county)

    county.act("forward", case, f"{SHATU}-CENTRE", at=LATER, to=MD_BUREAU)
    county.act("receive", case, MD_BUREAU, at=LATER)
    county.act("review", case, MD_BUREAU, at=LATER, result="positive", opinion_ref="op-2")
    county.act("approve", case, MD_BUREAU, at=LATER)

    assert county.fact_of(case, "ApprovalIssued")["decided_by_org_id"] == MD_BUREAU


@pytest.mark.rule("R061")
def test_no_organ_forwards_a_case_to_itself(county):
    case = returned_across_towns(county)

    with pytest.raises(Refused) as refused:
        county.act("forward", case, MD_BUREAU, at=LATER, to=MD_BUREAU)

    assert refused.value.code == "cases.wrong-forward-target"


@pytest.mark.rule("R110")
def test_the_place_of_acceptance_decides_who_decides_and_whose_seal_is_used(county):
    county.granted("ST21-01", "ST2021-TOWN-04", "direct")

    in_town = county.accepted("ST21-01", "ST2021-TOWN-04", at=MORNING, key="a-1")
    at_district = county.accepted("ST21-01", ST_BUREAU, at=MORNING, key="a-2")

    decides = {"step": "decide", "org_id": "ST2021-TOWN-04-DEPT", "capacity": "own"}
    assert decides in county.fact_of(in_town, "CaseAccepted")["path"]
    assert {step["org_id"] for step in county.fact_of(at_district, "CaseAccepted")["path"]} == {
        ST_BUREAU
    }
