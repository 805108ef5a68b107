"""Who held which facet when, as known when: R060, R064, R065, R067, R074, R222."""

import pytest

from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures

FUCHENG = "ST2021-TOWN-09"
XIJI = "ST2021-TOWN-01"
KNOWN = "2023-12-31T00:00:00+08:00"
UNIT, FORMER = "GZ2020-UNIT-15", "GZ2020-UNIT-15-ORG-01"
TRANSFER_AT = "2021-04-20T00:00:00+08:00"
CONTENTS = ("划转事项", "划转时间", "权责划分", "系统设备", "档案管理")
CENTRE = "MD2023-TOWN-08-CENTRE"
HEALTH = "MD2023-ORG-18"


def transferred(county, item="GZ20-001"):
    """A power moved wholly to the bureau of 会昌县, by an agreement of its own."""
    named = {"programme": "GZ2020"}
    agreement = county.told("draft_agreement", named | {
        "kind": "transfer", "department": FORMER, "town": UNIT, "items": [item],
        "clauses": [{"key": key} for key in CONTENTS], "transfer_at": TRANSFER_AT,
    })["stream"]
    county.told("sign_agreement", named | {
        "agreement": agreement, "signed_on": "2021-04-10",
        "signatories": [FORMER, f"{UNIT}-BUREAU"],
    })
    county.papers_moved(item)
    county.told("transfer_power", named | {"unit": UNIT, "item": item, "agreement": agreement},
                "2021-04-12T09:00:00+08:00")


@pytest.mark.rule("R065")
@pytest.mark.parametrize("facet", [
    "accept", "preliminary_review", "substantive_review", "decide", "seal", "named_authority",
    "liability", "act_supervision", "archive",
])
def test_before_any_grant_the_department_has_the_whole_bundle(county, facet):
    holders = county.holders("MD23-23", "MD2023-TOWN-08", facet, "2023-06-30T12:00:00+08:00")

    assert holders == [BUREAU]


@pytest.mark.rule("R060")
def test_the_acts_and_the_trade_are_supervised_by_two_departments(county):
    county.entrusted("MD23-23")
    july = "2023-07-03T09:00:00+08:00"

    acts = county.holders("MD23-23", "MD2023-TOWN-08", "act_supervision", july)
    trade = county.holders("MD23-23", "MD2023-TOWN-08", "trade_supervision", july)

    assert set(acts) == {BUREAU}
    assert trade == [HEALTH]


@pytest.mark.rule("R064")
@pytest.mark.rule("R074")
@pytest.mark.parametrize("town", [UNIT, "GZ2020-UNIT-01", None])
@pytest.mark.parametrize(("facet", "holders"), [
    ("accept", [f"{UNIT}-BUREAU"]), ("preliminary_review", []),
    ("substantive_review", [f"{UNIT}-BUREAU"]), ("decide", [f"{UNIT}-BUREAU"]),
    ("seal", [f"{UNIT}-BUREAU"]), ("named_authority", [f"{UNIT}-BUREAU"]),
    ("liability", ["per_agreement"]), ("act_supervision", []), ("archive", []),
    ("trade_supervision", [FORMER]),
])
def test_after_a_transfer_the_former_department_keeps_the_trade_alone(county, facet, holders, town):
    transferred(county)

    before = county.holders("GZ20-001", town, facet, "2021-04-19T23:59:59+08:00")
    after = county.holders("GZ20-001", town, facet, TRANSFER_AT)

    assert before == [FORMER]
    assert after == holders


@pytest.mark.rule("R067")
def test_what_a_department_transferred_is_no_longer_its_own(county):
    transferred(county)
    asked = {"org": FORMER, "limit": 1000}

    before = county.ask("delegation", "held_by", asked | {"at": "2021-04-19T12:00:00+08:00"})
    after = county.ask("delegation", "held_by", asked | {"at": TRANSFER_AT})

    assert {row["facet"] for row in before if row["item_id"] == "GZ20-001"} >= {"decide", "archive"}
    assert [
        (row["facet"], row["town_id"], row["filed_at"])
        for row in after if row["item_id"] == "GZ20-001"
    ] == [("trade_supervision", UNIT, "bureau")]


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
        "org": CENTRE, "at": "2023-07-03T09:00:00+08:00",
    })

    assert {(row["item_id"], row["facet"]) for row in rows} == {
        ("MD23-13", "accept"), ("MD23-13", "substantive_review"), ("MD23-13", "decide"),
        ("MD23-13", "seal"),
    }


@pytest.mark.rule("R065")
def test_what_an_organ_held_is_told_page_by_page(county):
    county.entrusted("MD23-13")
    county.entrusted("MD23-23")
    asked = {"org": CENTRE, "at": "2023-07-03T09:00:00+08:00"}
    whole = county.ask("delegation", "held_by", asked)

    first = county.ask("delegation", "held_by", asked | {"limit": 6})
    second = county.ask(
        "delegation", "held_by", asked | {"limit": 6, "beyond": first[-1]["place"]}
    )

    assert len(whole) == 10
    assert first + second == whole


@pytest.mark.rule("R065")
@pytest.mark.rule("R222")
def test_the_history_of_a_facet_names_the_facts_that_opened_closed_and_superseded(county):
    grant = county.entrusted("MD23-13")
    county.recalled(grant, "2024-03-01")

    rows = county.commands("delegation").questions.holdings.history(
        item="MD23-13", town="MD2023-TOWN-08", facet="substantive_review"
    )

    (granted,), (ended,) = county.recorded("ItemDelegated"), county.recorded("ItemRecalled")
    assert [
        (row["opened_by"], row["closed_by"], row["superseded_by"], row["known_to"]) for row in rows
        if row["cross_town"] == "no"
    ] == [
        (granted.position, None, ended.position, ended.recorded_at),
        (granted.position, ended.position, None, None),
    ]
