"""Authority at the moment of the act: R046, R059, R064, R075, R131, R181."""

import pytest

from shared.refusal import Refused
from tests.county import county  # noqa: F401 - the fixture

ACCEPTED = "2024-02-28T09:00:00+08:00"
ENDS = "2024-03-01T00:00:00+08:00"
AFTER = "2024-03-01T09:00:00+08:00"
WANGHAOTUN = "MD2023-TOWN-18"
CENTRE = f"{WANGHAOTUN}-CENTRE"
MD_BUREAU = "MD2023-ORG-19"
UNIT = "GZ2020-UNIT-15"


def reviewed_in_town(county):
    """MD23-12 in entrusted handling, accepted and reviewed by the centre; and its grant."""
    grant = county.granted("MD23-12", WANGHAOTUN, "entrusted_handling")
    case = county.accepted("MD23-12", CENTRE, at=ACCEPTED)
    county.act("review", case, CENTRE, at=ACCEPTED, result="positive", opinion_ref="op-1")
    return case, grant


@pytest.mark.rule("R131")
@pytest.mark.rule("R181")
def test_after_the_recall_the_town_does_not_decide_and_the_case_goes_up_with_its_acceptance(county):
    case, grant = reviewed_in_town(county)
    county.recalled(grant, "MD23-12", WANGHAOTUN, from_=ENDS, at="2024-02-29T09:00:00+08:00")
    county.settle()

    with pytest.raises(Refused) as refused:
        county.act("approve", case, CENTRE, at=AFTER)

    assert refused.value.code == "cases.authority-lapsed"
    assert county.events_of(case)[-2:] == ["AuthorityCheckFailed", "CaseHandedUp"]
    handed_up = county.fact_of(case, "CaseHandedUp")
    assert handed_up["to_org_id"] == MD_BUREAU
    assert handed_up["accepted_at"] == county.fact_of(case, "CaseAccepted")["accepted_at"]


@pytest.mark.rule("R131")
def test_until_the_recall_takes_effect_the_town_decides(county):
    case, grant = reviewed_in_town(county)
    county.recalled(grant, "MD23-12", WANGHAOTUN, from_=ENDS, at="2024-02-29T09:00:00+08:00")
    county.settle()

    county.act("approve", case, CENTRE, at="2024-02-29T23:59:59+08:00")

    assert county.events_of(case)[-1] == "ApprovalIssued"


@pytest.mark.rule("R131")
def test_a_decision_taken_before_the_recall_was_heard_of_stands(county):
    case, grant = reviewed_in_town(county)

    county.act("approve", case, CENTRE, at=AFTER)
    county.recalled(grant, "MD23-12", WANGHAOTUN, from_=ENDS, at="2024-02-29T09:00:00+08:00")
    county.settle()

    assert county.events_of(case)[-1] == "ApprovalIssued"
    assert county.fact_of(case, "ApprovalIssued")["holdings_version"] == 2


@pytest.mark.rule("R131")
@pytest.mark.rule("R181")
def test_a_recall_in_force_hands_up_every_open_case_of_the_grant_once(county):
    case, grant = reviewed_in_town(county)
    county.recalled(grant, "MD23-12", WANGHAOTUN, from_=ENDS, at=AFTER)
    county.settle()

    county.do("cases", "run_due", {"programme": "MD2023", "now": AFTER}, at=AFTER)

    assert county.events_of(case).count("CaseHandedUp") == 1
    assert county.ask("cases", "case", {"case": case})["at_org_id"] == MD_BUREAU


@pytest.mark.rule("R131")
@pytest.mark.rule("R224")
def test_a_recall_for_a_later_day_hands_up_when_that_day_comes(county):
    case, grant = reviewed_in_town(county)
    county.recalled(grant, "MD23-12", WANGHAOTUN, from_=ENDS, at="2024-02-29T09:00:00+08:00")
    before = county.events_of(case)

    county.do("cases", "run_due", {"programme": "MD2023", "now": ENDS}, at=ENDS)

    assert "CaseHandedUp" not in before
    assert county.events_of(case)[-1] == "CaseHandedUp"


