"""What towns need, what goes up to the city, and how far they claim: R006, R030, R032, R043."""

from typing import Any

import pytest

from shared.refusal import Refused
from tests.delegating import county, one_county  # noqa: F401 - the fixtures

CHENGTOU, XIJI = "ZZ2021-TOWN-03", "ZZ2021-TOWN-01"
SHANTING, CITY = "ZZ2021-UNIT-01", "ZZ2021-ORG-01"
GAOZHUANG = "MD2023-TOWN-15"
MAY = "2021-05-20T09:00:00+08:00"
DEVELOPED, KEY, OTHER = "SR2020-TOWN-01", "SR2020-TOWN-02", "SR2020-TOWN-03"
SPRING = "2020-05-10T09:00:00+08:00"


def raised(county, town=CHENGTOU, level="city", matter="建设用地规划许可", **more: Any):
    request = {
        "programme": town.partition("-")[0], "town": town, "matter": matter,
        "power_level": level, "raised_on": "2021-05-20",
    }
    return county.told("record_need", request | more, MAY)["stream"]


def reported(county, needs=(), on="2021-05-28", district=SHANTING):
    return county.told("escalate_needs", {
        "programme": "ZZ2021", "district": district, "needs": list(needs), "submitted_on": on,
    }, "2021-05-28T09:00:00+08:00")["stream"]


def answered(county, need, answer="add", programme="ZZ2021", on="2021-05-25", **more):
    return county.told("answer_need", {
        "programme": programme, "need": need, "answer": answer, "answered_on": on,
    } | more, MAY)


def decided(county, batch, need, decision="add", by=CITY, **more):
    return county.told("decide_need", {
        "programme": "ZZ2021", "batch": batch, "need": need, "decision": decision,
        "decided_by": by, "decided_on": "2021-06-30",
    } | more, "2021-06-30T09:00:00+08:00")


def standing(county, town=CHENGTOU):
    asked = {"programme": town.partition("-")[0], "town": town}
    return [row["state"] for row in county.ask("delegation", "needs", asked)]


@pytest.mark.rule("R006")
def test_a_district_does_not_grant_what_is_city_level(county):
    need = raised(county)

    with pytest.raises(Refused) as refused:
        answered(county, need)

    assert refused.value.code == "delegation.city-level-power"
    assert refused.value.facts["city"] == CITY


@pytest.mark.rule("R006")
def test_the_district_collects_the_city_level_needs_of_its_towns_and_reports_them(county):
    needs = [raised(county), raised(county, XIJI, matter="危险化学品经营许可")]
    raised(county, XIJI, "district", "户外广告设置审批")

    reported(county)

    (told,) = county.recorded("CityLevelNeedEscalated")
    assert told.data["need_ids"] == needs
    assert (told.data["submitted_to_org_id"], told.data["due_on"].isoformat()) == (
        CITY, "2021-05-31"
    )
    assert standing(county) == ["escalated"]


@pytest.mark.rule("R006")
def test_the_district_reports_once(county):
    raised(county)
    reported(county)
    raised(county, matter="排污许可", raised_on="2021-05-27")

    with pytest.raises(Refused) as refused:
        reported(county)

    assert refused.value.code == "delegation.reported-already"


@pytest.mark.rule("R006")
def test_a_late_report_is_taken_all_the_same_with_the_day_on_which_it_was_due(county):
    raised(county)

    reported(county, on="2021-06-03")

    (told,) = county.recorded("CityLevelNeedEscalated")
    assert (told.data["submitted_on"].isoformat(), told.data["due_on"].isoformat()) == (
        "2021-06-03", "2021-05-31"
    )


@pytest.mark.rule("R006")
def test_what_the_district_can_answer_itself_does_not_go_up(county):
    need = raised(county, level="district")

    with pytest.raises(Refused) as refused:
        reported(county, [need])

    assert refused.value.code == "delegation.not-city-level"


@pytest.mark.rule("R006")
def test_another_district_does_not_report_for_this_town(county):
    need = raised(county)

    with pytest.raises(Refused) as refused:
        reported(county, [need], district="ZZ2021-ORG-04")

    assert refused.value.code == "delegation.need-of-another-district"


@pytest.mark.rule("R006")
def test_the_city_government_decides_what_was_reported(county):
    need = raised(county)
    batch = reported(county)

    with pytest.raises(Refused) as refused:
        decided(county, batch, need, by=SHANTING)
    decided(county, batch, need, "not_now", reason="依法由设区的市行使")

    (row,) = county.ask("delegation", "needs", {"programme": "ZZ2021", "town": CHENGTOU})
    assert refused.value.code == "delegation.decided-by-city"
    assert (row["state"], row["decision"], row["reason"]) == (
        "decided", "not_now", "依法由设区的市行使"
    )


@pytest.mark.rule("R006")
def test_a_need_is_decided_once(county):
    need = raised(county)
    batch = reported(county)
    decided(county, batch, need)

    with pytest.raises(Refused) as refused:
        decided(county, batch, need)

    assert refused.value.code == "delegation.wrong-state"


