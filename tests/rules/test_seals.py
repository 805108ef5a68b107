"""Seals: authorised, engraved, issued, one per pair, suspended: R080 to R082, R086, R087."""

import pytest

from shared.refusal import Refused
from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures
from tests.handing_over import hand_over

LICUN = "MD2023-TOWN-16"
DISABLED = "MD2023-ORG-23"
GOVERNMENT = "MD2023-ORG-02"


def authorised(county, department=BUREAU, town=LICUN, by=GOVERNMENT):
    county.told("authorise_seal", {
        "programme": "MD2023", "department": department, "town": town, "authorised_by": by,
        "instrument_ref": "菏区政字〔2023〕16号",
    })
    return f"SEAL2:{department}:{town}:1"


def town_name(county):
    return county.commands("delegation").register.town("MD2023", LICUN)["name"]


def engraved(county, seal, text):
    county.told("engrave_seal", {
        "programme": "MD2023", "seal": seal, "text": text, "engraved_on": "2023-06-10",
    })


def issued(county, seal, custodian):
    county.told("issue_seal", {
        "programme": "MD2023", "seal": seal, "custodian": custodian, "issued_on": "2023-06-15",
    })


@pytest.mark.rule("R080")
def test_only_the_district_government_authorises_a_seal_no_2(county):
    with pytest.raises(Refused) as refused:
        authorised(county, by=BUREAU)

    assert refused.value.code == "delegation.not-authorised-by-government"


@pytest.mark.rule("R080")
def test_a_seal_is_not_issued_before_it_is_engraved(county):
    seal = authorised(county)

    with pytest.raises(Refused) as refused:
        issued(county, seal, f"{LICUN}-CENTRE")

    assert refused.value.code == "delegation.wrong-state"


@pytest.mark.rule("R080")
def test_the_seal_is_issued_to_the_towns_centre(county):
    county.seal_rule(LICUN)
    seal = authorised(county)
    name = county.commands("delegation").register.town("MD2023", LICUN)["name"]
    engraved(county, seal, f"牡丹区行政审批服务局审批专用章（{name}）")

    with pytest.raises(Refused) as refused:
        issued(county, seal, LICUN)
    issued(county, seal, f"{LICUN}-CENTRE")

    assert refused.value.code == "delegation.custodian-must-be-centre"
    assert county.ask("delegation", "seals", {"programme": "MD2023"})[0]["state"] == "in_use"


@pytest.mark.rule("R080")
def test_a_programme_without_seal_no_2_authorises_none(county):
    with pytest.raises(Refused) as refused:
        county.told("authorise_seal", {
            "programme": "ST2021", "department": "ST2021-ORG-07", "town": "ST2021-TOWN-01",
            "authorised_by": "ST2021-ORG-02", "instrument_ref": "字号",
        })

    assert refused.value.code == "delegation.seal-kind-not-in-programme"


@pytest.mark.rule("R081")
def test_a_department_that_is_no_bureau_and_no_commission_deviates_from_the_pattern(county):
    seal = authorised(county, DISABLED)

    engraved(county, seal, f"牡丹区残联审批专用章（{town_name(county)}）")

    assert county.recorded("SealEngraved")[0].data["pattern_deviation"] is True


@pytest.mark.rule("R081")
def test_a_text_without_the_district_deviates_from_the_pattern(county):
    seal = authorised(county)

    engraved(county, seal, f"行政审批服务局审批专用章（{town_name(county)}）")

    assert county.recorded("SealEngraved")[0].data["pattern_deviation"] is True


@pytest.mark.rule("R081")
def test_district_department_and_town_are_the_pattern(county):
    seal = authorised(county)

    engraved(county, seal, f"牡丹区行政审批服务局审批专用章（{town_name(county)}）")

    assert county.recorded("SealEngraved")[0].data["pattern_deviation"] is False


@pytest.mark.rule("R080")
def test_a_department_that_grants_no_item_has_no_such_seal(county):
    with pytest.raises(Refused) as refused:
        authorised(county, GOVERNMENT)

    assert refused.value.code == "delegation.department-grants-no-item"


