"""Cases in hand when a grant changes its mode or its scope: R131, R183, R184."""

from uuid import UUID

import pytest

from shared.contracts.envelope import instant
from shared.refusal import Refused
from tests.county import county  # noqa: F401 - the fixture

ANXING, XIJI = "MD2023-TOWN-10", "ST2021-TOWN-01"
BUREAU, ST_BUREAU = "MD2023-ORG-19", "ST2021-ORG-09"
PRINTS = ("个人参保缴费证明查询打印", "待遇领取证明查询打印")
NEW_YEAR = "2022-01-01T00:00:00+08:00"


def mode_changed(county, grant, item, town, *, to_mode, from_):
    county.tell("delegation.GrantModeChanged", UUID(grant), {
        "grant_id": grant, "item_id": item, "town_id": town,
        "successor_grant_id": "7c2d9a34-1f5b-5e0c-8d2a-6b4e9f0c3d22", "from_mode": "-",
        "to_mode": to_mode, "effective_from": instant(from_), "decided_by_org_id": BUREAU,
        "agreement_id": None, "transition_until": None, "in_flight_policy": "hand_up",
    }, programme=town.partition("-")[0], at=from_, version=3)
    county.settle()


def scope_changed(county, grant, item, town, *, before, after, from_):
    county.tell("delegation.GrantScopeChanged", UUID(grant), {
        "grant_id": grant, "item_id": item, "town_id": town, "scope_before": list(before),
        "scope_after": list(after), "effective_from": instant(from_),
        "in_flight_policy": "hand_up",
    }, programme=town.partition("-")[0], at=from_, version=3)
    county.settle()


@pytest.mark.rule("R184")
@pytest.mark.rule("R131")
def test_a_case_of_the_old_mode_goes_up_and_a_new_one_is_taken_in_the_new_mode(county):
    centre = f"{ANXING}-CENTRE"
    old = county.granted("MD23-04", ANXING, "entrusted_acceptance")
    case = county.accepted("MD23-04", centre, at="2021-12-31T16:00:00+08:00", town=ANXING)

    mode_changed(county, old, "MD23-04", ANXING, to_mode="entrusted_handling", from_=NEW_YEAR)
    county.granted("MD23-04", ANXING, "entrusted_handling", from_=NEW_YEAR, started=NEW_YEAR)
    fresh = county.accepted("MD23-04", centre, at="2022-01-04T09:00:00+08:00", town=ANXING, key="b")

    assert county.fact_of(case, "CaseHandedUp")["cause"] == "mode_change"
    assert county.fact_of(fresh, "CaseAccepted")["mode"] == "entrusted_handling"


@pytest.mark.rule("R184")
def test_between_the_change_and_the_start_of_the_new_mode_the_town_takes_nothing(county):
    old = county.granted("MD23-04", ANXING, "entrusted_acceptance")
    mode_changed(county, old, "MD23-04", ANXING, to_mode="entrusted_handling", from_=NEW_YEAR)
    county.granted("MD23-04", ANXING, "entrusted_handling", from_=NEW_YEAR, started=None)
    case = county.filed("MD23-04", f"{ANXING}-CENTRE", at="2022-01-04T09:00:00+08:00", town=ANXING)

    with pytest.raises(Refused) as refused:
        county.act("accept", case, f"{ANXING}-CENTRE", at="2022-01-04T09:05:00+08:00")

    assert refused.value.code == "cases.not-started"


@pytest.mark.rule("R183")
@pytest.mark.rule("R131")
def test_a_case_on_a_sub_item_that_is_left_out_goes_up_and_the_others_stay(county):
    grant = county.granted("ST21-05", XIJI, "direct", scope=PRINTS)
    out, stays = (
        county.accepted("ST21-05", XIJI, at="2021-12-31T16:00:00+08:00", subitem=part, key=part)
        for part in reversed(PRINTS)
    )

    scope_changed(
        county, grant, "ST21-05", XIJI, before=PRINTS, after=PRINTS[:1], from_=NEW_YEAR
    )

    assert county.fact_of(out, "CaseHandedUp")["to_org_id"] == ST_BUREAU
    assert county.fact_of(out, "CaseHandedUp")["cause"] == "scope_change"
    assert county.events_of(stays)[-1] == "CaseAccepted"


@pytest.mark.rule("R183")
@pytest.mark.rule("R013")
def test_after_the_change_the_town_accepts_only_what_is_in_the_new_scope(county):
    grant = county.granted("ST21-05", XIJI, "direct", scope=PRINTS)
    scope_changed(
        county, grant, "ST21-05", XIJI, before=PRINTS, after=PRINTS[:1], from_=NEW_YEAR
    )
    case = county.filed("ST21-05", XIJI, at="2022-01-04T09:00:00+08:00", subitem=PRINTS[1])

    with pytest.raises(Refused) as refused:
        county.act("accept", case, XIJI, at="2022-01-04T09:05:00+08:00")

    assert refused.value.code == "cases.outside-scope"
    assert refused.value.facts["scope"] == [PRINTS[0]]
