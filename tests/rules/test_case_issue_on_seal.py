"""Cases reviewed in the town and issued on its seal (见章发证): R052 to R054, R110, R119, R133."""

import pytest

from shared.refusal import Refused
from tests.county import county  # noqa: F401 - the fixture

MORNING = "2021-09-01T09:00:00+08:00"
LATER = "2021-09-02T09:00:00+08:00"
XIJI = "ST2021-TOWN-01"
ST_BUREAU = "ST2021-ORG-07"


def reviewed_in_town(county, *, result="positive", seal="town-seal", item="ST21-06"):
    """A case of item 6 in mode substantive_review, reviewed by the town's department."""
    county.granted(item, XIJI, "substantive_review")
    case = county.accepted(item, XIJI, at=MORNING)
    county.act("review", case, f"{XIJI}-DEPT", at=MORNING, result=result, opinion_ref="op-1",
               opinion_seal=seal)
    return case


def forwarded_on_seal(county, **told):
    """The same, forwarded to the department and received there."""
    case = reviewed_in_town(county, **told)
    county.act("forward", case, f"{XIJI}-DEPT", at=MORNING, to=ST_BUREAU)
    county.act("receive", case, ST_BUREAU, at=LATER)
    return case


@pytest.mark.rule("R052")
def test_forwarding_without_an_opinion_is_invalid(county):
    county.granted("ST21-06", XIJI, "substantive_review")
    case = county.accepted("ST21-06", XIJI, at=MORNING)

    with pytest.raises(Refused) as refused:
        county.act("forward", case, XIJI, at=MORNING, to=ST_BUREAU)

    assert refused.value.code == "cases.opinion-missing"


@pytest.mark.rule("R052")
@pytest.mark.rule("R053")
def test_an_opinion_without_a_seal_is_not_forwarded_to_be_issued_on_the_seal(county):
    case = reviewed_in_town(county, seal=None)

    with pytest.raises(Refused) as refused:
        county.act("forward", case, f"{XIJI}-DEPT", at=MORNING, to=ST_BUREAU)

    assert refused.value.code == "cases.opinion-missing"


@pytest.mark.rule("R052")
def test_a_reviewed_case_is_forwarded_with_its_opinion(county):
    case = reviewed_in_town(county)

    county.act("forward", case, f"{XIJI}-DEPT", at=LATER, to=ST_BUREAU)

    forwarded = county.fact_of(case, "CaseForwarded")
    assert forwarded["opinion_ref"] == "op-1"
    assert forwarded["reason"] == "mode"
    assert forwarded["due_at"] is None


@pytest.mark.rule("R052")
def test_where_negative_opinions_are_forwarded_the_district_denies_on_the_towns_opinion(county):
    case = forwarded_on_seal(county, result="negative")

    with pytest.raises(Refused) as refused:
        county.act("approve", case, ST_BUREAU, at=LATER)
    county.act("deny", case, ST_BUREAU, at=LATER, reason="不符合条件", legal_basis="法",
               document_ref="doc-1", ground="merits")

    assert refused.value.code == "cases.opinion-negative"
    assert county.fact_of(case, "ApplicationDenied")["ground"] == "town_opinion"


@pytest.mark.rule("R053")
def test_the_district_may_not_deny_on_the_merits_what_the_town_has_reviewed(county):
    case = forwarded_on_seal(county, item="ST21-06")

    with pytest.raises(Refused) as refused:
        county.act("deny", case, ST_BUREAU, at=LATER, reason="不符合条件", legal_basis="法",
                   document_ref="doc-1", ground="merits")

    assert refused.value.code == "cases.merits-review-not-allowed"


@pytest.mark.rule("R053")
def test_the_district_may_not_review_again_what_the_town_has_reviewed(county):
    case = forwarded_on_seal(county)

    with pytest.raises(Refused) as refused:
        county.act("review", case, ST_BUREAU, at=LATER, result="negative", opinion_ref="op-2")

    assert refused.value.code == "cases.merits-review-not-allowed"


@pytest.mark.rule("R053")
@pytest.mark.rule("R110")
def test_the_same_item_filed_at_the_district_is_reviewed_in_full_and_may_be_denied(county):
    county.granted("ST21-06", XIJI, "substantive_review")
    case = county.accepted("ST21-06", ST_BUREAU, at=MORNING, town=XIJI)

    county.act("review", case, ST_BUREAU, at=LATER, result="negative", opinion_ref="op-1")
    county.act("deny", case, ST_BUREAU, at=LATER, reason="不符合条件", legal_basis="法",
               document_ref="doc-1", ground="merits")

    assert county.fact_of(case, "ApplicationDenied")["ground"] == "merits"


@pytest.mark.rule("R053")
@pytest.mark.parametrize(
    "reason", ["seal_missing", "seal_not_genuine", "opinion_missing", "wrong_item"]
)
def test_the_district_returns_a_town_reviewed_case_for_a_defect_of_form(county, reason):
    case = forwarded_on_seal(county)

    county.act("return_case", case, ST_BUREAU, at=LATER, reason_code=reason, text="请补正")

    assert county.fact_of(case, "CaseReturned")["to_org_id"] == XIJI


@pytest.mark.rule("R053")
def test_the_district_does_not_return_a_town_reviewed_case_for_any_other_reason(county):
    case = forwarded_on_seal(county)

    with pytest.raises(Refused) as refused:
        county.act("return_case", case, ST_BUREAU, at=LATER, reason_code="not_convinced",
                   text="事实不清")

    assert refused.value.code == "cases.merits-review-not-allowed"


@pytest.mark.rule("R053")
@pytest.mark.rule("R119")
def test_a_returned_case_is_reviewed_and_forwarded_again_and_the_return_is_counted(county):
    case = forwarded_on_seal(county)
    county.act("return_case", case, ST_BUREAU, at=LATER, reason_code="seal_missing", text="缺章")

    county.act("review", case, f"{XIJI}-DEPT", at=LATER, result="positive", opinion_ref="op-2",
               opinion_seal="town-seal")
    county.act("forward", case, f"{XIJI}-DEPT", at=LATER, to=ST_BUREAU)
    county.settle()

    row = county.ask("cases", "case", {"case": case})
    assert (row["state"], row["returns"]) == ("forwarded", 1)


@pytest.mark.rule("R054")
def test_the_town_department_that_reviewed_is_liable_and_the_district_issues(county):
    case = forwarded_on_seal(county)

    county.act("approve", case, ST_BUREAU, at=LATER)

    approval = county.fact_of(case, "ApprovalIssued")
    assert approval["liable_org_id"] == f"{XIJI}-DEPT"
    assert approval["decided_by_org_id"] == ST_BUREAU
    assert approval["basis"] == "issue_on_seal"


@pytest.mark.rule("R119")
def test_a_second_acknowledgement_of_a_forward_changes_nothing(county):
    case = forwarded_on_seal(county)

    again = county.act("receive", case, ST_BUREAU, at=LATER)

    assert again["events"] == []
    assert county.events_of(case).count("CaseForwardReceived") == 1


@pytest.mark.rule("R133")
def test_the_town_sees_what_the_district_did_with_the_case_it_forwarded(county):
    case = forwarded_on_seal(county)

    county.act("approve", case, ST_BUREAU, at=LATER)
    county.settle()

    (row,) = county.ask("cases", "cases", {"town": XIJI})
    assert (row["case_id"], row["outcome"]) == (case, "approved")
    assert row["at_org_name"] == "区行政审批服务局"
