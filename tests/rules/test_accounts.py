"""Accounts within what organ and operator may do: R092, R094, R097, R181."""

import pytest

from services.delegation.readmodel import readmodel
from services.delegation.readmodel.capability import CapabilityRecords
from shared.contracts.envelope import instant
from shared.rebuild import rebuild
from shared.refusal import Refused
from tests.capable import able
from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures

DIANZI = "ST2021-TOWN-05"
DIANZI_CENTRE = f"{DIANZI}-CENTRE"
FORWARDED = ["ST21-09", "ST21-10", "ST21-11", "ST21-12", "ST21-13"]
SHATU = "MD2023-TOWN-08"
SHATU_CENTRE = f"{SHATU}-CENTRE"
BEICHENG_CENTRE = "MD2023-TOWN-04-CENTRE"
NOW = "2021-07-30T09:00:00+08:00"
LATER = "2021-09-20T09:00:00+08:00"
UNIT, FORMER, NEW_BUREAU = "GZ2020-UNIT-15", "GZ2020-UNIT-15-ORG-01", "GZ2020-UNIT-15-BUREAU"
CLAUSES_OF_TRANSFER = ("划转事项", "划转时间", "权责划分", "系统设备", "档案管理")
REVIEWS = ["accept", "substantive_review", "decide"]


def forwarded(county, *items):
    """店子镇 holds the items by 服务窗口前移 from 2021-08-01."""
    return {
        item: county.delegated(item, DIANZI, "window_forward", "2021-08-01", NOW) for item in items
    }


def account(county, org, items, facets=("accept",), at=NOW, **more):
    """An account of op-1 in the approval system."""
    return county.told("grant_account", {
        "programme": org.partition("-")[0], "system": "approval", "org": org, "operator": "op-1",
        "items": list(items), "facets": list(facets), "valid_from": "2021-08-01", **more,
    }, at)["stream"]


def shatu_account(county, facets=REVIEWS, **more):
    return account(county, SHATU_CENTRE, ["MD23-04"], facets, "2023-07-03T09:00:00+08:00", **{
        "valid_from": "2023-07-03", **more
    })


def recalled(county, grant, effective_from="2021-10-01", at=LATER):
    return county.told("recall", {
        "programme": "ST2021", "grant": grant, "ground": "law_forbids", "decided_on": at[:10],
        "effective_from": effective_from,
    }, at)


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


def assigned(county, kind, acting_for, employer=BUREAU, **more):
    county.told("assign_operator", {
        "programme": "MD2023", "operator": "op-1", "employer": employer,
        "acting_for": acting_for, "contract_kind": kind, "since": "2023-06-15", **more,
    })


def seconded(county, to_org=SHATU, since="2023-07-01"):
    county.told("start_secondment", {
        "programme": "MD2023", "operator": "op-1", "direction": "down", "from_org": BUREAU,
        "to_org": to_org, "items": ["MD23-04"], "since": since,
    })


def accounts(county, town, at=None):
    programme = town.partition("-")[0]
    asked = {"programme": programme, "town": town}
    return county.ask("delegation", "accounts", asked | ({"at": at} if at else {}))


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


@pytest.mark.rule("R097")
def test_window_staff_belong_to_the_district_agency_and_act_for_the_town(county):
    county.entrusted("MD23-04")
    assigned(county, "provided", SHATU_CENTRE)

    shatu_account(county)

    (clerk,) = county.ask("delegation", "operators", {
        "programme": "MD2023", "org": SHATU_CENTRE, "on": "2023-07-03",
    })
    assert (clerk["employer_org_id"], clerk["acting_org_id"]) == (BUREAU, SHATU_CENTRE)
    assert accounts(county, SHATU)[0]["facets"] == ["accept", "decide", "substantive_review"]


@pytest.mark.rule("R097")
def test_a_contractor_gets_no_right_to_review_and_may_receive(county):
    county.entrusted("MD23-04")
    assigned(county, "contractor", SHATU_CENTRE, "某服务公司")

    with pytest.raises(Refused) as refused:
        shatu_account(county)
    shatu_account(county, ["accept"])

    assert refused.value.code == "delegation.contractor-cannot-review"


