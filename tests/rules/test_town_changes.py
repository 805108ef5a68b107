"""Towns change: renamed, made sub-districts, merged; nothing is silently granted: R004, R181."""

import pytest

from shared.contracts.envelope import instant
from shared.rebuild import rebuild
from shared.refusal import Refused
from shared.settings import SERVICES
from tests.merging import acted, devolved, entrusted, filed, sealed, shanting, told
from tests.world import World, programme_content

SHATU, BUREAU, HOTELS = "MD2023-TOWN-08", "MD2023-ORG-19", "MD23-23"  # 公共场所卫生许可
# Made up: no notice merges these towns of 山亭区.
FUCHENG, BEIZHUANG = "ST2021-TOWN-09", "ST2021-TOWN-08"
MERGER = {
    "programme": "ST2021", "town": FUCHENG, "into": BEIZHUANG, "effective_on": "2024-03-01",
}
POSTERS, ELSEWHERE = "ST21-01", "ST21-02"  # 宣传品审批; 异地就医备案
AGENCY = "ST2021-ORG-07"
SEAL = f"TOWN_APPROVAL_SEAL:{FUCHENG}:1"
BEFORE, AFTER = "2024-02-29T23:59:59+08:00", "2024-03-01T00:00:00+08:00"
FEBRUARY, MARCH = "2024-02-20T09:00:00+08:00", "2024-03-04T09:00:00+08:00"
MERGED_AT = "2024-03-01T08:00:00+08:00"


def changed(world, door, request, at=MERGED_AT):
    return told(world, door, request, at, service="catalog")


@pytest.fixture
def towns(world):
    """凫城镇 works on two items, 北庄镇 on one of them."""
    shanting(world)
    devolved(world, FUCHENG, [POSTERS, ELSEWHERE])
    devolved(world, BEIZHUANG, [ELSEWHERE])
    return world


def holders(world, item, town, at, facet="decide"):
    asked = {"item": item, "town": town, "facet": facet, "at": at}
    return [row["org_id"] for row in world.ask("ledger", "holders", asked)]


def refusal(world, door, request, at=MARCH, service="delegation", **how):
    with pytest.raises(Refused) as refused:
        told(world, door, request, at, service, **how)
    return refused.value


def everything(world):
    return {name: len(world.facts(name)) for name in ("catalog", "delegation", "cases")}


# 沙土镇 becomes a sub-district


@pytest.mark.rule("R004")
def test_a_town_that_becomes_a_sub_district_is_the_same_recipient_with_the_same_powers(world):
    grants = entrusted(world, SHATU, {BUREAU: [HOTELS]})

    changed(world, "change_town_kind", {
        "programme": "MD2023", "town": SHATU, "kind": "街道办事处",
        "effective_on": "2024-03-01",
    })
    changed(world, "rename_town", {
        "programme": "MD2023", "town": SHATU, "name": "沙土街道办事处",
        "centre_name": "沙土街道办事处便民服务中心", "effective_on": "2024-03-01",
    })

    town = world.ask("catalog", "town", {"programme": "MD2023", "town": SHATU})
    grant = world.ask("delegation", "grant", {"grant": grants[HOTELS]})
    assert (town["name"], town["kind"], town["recipient"]) == (
        "沙土街道办事处", "街道办事处", True
    )
    assert town["centre_name"] == "沙土街道办事处便民服务中心"
    assert grant["state"] == "in_transition"
    assert holders(world, HOTELS, SHATU, MARCH) == [f"{SHATU}-CENTRE", BUREAU, BUREAU]


@pytest.mark.rule("R007")
def test_old_papers_that_name_the_town_still_mean_it(world):
    world.imported("MD2023", counters=False)

    changed(world, "rename_town", {
        "programme": "MD2023", "town": SHATU, "name": "沙土街道办事处",
        "effective_on": "2024-03-01",
    })

    found = world.ask("catalog", "resolve", {"jurisdiction": "371702", "alias": "沙土镇"})
    assert (found["org_id"], found["name"]) == (SHATU, "沙土街道办事处")


@pytest.mark.rule("R081")
def test_a_new_seal_bears_the_towns_new_name(world):
    entrusted(world, SHATU, {BUREAU: [HOTELS]})
    changed(world, "rename_town", {
        "programme": "MD2023", "town": SHATU, "name": "沙土街道办事处",
        "effective_on": "2024-03-01",
    })
    told(world, "report_seal_lost", {
        "programme": "MD2023", "seal": f"SEAL2:{BUREAU}:{SHATU}:1", "reported_at": MARCH,
    }, MARCH)

    sealed(world, BUREAU, SHATU, number=2, on="2024-03-04")

    assert world.facts("delegation", "SealEngraved")[-1].data["text"] == (
        "牡丹区行政审批服务局审批专用章（沙土街道办事处）"
    )


# Two towns become one


