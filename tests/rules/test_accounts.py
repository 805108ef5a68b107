"""Accounts within what the organ holds: R060, R064, R074, R075, R088, R091, R092, R181."""

import pytest

from services.delegation.readmodel.capability import CapabilityRecords
from shared.contracts.envelope import instant
from shared.refusal import Refused
from tests.accounts import (
    DIANZI,
    LATER,
    NOW,
    REVIEWS,
    SHATU,
    account,
    accounts,
    forwarded,
    recalled,
    shatu_account,
)
from tests.capable import able
from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures

DIANZI_CENTRE = f"{DIANZI}-CENTRE"
FORWARDED = ["ST21-09", "ST21-10", "ST21-11", "ST21-12", "ST21-13"]
UNIT, FORMER, NEW_BUREAU = "GZ2020-UNIT-15", "GZ2020-UNIT-15-ORG-01", "GZ2020-UNIT-15-BUREAU"
CLAUSES_OF_TRANSFER = ("划转事项", "划转时间", "权责划分", "系统设备", "档案管理")


def transferred(county, item):
    """划转 to 会昌县行政审批局 on 2021-04-20."""
    agreement = county.told("draft_agreement", {
        "programme": "GZ2020", "kind": "transfer", "department": FORMER, "town": UNIT,
        "items": [item], "transfer_at": "2021-04-20T00:00:00+08:00",
        "clauses": [{"key": key} for key in CLAUSES_OF_TRANSFER],
    })["stream"]
    county.told("sign_agreement", {
        "programme": "GZ2020", "agreement": agreement, "signed_on": "2021-04-10",
        "signatories": [FORMER, NEW_BUREAU],
    })
    county.papers_moved(item)
    county.told("transfer_power", {
        "programme": "GZ2020", "unit": UNIT, "item": item, "agreement": agreement,
    }, "2021-04-12T09:00:00+08:00")


@pytest.mark.rule("R092")
def test_an_account_of_a_window_does_not_decide(county):
    forwarded(county, *FORWARDED)

    with pytest.raises(Refused) as refused:
        account(county, DIANZI_CENTRE, ["ST21-12"], ("accept", "decide"))

    assert refused.value.code == "delegation.facet-not-delegated"
    assert refused.value.facts == {"org": DIANZI_CENTRE, "item": "ST21-12", "facets": ["decide"]}


@pytest.mark.rule("R092")
@pytest.mark.rule("R181")
def test_the_account_loses_a_recalled_item_and_keeps_the_others(county):
    grants = forwarded(county, *FORWARDED)
    account(county, DIANZI_CENTRE, FORWARDED)

    recalled(county, grants["ST21-12"])

    (left,) = accounts(county, DIANZI)
    assert left["item_ids"] == ["ST21-09", "ST21-10", "ST21-11", "ST21-13"]
    assert left["state"] == "narrowed"


@pytest.mark.rule("R092")
def test_until_the_recall_takes_effect_the_account_has_the_item(county):
    grants = forwarded(county, "ST21-11", "ST21-12")
    account(county, DIANZI_CENTRE, ["ST21-11", "ST21-12"])

    recalled(county, grants["ST21-12"], "2021-10-01")

    (before,) = accounts(county, DIANZI, "2021-09-30T23:59:59+08:00")
    (after,) = accounts(county, DIANZI, "2021-10-01T00:00:00+08:00")
    assert before["item_ids"] == ["ST21-11", "ST21-12"]
    assert after["item_ids"] == ["ST21-11"]


@pytest.mark.rule("R092")
@pytest.mark.rule("R181")
def test_with_its_last_item_the_account_is_revoked(county):
    grants = forwarded(county, "ST21-12")
    account(county, DIANZI_CENTRE, ["ST21-12"])

    recalled(county, grants["ST21-12"])

    (left,) = accounts(county, DIANZI)
    assert (left["state"], left["item_ids"]) == ("revoked", [])
    assert left["revoked_from"] == "2021-09-30T16:00:00+00:00"


