"""Departments change: renamed, moved, merged; codes die, powers go on: R007, R008, R015, R131."""

import pytest

from tests.merged_department import (
    AFTER,
    BEFORE,
    BUREAU,
    CARDS,
    CENTRE,
    FEBRUARY,
    HEALTH,
    LICUN,
    MARCH,
    MERGER,
    NEW,
    PREMISES,
    SEAL,
    changed,
    holders,
    licun,  # noqa: F401 - the fixture
    refusal,
    to_come,
)
from tests.merging import devolved, filed, shanting, told
from tests.world import programme_content

DETACHMENT = "MD2023-ORG-28"


def meant(world, name):
    found = world.ask("catalog", "resolve", {"jurisdiction": "371702", "alias": name})
    return found["org_id"], found["name"]


def everything(world):
    return {name: len(world.facts(name)) for name in ("catalog", "delegation", "cases")}


@pytest.mark.rule("R007")
@pytest.mark.rule("R008")
def test_a_renamed_organ_is_found_by_both_names_and_keeps_its_id(world):
    world.imported("MD2023", counters=False)

    changed(world, "rename_organ", {
        "programme": "MD2023", "org": HEALTH, "name": "区卫生健康委员会",
        "effective_on": "2024-03-01",
    })

    for name in ("区卫生健康局", "区卫健局", "区卫生健康委员会"):
        assert meant(world, name) == (HEALTH, "区卫生健康委员会")


@pytest.mark.rule("R007")
@pytest.mark.rule("R081")
def test_no_seal_is_engraved_with_a_name_of_the_past(world):
    world.imported("MD2023", counters=False)
    changed(world, "rename_organ", {
        "programme": "MD2023", "org": HEALTH, "name": "区卫生健康委员会",
        "effective_on": "2023-06-01",
    }, "2023-06-01T08:00:00+08:00")
    told(world, "authorise_seal", {
        "programme": "MD2023", "town": LICUN, "department": HEALTH,
        "authorised_by": "MD2023-ORG-02", "instrument_ref": "字号",
    })

    refused = refusal(world, "engrave_seal", {
        "programme": "MD2023", "seal": SEAL, "engraved_on": "2023-06-10",
        "text": "牡丹区卫生健康局审批专用章（李村镇）",
    })

    assert refused.code == "delegation.seal-text-mismatch"
    assert refused.facts["missing"] == ["区卫生健康委员会"]


@pytest.mark.rule("R015")
def test_another_superior_leaves_an_organ_its_level_and_its_powers(world):
    world.imported("MD2023", counters=False)

    changed(world, "resubordinate_organ", {
        "programme": "MD2023", "org": DETACHMENT, "superior": "MD2023-ORG-02",
        "effective_on": "2024-03-01",
    })

    organ = world.ask("catalog", "organ", {"org_id": DETACHMENT})
    item = world.ask("catalog", "item", {"programme": "MD2023", "item": "MD23-32"})
    assert organ["superior_org_id"] == "MD2023-ORG-02"
    assert (organ["level"], organ["kind"]) == ("district", "detachment")
    assert item["granting_org_id"] == DETACHMENT


@pytest.mark.rule("R008")
def test_an_organ_is_not_merged_into_one_of_its_own_name_plates(world):
    world.imported("MD2023", counters=False)
    plate = world.ask("catalog", "resolve", {"jurisdiction": "371702", "alias": "区卫健局"})

    refused = refusal(
        world, "merge_organ", MERGER | {"into": plate["org_id"]}, service="catalog"
    )

    assert refused.code == "catalog.same-organ"


@pytest.mark.rule("R007")
def test_a_merged_organ_is_closed_and_its_names_mean_its_successor(world):
    world.imported("MD2023", counters=False)
    to_come(world)

    changed(world, "merge_organ", MERGER)

    organ = world.ask("catalog", "organ", {"org_id": HEALTH})
    assert (organ["closed_on"], organ["successor_org_id"]) == ("2024-03-01", NEW)
    assert meant(world, "区卫健局") == (NEW, "区卫生健康和医疗保障局")


