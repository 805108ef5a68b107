"""Where an application is accepted and where it goes: R013, R014, R110-R114, R118, R126, R132."""

from datetime import UTC, datetime

import pytest
from marshmallow import ValidationError

from shared.refusal import Refused
from tests.county import county  # noqa: F401 - the fixture

MORNING = "2021-09-01T09:00:00+08:00"
SANGCUN = "ST2021-TOWN-02"
XIJI = "ST2021-TOWN-01"
ST_BUREAU = "ST2021-ORG-07"
MD_BUREAU = "MD2023-ORG-19"
SOLE = "个人独资企业及分支机构设立、变更、注销登记"


@pytest.mark.rule("R013")
def test_a_town_with_a_scoped_grant_sends_other_matters_to_the_department(county):
    county.granted("ST21-09", SANGCUN, "window_forward", scope=(SOLE,))
    case = county.filed(
        "ST21-09", f"{SANGCUN}-CENTRE", at=MORNING, subitem="有限责任公司设立登记"
    )

    with pytest.raises(Refused) as refused:
        county.act("accept", case, f"{SANGCUN}-CENTRE", at=MORNING)

    assert refused.value.code == "cases.outside-scope"
    assert refused.value.facts["go_to"] == {"org_id": ST_BUREAU, "name": "区行政审批服务局"}
    assert "书面告知" in refused.value.zh


@pytest.mark.rule("R013")
def test_a_town_with_a_scoped_grant_accepts_the_named_sub_item(county):
    county.granted("ST21-09", SANGCUN, "window_forward", scope=(SOLE,))

    case = county.accepted("ST21-09", f"{SANGCUN}-CENTRE", at=MORNING, subitem=SOLE)

    assert county.fact_of(case, "CaseAccepted")["accepted_by_org_id"] == f"{SANGCUN}-CENTRE"


@pytest.mark.rule("R014")
def test_what_the_name_excludes_is_accepted_nowhere(county):
    case = county.filed("MD23-11", MD_BUREAU, at=MORNING, subitem="限制农药")

    with pytest.raises(Refused) as refused:
        county.act("accept", case, MD_BUREAU, at=MORNING)

    assert refused.value.code == "cases.excluded-by-item-name"


@pytest.mark.rule("R110")
def test_where_the_notice_gives_no_equal_right_the_town_alone_accepts_what_it_took_over(county):
    county.granted("SR20-001", "SR2020-TOWN-01", "conferral")
    case = county.filed("SR20-001", "SR2020-ORG-10", at=MORNING, town="SR2020-TOWN-01")

    with pytest.raises(Refused) as refused:
        county.act("accept", case, "SR2020-ORG-10", at=MORNING)

    assert refused.value.code == "cases.no-equal-acceptance"


@pytest.mark.rule("R111")
@pytest.mark.parametrize("reason", ["apply_in_town", "apply_in_district"])
def test_sending_the_applicant_to_the_other_level_is_no_reason_of_law(county, reason):
    case = county.filed("ST21-10", ST_BUREAU, at=MORNING, town="ST2021-TOWN-06")

    with pytest.raises(Refused) as refused:
        county.act("not_accept", case, ST_BUREAU, at=MORNING, reason_code=reason,
                   legal_basis="法", document_ref="doc-1")

    assert refused.value.code == "cases.reason-not-admitted"


@pytest.mark.rule("R111")
@pytest.mark.rule("R132")
def test_a_non_acceptance_has_a_reason_of_law_and_a_document(county):
    case = county.filed("ST21-10", ST_BUREAU, at=MORNING)

    county.act("not_accept", case, ST_BUREAU, at=MORNING, reason_code="outside_scope",
               legal_basis="法", document_ref="doc-1")

    assert county.fact_of(case, "CaseNotAccepted")["document_ref"] == "doc-1"


@pytest.mark.rule("R132")
@pytest.mark.parametrize("missing", ["reason", "legal_basis", "document_ref"])
def test_a_denial_without_reason_or_document_is_no_denial(county, missing):
    case = county.accepted("ST21-06", ST_BUREAU, at=MORNING)
    told = {"reason": "不符合条件", "legal_basis": "法", "document_ref": "d", "ground": "merits"}
    del told[missing]

    with pytest.raises(ValidationError) as wrong:
        county.act("deny", case, ST_BUREAU, at=MORNING, **told)

    assert missing in wrong.value.messages


@pytest.mark.rule("R112")
@pytest.mark.parametrize("order", [("early", "late"), ("late", "early")])
def test_of_two_acceptances_of_one_application_the_earlier_stands_in_either_order(county, order):
    county.granted("ST21-01", XIJI, "direct")
    early = ("00000000-0000-4000-8000-00000000000f", XIJI, "2021-09-01T09:00:00+08:00")
    late = ("00000000-0000-4000-8000-00000000000a", ST_BUREAU, "2021-09-01T09:00:05+08:00")
    first, second = ({"early": early, "late": late}[name] for name in order)

    county.accepted("ST21-01", first[1], at=first[2], case=first[0])
    county.settle()
    county.accepted("ST21-01", second[1], at=second[2], case=second[0])
    county.settle()

    assert county.ask("cases", "case", {"case": early[0]})["state"] == "accepted"
    linked = county.ask("cases", "case", {"case": late[0]})
    assert (linked["state"], linked["duplicate_of"]) == ("duplicate", early[0])