@pytest.mark.rule("R081")
def test_the_text_of_another_town_is_refused(county):
    with pytest.raises(Refused) as refused:
        engraved(county, authorised(county), "牡丹区行政审批服务局审批专用章（沙土镇）")

    assert refused.value.code == "delegation.seal-text-mismatch"


@pytest.mark.rule("R081")
def test_a_seal_for_a_town_outside_the_programme_is_refused(county):
    with pytest.raises(Refused) as refused:
        authorised(county, town="ST2021-TOWN-01")

    assert refused.value.code == "register.unknown-town"


@pytest.mark.rule("R082")
def test_there_is_no_second_seal_of_a_pair_while_the_first_is_in_use(county):
    county.sealed(town=LICUN)

    with pytest.raises(Refused) as refused:
        authorised(county)

    assert refused.value.code == "delegation.duplicate-seal"


@pytest.mark.rule("R082")
def test_another_department_has_its_own_seal_for_the_same_town(county):
    county.sealed(town=LICUN)

    other = authorised(county, "MD2023-ORG-16")

    assert other == f"SEAL2:MD2023-ORG-16:{LICUN}:1"


@pytest.mark.rule("R086")
def test_a_town_has_one_approval_seal_of_its_own(county):
    own = {"programme": "ST2021", "kind": "town_approval_seal", "org": "ST2021-TOWN-01"}
    county.told("register_seal", own)

    with pytest.raises(Refused) as refused:
        county.told("register_seal", own)

    assert refused.value.code == "delegation.duplicate-seal"


@pytest.mark.rule("R087")
def test_when_the_pairs_only_item_is_recalled_the_seal_is_suspended_at_the_same_time(county):
    county.sealed(DISABLED, "MD2023-TOWN-06")
    grant = county.entrusted("MD23-36", "MD2023-TOWN-06", department=DISABLED)

    county.recalled(grant, "2024-03-01")

    (suspended,) = county.recorded("SealSuspended")
    assert suspended.data["seal_id"] == f"SEAL2:{DISABLED}:MD2023-TOWN-06:1"
    assert suspended.data["from"].isoformat() == "2024-02-29T16:00:00+00:00"


@pytest.mark.rule("R087")
def test_while_another_item_of_the_pair_remains_the_seal_stays_in_use(county):
    county.sealed(town=LICUN)
    grant = county.entrusted("MD23-12", LICUN)
    county.entrusted("MD23-13", LICUN)

    county.recalled(grant, "2024-03-01")

    assert county.recorded("SealSuspended") == []


@pytest.mark.rule("R087")
def test_a_suspended_seal_is_returned_and_destroyed_on_record(county):
    seal = county.sealed(town=LICUN)
    named = {"programme": "MD2023", "seal": seal}
    county.told("suspend_seal", named | {"reason": "盘点", "since": "2024-03-01T00:00:00+08:00"})
    county.told("return_seal", named | {"returned_to": BUREAU, "on": "2024-03-04"})

    county.told("destroy_seal", named | {"on": "2024-03-20", "witness": "MD2023-ORG-11"})

    assert county.ask("delegation", "seals", {"programme": "MD2023"})[0]["state"] == "destroyed"


@pytest.mark.rule("R082")
def test_after_the_first_seal_is_lost_the_pair_may_have_a_second(county):
    seal = county.sealed(town=LICUN)
    county.told("report_seal_lost", {
        "programme": "MD2023", "seal": seal, "reported_at": "2023-09-01T09:00:00+08:00",
    })

    authorised(county)

    assert [
        row["seal_id"][-2:] for row in county.ask("delegation", "seals", {"programme": "MD2023"})
    ] == [":1", ":2"]


@pytest.mark.rule("R080")
@pytest.mark.rule("R086")
def test_an_organs_own_seal_is_not_issued_to_anybody(county):
    programme, seal = {"programme": "ST2021"}, "TOWN_APPROVAL_SEAL:ST2021-TOWN-01:1"
    county.told(
        "register_seal", programme | {"kind": "town_approval_seal", "org": "ST2021-TOWN-01"}
    )
    county.told("suspend_seal", programme | {
        "seal": seal, "reason": "盘点", "since": "2023-06-20T00:00:00+08:00",
    })

    with pytest.raises(Refused) as refused:
        county.told("issue_seal", programme | {
            "seal": seal, "custodian": "ST2021-TOWN-01-CENTRE", "issued_on": "2023-06-21",
        })

    assert refused.value.code == "delegation.wrong-state"
    assert refused.value.facts["allowed"] == ["seal_no_2"]
    assert county.recorded("SealIssued") == []


