"""Agreements: parties, contents, term, filing: R070 to R075, R182."""

import pytest

from shared.refusal import Refused
from tests.delegating import BUREAU, CLAUSES, county, one_county  # noqa: F401 - the fixtures

SHATU = "MD2023-TOWN-08"
HUJI = "MD2023-TOWN-11"
UNIT = "GZ2020-UNIT-15"
FORMER = "GZ2020-UNIT-15-ORG-01"
FIVE = ("划转事项", "划转时间", "权责划分", "系统设备", "档案管理")


def drafted(county, **more):
    return county.told("draft_agreement", {
        "programme": "MD2023", "kind": "entrustment", "department": BUREAU, "town": SHATU,
        "items": ["MD23-04"],
        "clauses": [{"key": key} for key in CLAUSES], "term_from": "2023-07-01",
        "term_to": "2024-06-30",
    } | more)["stream"]


def signed(county, agreement, programme="MD2023", signatories=(BUREAU, SHATU), on="2023-06-20"):
    return county.told("sign_agreement", {
        "programme": programme, "agreement": agreement, "signed_on": on,
        "signatories": list(signatories),
    })


def of_transfer(county, items=("GZ20-001",), clauses=FIVE, transfer_at="2021-04-20T00:00:00+08:00"):
    return drafted(
        county, programme="GZ2020", kind="transfer", department=FORMER, town=UNIT,
        items=list(items),
        clauses=[{"key": key} for key in clauses], transfer_at=transfer_at, term_from=None,
        term_to=None,
    )


@pytest.mark.rule("R070")
def test_entrusted_handling_needs_a_written_agreement_first(county):
    with pytest.raises(Refused) as refused:
        county.delegated("MD23-35", HUJI, "entrusted_handling", "2023-07-01")

    assert refused.value.code == "delegation.agreement-required"


@pytest.mark.rule("R070")
def test_the_party_is_the_town_and_not_its_centre(county):
    with pytest.raises(Refused) as drawn:
        drafted(county, town=f"{HUJI}-CENTRE")
    agreement = drafted(county, town=HUJI)
    with pytest.raises(Refused) as undersigned:
        signed(county, agreement, signatories=(BUREAU, f"{HUJI}-CENTRE"))

    assert drawn.value.code == undersigned.value.code == "delegation.party-must-be-town"


@pytest.mark.rule("R070")
def test_the_other_party_is_the_granting_department_of_each_item(county):
    with pytest.raises(Refused) as refused:
        drafted(county, items=["MD23-04", "MD23-35"])

    assert refused.value.code == "delegation.party-not-granting-department"
    assert refused.value.facts["granting_org"] == "MD2023-ORG-09"


@pytest.mark.rule("R070")
def test_both_parties_sign(county):
    with pytest.raises(Refused) as refused:
        signed(county, drafted(county), signatories=(BUREAU,))

    assert refused.value.facts["missing"] == [SHATU]


@pytest.mark.rule("R070")
def test_no_grant_takes_effect_before_the_signature(county):
    agreement = drafted(county, term_from=None)
    signed(county, agreement, on="2023-06-20")

    with pytest.raises(Refused) as refused:
        county.delegated("MD23-04", SHATU, "entrusted_handling", "2023-06-19", agreement=agreement)

    assert refused.value.code == "delegation.agreement-not-in-force"


@pytest.mark.rule("R070")
def test_one_agreement_may_cover_several_items(county):
    county.agreed(["MD23-04", "MD23-05"])

    county.delegated("MD23-04", SHATU, "entrusted_handling", "2023-07-01")
    county.delegated("MD23-05", SHATU, "entrusted_handling", "2023-07-01")

    assert len({fact.data["agreement_id"] for fact in county.recorded("ItemDelegated")}) == 1


@pytest.mark.rule("R071")
def test_an_entrustment_agreement_is_filed_with_the_justice_department(county):
    agreement = county.agreed(["MD23-04"])
    filing = {
        "programme": "MD2023", "agreement": agreement, "filed_on": "2023-06-25",
        "receipt_ref": "备案-31"
    }

    with pytest.raises(Refused) as refused:
        county.told("file_agreement", filing | {"recipient": "MD2023-ORG-06"})
    county.told("file_agreement", filing | {"recipient": "MD2023-ORG-11"})

    assert refused.value.code == "delegation.recipient-not-named"
    assert county.ask(
        "delegation", "agreement", {"agreement": agreement}
    )["filed_on"] == "2023-06-25"