@pytest.mark.rule("R181")
def test_the_narrowing_is_caused_by_the_recall_and_happens_once(county):
    grants = forwarded(county, "ST21-12")
    account(county, DIANZI_CENTRE, ["ST21-12"])
    recalled(county, grants["ST21-12"])
    (recall,) = county.recorded("ItemRecalled")

    county.services["delegation"].accounts_after_grant(recall)

    (narrowed,) = county.recorded("SystemAccountNarrowed")
    assert narrowed.causation == recall.id
    assert narrowed.data["removed_item_ids"] == ["ST21-12"]


@pytest.mark.rule("R092")
def test_an_account_granted_while_a_recall_is_on_its_way_does_not_outlive_it(county):
    grants = forwarded(county, "ST21-12")
    county.do("delegation", "recall", {
        "programme": "ST2021", "grant": grants["ST21-12"], "ground": "law_forbids",
        "decided_on": "2021-09-20", "effective_from": "2021-10-01",
    }, at=LATER)

    account(county, DIANZI_CENTRE, ["ST21-12"], at=LATER)

    assert accounts(county, DIANZI, "2021-10-01T00:00:00+08:00") == []


@pytest.mark.rule("R092")
def test_an_account_does_not_begin_before_the_grant(county):
    forwarded(county, "ST21-12")

    with pytest.raises(Refused) as refused:
        account(county, DIANZI_CENTRE, ["ST21-12"], valid_from="2021-07-31")

    assert refused.value.code == "delegation.facet-not-delegated"


@pytest.mark.rule("R092")
@pytest.mark.parametrize("valid_to", [None, "2021-10-01"])
def test_an_account_does_not_last_longer_than_the_grant(county, valid_to):
    grants = forwarded(county, "ST21-12")
    recalled(county, grants["ST21-12"], "2021-10-01")

    with pytest.raises(Refused) as refused:
        account(county, DIANZI_CENTRE, ["ST21-12"], at=LATER, valid_to=valid_to)

    assert refused.value.code == "delegation.account-outlasts-grant"


@pytest.mark.rule("R092")
def test_an_account_may_end_with_the_grant(county):
    grants = forwarded(county, "ST21-12")
    recalled(county, grants["ST21-12"], "2021-10-01")

    account(county, DIANZI_CENTRE, ["ST21-12"], at=LATER, valid_to="2021-09-30")

    (left,) = accounts(county, DIANZI)
    assert (left["state"], left["valid_to"]) == ("granted", "2021-09-30T16:00:00+00:00")


@pytest.mark.rule("R075")
@pytest.mark.rule("R092")
def test_with_the_term_of_the_agreement_the_account_ends(county):
    county.entrusted("MD23-04", until="2023-12-31")
    shatu_account(county)

    county.told("run_due", {
        "programme": "MD2023", "now": "2024-01-01T00:00:00+08:00"
    }, "2024-01-01T00:00:00+08:00")

    assert accounts(county, SHATU, "2024-01-01T00:00:00+08:00") == []


@pytest.mark.rule("R092")
def test_an_organ_that_holds_nothing_gets_no_account(county):
    with pytest.raises(Refused) as refused:
        account(county, DIANZI_CENTRE, ["ST21-12"])

    assert refused.value.code == "delegation.facet-not-delegated"


@pytest.mark.rule("R064")
@pytest.mark.rule("R092")
def test_a_department_logs_in_for_its_own_power(county):
    account(county, BUREAU, ["MD23-04"], ["accept", "decide"])

    (own,) = county.ask("delegation", "accounts", {"programme": "MD2023", "org": BUREAU})
    assert own["state"] == "granted"


