"""Departments change: renamed, moved, merged; codes die, powers go on: R007, R008, R015, R131."""

import pytest

from shared.refusal import Refused
from tests.merging import acted, devolved, entrusted, filed, sealed, shanting, told
from tests.world import programme_content

LICUN = "MD2023-TOWN-16"
CENTRE = f"{LICUN}-CENTRE"
HEALTH, BUREAU, DETACHMENT = "MD2023-ORG-18", "MD2023-ORG-19", "MD2023-ORG-28"
CARDS, PREMISES = "MD23-37", "MD23-23"  # 老年优待证办理; 公共场所卫生许可, supervised by 区卫健局
NEW = "MD2023-ORG-41"  # made up: no notice merges 区卫生健康局
SEAL = f"SEAL2:{HEALTH}:{LICUN}:1"
MERGER = {"programme": "MD2023", "org": HEALTH, "into": NEW, "effective_on": "2024-03-01"}
BEFORE, AFTER = "2024-02-29T23:59:59+08:00", "2024-03-01T00:00:00+08:00"
FEBRUARY, MARCH = "2024-02-20T09:00:00+08:00", "2024-03-04T09:00:00+08:00"
MERGED_AT = "2024-03-01T08:00:00+08:00"


def changed(world, door, request, at=MERGED_AT):
    return told(world, door, request, at, service="catalog")


def to_come(world):
    """The organ that takes over, newly set up."""
    changed(world, "register_organ", {
        "programme": "MD2023", "org_id": NEW, "name": "区卫生健康和医疗保障局",
        "kind": "department", "level": "district", "superior_org_id": "MD2023-ORG-02",
        "aliases": [],
    }, FEBRUARY)


@pytest.fixture
def licun(world):
    """李村镇 works for two departments; the one is to be merged."""
    entrusted(world, LICUN, {HEALTH: [CARDS], BUREAU: [PREMISES]})
    to_come(world)
    return world


def holders(world, facet, at, item=CARDS, **known):
    asked = {"item": item, "town": LICUN, "facet": facet, "at": at} | known
    return list(dict.fromkeys(
        row["org_id"] for row in world.ask("ledger", "holders", asked)
    ))


def meant(world, name):
    found = world.ask("catalog", "resolve", {"jurisdiction": "371702", "alias": name})
    return found["org_id"], found["name"]


def refusal(world, door, request, at=MARCH, service="delegation", **how):
    with pytest.raises(Refused) as refused:
        told(world, door, request, at, service, **how)
    return refused.value


def everything(world):
    return {name: len(world.facts(name)) for name in ("catalog", "delegation", "cases")}


# Another name, another superior


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


# Two departments become one


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


@pytest.mark.rule("R131")
def test_a_merger_that_is_recorded_late_counts_from_its_day_and_flags_what_was_done_since(licun):
    since = "2024-03-02T09:00:00+08:00"
    case = filed(licun, CARDS, HEALTH, "accept", "review", "approve", at=since)

    changed(licun, "merge_organ", MERGER, MARCH)

    (flag,) = licun.ask("supervision", "flags", {"programme": "MD2023"})
    found = licun.ask("ledger", "authority_check", {"programme": "MD2023"})["without_authority"]
    assert (flag["case_id"], flag["ground"]) == (case, "not_held")
    assert [(row["case_id"], row["held_as_then_known"]) for row in found] == [(case, True)]
    assert holders(licun, "named_authority", AFTER) == [NEW]


@pytest.mark.rule("R131")
def test_what_was_decided_before_the_merger_stays_the_old_organs(licun):
    filed(licun, CARDS, HEALTH, "accept", "review", "approve", at=FEBRUARY)
    filed(licun, CARDS, CENTRE, "accept", "review", "approve", at=FEBRUARY)

    changed(licun, "merge_organ", MERGER)

    assert licun.ask("supervision", "flags", {"programme": "MD2023"}) == []
    check = licun.ask("ledger", "authority_check", {"programme": "MD2023"})
    assert (check["checked"], check["without_authority"]) == (2, [])


@pytest.mark.rule("R131")
def test_a_case_begun_before_the_merger_is_decided_in_the_successors_name(licun):
    case = filed(licun, CARDS, CENTRE, "accept", "review", at=FEBRUARY)
    changed(licun, "merge_organ", MERGER)

    acted(licun, "approve", case, CENTRE, MARCH)

    (fact,) = licun.facts("cases", "ApprovalIssued")
    assert (fact.data["decided_by_org_id"], fact.data["in_name_of_org_id"]) == (CENTRE, NEW)
    assert licun.ask("supervision", "flags", {"programme": "MD2023"}) == []


