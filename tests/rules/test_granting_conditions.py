"""What a grant waits for: claim, publication, no bar in law, an instrument: R031 to R063, R220."""

from datetime import date, datetime

import pytest

from services.delegation.domain.claim import Claim
from services.delegation.domain.delegating import OnRecord
from shared.refusal import Refused
from tests.delegating import county, one_county  # noqa: F401 - the fixtures
from tests.granting import asked, event_of
from tests.notice import notice

SHATU = "MD2023-TOWN-08"
XIJI = "ST2021-TOWN-01"


@pytest.mark.rule("R031")
def test_an_item_that_the_town_did_not_choose_from_the_menu_is_not_granted():
    with pytest.raises(Refused) as refused:
        asked("ZZ2021", "ZZ21-04", "ZZ2021-TOWN-01", "direct", known=OnRecord(surveyed=True))

    assert refused.value.code == "delegation.not-selected-by-town"


@pytest.mark.rule("R031")
def test_the_towns_opinion_comes_before_the_grant():
    chosen = chosen_from_the_menu()

    with pytest.raises(Refused) as refused:
        asked(
            "ZZ2021", "ZZ21-04", "ZZ2021-TOWN-01", "direct",
            known=OnRecord(claim=chosen, surveyed=True)
        )

    assert refused.value.code == "delegation.opinions-not-sought"


@pytest.mark.rule("R031")
def test_what_was_surveyed_chosen_and_discussed_is_granted_on_the_claim():
    chosen = chosen_from_the_menu()
    known = OnRecord(claim=chosen, surveyed=True, heard=True)

    delegated = event_of(asked("ZZ2021", "ZZ21-04", "ZZ2021-TOWN-01", "direct", known=known))

    assert delegated.claim_id == str(chosen.id)


def chosen_from_the_menu():
    rows = notice("ZZ2021")
    return Claim.claim(
        None, programme=rows.programme, town=rows.town("ZZ2021-TOWN-01"), item="ZZ21-04",
        menu={"version": 1, "item_ids": ["ZZ21-04"]}, surveyed=True, claimed_on=date(2021, 6, 1),
    )


@pytest.mark.rule("R036")
def test_a_refused_claim_is_not_granted_after_all(county):
    county.told("claim", {
        "programme": "SR2020", "town": "SR2020-TOWN-01", "item": "SR20-040",
        "claimed_on": "2020-05-06",
    })
    county.told("refuse_claim", {
        "programme": "SR2020", "town": "SR2020-TOWN-01", "item": "SR20-040",
        "objective_reason": "系统未开通",
        "document_ref": "情景府函〔2020〕8号", "issued_by": "SR2020-UNIT-01",
        "issued_on": "2020-05-15",
    })

    with pytest.raises(Refused) as refused:
        county.delegated("SR20-040", "SR2020-TOWN-01", "conferral", "2020-06-01")

    assert refused.value.code == "delegation.claim-not-open"


@pytest.mark.rule("R044")
def test_a_government_adjusts_without_claims_and_agreements():
    delegated = event_of(asked("ST2021", "ST21-07", XIJI, "substantive_review"))

    assert (delegated.claim_id, delegated.agreement_id) == (None, None)


@pytest.mark.rule("R063")
def test_conferral_needs_no_seal_and_leaves_name_and_liability_open(county):
    published_for_the_town(county, "2020-05-20T10:00:00+08:00")

    county.delegated("SR20-040", "SR2020-TOWN-01", "conferral", "2020-05-21")

    facets = county.recorded("ItemDelegated")[0].data["facets"]
    assert {f["facet"]: f["org_id"] for f in facets} == {
        "accept": "SR2020-TOWN-01", "substantive_review": "SR2020-TOWN-01",
        "decide": "SR2020-TOWN-01",
        "named_authority": "unspecified", "liability": "per_agreement_if_any",
    }


def bar(kind, norm_rank="regulation"):
    return {
        "kind": kind, "norm_rank": norm_rank, "article": "条例第八条",
        "valid_from": date(2020, 1, 1),
        "valid_to": None,
    }


@pytest.mark.rule("R046")
def test_what_a_regulation_forbids_to_entrust_cannot_be_entrusted():
    fireworks = notice("MD2023").item("MD23-28", [bar("entrust_forbidden")])

    with pytest.raises(Refused) as refused:
        asked("MD2023", "MD23-28", SHATU, "entrusted_handling", item=fireworks)

    assert refused.value.code == "delegation.entrusting-forbidden-by-law"
    assert refused.value.of_record


@pytest.mark.rule("R046")
def test_what_cannot_be_entrusted_can_still_be_accepted_by_the_town():
    fireworks = notice("MD2023").item("MD23-28", [bar("entrust_forbidden")])

    delegated = event_of(asked("MD2023", "MD23-28", SHATU, "entrusted_acceptance", item=fireworks))

    assert delegated.mode == "entrusted_acceptance"


