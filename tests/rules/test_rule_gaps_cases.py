"""What the rules' own tests say of cases: R014, R062, R074, R075, R108, R129, R208."""

from datetime import date
from uuid import UUID

import pytest

from shared.contracts.envelope import instant
from shared.refusal import Refused
from tests.county import county  # noqa: F401 - the fixture

MORNING = "2023-09-01T09:00:00+08:00"
SHATU, WUDIAN, ANXING = "MD2023-TOWN-08", "MD2023-TOWN-09", "MD2023-TOWN-10"
MUDAN, XUZHUANG = "MD2023-TOWN-05", "ST2021-TOWN-07"
UNIT, FORMER = "GZ2020-UNIT-15", "GZ2020-UNIT-15-ORG-01"
PRINTS = ("个人参保缴费证明查询打印", "待遇领取证明查询打印")
OPINION = {"result": "positive", "opinion_ref": "意见-1"}


def reviewed(county, item, org, *, at=MORNING):
    case = county.accepted(item, org, at=at)
    county.act("review", case, org, at=at, **OPINION)
    return case


@pytest.mark.rule("R014")
def test_a_town_that_has_the_licence_for_pesticides_accepts_no_restricted_ones(county):
    county.granted("MD23-11", WUDIAN, "entrusted_handling")
    case = county.filed("MD23-11", f"{WUDIAN}-CENTRE", at=MORNING, subitem="限制农药")

    with pytest.raises(Refused) as refused:
        county.act("accept", case, f"{WUDIAN}-CENTRE", at=MORNING)

    assert refused.value.code == "cases.excluded-by-item-name"
    assert refused.value.facts["exclusions"] == ["限制农药"]


@pytest.mark.rule("R062")
def test_one_item_is_decided_in_the_town_that_has_it_by_handling_and_not_in_the_other(county):
    county.granted("MD23-04", SHATU, "entrusted_handling")
    county.granted("MD23-04", ANXING, "entrusted_acceptance")
    handled = reviewed(county, "MD23-04", f"{SHATU}-CENTRE")
    accepted = county.accepted("MD23-04", f"{ANXING}-CENTRE", at=MORNING, key="a-2")

    county.act("approve", handled, f"{SHATU}-CENTRE", at=MORNING)
    with pytest.raises(Refused) as refused:
        county.act("approve", accepted, f"{ANXING}-CENTRE", at=MORNING)

    assert county.events_of(handled)[-1] == "ApprovalIssued"
    assert refused.value.code == "cases.decision-not-delegated"


@pytest.mark.rule("R074")
def test_the_old_unit_approves_on_the_last_day_before_the_transfer_and_not_on_its_day(county):
    in_time = reviewed(county, "GZ20-001", FORMER, at="2021-04-19T09:00:00+08:00")
    too_late = county.accepted("GZ20-001", FORMER, at="2021-04-19T10:00:00+08:00", key="a-2")
    county.act("review", too_late, FORMER, at="2021-04-19T11:00:00+08:00", **OPINION)
    county.transferred("GZ20-001", UNIT, at="2021-04-20T00:00:00+08:00")

    county.act("approve", in_time, FORMER, at="2021-04-19T23:59:59+08:00")
    with pytest.raises(Refused) as refused:
        county.act("approve", too_late, FORMER, at="2021-04-20T00:00:00+08:00")

    assert county.fact_of(in_time, "ApprovalIssued")["decided_by_org_id"] == FORMER
    assert refused.value.code == "cases.power-transferred"


@pytest.mark.rule("R075")
def test_on_the_morning_after_the_term_the_town_does_not_decide(county):
    centre, midnight = f"{SHATU}-CENTRE", "2024-07-01T00:00:00+08:00"
    grant = county.granted("MD23-04", SHATU, "entrusted_handling")
    case = reviewed(county, "MD23-04", centre, at="2024-06-28T09:00:00+08:00")
    county.tell("delegation.ItemRecalled", UUID(grant), {
        "recall_id": grant, "grant_id": grant, "item_id": "MD23-04", "town_id": SHATU,
        "ground": "term_expired", "evidence_refs": [], "decided_by_org_id": "MD2023-ORG-19",
        "decided_on": date(2024, 7, 1), "effective_from": instant(midnight),
        "returns_to_org_id": "MD2023-ORG-19", "in_flight_policy": "hand_up",
    }, programme="MD2023", at=midnight, version=3)
    county.settle()

    with pytest.raises(Refused) as refused:
        county.act("approve", case, centre, at="2024-07-01T08:30:00+08:00")

    assert refused.value.code == "cases.authority-lapsed"
    assert county.fact_of(case, "CaseHandedUp")["cause"] == "expiry"


@pytest.mark.rule("R108")
def test_ten_places_are_shown_and_after_a_recall_nine(county):
    towns = [f"ST2021-TOWN-{number:02}" for number in range(1, 10)]
    grants = {town: county.granted("ST21-05", town, "direct", scope=PRINTS) for town in towns}
    asked = {"programme": "ST2021", "item": "ST21-05", "at": "2021-10-01T09:00:00+08:00"}

    before = county.ask("cases", "where_to_apply", asked)
    county.recalled(grants[XUZHUANG], "ST21-05", XUZHUANG, from_="2021-09-15T00:00:00+08:00",
                    at="2021-09-10T09:00:00+08:00")
    county.settle()
    after = county.ask("cases", "where_to_apply", asked)

    assert [place["town_id"] for place in before["towns"]] == towns
    assert {tuple(place["scope"]) for place in before["towns"]} == {PRINTS}
    assert before["counter"]["org_id"] == after["counter"]["org_id"] == "ST2021-ORG-09"
    assert "scope" not in before["counter"]
    assert len(after["towns"]) == 8
    assert XUZHUANG not in [place["town_id"] for place in after["towns"]]


@pytest.mark.rule("R129")
def test_the_limit_of_an_acceptance_in_the_extended_slot_runs_from_that_day(county):
    county.do("catalog", "set_opening_hours", {
        "programme": "MD2023", "town": MUDAN,
        "slots": [{"weekday": 1, "opens": "09:00", "closes": "17:00"}],
        "extended_slots": [{"weekday": 1, "opens": "17:00", "closes": "20:00"}],
    })
    county.do("catalog", "set_time_limit", {
        "programme": "MD2023", "item": "MD23-05", "town": MUDAN, "step": "forward", "value": 1,
        "unit": "working_day",
    })
    county.granted("MD23-05", MUDAN, "entrusted_acceptance")

    case = county.accepted("MD23-05", f"{MUDAN}-CENTRE", at="2023-07-03T19:30:00+08:00")

    accepted = county.fact_of(case, "CaseAccepted")
    assert accepted["accepted_at"] == instant("2023-07-03T19:30:00+08:00")
    assert accepted["due"]["forward"] == instant("2023-07-05T00:00:00+08:00")


@pytest.mark.rule("R208")
def test_the_coordinating_office_decides_no_case_that_was_forwarded_to_a_department(county):
    town, office, department = "ST2021-TOWN-01", "ST2021-ORG-04", "ST2021-ORG-07"
    county.granted("ST21-06", town, "substantive_review")
    case = county.accepted("ST21-06", town, at=MORNING)
    county.act("review", case, f"{town}-DEPT", at=MORNING, opinion_seal="seal", **OPINION)
    county.act("forward", case, f"{town}-DEPT", at=MORNING, to=department)
    county.act("receive", case, department, at=MORNING)

    with pytest.raises(Refused) as refused:
        county.act("approve", case, office, at=MORNING)

    assert refused.value.code == "cases.decision-not-delegated"
    assert refused.value.facts["holder"] == department
