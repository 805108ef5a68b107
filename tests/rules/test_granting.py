"""Who grants what to whom, in which mode, beside whom: R001 to R005, R013, R059 to R067, R183."""

from datetime import date, datetime

import pytest

from services.delegation.domain.delegating import OnRecord
from services.delegation.domain.town_list import TownList
from shared.refusal import Refused
from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures
from tests.granting import asked, event_of
from tests.notice import notice

SHATU = "MD2023-TOWN-08"
LICUN, DAHUANGJI = "MD2023-TOWN-16", "MD2023-TOWN-17"
XIJI = "ST2021-TOWN-01"


@pytest.mark.rule("R001")
def test_a_grant_under_an_unregistered_programme_is_refused_and_nothing_is_recorded(county):
    request = {
        "programme": "XX2024", "town": XIJI, "item": "ST21-05", "mode": "direct",
        "effective_from": "2024-01-01",
    }

    with pytest.raises(Refused) as refused:
        county.told("delegate", request)

    assert refused.value.code == "register.unknown-programme"
    assert county.facts("delegation") == []


@pytest.mark.rule("R001")
def test_the_date_of_the_notice_moves_no_power(county):
    holders = county.holders(
        "ST21-05", XIJI, "decide", "2021-06-29T09:00:00+08:00", "2023-07-03T12:00:00+08:00"
    )

    assert holders == ["ST2021-ORG-09"]


@pytest.mark.rule("R001")
def test_nothing_moves_before_the_notice_is_issued():
    with pytest.raises(Refused) as refused:
        asked("ST2021", "ST21-04", XIJI, "direct", effective_from=date(2021, 6, 27))

    assert refused.value.code == "delegation.wrong-date-order"


@pytest.mark.rule("R002")
def test_a_mode_of_another_programme_is_refused():
    with pytest.raises(Refused) as refused:
        asked("MD2023", "MD23-04", SHATU, "direct")

    assert refused.value.code == "delegation.mode-not-in-programme"
    assert refused.value.facts["modes"] == ["entrusted_handling", "entrusted_acceptance"]


@pytest.mark.rule("R003")
def test_in_mudan_the_government_cannot_be_put_as_grantor():
    government = notice("MD2023").organ("MD2023-ORG-02")

    with pytest.raises(Refused) as refused:
        asked("MD2023", "MD23-35", SHATU, "entrusted_acceptance", named=government)

    assert refused.value.code == "delegation.grantor-must-be-granting-department"
    assert refused.value.facts["granting_org"] == "MD2023-ORG-09"


@pytest.mark.rule("R003")
def test_in_shanting_the_government_decides_and_the_department_owns_the_power():
    delegated = event_of(asked("ST2021", "ST21-05", XIJI, "direct"))

    assert delegated.decided_by_org_id == "ST2021-ORG-02"
    assert delegated.power_owner_org_id == "ST2021-ORG-09"


@pytest.mark.rule("R004")
def test_an_addressee_of_the_notice_that_is_no_recipient_receives_nothing():
    with pytest.raises(Refused) as refused:
        asked("ST2021", "ST21-04", "ST2021-ORG-17", "direct")

    assert refused.value.code == "delegation.not-a-recipient"


@pytest.mark.rule("R005")
@pytest.mark.parametrize(
    ("level", "grantor"), [("county", "SR2020-UNIT-01"), ("city", "SR2020-ORG-03")]
)
def test_for_a_zone_managed_town_the_level_of_the_item_names_the_grantor(level, grantor):
    item = notice("SR2020").item("SR20-040") | {"power_level": level}

    with pytest.raises(Refused) as refused:
        asked(
            "SR2020", "SR20-040", "SR2020-TOWN-04", "conferral", item=item,
            named=notice("SR2020").organ("SR2020-ORG-12"),
        )

    assert refused.value.code == "delegation.zone-committee-cannot-confer"
    assert refused.value.facts["grantor"] == grantor


@pytest.mark.rule("R005")
@pytest.mark.parametrize(
    ("level", "grantor"), [("county", "SR2020-UNIT-01"), ("city", "SR2020-ORG-03")]
)
def test_the_government_that_the_level_names_confers_on_a_zone_managed_town(level, grantor):
    rows = notice("SR2020")
    town_list = published_before("SR20-040", "SR2020-TOWN-04")

    delegated = event_of(asked(
        "SR2020", "SR20-040", "SR2020-TOWN-04", "conferral", named=rows.organ(grantor),
        item=rows.item("SR20-040") | {"power_level": level}, known=OnRecord(town_list=town_list),
    ))

    assert delegated.decided_by_org_id == grantor
    assert delegated.power_owner_org_id == rows.item("SR20-040")["granting_org_id"]


def published_before(item, town_code):
    """The town's list with the item: approved, compiled, filed twice, published."""
    rows = notice("SR2020")
    town, day = rows.town(town_code), date(2020, 5, 18)
    entry = {"item_id": item, "mode": "conferral"}
    known = TownList.draft(
        None, programme=rows.programme, town=town, entries=[entry], replaces=None, not_docked=[]
    )
    known.approve(
        programme=rows.programme, town=town, surveyed=False, decision_ref="3号", approved_on=day,
        approved_by=rows.organ(town["matching_county_id"]),
    )
    known.compile(items=[item])
    recipients = {"SR2020-UNIT-01": "县政府", "SR2020-ORG-07": "市审改办"}
    for org in recipients:
        known.file(recipient=org, recipients=list(recipients), receipt_ref="回执", filed_on=day)
    known.publish(
        programme=rows.programme, recipients=recipients, channel="web", url=None,
        published_at=datetime.fromisoformat("2020-05-20T10:00:00+08:00"),
    )
    return known