@pytest.mark.rule("R097")
def test_who_becomes_a_contractor_loses_review_and_decision(county):
    county.entrusted("MD23-04")
    assigned(county, "own_staff", SHATU_CENTRE, SHATU)
    shatu_account(county)

    assigned(county, "contractor", SHATU_CENTRE, "某服务公司", since="2023-09-01")

    (before,) = accounts(county, SHATU, "2023-08-31T12:00:00+08:00")
    (after,) = accounts(county, SHATU, "2023-09-01T00:00:00+08:00")
    assert before["facets"] == ["accept", "decide", "substantive_review"]
    assert after["facets"] == ["accept"]


@pytest.mark.rule("R097")
def test_an_operator_of_one_town_gets_no_account_of_another(county):
    county.entrusted("MD23-04")
    assigned(county, "provided", BEICHENG_CENTRE)

    with pytest.raises(Refused) as refused:
        shatu_account(county)

    assert refused.value.code == "delegation.operator-acts-for-another"


@pytest.mark.rule("R097")
def test_the_operators_of_a_counter_are_those_of_the_day(county):
    assigned(county, "provided", BEICHENG_CENTRE)
    assigned(county, "provided", SHATU_CENTRE, since="2023-09-01", until="2023-12-31")

    counters = [
        [row["operator_id"] for row in county.ask("delegation", "operators", {
            "programme": "MD2023", "org": org, "on": day,
        })]
        for org, day in (
            (BEICHENG_CENTRE, "2023-08-31"), (BEICHENG_CENTRE, "2023-09-01"),
            (SHATU_CENTRE, "2023-09-01"), (SHATU_CENTRE, "2024-01-01"),
        )
    ]

    assert counters == [["op-1"], [], ["op-1"], []]


@pytest.mark.rule("R094")
def test_a_seconded_district_officer_may_not_act_for_the_town(county):
    county.entrusted("MD23-04")
    seconded(county)

    with pytest.raises(Refused) as refused:
        shatu_account(county, ["substantive_review"])

    assert refused.value.code == "delegation.seconded-officer-cannot-act"


@pytest.mark.rule("R094")
def test_a_secondment_to_the_town_ends_the_officers_account_of_the_town(county):
    county.entrusted("MD23-04")
    shatu_account(county)

    seconded(county, since="2023-08-01")

    assert len(accounts(county, SHATU, "2023-07-31T12:00:00+08:00")) == 1
    assert accounts(county, SHATU, "2023-08-01T00:00:00+08:00") == []


@pytest.mark.rule("R094")
def test_a_seconded_officer_keeps_the_departments_own_account(county):
    account(county, BUREAU, ["MD23-04"], ["decide"])

    seconded(county)

    (own,) = county.ask("delegation", "accounts", {"programme": "MD2023", "org": BUREAU})
    assert own["state"] == "granted"


@pytest.mark.rule("R094")
def test_after_the_secondment_the_officer_may_be_the_towns(county):
    county.entrusted("MD23-04")
    seconded(county)
    county.told("end_secondment", {
        "programme": "MD2023", "operator": "op-1", "until": "2023-07-31",
    }, "2023-08-01T09:00:00+08:00")

    shatu_account(county, valid_from="2023-08-01")

    assert accounts(county, SHATU)[0]["state"] == "granted"


@pytest.mark.rule("R092")
def test_operators_and_accounts_are_rebuilt_from_their_facts(county):
    grants = forwarded(county, "ST21-11", "ST21-12")
    able(county, DIANZI, ["ST21-11", "ST21-12"], at=NOW, since="2021-08-01")
    recalled(county, grants["ST21-12"])
    assigned(county, "provided", BEICHENG_CENTRE)
    assigned(county, "provided", SHATU_CENTRE, since="2023-09-01")
    seconded(county)
    consumer = county.consumers["delegation"]

    compared = rebuild(
        consumer.database, readmodel, {"delegation": consumer.logs["delegation"]}, ["delegation"]
    )

    rows = {
        "account": 1, "account_item": 2, "account_facet": 1, "operator_assigned": 2,
        "secondment": 1, "training_held": 2,
    }
    assert {name: compared[name].rows for name in rows} == rows
    assert [name for name in rows if compared[name].live != compared[name].rebuilt] == []