@pytest.mark.rule("R071")
def test_filing_is_no_condition_of_effect(county):
    county.entrusted("MD23-04")

    assert county.recorded("AgreementFiled") == []
    assert len(county.recorded("ItemDelegated")) == 1


@pytest.mark.rule("R071")
def test_for_an_acceptance_agreement_the_notice_asks_no_filing(county):
    agreement = county.agreed(["MD23-07"], kind="acceptance")

    with pytest.raises(Refused) as refused:
        county.told("file_agreement", {
            "programme": "MD2023", "agreement": agreement, "recipient": "MD2023-ORG-11",
            "filed_on": "2023-06-25",
            "receipt_ref": "备案-32",
        })

    assert refused.value.code == "delegation.filing-not-asked"


@pytest.mark.rule("R072")
def test_an_acceptance_agreement_with_five_clauses_and_no_term_is_not_signed(county):
    five = ("授权事项", "权限范围", "受审转报机制", "双方权利义务", "法律责任")
    agreement = drafted(
        county, kind="acceptance", items=["MD23-07"], clauses=[{"key": key} for key in five]
    )

    with pytest.raises(Refused) as refused:
        signed(county, agreement)

    assert refused.value.code == "delegation.clause-missing"
    assert refused.value.facts["missing"] == ["委托期限"]


@pytest.mark.rule("R072")
def test_a_term_clause_without_dates_is_no_term(county):
    with pytest.raises(Refused) as refused:
        signed(county, drafted(county, term_from=None, term_to=None))

    assert refused.value.facts["missing"] == ["委托期限"]


@pytest.mark.rule("R072")
def test_an_entrustment_agreement_needs_no_forwarding_mechanism(county):
    answer = signed(county, drafted(county))

    assert answer["events"] == ["delegation.AgreementSigned"]


@pytest.mark.rule("R073")
def test_in_shangrao_an_agreement_has_the_duties_of_both_sides(county):
    agreement = drafted(
        county, programme="SR2020", kind="takeover", department="SR2020-ORG-10",
        town="SR2020-TOWN-01",
        items=["SR20-040"], clauses=[{"key": "县直部门的权力、责任"}],
    )

    with pytest.raises(Refused) as refused:
        signed(county, agreement, "SR2020", ("SR2020-ORG-10", "SR2020-TOWN-01"))

    assert refused.value.facts["missing"] == ["事项承接乡镇（街道）的权力、责任"]


@pytest.mark.rule("R074")
def test_one_agreement_for_twelve_items_is_refused(county):
    twelve = [f"GZ20-{number:03}" for number in range(1, 13)]

    with pytest.raises(Refused) as refused:
        of_transfer(county, twelve)

    assert refused.value.code == "delegation.one-item-one-agreement"


@pytest.mark.rule("R074")
def test_a_transfer_agreement_has_five_contents_and_names_the_time(county):
    agreement = of_transfer(county, clauses=FIVE[:4], transfer_at=None)

    with pytest.raises(Refused) as refused:
        signed(county, agreement, "GZ2020", (FORMER, f"{UNIT}-BUREAU"))

    assert refused.value.facts["missing"] == ["划转时间", "档案管理"]


@pytest.mark.rule("R064")
@pytest.mark.rule("R074")
@pytest.mark.rule("R088")
@pytest.mark.rule("R205")
def test_at_the_time_in_the_agreement_the_power_changes_hands_wholly(county):
    agreement = of_transfer(county)
    signed(county, agreement, "GZ2020", (FORMER, f"{UNIT}-BUREAU"), "2021-04-10")
    county.papers_moved("GZ20-001")

    county.told("transfer_power", {
        "programme": "GZ2020", "unit": UNIT, "item": "GZ20-001", "agreement": agreement,
    }, "2021-04-12T09:00:00+08:00")

    known = "2021-05-01T00:00:00+08:00"
    before = county.holders("GZ20-001", UNIT, "decide", "2021-04-19T23:59:59+08:00", known)
    after = county.holders("GZ20-001", UNIT, "decide", "2021-04-20T00:00:00+08:00", known)
    assert (before, after) == ([FORMER], [f"{UNIT}-BUREAU"])


