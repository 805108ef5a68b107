"""Who held which facet when, as known when: R064, R065, R222."""

import pytest

from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures

FUCHENG = "ST2021-TOWN-09"
XIJI = "ST2021-TOWN-01"
KNOWN = "2023-12-31T00:00:00+08:00"
ST_BUREAU = "ST2021-ORG-07"


@pytest.mark.rule("R065")
def test_from_its_first_instant_the_town_reviews_and_the_district_decides(county):
    owner = county.commands("delegation").register.item("ST2021", "ST21-06")["granting_org_id"]
    county.delegated(
        "ST21-06", FUCHENG, "substantive_review", "2021-08-01", "2021-07-20T09:00:00+08:00"
    )

    midnight = "2021-08-01T00:00:00+08:00"
    assert county.holders(
        "ST21-06", FUCHENG, "substantive_review", midnight, KNOWN
    ) == [f"{FUCHENG}-DEPT", owner]
    assert set(county.holders("ST21-06", FUCHENG, "decide", midnight, KNOWN)) == {owner}


@pytest.mark.rule("R065")
def test_one_second_before_the_district_alone_holds_it(county):
    owner = county.commands("delegation").register.item("ST2021", "ST21-06")["granting_org_id"]
    county.delegated(
        "ST21-06", FUCHENG, "substantive_review", "2021-08-01", "2021-07-20T09:00:00+08:00"
    )

    before = county.holders(
        "ST21-06", FUCHENG, "substantive_review", "2021-07-31T23:59:59+08:00", KNOWN
    )

    assert before == [owner]


@pytest.mark.rule("R065")
def test_the_end_of_an_interval_does_not_belong_to_it(county):
    grant = county.entrusted("MD23-13")
    county.recalled(grant, "2024-03-01")

    last = county.holders("MD23-13", "MD2023-TOWN-08", "decide", "2024-02-29T23:59:59+08:00")
    after = county.holders("MD23-13", "MD2023-TOWN-08", "decide", "2024-03-01T00:00:00+08:00")

    assert "MD2023-TOWN-08-CENTRE" in last
    assert after == [BUREAU]


@pytest.mark.rule("R222")
def test_a_recall_changes_what_is_known_from_then_on_and_not_what_was_known(county):
    grant = county.entrusted("MD23-13")
    county.recalled(grant, "2024-03-01")
    march = "2024-03-02T09:00:00+08:00"

    as_known_in_january = county.holders(
        "MD23-13", "MD2023-TOWN-08", "decide", march, "2024-01-01T00:00:00+08:00"
    )
    as_known_in_april = county.holders(
        "MD23-13", "MD2023-TOWN-08", "decide", march, "2024-04-01T00:00:00+08:00"
    )

    assert "MD2023-TOWN-08-CENTRE" in as_known_in_january
    assert as_known_in_april == [BUREAU]


@pytest.mark.rule("R222")
def test_a_corrected_first_day_holds_as_known_afterwards_only(county):
    grant = county.delegated("ST21-04", XIJI, "direct", "2021-08-01", "2021-08-02T09:00:00+08:00")
    county.told("correct_grant", {
        "programme": "ST2021", "grant": grant, "effective_from": "2021-08-03", "reason": "登记有误",
    }, "2021-08-10T09:00:00+08:00")
    second = "2021-08-02T12:00:00+08:00"

    as_known_on_the_5th = county.holders(
        "ST21-04", XIJI, "decide", second, "2021-08-05T00:00:00+08:00"
    )
    as_known_on_the_11th = county.holders(
        "ST21-04", XIJI, "decide", second, "2021-08-11T00:00:00+08:00"
    )

    assert f"{XIJI}-DEPT" in as_known_on_the_5th
    assert as_known_on_the_11th == ["ST2021-ORG-09"]


@pytest.mark.rule("R222")
def test_facts_recorded_at_one_instant_keep_their_order(county):
    moment = "2021-08-02T09:00:00+08:00"
    grant = county.delegated("ST21-04", XIJI, "direct", "2021-08-01", moment)
    for day in ("2021-08-03", "2021-08-04"):
        county.told("correct_grant", {
            "programme": "ST2021", "grant": grant, "effective_from": day, "reason": "登记有误",
        }, moment)

    third = county.holders("ST21-04", XIJI, "decide", "2021-08-03T12:00:00+08:00", KNOWN)
    fourth = county.holders("ST21-04", XIJI, "decide", "2021-08-04T12:00:00+08:00", KNOWN)

    assert third == ["ST2021-ORG-09"]
    assert f"{XIJI}-DEPT" in fourth
    assert county.parked() == []


@pytest.mark.rule("R065")
def test_an_organ_can_be_asked_what_it_held(county):
    county.entrusted("MD23-13")

    rows = county.ask("delegation", "held_by", {
        "org": "MD2023-TOWN-08-CENTRE", "at": "2023-07-03T09:00:00+08:00",
    })

    assert {(row["item_id"], row["facet"]) for row in rows} == {
        ("MD23-13", "accept"), ("MD23-13", "substantive_review"), ("MD23-13", "decide"),
        ("MD23-13", "seal"),
    }
