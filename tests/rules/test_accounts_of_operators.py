"""Accounts by who the operator is, employed or seconded by whom: R092, R094, R097."""

import pytest

from services.delegation.readmodel import readmodel
from shared.rebuild import rebuild
from shared.refusal import Refused
from tests.accounts import (
    DIANZI,
    NOW,
    SHATU,
    SHATU_CENTRE,
    account,
    accounts,
    forwarded,
    recalled,
    shatu_account,
)
from tests.capable import able
from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures

BEICHENG_CENTRE = "MD2023-TOWN-04-CENTRE"


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
