"""What the read model answers."""

import pytest

from shared.refusal import Refused
from tests.county import county  # noqa: F401 - the fixture

AT = "2023-09-01T09:00:00+08:00"
LATER = "2023-09-02T09:00:00+08:00"
TOWN = "MD2023-TOWN-08"
CENTRE = f"{TOWN}-CENTRE"
BUREAU = "MD2023-ORG-19"


def approved(county):
    """MD23-04 in entrusted handling, approved and sealed in the town."""
    county.granted("MD23-04", TOWN, "entrusted_handling")
    seal = county.seal_no_2(BUREAU, TOWN)
    case = county.accepted("MD23-04", CENTRE, at=AT)
    county.act("review", case, CENTRE, at=AT, result="positive", opinion_ref="op-1")
    county.act("approve", case, CENTRE, at=AT)
    county.act("seal", case, CENTRE, at=AT, seal=seal, document_hash="d1")
    county.settle()
    return case


def test_a_case_shows_where_it_is_and_under_which_grant(county):
    case = approved(county)

    row = county.ask("cases", "case", {"case": case})

    assert (row["state"], row["outcome"], row["filed_at"]) == ("sealed", "approved", "town")
    assert (row["town_name"], row["mode_zh"]) == ("沙土镇", "委托办理")
    assert row["accepted_by_org_name"] == "沙土镇便民服务中心"


def test_an_unknown_case_is_a_refusal(county):
    with pytest.raises(Refused) as refused:
        county.ask("cases", "case", {"case": "00000000-0000-4000-8000-000000000001"})

    assert refused.value.code == "cases.unknown-case"


def test_the_history_has_every_act_in_order_with_its_authority(county):
    case = approved(county)

    acts = county.ask("cases", "history", {"case": case})

    assert [act["type"] for act in acts] == [
        "cases.ApplicationSubmitted", "cases.CaseAccepted", "cases.SubstantiveReviewCompleted",
        "cases.ApprovalIssued", "cases.SealApplied",
    ]
    assert acts[3]["data"]["authority"]["facet"] == "decide"
    assert acts[3]["org_name"] == "沙土镇便民服务中心"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 1), ({"programme": "MD2023"}, 1), ({"programme": "ST2021"}, 0), ({"town": TOWN}, 1),
        ({"state": "sealed"}, 1), ({"state": "accepted"}, 0), ({"org": CENTRE}, 1),
        ({"org": BUREAU}, 0),
    ],
)
def test_cases_are_found_by_programme_town_state_and_organ(county, asked, found):
    approved(county)

    assert len(county.ask("cases", "cases", asked)) == found


def test_outcomes_are_counted_by_mode_place_state_and_outcome(county):
    approved(county)
    county.accepted("MD23-04", BUREAU, at=AT, key="a-2")
    county.settle()

    counted = county.ask("cases", "outcomes", {"programme": "MD2023"})

    assert counted == [
        {"mode": "entrusted_handling", "filed_at": "town", "state": "sealed",
         "outcome": "approved", "cases": 1, "returns": 0},
        {"mode": None, "filed_at": "district", "state": "accepted", "outcome": None, "cases": 1,
         "returns": 0},
    ]


@pytest.mark.rule("R113")
def test_a_clerk_is_told_what_to_do_with_which_seal_and_in_whose_name(county):
    county.granted("MD23-04", TOWN, "entrusted_handling")

    answer = county.ask("cases", "may_i", {
        "programme": "MD2023", "item": "MD23-04", "town": TOWN, "org": CENTRE, "at": AT,
    })

    assert answer["may_accept"]
    assert answer["mine"] == ["accept", "substantive_review", "decide", "seal", "deliver"]
    assert (answer["seal_kind"], answer["in_name_of"]["org_id"]) == ("seal_no_2", BUREAU)


@pytest.mark.rule("R066")
@pytest.mark.rule("R113")
def test_a_clerk_with_a_matter_of_two_towns_is_told_to_pass_it_on(county):
    county.granted("MD23-04", TOWN, "entrusted_handling")

    answer = county.ask("cases", "may_i", {
        "programme": "MD2023", "item": "MD23-04", "town": TOWN, "org": CENTRE, "at": AT,
        "towns_concerned": [TOWN, "MD2023-TOWN-09"],
    })

    assert answer["mine"] == ["accept", "forward", "deliver"]
    assert answer["seal_kind"] == "department_seal"


@pytest.mark.rule("R113")
def test_a_clerk_without_the_power_is_told_where_the_applicant_must_go(county):
    county.granted("MD23-04", "MD2023-TOWN-09", "entrusted_handling")

    answer = county.ask("cases", "may_i", {
        "programme": "MD2023", "item": "MD23-04", "town": TOWN, "org": CENTRE, "at": AT,
    })

    assert (answer["may_accept"], answer["code"]) == (False, "cases.no-grant-in-force")
    assert answer["go_to"] == {"org_id": BUREAU, "name": "区行政审批服务局"}
    assert [town["town"] for town in answer["towns"]] == ["吴店镇"]


@pytest.mark.rule("R108")
def test_where_to_apply_says_where_the_decision_is_made(county):
    county.granted("MD23-04", TOWN, "entrusted_handling")
    county.granted("MD23-04", "MD2023-TOWN-09", "entrusted_acceptance")

    answer = county.ask("cases", "where_to_apply", {
        "programme": "MD2023", "item": "MD23-04", "at": AT,
    })

    assert {town["town"]: town["decided_by"]["name"] for town in answer["towns"]} == {
        "沙土镇": "沙土镇便民服务中心", "吴店镇": "区行政审批服务局"
    }


def test_the_read_model_parks_nothing(county):
    approved(county)

    assert county.parked() == []