@pytest.mark.rule("R004")
@pytest.mark.rule("R181")
def test_the_grants_of_a_merged_town_end_with_it_and_none_is_made_for_its_successor(towns):
    changed(towns, "merge_town", MERGER)

    recalls = towns.facts("delegation", "ItemRecalled")
    assert {fact.data["item_id"] for fact in recalls} == {POSTERS, ELSEWHERE}
    assert {fact.data["ground"] for fact in recalls} == {"organ_merged"}
    assert {fact.data["effective_from"] for fact in recalls} == {instant(AFTER)}
    assert holders(towns, POSTERS, FUCHENG, BEFORE) == [f"{FUCHENG}-DEPT", AGENCY]
    assert holders(towns, POSTERS, FUCHENG, AFTER) == [AGENCY]
    assert holders(towns, POSTERS, BEIZHUANG, AFTER) == [AGENCY]
    assert f"{BEIZHUANG}-DEPT" in holders(towns, ELSEWHERE, BEIZHUANG, AFTER)
    assert len(towns.facts("delegation", "ItemDelegated")) == 3
    assert towns.parked() == []


@pytest.mark.rule("R004")
def test_what_the_successor_does_not_hold_is_told_before(towns):
    before = everything(towns)

    told_ = towns.ask("delegation", "succession_consequences", {
        "programme": "ST2021", "org": FUCHENG, "into": BEIZHUANG, "effective_on": "2024-03-01",
    })

    assert everything(towns) == before
    assert {row["item_id"] for row in told_["grants"]} == {POSTERS, ELSEWHERE}
    assert [(row["seal_id"], row["becomes"]) for row in told_["seals"]] == [(SEAL, "retired")]
    assert told_["findings"] == [{
        "code": "successor-has-no-grant", "town": BEIZHUANG, "item": POSTERS,
        "zh": "北庄镇未获赋权“在城市建筑物、设施上张挂、张贴宣传品审批”，"
              "合并后由区行政审批服务局办理，如仍由镇街办理须另行赋权",
    }]


@pytest.mark.rule("R131")
def test_the_open_cases_of_a_merged_town_go_up_to_the_powers_owner(towns):
    case = filed(towns, POSTERS, FUCHENG, "accept", at=FEBRUARY)

    changed(towns, "merge_town", MERGER)
    acted(towns, "review", case, AGENCY, MARCH, result="positive", opinion_ref="op-1")
    acted(towns, "approve", case, AGENCY, MARCH)

    (up,) = towns.facts("cases", "CaseHandedUp")
    (approved,) = towns.facts("cases", "ApprovalIssued")
    assert (up.data["case_id"], up.data["to_org_id"]) == (case, AGENCY)
    assert approved.data["decided_by_org_id"] == AGENCY
    assert towns.ask("supervision", "flags", {"programme": "ST2021"}) == []


@pytest.mark.rule("R121")
def test_a_document_of_the_merged_town_is_handed_out_by_its_successor(towns):
    case = filed(towns, POSTERS, FUCHENG, "accept", at=FEBRUARY)
    department = f"{FUCHENG}-DEPT"
    acted(towns, "review", case, department, FEBRUARY, result="positive", opinion_ref="op-1")
    acted(towns, "approve", case, department, FEBRUARY)
    acted(towns, "seal", case, FUCHENG, FEBRUARY, seal=SEAL, document_hash="ab" * 32)

    changed(towns, "merge_town", MERGER)
    acted(towns, "deliver", case, BEIZHUANG, MARCH, document_hash="ab" * 32)

    (delivered,) = towns.facts("cases", "DocumentDelivered")
    assert delivered.data["at_org_id"] == BEIZHUANG


@pytest.mark.rule("R086")
@pytest.mark.rule("R087")
def test_the_seal_of_a_merged_town_is_retired(towns):
    changed(towns, "merge_town", MERGER)

    (retired,) = towns.facts("delegation", "SealRetired")
    assert (retired.data["seal_id"], retired.data["reason"]) == (SEAL, "organ_merged")
    assert retired.data["on"].isoformat() == "2024-03-01"


@pytest.mark.rule("R087")
@pytest.mark.rule("R182")
def test_seals_agreements_and_the_list_of_a_merged_town_end_with_it(world):
    entrusted(world, SHATU, {BUREAU: [HOTELS, "MD23-22"]})

    changed(world, "merge_town", {
        "programme": "MD2023", "town": SHATU, "into": "MD2023-TOWN-09",
        "effective_on": "2024-03-01",
    })

    (suspended,) = world.facts("delegation", "SealSuspended")
    (terminated,) = world.facts("delegation", "AgreementTerminated")
    revised = world.facts("delegation", "TownListRevised")
    assert suspended.data["seal_id"] == f"SEAL2:{BUREAU}:{SHATU}:1"
    assert terminated.data["terminated_on"].isoformat() == "2024-03-01"
    assert [(fact.data["entries"], fact.data["reason"]) for fact in revised] == [
        ([], "organ_merged")
    ]
    assert [fact.data["list_version"] for fact in world.facts("catalog", "TownListPublished")] == [
        1, 2,
    ]
    assert world.parked() == []


