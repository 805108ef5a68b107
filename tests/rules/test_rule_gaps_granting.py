"""What the rules' own tests say of grants, agreements, seals: R003, R004, R006, R015 to R220."""

from collections import Counter
from datetime import date

import pytest

from services.delegation.domain.delegating import OnRecord, check_agreement, decided_by
from services.delegation.domain.grant import Grant
from shared.refusal import Refused
from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures
from tests.notice import notice

SHATU, ANXING, DAHUANGJI = "MD2023-TOWN-08", "MD2023-TOWN-10", "MD2023-TOWN-17"
HUANGZHEN = "MD2023-TOWN-07"
TRAFFIC_POLICE = "MD2023-ORG-28"
FIRST = {"programme": "SR2020", "town": "SR2020-TOWN-01"}
XIJI = "ZZ2021-TOWN-01"


def granted(code, item, town, mode):
    rows = notice(code)
    return Grant.delegate(
        programme=rows.programme, town=rows.town(town), item=rows.item(item), mode=mode, scope=[],
        effective_from=date(2023, 7, 1), named=None, known=OnRecord(), ordinal=0,
    )


@pytest.mark.rule("R003")
def test_in_shangrao_the_county_government_confers_and_no_department():
    rows = notice("SR2020")
    item, town = rows.item("SR20-040"), rows.town("SR2020-TOWN-01")

    with pytest.raises(Refused) as refused:
        decided_by(rows.programme, item, town, rows.organ("SR2020-ORG-10"))

    assert decided_by(rows.programme, item, town, None) == "SR2020-UNIT-01"
    assert refused.value.code == "delegation.grantor-must-be-government"


@pytest.mark.rule("R003")
def test_in_ganzhou_nobody_grants_and_power_moves_by_agreement():
    rows = notice("GZ2020")

    with pytest.raises(Refused) as refused:
        decided_by(rows.programme, rows.item("GZ20-001"), rows.town("GZ2020-UNIT-15"), None)

    assert refused.value.code == "delegation.transfer-by-agreement"


@pytest.mark.rule("R004")
@pytest.mark.parametrize(("code", "item", "town", "mode"), [
    ("ST2021", "ST21-04", "ST2021-ORG-16", "direct"),
    ("ST2021", "ST21-04", "ST2021-ORG-17", "direct"),
    ("MD2023", "MD23-04", "MD2023-ORG-29", "entrusted_acceptance"),
])
def test_a_zone_and_an_office_that_are_only_addressed_receive_nothing(code, item, town, mode):
    with pytest.raises(Refused) as refused:
        granted(code, item, town, mode)

    assert refused.value.code == "delegation.not-a-recipient"


@pytest.mark.rule("R006")
def test_a_district_does_not_grant_an_item_of_the_citys():
    rows = notice("ZZ2021")
    item = rows.item("ZZ21-04") | {"power_level": "city"}
    district = next(row for row in rows.content["organs"] if row["org_id"] == "ZZ2021-UNIT-01")

    with pytest.raises(Refused) as refused:
        decided_by(rows.programme, item, rows.town(XIJI), district)

    assert refused.value.code == "delegation.city-level-power"


@pytest.mark.rule("R015")
def test_a_detachment_of_a_city_organ_signs_an_agreement_like_any_other(county):
    agreement = county.agreed(["MD23-32"], ANXING, department=TRAFFIC_POLICE)
    county.delegated("MD23-32", ANXING, "entrusted_handling", "2023-07-01")

    police = county.commands("delegation").register.organ(TRAFFIC_POLICE)
    (signed,), (delegated,) = (
        county.recorded("AgreementSigned"), county.recorded("ItemDelegated")
    )
    assert (police["name"], police["kind"]) == ("市交警支队牡丹区大队", "detachment")
    assert signed.data["signatories"] == [TRAFFIC_POLICE, ANXING]
    assert delegated.data["agreement_id"] == agreement
    assert delegated.data["power_owner_org_id"] == TRAFFIC_POLICE


@pytest.mark.rule("R021")
def test_two_towns_have_one_item_on_their_lists_in_two_modes(county):
    modes = {SHATU: "entrusted_handling", HUANGZHEN: "entrusted_acceptance"}
    for town, mode in modes.items():
        named = {"programme": "MD2023", "town": town}
        county.told("draft_list", named | {"entries": [{"item": "MD23-04", "mode": mode}]})
        county.told("approve_list", named | {
            "approved_by": "MD2023-ORG-02", "decision_ref": "菏区政字〔2023〕15号",
            "approved_on": "2023-06-01",
        })

    lists = {town: county.ask("delegation", "list", {"town": town}) for town in modes}

    assert {town: [entry["mode"] for entry in one["entries"]] for town, one in lists.items()} == {
        SHATU: ["entrusted_handling"], HUANGZHEN: ["entrusted_acceptance"],
    }