@pytest.mark.rule("R112")
def test_acceptances_at_the_same_instant_are_decided_by_id(county):
    county.granted("ST21-01", XIJI, "direct")
    larger, smaller = "b0000000-0000-4000-8000-000000000000", "a0000000-0000-4000-8000-000000000000"

    county.accepted("ST21-01", XIJI, at=MORNING, case=larger)
    county.accepted("ST21-01", ST_BUREAU, at=MORNING, case=smaller)
    county.settle()

    assert county.ask("cases", "case", {"case": larger})["duplicate_of"] == smaller


@pytest.mark.rule("R112")
def test_a_new_application_after_the_first_was_finished_is_no_duplicate(county):
    county.granted("ST21-04", XIJI, "direct")
    first = county.accepted("ST21-04", XIJI, at=MORNING)
    county.act("complete", first, XIJI, at="2021-09-01T09:10:00+08:00", outcome_kind="record")

    second = county.accepted("ST21-04", XIJI, at="2021-09-02T09:00:00+08:00")
    county.settle()

    assert county.ask("cases", "case", {"case": second})["state"] == "accepted"


@pytest.mark.rule("R112")
def test_who_was_denied_may_apply_again_before_the_papers_are_delivered(county):
    denied = county.accepted("MD23-05", MD_BUREAU, at=MORNING)
    county.act("review", denied, MD_BUREAU, at="2021-09-01T14:00:00+08:00", result="positive",
               opinion_ref="op-1", opinion_seal=None)
    county.act("deny", denied, MD_BUREAU, at="2021-09-01T15:00:00+08:00", reason="不符合条件",
               legal_basis="法", document_ref="doc-1", ground="merits")

    again = county.accepted("MD23-05", MD_BUREAU, at="2021-09-02T09:00:00+08:00")
    county.settle()

    assert county.ask("cases", "case", {"case": again})["state"] == "accepted"


@pytest.mark.rule("R113")
def test_a_town_without_the_grant_shows_the_district_and_the_towns_that_have_it(county):
    county.granted("MD23-02", "MD2023-TOWN-02", "entrusted_acceptance")
    case = county.filed("MD23-02", "MD2023-TOWN-01-CENTRE", at=MORNING)

    with pytest.raises(Refused) as refused:
        county.act("accept", case, "MD2023-TOWN-01-CENTRE", at=MORNING)

    assert refused.value.code == "cases.no-grant-in-force"
    assert refused.value.facts["go_to"]["org_id"] == MD_BUREAU
    assert [town["town_id"] for town in refused.value.facts["towns"]] == ["MD2023-TOWN-02"]


@pytest.mark.rule("R113")
def test_the_path_and_the_grant_are_stored_with_the_acceptance(county):
    grant = county.granted("MD23-02", "MD2023-TOWN-02", "entrusted_acceptance")

    case = county.accepted("MD23-02", "MD2023-TOWN-02-CENTRE", at=MORNING)

    accepted = county.fact_of(case, "CaseAccepted")
    assert accepted["grant_id"] == accepted["authority"]["grant_id"] == grant
    assert [step["step"] for step in accepted["path"]] == [
        "accept", "preliminary_review", "forward", "receive", "substantive_review", "decide",
        "seal", "deliver",
    ]


@pytest.mark.rule("R091")
@pytest.mark.rule("R113")
def test_a_grant_that_has_not_been_started_accepts_nothing(county):
    county.granted("MD23-02", "MD2023-TOWN-02", "entrusted_acceptance", started=None)
    case = county.filed("MD23-02", "MD2023-TOWN-02-CENTRE", at=MORNING)

    with pytest.raises(Refused) as refused:
        county.act("accept", case, "MD2023-TOWN-02-CENTRE", at=MORNING)

    assert refused.value.code == "cases.not-started"


@pytest.mark.rule("R114")
def test_a_second_notice_needs_newly_supplied_materials(county):
    case = county.filed("ST21-10", ST_BUREAU, at=MORNING)
    county.act("notify_deficiency", case, ST_BUREAU, at=MORNING, items=["章程", "住所证明"],
               document_ref="n-1")
    county.act("supplement", case, ST_BUREAU, at=MORNING, items=["章程"])

    with pytest.raises(Refused) as refused:
        county.act("notify_deficiency", case, ST_BUREAU, at=MORNING, items=["身份证明"],
                   document_ref="n-2")

    assert refused.value.code == "cases.not-newly-supplied"