@pytest.mark.rule("R131")
def test_the_successor_goes_on_with_the_cases_at_the_old_departments_counter(licun):
    case = filed(licun, CARDS, HEALTH, "accept", at=FEBRUARY)
    changed(licun, "merge_organ", MERGER)

    (waiting,) = licun.ask("cases", "cases", {"org": NEW})
    acted(licun, "review", case, NEW, MARCH, result="positive", opinion_ref="op-1")
    acted(licun, "approve", case, NEW, MARCH)

    (fact,) = licun.facts("cases", "ApprovalIssued")
    assert waiting["case_id"] == fact.data["case_id"] == case
    assert fact.data["authority"]["org_id"] == NEW
    assert licun.ask("ledger", "authority_check", {"programme": "MD2023"})[
        "without_authority"
    ] == []


@pytest.mark.rule("R113")
def test_an_applicant_is_sent_to_the_successor(licun):
    changed(licun, "merge_organ", MERGER)

    asked = {"programme": "MD2023", "item": CARDS}
    assert licun.ask("cases", "where_to_apply", asked | {"at": MARCH})["counter"]["org_id"] == NEW
    assert licun.ask(
        "cases", "where_to_apply", asked | {"at": FEBRUARY}
    )["counter"]["org_id"] == HEALTH


@pytest.mark.rule("R131")
def test_the_old_organ_does_nothing_more_and_is_told_who_took_over(licun):
    case = filed(licun, CARDS, HEALTH, "accept", "review", at=FEBRUARY)
    changed(licun, "merge_organ", MERGER)

    by_itself = refusal(
        licun, "approve", {"programme": "MD2023", "case": case}, service="cases", actor=HEALTH
    )
    named = refusal(licun, "authorise_seal", {
        "programme": "MD2023", "town": "MD2023-TOWN-08", "department": HEALTH,
        "authorised_by": "MD2023-ORG-02", "instrument_ref": "字号",
    })

    for refused in (by_itself, named):
        assert refused.code == "register.organ-closed"
        assert refused.facts == {"org": HEALTH, "closed_on": "2024-03-01", "successor": NEW}
        assert refused.zh == (
            "区卫生健康局已自2024-03-01起撤销，由区卫生健康和医疗保障局承接，请改以承接单位办理"
        )


@pytest.mark.rule("R131")
def test_what_it_did_before_can_still_be_entered(licun):
    case = filed(licun, CARDS, HEALTH, "accept", "review", at=FEBRUARY)
    changed(licun, "merge_organ", MERGER)

    acted(licun, "approve", case, HEALTH, BEFORE)

    (fact,) = licun.facts("cases", "ApprovalIssued")
    assert fact.data["in_name_of_org_id"] == HEALTH
    assert licun.ask("supervision", "flags", {"programme": "MD2023"}) == []


@pytest.mark.rule("R087")
@pytest.mark.rule("R080")
def test_the_old_pairs_seal_is_out_of_use_goes_to_the_successor_and_a_new_one_is_authorised(licun):
    case = filed(licun, CARDS, CENTRE, "accept", "review", "approve", at=FEBRUARY)
    changed(licun, "merge_organ", MERGER)
    stamp = {"programme": "MD2023", "case": case, "document_hash": "ab" * 32}

    with_the_old = refusal(
        licun, "seal", stamp | {"seal": SEAL}, service="cases", actor=CENTRE
    )
    to_the_dead = refusal(licun, "return_seal", {
        "programme": "MD2023", "seal": SEAL, "returned_to": HEALTH, "on": "2024-03-04",
    })
    told(licun, "return_seal", {
        "programme": "MD2023", "seal": SEAL, "returned_to": NEW, "on": "2024-03-04",
    }, MARCH)
    fresh = sealed(licun, NEW, LICUN, on="2024-03-04")
    told(licun, "seal", stamp | {"seal": fresh}, MARCH, "cases", actor=CENTRE)

    (suspended,) = licun.facts("delegation", "SealSuspended")
    assert (suspended.data["seal_id"], suspended.data["reason"]) == (SEAL, "organ_merged")
    assert suspended.data["from"].isoformat() == "2024-02-29T16:00:00+00:00"
    assert with_the_old.code == "cases.seal-not-in-use"
    assert to_the_dead.code == "delegation.return-to-department"
    assert [fact.data["seal_id"] for fact in licun.facts("cases", "SealApplied")] == [fresh]