@pytest.mark.rule("R131")
def test_the_department_decides_and_seals_a_case_that_was_handed_up(county):
    case, grant = reviewed_in_town(county)
    seal = county.seal_of(MD_BUREAU, "department_seal", programme="MD2023")
    county.recalled(grant, "MD23-12", WANGHAOTUN, from_=ENDS, at=AFTER)
    county.settle()

    county.act("approve", case, MD_BUREAU, at=AFTER)
    county.act("seal", case, MD_BUREAU, at=AFTER, seal=seal, document_hash="d1")

    approval = county.fact_of(case, "ApprovalIssued")
    assert (approval["in_name_of_org_id"], approval["authority"]["grant_id"]) == (MD_BUREAU, None)


@pytest.mark.rule("R053")
@pytest.mark.rule("R131")
def test_a_case_handed_up_before_the_town_reviewed_it_is_reviewed_in_full(county):
    town, department = "ST2021-TOWN-07", "ST2021-ORG-07"
    grant = county.granted("ST21-06", town, "substantive_review")
    case = county.accepted("ST21-06", town, at=ACCEPTED)
    county.recalled(grant, "ST21-06", town, from_=ENDS, at=AFTER)
    county.settle()

    county.act("review", case, department, at=AFTER, result="negative", opinion_ref="op-1")
    county.act("deny", case, department, at=AFTER, reason="不符合条件", legal_basis="法",
               document_ref="doc-1", ground="merits")

    assert county.fact_of(case, "ApplicationDenied")["ground"] == "merits"


@pytest.mark.rule("R131")
def test_where_reviewed_cases_are_finished_the_town_finishes_them(county):
    case, grant = reviewed_in_town(county)
    county.recalled(grant, "MD23-12", WANGHAOTUN, from_=ENDS, at=AFTER,
                    in_flight="finish_if_reviewed")
    county.settle()

    county.act("approve", case, CENTRE, at=AFTER)

    assert county.fact_of(case, "ApprovalIssued")["authority"]["grant_id"] == grant
    assert "CaseHandedUp" not in county.events_of(case)


@pytest.mark.rule("R075")
@pytest.mark.rule("R131")
def test_after_the_grant_has_ended_nothing_new_is_accepted_in_the_town(county):
    grant = county.granted("MD23-12", WANGHAOTUN, "entrusted_handling")
    county.recalled(grant, "MD23-12", WANGHAOTUN, from_=ENDS, at=ENDS)
    county.settle()
    case = county.filed("MD23-12", CENTRE, at=AFTER)

    with pytest.raises(Refused) as refused:
        county.act("accept", case, CENTRE, at=AFTER)

    assert refused.value.code == "cases.no-grant-in-force"


@pytest.mark.rule("R046")
def test_under_a_legality_review_the_town_decides_no_case_and_the_department_goes_on(county):
    case, grant = reviewed_in_town(county)

    county.under_review(grant, "MD23-12", WANGHAOTUN, at=AFTER)
    with pytest.raises(Refused) as refused:
        county.act("approve", case, CENTRE, at=AFTER)

    assert refused.value.code == "cases.authority-lapsed"
    assert county.fact_of(case, "CaseHandedUp")["cause"] == "legality"


@pytest.mark.rule("R059")
@pytest.mark.parametrize("door", ["approve", "review"])
def test_a_village_station_never_acts_in_a_case(county, door):
    county.granted("MD23-24", "MD2023-TOWN-17", "entrusted_handling")
    case = county.accepted("MD23-24", "MD2023-TOWN-17-CENTRE", at=ACCEPTED)
    fields = {"approve": {}, "review": {"result": "positive", "opinion_ref": "op-1"}}[door]

    with pytest.raises(Refused) as refused:
        county.act(door, case, "MD2023-STATION-1", at=ACCEPTED, **fields)

    assert refused.value.of_record
    assert county.events_of(case)[-1] == "AuthorityCheckFailed"