@pytest.mark.rule("R013")
def test_a_scope_that_the_catalogue_does_not_name_is_refused():
    with pytest.raises(Refused) as refused:
        asked("ST2021", "ST21-05", XIJI, "direct", scope=["社会保险费缴纳"])

    assert refused.value.code == "delegation.scope-not-of-item"
    assert refused.value.facts["subitems"] == ["个人参保缴费证明查询打印", "待遇领取证明查询打印"]


@pytest.mark.rule("R013")
def test_where_the_remark_names_sub_items_only_these_move():
    delegated = event_of(asked("ST2021", "ST21-09", XIJI, "window_forward"))

    assert delegated.scope == ["个人独资企业及分支机构设立、变更、注销登记"]


@pytest.mark.rule("R059")
def test_a_town_cannot_delegate_on_to_a_village_station(county):
    request = {
        "programme": "MD2023", "town": "MD2023-ORG-39", "item": "MD23-24",
        "mode": "entrusted_handling",
        "effective_from": "2023-07-01",
    }

    with pytest.raises(Refused) as refused:
        county.told("delegate", request, actor=DAHUANGJI)

    (rejected,) = county.recorded("ItemDelegationRejected")
    assert refused.value.code == "delegation.redelegation-forbidden"
    assert rejected.data["town_id"] == "MD2023-ORG-39"


@pytest.mark.rule("R060")
def test_the_granting_department_supervises_what_it_entrusted():
    delegated = event_of(asked("MD2023", "MD23-23", SHATU, "entrusted_acceptance"))

    assert delegated.act_supervisor_org_id == BUREAU


@pytest.mark.rule("R060")
def test_the_acts_are_the_granting_departments_to_supervise_and_the_trade_is_anothers(county):
    county.agreed(["MD23-23"], kind="acceptance")
    county.delegated("MD23-23", SHATU, "entrusted_acceptance", "2023-07-01")
    at = "2023-07-03T09:00:00+08:00"

    assert set(county.holders("MD23-23", SHATU, "act_supervision", at)) == {BUREAU}
    assert county.holders("MD23-23", SHATU, "trade_supervision", at) == ["MD2023-ORG-18"]


@pytest.mark.rule("R062")
@pytest.mark.rule("R021")
def test_one_item_has_one_mode_in_one_town_and_another_in_the_next(county):
    county.entrusted("MD23-04", SHATU)
    county.agreed(["MD23-04"], "MD2023-TOWN-07", kind="acceptance")
    county.delegated("MD23-04", "MD2023-TOWN-07", "entrusted_acceptance", "2023-07-01")

    when = "2023-07-02T09:00:00+08:00"
    assert county.holders("MD23-04", SHATU, "decide", when)[0] == f"{SHATU}-CENTRE"
    assert county.holders("MD23-04", "MD2023-TOWN-07", "decide", when) == [BUREAU, BUREAU]


@pytest.mark.rule("R064")
def test_beside_an_entrusting_the_district_keeps_its_right(county):
    county.entrusted("MD23-04")

    holders = county.holders("MD23-04", SHATU, "accept", "2023-07-03T09:00:00+08:00")

    assert holders == [f"{SHATU}-CENTRE", f"{SHATU}-CENTRE", BUREAU]


@pytest.mark.rule("R067")
def test_a_recalled_power_returns_to_the_bureau_that_granted_it(county):
    grant = county.entrusted("MD23-12", LICUN)

    county.recalled(grant, "2024-03-01")

    (recalled,) = county.recorded("ItemRecalled")
    assert recalled.data["returns_to_org_id"] == BUREAU


@pytest.mark.rule("R067")
def test_the_chain_of_authority_names_each_link_with_its_instrument_and_interval(county):
    grant = county.entrusted("MD23-12", LICUN)
    county.recalled(grant, "2024-03-01")

    (link,) = county.ask("delegation", "grant", {"grant": grant})["chain"]

    assert (link["from_org_id"], link["to_org_id"]) == (BUREAU, LICUN)
    assert link["instrument"]["ref"] == "菏区政字〔2023〕15号"
    assert (link["effective_from"], link["effective_to"]) == (
        "2023-06-30T16:00:00+00:00", "2024-02-29T16:00:00+00:00",
    )


@pytest.mark.rule("R183")
def test_a_recalled_item_may_be_granted_again_as_a_new_grant(county):
    first = county.entrusted("MD23-04", until="2025-06-30")
    county.recalled(first, "2024-03-01")
    county.agreed(["MD23-04"], until="2026-06-30", signed="2024-05-01")

    second = county.delegated(
        "MD23-04", SHATU, "entrusted_handling", "2024-06-01", "2024-05-20T09:00:00+08:00"
    )

    assert county.ask("delegation", "grant", {"grant": second})["predecessor_grant_id"] == first


def test_a_grant_in_force_is_not_granted_again(county):
    grant = county.entrusted("MD23-04")

    with pytest.raises(Refused) as refused:
        county.delegated("MD23-04", SHATU, "entrusted_handling", "2023-08-01")

    assert refused.value.code == "delegation.already-granted"
    assert refused.value.facts["grant"] == grant