@pytest.mark.rule("R043")
def test_an_unanswered_need_is_on_the_agenda(county):
    raised(
        county, GAOZHUANG, "district", "小餐饮登记", item="MD23-04", raised_on="2023-06-01"
    )

    agenda = {"programme": "MD2023", "open_on": "2023-06-15"}
    (row,) = county.ask("delegation", "needs", agenda)

    assert (row["town_id"], row["matter"], row["state"]) == (GAOZHUANG, "小餐饮登记", "raised")


@pytest.mark.rule("R043")
def test_an_answered_need_leaves_the_agenda_and_stays_on_record(county):
    need = raised(county, GAOZHUANG, "district", "小餐饮登记", raised_on="2023-06-01")

    answered(county, need, programme="MD2023", on="2023-06-10")

    asked = {"programme": "MD2023"}
    assert county.ask("delegation", "needs", asked | {"open_on": "2023-06-15"}) == []
    assert len(county.ask("delegation", "needs", asked | {"open_on": "2023-06-09"})) == 1
    assert standing(county, GAOZHUANG) == ["answered"]


@pytest.mark.rule("R043")
def test_not_now_is_answered_with_a_reason(county):
    need = raised(county, GAOZHUANG, "district", "小餐饮登记", raised_on="2023-06-01")

    with pytest.raises(Refused) as refused:
        answered(county, need, "not_now", "MD2023", "2023-06-10", reason=" ")

    assert refused.value.code == "delegation.answer-without-reason"


@pytest.mark.rule("R043")
def test_where_the_notice_knows_no_way_to_the_city_the_district_answers(county):
    need = raised(county, GAOZHUANG, "city", "排污许可", raised_on="2023-06-01")

    answered(county, need, "not_now", "MD2023", "2023-06-10", reason="属市级权限")

    assert standing(county, GAOZHUANG) == ["answered"]


@pytest.mark.rule("R006")
def test_whose_power_an_item_is_stands_in_the_catalogue(county):
    with pytest.raises(Refused) as refused:
        raised(county, matter="职业资格证书查询", item="ZZ21-04")

    assert refused.value.code == "delegation.level-of-item"
    assert refused.value.facts["level"] == "district"


@pytest.mark.rule("R030")
@pytest.mark.rule("R043")
def test_one_need_is_recorded_once(county):
    raised(county)

    with pytest.raises(Refused) as refused:
        raised(county)

    assert refused.value.code == "delegation.need-recorded-before"


def claimed(county, town, *numbers):
    for number in numbers:
        county.told("claim", {
            "programme": "SR2020", "town": town, "item": f"SR20-{number:03}",
            "claimed_on": "2020-05-06",
        }, SPRING)


def put_off(county, town, number):
    of = {"programme": "SR2020", "town": town, "item": f"SR20-{number:03}"}
    county.told("propose_deferral", of | {
        "ground": "conditions_lacking", "reason": "无专业人员", "expected_on": "2020-12-31",
    }, SPRING)
    county.told("consent_deferral", of | {
        "consented_by": "SR2020-UNIT-01", "consented_on": "2020-05-08",
    }, SPRING)


def coverage(county, **asked):
    return county.ask("delegation", "claim_coverage", {"programme": "SR2020"} | asked)


@pytest.mark.rule("R032")
def test_of_a_developed_town_every_item_of_the_98_is_claimed_put_off_or_unexplained(county):
    claimed(county, DEVELOPED, 1, 2, 3)
    put_off(county, DEVELOPED, 4)

    (row,) = coverage(county, town=DEVELOPED)["towns"]

    assert (row["claimed"], row["deferred"], row["unexplained"], row["of"]) == (3, 1, 94, 98)
    assert row["unexplained_items"][0] == "SR20-005"
    assert len(row["unexplained_items"]) == 94


@pytest.mark.rule("R032")
def test_of_another_town_nothing_is_expected(county):
    claimed(county, OTHER, 1)

    (row,) = coverage(county, town=OTHER)["towns"]

    assert (row["claimed"], row["unexplained"], row["of"]) == (1, None, 98)
    assert row["unexplained_items"] == []


@pytest.mark.rule("R032")
def test_coverage_is_summed_by_tier(county):
    claimed(county, DEVELOPED, 1, 2)
    claimed(county, KEY, 1)

    (tier,) = coverage(county, tier="经济发达镇")["tiers"]

    assert tier == {
        "tier": "经济发达镇", "towns": 1, "claimed": 2, "deferred": 0, "of": 98,
        "unexplained": 96,
    }


@pytest.mark.rule("R032")
def test_coverage_is_recorded_and_blocks_nothing(county):
    claimed(county, DEVELOPED, 1)

    county.told("compute_coverage", {
        "programme": "SR2020", "town": DEVELOPED, "on": "2020-05-15",
    }, SPRING)
    claimed(county, DEVELOPED, 2)

    (told,) = county.recorded("ClaimCoverageComputed")
    assert told.data | {"computed_on": None} == {
        "town_id": DEVELOPED, "tier": "经济发达镇", "claimed": 1, "deferred": 0,
        "unexplained": 97, "of": 98, "computed_on": None,
    }


@pytest.mark.rule("R032")
def test_where_nothing_is_claimed_there_is_no_coverage(county):
    with pytest.raises(Refused) as refused:
        county.told("compute_coverage", {
            "programme": "ST2021", "town": "ST2021-TOWN-01", "on": "2021-07-20",
        })

    assert refused.value.code == "delegation.claims-not-provided"