def offered(county):
    """A menu of two items that the town was visited for."""
    named = {"programme": "ZZ2021", "town": XIJI}
    county.told("survey_needs", named | {
        "outline_ref": "提纲", "visited_on": "2021-05-10", "needs": [], "capacity": [],
    })
    for item in ("ZZ21-01", "ZZ21-04"):
        owner = county.commands("delegation").register.item("ZZ2021", item)["granting_org_id"]
        county.do("catalog", "record_power_list", {
            "programme": "ZZ2021", "org": owner, "from": "2021-01-01",
            "entries": [{"item": item, "status": "in_force"}],
        })
    county.constraints += 1
    county.do("catalog", "issue_menu", {
        "programme": "ZZ2021", "menu_id": f"ZZ2021-OFFER-{county.constraints}", "version": 1,
        "item_ids": ["ZZ21-01", "ZZ21-04"], "left_out": [],
    })
    county.consumers = county.everything
    county.settle()
    return named


@pytest.mark.rule("R031")
def test_an_opinion_on_an_older_menu_does_not_count_for_the_next(county):
    named = offered(county)
    county.told("record_opinion", named | {
        "menu_version": 0, "text_ref": "对上一版的意见", "handled_how": "采纳",
    })
    county.told("claim", named | {"item": "ZZ21-04", "claimed_on": "2021-06-01"})

    with pytest.raises(Refused) as refused:
        county.delegated("ZZ21-04", XIJI, "direct", "2021-07-31")

    assert refused.value.code == "delegation.opinions-not-sought"


@pytest.mark.rule("R031")
def test_of_the_items_offered_only_the_chosen_one_is_granted(county):
    named = offered(county)
    county.told("claim", named | {"item": "ZZ21-04", "claimed_on": "2021-06-01"})
    county.told("record_opinion", named | {
        "menu_version": 1, "text_ref": "意见", "handled_how": "采纳",
    })

    with pytest.raises(Refused) as refused:
        county.delegated("ZZ21-01", XIJI, "direct", "2021-07-31")
    county.delegated("ZZ21-04", XIJI, "direct", "2021-07-31")

    (delegated,) = county.recorded("ItemDelegated")
    assert refused.value.code == "delegation.not-selected-by-town"
    assert delegated.data["item_id"] == "ZZ21-04"


@pytest.mark.rule("R037")
def test_of_two_departments_the_one_that_has_not_docked_is_named(county):
    for item in ("SR20-040", "SR20-059"):
        county.told("claim", FIRST | {"item": item, "claimed_on": "2020-05-06"})
    county.told("hold_docking", FIRST | {
        "department": "SR2020-ORG-10", "held_on": "2020-05-12", "items": ["SR20-040"],
        "outcome": "可以承接",
    })

    with pytest.raises(Refused) as refused:
        county.told("draft_list", FIRST | {
            "entries": [{"item": "SR20-040"}, {"item": "SR20-059"}],
        })

    assert refused.value.code == "delegation.docking-missing"
    assert refused.value.facts["departments"] == ["SR2020-ORG-08"]


@pytest.mark.rule("R044")
def test_one_decision_makes_a_hundred_and_seventeen_grants_without_a_claim():
    rows = notice("ST2021")
    towns = [town["town_id"] for town in rows.content["towns"] if town["recipient"]]

    events = [
        granted("ST2021", item["item_id"], town, item["mode"]).pending_events[0]
        for item in rows.content["items"] for town in towns
    ]

    assert Counter(event.mode for event in events) == {
        "direct": 45, "substantive_review": 27, "window_forward": 45,
    }
    assert {event.claim_id for event in events} == {None}
    assert len({event.grant_id for event in events}) == 117


@pytest.mark.rule("R059")
def test_a_registered_village_station_receives_nothing_from_a_town(county):
    station = f"{DAHUANGJI}-STATION-1"
    county.do("catalog", "register_station", {
        "programme": "MD2023", "station_id": station, "town": DAHUANGJI,
        "name": "示例村便民服务站", "services": ["帮办代办"],
    })
    county.consumers = county.everything
    county.settle()
    county.entrusted("MD23-24", DAHUANGJI)

    with pytest.raises(Refused) as refused:
        county.told("delegate", {
            "programme": "MD2023", "town": station, "item": "MD23-24",
            "mode": "entrusted_handling", "effective_from": "2023-08-01",
        }, actor=DAHUANGJI)

    assert refused.value.code == "delegation.redelegation-forbidden"