@pytest.mark.rule("R004")
def test_a_merged_town_receives_nothing_and_its_name_means_its_successor(towns):
    changed(towns, "merge_town", MERGER)

    town = towns.ask("catalog", "town", {"programme": "ST2021", "town": FUCHENG})
    named = towns.ask("catalog", "resolve", {"jurisdiction": "370406", "alias": "凫城镇"})
    refused = refusal(towns, "delegate", {
        "programme": "ST2021", "town": FUCHENG, "item": POSTERS, "mode": "direct",
        "effective_from": "2024-03-05",
    })
    windows = towns.ask("catalog", "places", {
        "programme": "ST2021", "town": FUCHENG, "on": "2024-03-04",
    })["windows"]
    assert (town["recipient"], town["closed_on"], town["successor_org_id"]) == (
        False, "2024-03-01", BEIZHUANG
    )
    assert named["org_id"] == BEIZHUANG
    assert refused.code == "delegation.not-a-recipient"
    assert windows == []


@pytest.mark.rule("R131")
def test_the_bodies_of_a_merged_town_do_nothing_more(towns):
    changed(towns, "merge_town", MERGER)

    refused = refusal(towns, "submit", {
        "programme": "ST2021", "case": "00000000-0000-0000-0000-000000000009", "item": POSTERS,
        "applicant_ref": "ref", "applicant_key": "a", "subject_key": "s", "towns_concerned": [],
        "channel": "window", "chosen_org": f"{FUCHENG}-CENTRE",
    }, service="cases", actor=f"{FUCHENG}-CENTRE")

    assert refused.code == "register.organ-closed"
    assert refused.facts["successor"] == f"{BEIZHUANG}-CENTRE"
    assert refused.zh == (
        "凫城镇便民服务中心已自2024-03-01起撤销，由北庄镇便民服务中心承接，请改以承接单位办理"
    )


@pytest.mark.rule("R180")
def test_no_grant_is_recalled_for_a_merger_that_did_not_happen(towns):
    grant = towns.facts("delegation", "ItemDelegated")[0].data["grant_id"]

    refused = refusal(towns, "recall", {
        "programme": "ST2021", "grant": grant, "ground": "organ_merged",
        "decided_on": "2024-03-04", "effective_from": "2024-03-04",
    })

    assert refused.code == "delegation.organ-not-closed"


@pytest.mark.rule("R221")
def test_a_grant_heard_of_after_its_town_was_merged_ends_with_it(towns):
    reacting = towns.consumers["delegation"].policies
    towns.consumers["delegation"].policies = {}
    changed(towns, "merge_town", MERGER)
    assert towns.facts("delegation", "ItemRecalled") == []

    for fact in towns.facts("delegation", "ItemDelegated"):
        for policy in reacting["delegation.ItemDelegated"]:
            policy(fact)
    towns.consumers["delegation"].policies = reacting
    towns.settle()

    assert [fact.data["town_id"] for fact in towns.facts("delegation", "ItemRecalled")] == [
        FUCHENG, FUCHENG,
    ]


@pytest.mark.rule("R221")
def test_every_read_model_is_rebuilt_from_the_facts(towns):
    told(towns, "register_organ", {
        "programme": "ST2021", "org_id": "ST2021-ORG-41", "name": "区数据局",
        "kind": "department", "level": "district", "superior_org_id": None, "aliases": [],
    }, FEBRUARY, "catalog")
    changed(towns, "merge_organ", {
        "programme": "ST2021", "org": AGENCY, "into": "ST2021-ORG-41",
        "effective_on": "2024-02-21",
    })
    changed(towns, "merge_town", MERGER)
    changed(towns, "rename_town", {
        "programme": "ST2021", "town": BEIZHUANG, "name": "北庄街道办事处",
        "effective_on": "2024-03-01",
    })
    before = everything(towns)
    changed(towns, "import_programme", {
        "programme": "ST2021", "content": programme_content("ST2021"),
    }, MARCH)

    assert everything(towns) == before
    assert {name: differing(towns, name) for name in (*SERVICES, "ledger")} == {
        name: [] for name in (*SERVICES, "ledger")
    }


def differing(world: World, service: str) -> list[str]:
    """The tables of a service that a rebuild from the logs would make otherwise."""
    consumer = world.consumers[service]
    compared = rebuild(
        consumer.database, consumer.projection, consumer.logs, list(consumer.logs)
    )
    assert compared["succession"].rows == 4
    return [table for table, one in compared.items() if one.live != one.rebuilt]