@pytest.mark.rule("R075")
def test_when_the_term_ends_unrenewed_the_towns_authority_lapses(county):
    county.entrusted("MD23-04")
    midnight = "2024-07-01T00:00:00+08:00"

    county.told("run_due", {"programme": "MD2023", "now": midnight}, midnight)

    last = county.holders("MD23-04", SHATU, "decide", "2024-06-30T23:59:59+08:00")
    next_morning = county.holders("MD23-04", SHATU, "decide", "2024-07-01T08:30:00+08:00")
    (expired,), (recalled,) = county.recorded("AgreementExpired"), county.recorded("ItemRecalled")
    assert f"{SHATU}-CENTRE" in last
    assert next_morning == [BUREAU]
    assert recalled.data["ground"] == "term_expired"
    assert recalled.causation == expired.id


@pytest.mark.rule("R075")
@pytest.mark.rule("R224")
def test_a_late_timer_ends_the_authority_at_the_end_of_the_term_and_only_once(county):
    county.entrusted("MD23-04")
    late = "2024-07-05T08:00:00+08:00"

    county.told("run_due", {"programme": "MD2023", "now": late}, late)
    county.told("run_due", {"programme": "MD2023", "now": late}, late)

    (recalled,) = county.recorded("ItemRecalled")
    assert recalled.data["effective_from"].isoformat() == "2024-06-30T16:00:00+00:00"


@pytest.mark.rule("R075")
def test_a_renewal_after_the_end_does_not_heal_the_gap(county):
    agreement = county.agreed(["MD23-04"])

    with pytest.raises(Refused) as refused:
        county.told("renew_agreement", {
            "programme": "MD2023", "agreement": agreement, "signed_on": "2024-07-03",
            "term_from": "2024-07-01", "term_to": "2025-06-30",
        }, "2024-07-03T09:00:00+08:00")

    assert refused.value.code == "delegation.agreement-expired"


@pytest.mark.rule("R075")
def test_a_renewal_in_time_carries_the_grants_on(county):
    grant = county.entrusted("MD23-04")
    agreement = county.ask("delegation", "grant", {"grant": grant})["agreement_id"]
    county.told("renew_agreement", {
        "programme": "MD2023", "agreement": agreement, "signed_on": "2024-06-20",
        "term_from": "2024-07-01",
        "term_to": "2025-06-30",
    }, "2024-06-20T09:00:00+08:00")

    county.told(
        "run_due", {"programme": "MD2023", "now": "2024-07-01T00:00:00+08:00"},
        "2024-07-01T00:00:00+08:00"
    )

    assert county.recorded("AgreementExpired") == []


@pytest.mark.rule("R075")
def test_where_no_notice_period_is_set_nobody_is_warned(county):
    county.agreed(["MD23-04"])

    county.told(
        "run_due", {"programme": "MD2023", "now": "2024-06-30T09:00:00+08:00"},
        "2024-06-30T09:00:00+08:00"
    )

    assert county.recorded("AgreementExpiring") == []


def commands_recorded(county):
    rows = county.commands("delegation").database.rows("SELECT count(*) FROM log.command")
    return rows[0][0]


@pytest.mark.rule("R075")
@pytest.mark.rule("R224")
def test_asking_again_what_is_due_leaves_no_trace_where_nothing_is(county):
    county.agreed(["MD23-04"])
    before = commands_recorded(county)

    for hour in ("09", "10"):
        now = f"2024-06-30T{hour}:00:00+08:00"
        county.told("run_due", {"programme": "MD2023", "now": now}, now)

    assert commands_recorded(county) == before


@pytest.mark.rule("R182")
def test_an_agreement_under_which_something_is_in_force_is_not_terminated(county):
    grant = county.entrusted("MD23-04")
    agreement = county.ask("delegation", "grant", {"grant": grant})["agreement_id"]

    with pytest.raises(Refused) as refused:
        county.told("terminate_agreement", {
            "programme": "MD2023", "agreement": agreement, "reason": "协商一致",
            "terminated_on": "2023-12-31",
        })

    assert refused.value.facts["grants"] == [grant]


@pytest.mark.rule("R182")
def test_after_an_amendment_filing_is_due_again(county):
    agreement = county.agreed(["MD23-04"])
    named = {"programme": "MD2023", "agreement": agreement}
    county.told("file_agreement", named | {
        "recipient": "MD2023-ORG-11", "filed_on": "2023-06-25", "receipt_ref": "备案-31",
    })

    county.told(
        "amend_agreement", named | {"items": ["MD23-04", "MD23-05"], "amended_on": "2023-09-01"}
    )

    amended = county.ask("delegation", "agreement", {"agreement": agreement})
    assert (amended["item_ids"], amended["filed_on"]) == (["MD23-04", "MD23-05"], None)