@pytest.mark.rule("R007")
def test_a_merger_of_a_successor_moves_everything_on(world):
    world.imported("MD2023", counters=False)
    to_come(world)
    changed(world, "merge_organ", MERGER)

    changed(world, "merge_organ", {
        "programme": "MD2023", "org": NEW, "into": BUREAU, "effective_on": "2025-01-01",
    }, "2025-01-01T08:00:00+08:00")

    assert meant(world, "区卫健局")[0] == BUREAU
    register = world.commands("delegation").register
    assert register.organ(HEALTH)["successor_org_id"] == BUREAU
    assert register.item("MD2023", CARDS)["granting_org_id"] == BUREAU
    for at, owner in ((BEFORE, HEALTH), (AFTER, NEW), ("2025-01-01T00:00:00+08:00", BUREAU)):
        assert holders(world, "decide", at) == [owner]


@pytest.mark.rule("R131")
@pytest.mark.rule("R067")
def test_authority_goes_on_under_the_successor_without_a_gap(licun):
    changed(licun, "merge_organ", MERGER)

    for facet in ("named_authority", "act_supervision", "archive"):
        assert holders(licun, facet, BEFORE) == [HEALTH]
        assert holders(licun, facet, AFTER) == [NEW]
    assert holders(licun, "decide", BEFORE) == [CENTRE, HEALTH]
    assert holders(licun, "decide", AFTER) == [CENTRE, NEW]
    (fact,) = licun.facts("delegation", "GrantSucceeded")
    assert (fact.data["item_id"], fact.data["town_id"]) == (CARDS, LICUN)
    assert fact.data["effective_from"].isoformat() == "2024-02-29T16:00:00+00:00"
    assert fact.data["roles"] == [
        "decided_by_org_id", "power_owner_org_id", "act_supervisor_org_id"
    ]
    assert licun.ask("ledger", "prove", {"programme": "MD2023"})["findings"] == []
    assert licun.parked() == []


@pytest.mark.rule("R222")
def test_what_was_known_before_the_merger_stays_as_it_was_known(licun):
    changed(licun, "merge_organ", MERGER)

    known = {"known_at": "2024-02-29T12:00:00+08:00"}
    assert holders(licun, "named_authority", MARCH, **known) == [HEALTH]
    assert holders(licun, "trade_supervision", MARCH, PREMISES, **known) == [HEALTH]
    assert holders(licun, "trade_supervision", BEFORE, PREMISES) == [HEALTH]
    assert holders(licun, "trade_supervision", AFTER, PREMISES) == [NEW]


@pytest.mark.rule("R065")
def test_what_an_organ_held_is_told_for_before_and_after(licun):
    changed(licun, "merge_organ", MERGER)

    held = {
        (org, at): {
            row["item_id"]
            for row in licun.ask("delegation", "held_by", {"org": org, "at": at})
        } for org in (HEALTH, NEW) for at in (BEFORE, AFTER)
    }
    assert {CARDS, PREMISES} <= held[HEALTH, BEFORE] == held[NEW, AFTER]
    assert held[HEALTH, AFTER] == held[NEW, BEFORE] == set()


@pytest.mark.rule("R071")
def test_who_the_programme_names_for_a_duty_is_followed_by_its_successor(world):
    world.imported("MD2023", counters=False)
    to_come(world)
    justice = "MD2023-ORG-11"

    changed(world, "merge_organ", MERGER | {"org": justice})

    settings = world.commands("delegation").register.programme("MD2023")["settings"]
    assert settings["filing"]["agreement"]["recipient_org_ids"] == [NEW]
    assert settings["issuer_org_id"] == "MD2023-ORG-02"


@pytest.mark.rule("R221")
def test_a_merger_heard_of_twice_is_followed_once(licun):
    changed(licun, "merge_organ", MERGER)
    before = everything(licun)
    (merger,) = licun.facts("catalog", "OrganMerged")

    for service in ("delegation", "supervision"):
        for policy in licun.consumers[service].policies["catalog.OrganMerged"]:
            policy(merger)
    licun.settle()

    assert everything(licun) == before