@pytest.mark.rule("R073")
def test_in_shangrao_an_item_is_granted_without_an_agreement():
    rows = notice("SR2020")

    agreement = check_agreement(
        rows.programme, rows.policy("conferral"), item=rows.item("SR20-040"),
        town="SR2020-TOWN-01", agreement=None, effective_from=date(2020, 6, 1),
    )

    assert agreement is None


@pytest.mark.rule("R073")
def test_an_agreement_with_the_departments_duties_only_is_not_signed(county):
    agreement = county.told("draft_agreement", FIRST | {
        "kind": "takeover", "department": "SR2020-ORG-10", "items": ["SR20-040"],
        "clauses": [{"key": "县直部门的权力、责任"}],
    })["stream"]

    with pytest.raises(Refused) as refused:
        county.told("sign_agreement", {
            "programme": "SR2020", "agreement": agreement, "signed_on": "2020-05-18",
            "signatories": ["SR2020-ORG-10", FIRST["town"]],
        })

    assert refused.value.code == "delegation.clause-missing"
    assert refused.value.facts["missing"] == ["事项承接乡镇（街道）的权力、责任"]


@pytest.mark.rule("R080")
def test_each_link_from_authorisation_to_issue_has_its_day_and_its_reference(county):
    seal = county.sealed()

    (authorised,), (engraved,), (issued,) = (
        county.recorded(name) for name in ("SealAuthorised", "SealEngraved", "SealIssued")
    )
    assert (authorised.data["authorised_by_org_id"], authorised.data["instrument_ref"]) == (
        "MD2023-ORG-02", "菏区政字〔2023〕16号"
    )
    assert (engraved.data["engraved_on"], engraved.data["pattern_deviation"]) == (
        date(2023, 6, 10), False
    )
    assert (issued.data["custodian_org_id"], issued.data["issued_on"]) == (
        f"{SHATU}-CENTRE", date(2023, 6, 15)
    )
    assert {fact.data["seal_id"] for fact in (authorised, engraved, issued)} == {seal}


@pytest.mark.rule("R093")
def test_a_session_records_items_towns_participants_and_the_material_handed_out(county):
    county.told("hold_training", {
        "programme": "MD2023", "held_by": BUREAU, "items": ["MD23-04"], "towns": [SHATU],
        "attendees": ["op-1", "op-2"], "materials": ["业务手册", "服务指南"],
        "held_on": "2023-06-12",
    })

    (held,) = county.recorded("TrainingHeld")
    assert (held.data["item_ids"], held.data["town_ids"]) == (["MD23-04"], [SHATU])
    assert held.data["attendee_ids"] == ["op-1", "op-2"]
    assert held.data["materials"] == ["业务手册", "服务指南"]


@pytest.mark.rule("R210")
@pytest.mark.parametrize(("door", "request_"), [
    ("assign_operator", {
        "operator": "op-1", "employer": BUREAU, "contract_kind": "provided",
        "since": "2023-07-01",
    }),
    ("grant_account", {
        "system": "approval", "operator": "op-1", "items": ["MD23-04"], "facets": ["accept"],
        "valid_from": "2023-07-01",
    }),
])
def test_nobody_accepts_for_a_village_station(county, door, request_):
    station = "MD2023-TOWN-15-STATION-1"
    county.do("catalog", "register_station", {
        "programme": "MD2023", "station_id": station, "town": "MD2023-TOWN-15",
        "name": "示例村便民服务站", "services": ["帮办代办"],
    })
    county.consumers = county.everything
    county.settle()
    whose = {"assign_operator": "acting_for", "grant_account": "org"}[door]

    with pytest.raises(Refused) as refused:
        county.told(door, {"programme": "MD2023", whose: station} | request_)

    assert refused.value.code == "register.facet-not-allowed-for-kind"
    assert refused.value.facts["kind"] == "service_station"


@pytest.mark.rule("R220")
def test_an_instrument_recorded_late_keeps_both_dates(county):
    county.delegated("ST21-04", "ST2021-TOWN-01", "direct", "2023-08-01",
                     "2023-07-25T09:00:00+08:00")

    (delegated,) = county.recorded("ItemDelegated")
    assert delegated.instrument["ref"] == "菏区政字〔2023〕15号"
    assert delegated.instrument["dated"] == "2023-06-20"
    assert delegated.recorded_at.isoformat() == "2023-07-25T01:00:00+00:00"