@pytest.mark.rule("R087")
def test_the_end_of_an_item_without_the_seal_leaves_the_seal_in_use(county):
    seal = county.sealed(town=LICUN)
    county.agreed(["MD23-12"], LICUN, kind="acceptance")
    grant = county.delegated("MD23-12", LICUN, "entrusted_acceptance", "2023-07-01")

    county.recalled(grant, "2024-03-01")

    (known,) = county.ask("delegation", "seals", {"programme": "MD2023"})
    assert (known["seal_id"], known["state"]) == (seal, "in_use")


@pytest.mark.rule("R087")
def test_the_seal_is_suspended_when_the_last_item_under_it_ends(county):
    county.sealed(town=LICUN)
    first, last = county.entrusted("MD23-12", LICUN), county.entrusted("MD23-13", LICUN)

    county.recalled(first, "2024-05-01")
    county.recalled(last, "2024-03-01")

    (suspended,) = county.recorded("SealSuspended")
    assert suspended.data["from"].isoformat() == "2024-04-30T16:00:00+00:00"


@pytest.mark.rule("R087")
def test_a_seal_is_destroyed_before_a_registered_witness(county):
    seal = county.sealed(town=LICUN)
    named = {"programme": "MD2023", "seal": seal}
    county.told("suspend_seal", named | {"reason": "盘点", "since": "2024-03-01T00:00:00+08:00"})

    with pytest.raises(Refused) as refused:
        county.told("destroy_seal", named | {"on": "2024-03-20", "witness": "某公司"})

    assert refused.value.code == "register.unknown-organ"


FORMER, UNIT = "GZ2020-UNIT-15-ORG-02", "GZ2020-UNIT-15"
FIVE = ("划转事项", "划转时间", "权责划分", "系统设备", "档案管理")


def transferred(county, item, transfer_at):
    """An item of the former department moves to the unit's bureau under its own agreement."""
    agreement = county.told("draft_agreement", {
        "programme": "GZ2020", "kind": "transfer", "department": FORMER, "town": UNIT,
        "items": [item], "clauses": [{"key": key} for key in FIVE], "transfer_at": transfer_at,
    })["stream"]
    county.told("sign_agreement", {
        "programme": "GZ2020", "agreement": agreement, "signed_on": "2021-04-10",
        "signatories": [FORMER, f"{UNIT}-BUREAU"],
    })
    hand_over(
        county, {"programme": "GZ2020", "unit": UNIT, "item": item}, given_by=FORMER,
        taker=f"{UNIT}-BUREAU", on="2021-04-11",
    )
    county.told("transfer_power", {
        "programme": "GZ2020", "unit": UNIT, "item": item, "agreement": agreement,
    }, "2021-04-12T09:00:00+08:00")


@pytest.mark.rule("R088")
def test_a_departments_seal_is_retired_when_its_last_item_has_moved_to_the_bureau(county):
    county.told("register_seal", {"programme": "GZ2020", "kind": "department_seal", "org": FORMER})
    for item in ("GZ20-005", "GZ20-006", "GZ20-007"):
        transferred(county, item, "2021-04-20T00:00:00+08:00")
    before = county.recorded("SealRetired")

    transferred(county, "GZ20-008", "2021-04-25T00:00:00+08:00")

    (retired,) = county.recorded("SealRetired")
    (moved,) = [
        fact for fact in county.recorded("PowerTransferred") if fact.data["item_id"] == "GZ20-008"
    ]
    assert before == []
    assert retired.data["seal_id"] == f"DEPARTMENT_SEAL:{FORMER}:1"
    assert (retired.data["on"].isoformat(), retired.causation) == ("2021-04-25", moved.id)