@pytest.mark.rule("R221")
def test_a_grant_heard_of_after_its_department_was_merged_names_the_successor(licun):
    reacting = licun.consumers["delegation"].policies
    licun.consumers["delegation"].policies = {}
    changed(licun, "merge_organ", MERGER)
    assert licun.facts("delegation", "GrantSucceeded") == []

    for fact in licun.facts("delegation", "ItemDelegated"):
        for policy in reacting["delegation.ItemDelegated"]:
            policy(fact)
    licun.settle()

    (fact,) = licun.facts("delegation", "GrantSucceeded")
    assert (fact.data["item_id"], fact.data["to_org_id"]) == (CARDS, NEW)


@pytest.mark.rule("R183")
@pytest.mark.rule("R222")
def test_a_merger_recorded_late_reaches_into_an_earlier_interval_and_keeps_the_later_one(world):
    shanting(world)
    town, item, owner, heir = "ST2021-TOWN-09", "ST21-05", "ST2021-ORG-09", "ST2021-ORG-10"
    grant = devolved(world, town, [item])[item]
    part = world.ask("delegation", "grant", {"grant": grant})["scope"][:1]
    told(world, "change_scope", {
        "programme": "ST2021", "grant": grant, "scope": part, "effective_from": "2024-03-20",
    }, "2024-03-01T09:00:00+08:00")

    changed(world, "merge_organ", {
        "programme": "ST2021", "org": owner, "into": heir, "effective_on": "2024-03-10",
    }, "2024-03-25T09:00:00+08:00")

    def supervising(day):
        asked = {"item": item, "town": town, "facet": "act_supervision"}
        rows = world.ask("ledger", "holders", asked | {"at": f"2024-03-{day}T12:00:00+08:00"})
        return [(row["org_id"], len(row["scope"])) for row in rows if row["grant_id"]]

    whole = len(world.ask("catalog", "item", {"programme": "ST2021", "item": item})["subitems"])
    assert supervising("09") == [(owner, whole)]
    assert supervising("11") == [(heir, whole)]
    assert supervising("21") == [(heir, 1)]
    assert world.ask("ledger", "prove", {"programme": "ST2021"})["findings"] == []
    assert world.parked() == []


@pytest.mark.rule("R007")
def test_what_a_merger_would_lead_to_is_told_before_and_nothing_is_recorded(licun):
    case = filed(licun, CARDS, HEALTH, "accept", at=FEBRUARY)
    before = everything(licun)

    told_ = licun.ask("delegation", "succession_consequences", {
        "programme": "MD2023", "org": HEALTH, "into": NEW,
    })

    assert everything(licun) == before
    changed(licun, "merge_organ", MERGER)
    happened = {
        name: [fact.data for fact in licun.facts("delegation", name)] for name in (
            "GrantSucceeded", "AgreementSucceeded", "TownListRevised", "SealSuspended",
        )
    }
    assert [row["grant_id"] for row in told_["grants"]] == [
        row["grant_id"] for row in happened["GrantSucceeded"]
    ]
    assert [row["agreement_id"] for row in told_["agreements"]] == [
        row["agreement_id"] for row in happened["AgreementSucceeded"]
    ]
    assert [row["town_id"] for row in told_["lists"]] == [
        row["town_id"] for row in happened["TownListRevised"]
    ]
    assert [(row["seal_id"], row["becomes"]) for row in told_["seals"]] == [
        (row["seal_id"], "suspended") for row in happened["SealSuspended"]
    ]
    assert [row["case_id"] for row in told_["cases"]] == [case]
    assert told_["findings"] == [{
        "code": "seal-needs-authorisation", "department": NEW, "town": LICUN,
        "zh": "区卫生健康和医疗保障局在李村镇没有“2号公章”，承接后须另经授权刻制",
    }]


@pytest.mark.rule("R007")
def test_importing_the_programme_again_changes_nothing_of_what_has_changed(licun):
    changed(licun, "merge_organ", MERGER)
    changed(licun, "rename_organ", {
        "programme": "MD2023", "org": BUREAU, "name": "区数据局", "effective_on": "2024-03-04",
    }, MARCH)
    before = everything(licun)

    changed(licun, "import_programme", {
        "programme": "MD2023", "content": programme_content("MD2023"),
    }, MARCH)

    assert everything(licun) == before
    assert licun.commands("cases").world.register.item("MD2023", CARDS)["granting_org_id"] == NEW