@pytest.mark.rule("R088")
@pytest.mark.rule("R092")
def test_a_transfer_narrows_the_former_departments_account(county):
    account(county, FORMER, ["GZ20-001", "GZ20-002"], REVIEWS, valid_from="2021-03-01")

    transferred(county, "GZ20-001")

    asked = {"programme": "GZ2020", "org": FORMER}
    (before,) = county.ask("delegation", "accounts", asked | {"at": "2021-04-19T23:59:59+08:00"})
    (after,) = county.ask("delegation", "accounts", asked | {"at": "2021-04-20T00:00:00+08:00"})
    assert before["item_ids"] == ["GZ20-001", "GZ20-002"]
    assert after["item_ids"] == ["GZ20-002"]


@pytest.mark.rule("R074")
@pytest.mark.rule("R092")
def test_the_bureaus_account_begins_with_the_transfer(county):
    transferred(county, "GZ20-001")

    with pytest.raises(Refused) as refused:
        account(county, NEW_BUREAU, ["GZ20-001"], ["decide"], valid_from="2021-04-19")
    account(county, NEW_BUREAU, ["GZ20-001"], ["decide"], valid_from="2021-04-20")

    assert refused.value.code == "delegation.facet-not-delegated"
    assert len(accounts(county, UNIT)) == 1


@pytest.mark.rule("R060")
@pytest.mark.rule("R092")
def test_the_supervising_department_has_the_interaction_system_for_its_trade(county):
    account(county, "MD2023-ORG-20", ["MD23-04"], ["trade_supervision"], system="linkage")

    (own,) = county.ask("delegation", "accounts", {"programme": "MD2023", "item": "MD23-04"})
    assert (own["system"], own["facets"]) == ("linkage", ["trade_supervision"])


@pytest.mark.rule("R092")
def test_an_operator_has_one_account_for_an_item_at_a_time(county):
    forwarded(county, "ST21-11", "ST21-12", "ST21-13")
    first = account(county, DIANZI_CENTRE, ["ST21-11", "ST21-12"])

    with pytest.raises(Refused) as refused:
        account(county, DIANZI_CENTRE, ["ST21-12", "ST21-13"])
    account(county, DIANZI_CENTRE, ["ST21-13"])

    assert refused.value.code == "delegation.account-exists"
    assert refused.value.facts == {"account": first, "items": ["ST21-12"]}


@pytest.mark.rule("R092")
def test_what_was_taken_out_of_an_account_can_be_given_anew(county):
    forwarded(county, "ST21-11", "ST21-12")
    first = account(county, DIANZI_CENTRE, ["ST21-11", "ST21-12"])
    county.told("narrow_account", {
        "programme": "ST2021", "account": first, "items": ["ST21-12"],
        "since": "2021-09-01T00:00:00+08:00",
    }, LATER)

    account(county, DIANZI_CENTRE, ["ST21-12"], at=LATER, valid_from="2021-09-01")

    now = accounts(county, DIANZI, LATER)
    assert [row["item_ids"] for row in now] == [["ST21-11"], ["ST21-12"]]


@pytest.mark.rule("R092")
def test_an_account_cannot_lose_what_it_does_not_have(county):
    forwarded(county, "ST21-12")
    first = account(county, DIANZI_CENTRE, ["ST21-12"])

    with pytest.raises(Refused) as refused:
        county.told("narrow_account", {
            "programme": "ST2021", "account": first, "facets": ["decide"], "since": LATER,
        }, LATER)

    assert refused.value.code == "delegation.not-in-account"


@pytest.mark.rule("R091")
@pytest.mark.rule("R092")
def test_the_gate_knows_from_when_to_when_a_town_has_an_account(county):
    grants = forwarded(county, "ST21-12")
    able(county, DIANZI, ["ST21-12"], at=NOW, since="2021-08-01")
    recalled(county, grants["ST21-12"], "2021-10-01")
    known = CapabilityRecords(county.commands("delegation").database)

    has = [
        known.has_account("ST2021", town, "ST21-12", instant(f"{day}T00:00:00+08:00"))
        for town, day in (
            (DIANZI, "2021-07-31"), (DIANZI, "2021-08-01"), (DIANZI, "2021-10-01"),
            ("ST2021-TOWN-06", "2021-08-01"),
        )
    ]

    assert has == [False, True, False, False]