@pytest.mark.rule("R181")
@pytest.mark.rule("R183")
def test_lists_name_the_successor_and_are_published_again(licun):
    changed(licun, "merge_organ", MERGER)

    (revised,) = licun.facts("delegation", "TownListRevised")
    organs = {
        row["item_id"]: (row["granting_org_id"], row["supervising_org_id"])
        for row in revised.data["entries"]
    }
    published = licun.facts("catalog", "TownListPublished")
    assert revised.data["reason"] == "organ_merged"
    assert organs == {CARDS: (NEW, NEW), PREMISES: (BUREAU, NEW)}
    assert [fact.data["list_version"] for fact in published] == [1, 2]


@pytest.mark.rule("R182")
def test_the_agreement_binds_the_successor(licun):
    changed(licun, "merge_organ", MERGER)

    (bound,) = licun.facts("delegation", "AgreementSucceeded")
    agreement = licun.ask("delegation", "agreement", {
        "agreement": bound.data["agreement_id"],
    })
    assert (agreement["department_id"], agreement["parties"]) == (NEW, [NEW, LICUN])
    assert (agreement["state"], agreement["item_ids"]) == ("signed", [CARDS])


@pytest.mark.rule("R092")
def test_the_accounts_of_the_old_departments_people_end_with_it(licun):
    account = told(licun, "grant_account", {
        "programme": "MD2023", "system": "approval", "org": HEALTH, "operator": "op-9",
        "items": [CARDS], "facets": ["decide"], "valid_from": "2023-07-03",
    }, "2023-07-03T09:00:00+08:00")["stream"]

    changed(licun, "merge_organ", MERGER)

    (revoked,) = licun.facts("delegation", "SystemAccountRevoked")
    assert revoked.data["account_id"] == account
    assert revoked.data["from_"].isoformat() == "2024-02-29T16:00:00+00:00"


@pytest.mark.rule("R071")
def test_who_the_programme_names_for_a_duty_is_followed_by_its_successor(world):
    world.imported("MD2023", counters=False)
    to_come(world)
    justice = "MD2023-ORG-11"

    changed(world, "merge_organ", MERGER | {"org": justice})

    settings = world.commands("delegation").register.programme("MD2023")["settings"]
    assert settings["filing"]["agreement"]["recipient_org_ids"] == [NEW]
    assert settings["issuer_org_id"] == "MD2023-ORG-02"


@pytest.mark.rule("R067")
@pytest.mark.rule("R181")
def test_a_recall_after_the_merger_is_the_successors(licun):
    changed(licun, "merge_organ", MERGER)
    (fact,) = licun.facts("delegation", "GrantSucceeded")
    named = {"programme": "MD2023", "grant": fact.data["grant_id"]}

    told(licun, "propose_recall", named | {
        "ground": "poor_effect", "evidence_refs": ["E-7"], "proposed_by": NEW,
    }, MARCH)
    told(licun, "hear_town", named | {"opinion_ref": "意见"}, MARCH)
    told(licun, "recall", named | {
        "decided_on": "2024-03-04", "effective_from": "2024-04-01",
    }, MARCH)

    (recalled,) = licun.facts("delegation", "ItemRecalled")
    assert (recalled.data["decided_by_org_id"], recalled.data["returns_to_org_id"]) == (NEW, NEW)


@pytest.mark.rule("R131")
def test_a_grant_decided_since_the_merger_names_the_successor(licun):
    changed(licun, "merge_organ", MERGER)
    town = "MD2023-TOWN-08"
    agreement = told(licun, "draft_agreement", {
        "programme": "MD2023", "kind": "entrustment", "department": NEW, "town": town,
        "items": [CARDS], "term_from": "2024-03-01", "term_to": "2025-06-30",
        "clauses": [{"key": key} for key in (
            "授权事项", "权限范围", "委托期限", "双方权利义务", "法律责任",
        )],
    }, MARCH)["stream"]
    told(licun, "sign_agreement", {
        "programme": "MD2023", "agreement": agreement, "signed_on": "2024-03-04",
        "signatories": [NEW, town],
    }, MARCH)
    told(licun, "draft_list", {
        "programme": "MD2023", "town": town,
        "entries": [{"item": CARDS, "mode": "entrusted_handling"}],
    }, MARCH)
    told(licun, "approve_list", {
        "programme": "MD2023", "town": town, "approved_by": "MD2023-ORG-02",
        "decision_ref": "字号", "approved_on": "2024-03-04",
    }, MARCH)

    told(licun, "delegate", {
        "programme": "MD2023", "town": town, "item": CARDS, "mode": "entrusted_handling",
        "effective_from": "2024-03-05",
    }, MARCH)

    granted = licun.facts("delegation", "ItemDelegated")[-1].data
    assert (granted["decided_by_org_id"], granted["power_owner_org_id"]) == (NEW, NEW)
    assert len(licun.facts("delegation", "GrantSucceeded")) == 1


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