@pytest.mark.rule("R046")
@pytest.mark.rule("R051")
def test_a_departmental_rule_bars_direct_devolution_in_the_citys_wording_only():
    known = OnRecord(claim=chosen_from_the_menu(), surveyed=True, heard=True)
    ruled = [bar("devolve_forbidden", "rule")]

    with pytest.raises(Refused) as refused:
        asked(
            "ZZ2021", "ZZ21-04", "ZZ2021-TOWN-01", "direct", known=known,
            item=notice("ZZ2021").item("ZZ21-04", ruled),
        )
    shanting = asked(
        "ST2021", "ST21-04", XIJI, "direct", item=notice("ST2021").item("ST21-04", ruled)
    )

    assert refused.value.code == "delegation.devolving-forbidden-by-law"
    assert event_of(shanting).mode == "direct"


@pytest.mark.rule("R046")
def test_the_refused_delegation_is_on_record_and_a_repetition_gets_the_same_refusal(county):
    barred(county, "MD23-28")
    command = "6f1c1f9e-2d0b-4c55-9a53-0d6b1b1f4e01"
    request = {
        "programme": "MD2023", "town": SHATU, "item": "MD23-28", "mode": "entrusted_handling",
        "effective_from": "2023-07-01",
    }

    with pytest.raises(Refused) as first:
        county.told("delegate", request, command=command)
    with pytest.raises(Refused) as second:
        county.told("delegate", request, command=command)

    (rejected,) = county.recorded("ItemDelegationRejected")
    assert first.value.code == second.value.code == rejected.data["reason_code"]
    assert rejected.data[
        "legal_constraint_id"
    ] == "MD23-28:entrust_forbidden:烟花爆竹安全管理条例第八条"


@pytest.mark.rule("R046")
def test_a_bar_that_appears_after_the_grant_puts_it_under_legality_review(county):
    grant = county.entrusted("MD23-28", department="MD2023-ORG-19")

    barred(county, "MD23-28")

    (opened,) = county.recorded("LegalityReviewOpened")
    assert opened.data["grant_id"] == grant
    assert county.ask("delegation", "grant", {"grant": grant})["state"] == "legality_review"


def barred(county, item):
    county.constraints += 1
    county.consumers = county.everything
    county.do("catalog", "record_legal_constraint", {
        "programme": "MD2023", "item": item, "kind": "entrust_forbidden", "norm_rank": "regulation",
        "article": "烟花爆竹安全管理条例第八条", "valid_from": f"2023-01-{county.constraints:02}",
    })
    county.settle()


@pytest.mark.rule("R041")
def test_nothing_takes_effect_before_it_is_published(county):
    published_for_the_town(county, "2020-05-20T10:00:00+08:00")

    with pytest.raises(Refused) as refused:
        county.delegated("SR20-040", "SR2020-TOWN-01", "conferral", "2020-05-19")

    assert refused.value.code == "delegation.effective-before-publication"


@pytest.mark.rule("R041")
def test_on_the_day_of_publication_the_grant_holds_from_the_publication_on(county):
    published_for_the_town(county, "2020-05-20T10:00:00+08:00")

    county.delegated("SR20-040", "SR2020-TOWN-01", "conferral", "2020-05-20")

    (delegated,) = county.recorded("ItemDelegated")
    assert delegated.data["effective_from"] == datetime.fromisoformat("2020-05-20T10:00:00+08:00")


def published_for_the_town(county, published_at):
    town = {"programme": "SR2020", "town": "SR2020-TOWN-01"}
    county.told("hold_docking", town | {
        "department": "SR2020-ORG-10", "held_on": "2020-05-12", "items": ["SR20-040"],
        "outcome": "可以承接",
    })
    county.told("draft_list", town | {"entries": [{"item": "SR20-040"}]})
    county.told("approve_list", town | {
        "approved_by": "SR2020-UNIT-01", "decision_ref": "情景府字〔2020〕3号",
        "approved_on": "2020-05-15",
    })
    county.told("compile_catalogue", town | {"items": ["SR20-040"]})
    for recipient in ("SR2020-UNIT-01", "SR2020-ORG-07"):
        county.told("file_catalogue", town | {
            "recipient": recipient, "receipt_ref": "回执", "filed_on": "2020-05-18",
        })
    county.told("publish_catalogue", town | {"channel": "web", "published_at": published_at})


@pytest.mark.rule("R220")
def test_a_power_does_not_move_without_an_instrument(county):
    request = {
        "programme": "ST2021", "town": XIJI, "item": "ST21-04", "mode": "direct",
        "effective_from": "2021-08-01",
    }
    commands = county.commands("delegation")
    without = county.given("2021-07-20T09:00:00+08:00", instrument=None)

    with pytest.raises(Refused) as refused:
        commands.do("delegate", request, without)

    assert refused.value.code == "delegation.instrument-required"


@pytest.mark.rule("R220")
@pytest.mark.rule("R222")
def test_a_correction_rests_on_an_instrument_too(county):
    grant = county.delegated("ST21-04", XIJI, "direct", "2021-08-01")
    request = {
        "programme": "ST2021", "grant": grant, "effective_from": "2021-09-01", "reason": "笔误",
    }
    without = county.given("2021-08-20T09:00:00+08:00", instrument=None)

    with pytest.raises(Refused) as refused:
        county.commands("delegation").do("correct_grant", request, without)

    assert refused.value.code == "delegation.instrument-required"