@pytest.mark.rule("R114")
def test_a_second_notice_may_name_a_defect_of_what_was_newly_supplied(county):
    case = county.filed("ST21-10", ST_BUREAU, at=MORNING)
    county.act("notify_deficiency", case, ST_BUREAU, at=MORNING, items=["章程", "住所证明"],
               document_ref="n-1")
    county.act("supplement", case, ST_BUREAU, at=MORNING, items=["章程"])

    county.act("notify_deficiency", case, ST_BUREAU, at=MORNING, items=["章程"],
               document_ref="n-2")

    assert county.fact_of(case, "MaterialsDeficiencyNotified")["notice_no"] == 2


@pytest.mark.rule("R061")
@pytest.mark.rule("R118")
def test_the_forward_deadline_counts_working_days_from_the_acceptance(county):
    county.do("catalog", "set_time_limit", {
        "programme": "MD2023", "item": "MD23-30", "town": "MD2023-TOWN-13", "step": "forward",
        "value": 2, "unit": "working_day",
    }, at="2021-08-01T09:00:00+08:00")
    county.granted("MD23-30", "MD2023-TOWN-13", "entrusted_acceptance")

    case = county.accepted(
        "MD23-30", "MD2023-TOWN-13-CENTRE", at="2023-07-03T09:00:00+08:00"
    )

    due = county.fact_of(case, "CaseAccepted")["due"]["forward"]
    assert due == datetime(2023, 7, 5, 16, 0, tzinfo=UTC)


@pytest.mark.rule("R118")
def test_without_a_limit_nothing_is_due(county):
    county.granted("ST21-13", XIJI, "window_forward")

    case = county.accepted("ST21-13", f"{XIJI}-CENTRE", at=MORNING)

    assert county.fact_of(case, "CaseAccepted")["due"] == {
        "forward": None, "approve": None, "total": None
    }


@pytest.mark.rule("R126")
def test_a_query_ends_at_the_counter_without_an_approval(county):
    county.granted("ST21-04", XIJI, "direct")
    case = county.accepted("ST21-04", XIJI, at=MORNING)

    county.act("complete", case, XIJI, at=MORNING, outcome_kind="record", result_ref="r-1")

    assert county.events_of(case) == ["ApplicationSubmitted", "CaseAccepted", "ServiceCompleted"]


@pytest.mark.rule("R126")
def test_a_consultation_is_not_decided_though_it_stands_under_substantive_review(county):
    county.granted("ST21-08", XIJI, "substantive_review")
    case = county.accepted("ST21-08", XIJI, at=MORNING)

    with pytest.raises(Refused) as refused:
        county.act("approve", case, XIJI, at=MORNING)
    county.act("complete", case, XIJI, at=MORNING, outcome_kind="answer")

    assert refused.value.code == "cases.instant-service"
    assert county.events_of(case)[-1] == "ServiceCompleted"


@pytest.mark.rule("R126")
def test_a_licence_is_not_completed_at_once(county):
    case = county.accepted("ST21-06", ST_BUREAU, at=MORNING)

    with pytest.raises(Refused) as refused:
        county.act("complete", case, ST_BUREAU, at=MORNING, outcome_kind="record")

    assert refused.value.code == "cases.not-an-instant-service"


@pytest.mark.rule("R108")
def test_a_citizen_is_shown_the_district_and_every_town_that_has_the_matter(county):
    parts = ("个人参保缴费证明查询打印", "待遇领取证明查询打印")
    recalled = county.granted("ST21-05", "ST2021-TOWN-01", "direct", scope=parts)
    county.granted("ST21-05", "ST2021-TOWN-02", "direct", scope=parts)
    asked = {"programme": "ST2021", "item": "ST21-05", "at": "2021-10-01T09:00:00+08:00"}

    before = county.ask("cases", "where_to_apply", asked)
    county.recalled(recalled, "ST21-05", "ST2021-TOWN-01", from_="2021-09-15T00:00:00+08:00",
                    at="2021-09-10T09:00:00+08:00")
    county.settle()
    after = county.ask("cases", "where_to_apply", asked)

    assert before["counter"]["org_id"] == "ST2021-ORG-09"
    assert [town["town_id"] for town in before["towns"]] == ["ST2021-TOWN-01", "ST2021-TOWN-02"]
    assert before["towns"][0]["scope"] == list(parts)
    assert [town["town_id"] for town in after["towns"]] == ["ST2021-TOWN-02"]


@pytest.mark.rule("R063")
def test_nobody_applies_for_an_enforcement_power(county):
    county.granted("SR20-081", "SR2020-TOWN-01", "conferral")

    with pytest.raises(Refused) as refused:
        county.filed("SR20-081", "SR2020-TOWN-01", at=MORNING)

    assert refused.value.code == "cases.not-an-application-item"


@pytest.mark.rule("R223")
def test_a_case_holds_no_more_of_the_applicant_than_opaque_keys(county):
    case = county.filed("ST21-10", ST_BUREAU, at=MORNING, key="k-7", subject="s-7")

    submitted = county.fact_of(case, "ApplicationSubmitted")

    of_persons = {key for key in submitted if key.startswith(("applicant", "subject"))}
    assert of_persons == {"applicant_ref", "applicant_key", "subject_key"}
    assert (submitted["applicant_key"], submitted["subject_key"]) == ("k-7", "s-7")