@pytest.mark.rule("R059")
def test_a_partner_site_hands_in_but_does_not_accept(county):
    county.granted("MD23-24", "MD2023-TOWN-17", "entrusted_handling")
    case = county.filed("MD23-24", "MD2023-TOWN-17-CENTRE", at=ACCEPTED)

    with pytest.raises(Refused) as refused:
        county.act("accept", case, "MD2023-PARTNER-1", at=ACCEPTED)

    assert refused.value.code == "cases.facet-not-delegated"


@pytest.mark.rule("R064")
def test_after_the_transfer_the_bureau_acts_for_everything_and_the_department_is_refused(county):
    former = "GZ2020-UNIT-15-ORG-01"
    county.transferred("GZ20-001", UNIT, at="2021-04-01T00:00:00+08:00")
    case = county.filed("GZ20-001", former, at="2021-04-01T09:00:00+08:00")

    with pytest.raises(Refused) as refused:
        county.act("accept", case, former, at="2021-04-01T09:00:00+08:00")
    ours = county.accepted("GZ20-001", f"{UNIT}-BUREAU", at="2021-04-01T09:00:00+08:00", key="b")

    assert refused.value.code == "cases.power-transferred"
    accepted = county.fact_of(ours, "CaseAccepted")
    assert accepted["accepted_level"] == "bureau"
    assert {step["org_id"] for step in accepted["path"]} == {f"{UNIT}-BUREAU"}


@pytest.mark.rule("R064")
@pytest.mark.rule("R131")
def test_a_case_the_department_accepted_before_the_transfer_is_decided_by_the_bureau(county):
    former = "GZ2020-UNIT-15-ORG-01"
    case = county.accepted("GZ20-001", former, at="2021-03-31T09:00:00+08:00")
    county.transferred("GZ20-001", UNIT, at="2021-04-01T00:00:00+08:00")
    review = {"result": "positive", "opinion_ref": "op-1"}

    with pytest.raises(Refused) as refused:
        county.act("review", case, former, at="2021-04-01T09:00:00+08:00", **review)
    county.act("review", case, f"{UNIT}-BUREAU", at="2021-04-01T09:00:00+08:00", **review)
    county.act("approve", case, f"{UNIT}-BUREAU", at="2021-04-01T09:00:00+08:00")

    assert refused.value.code == "cases.power-transferred"
    assert county.fact_of(case, "ApprovalIssued")["in_name_of_org_id"] == f"{UNIT}-BUREAU"


@pytest.mark.rule("R064")
@pytest.mark.rule("R110")
def test_beside_a_grant_the_department_keeps_its_own_power(county):
    county.granted("MD23-12", WANGHAOTUN, "entrusted_handling")

    case = county.accepted("MD23-12", MD_BUREAU, at=ACCEPTED, town=WANGHAOTUN)

    accepted = county.fact_of(case, "CaseAccepted")
    assert (accepted["accepted_level"], accepted["grant_id"]) == ("district", None)


@pytest.mark.rule("R131")
def test_every_act_pins_the_grant_and_its_position_in_the_delegation_log(county):
    case, grant = reviewed_in_town(county)

    pinned = county.fact_of(case, "SubstantiveReviewCompleted")["authority"]

    assert (pinned["grant_id"], pinned["grant_position"]) == (grant, 0)
    assert (pinned["mode"], pinned["facet"]) == ("entrusted_handling", "substantive_review")
    assert (pinned["org_id"], pinned["capacity"]) == (CENTRE, "in_name_of_department")
    assert pinned["instrument"]["kind"] == "decision"


@pytest.mark.rule("R131")
def test_a_failed_check_of_authority_answers_a_repetition_with_the_same_refusal(county):
    case, _ = reviewed_in_town(county)
    told = {"command": "11111111-1111-4111-8111-111111111111", "at": ACCEPTED}

    with pytest.raises(Refused) as first:
        county.act("approve", case, "MD2023-STATION-1", **told)
    with pytest.raises(Refused) as second:
        county.act("approve", case, "MD2023-STATION-1", **told)

    assert (first.value.code, first.value.facts) == (second.value.code, second.value.facts)
    assert county.events_of(case).count("AuthorityCheckFailed") == 1
