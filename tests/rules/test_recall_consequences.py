"""What a recall leads to is what was foreseen, and nothing else: R067, R087, R131, R181, R182."""

from uuid import uuid4

import pytest

from shared.refusal import Refused
from tests.capable import able
from tests.ready import ready

LICUN = "MD2023-TOWN-16"
CENTRE = f"{LICUN}-CENTRE"
BUREAU = "MD2023-ORG-19"
SEAL = f"SEAL2:{BUREAU}:{LICUN}:1"
OF_TOWN = {"programme": "MD2023", "town": LICUN}
SPRING = "2023-06-20T09:00:00+08:00"
NOW = "2024-02-28T15:00:00+08:00"
AFTER = "2024-02-29T09:00:00+08:00"
CLAUSES = ("授权事项", "权限范围", "委托期限", "受审转报机制", "双方权利义务", "法律责任")


def told(world, door, request, at=SPRING, service="delegation"):
    answer = world.do(service, door, request, at=at)
    world.settle()
    return answer


def agreed(world, *items, kind="entrustment"):
    """A signed agreement on these items, to 2024-06-30."""
    agreement = told(world, "draft_agreement", OF_TOWN | {
        "kind": kind, "department": BUREAU, "items": list(items),
        "clauses": [{"key": key} for key in CLAUSES], "term_from": "2023-07-01",
        "term_to": "2024-06-30",
    })["stream"]
    told(world, "sign_agreement", {
        "programme": "MD2023", "agreement": agreement, "signed_on": "2023-06-20",
        "signatories": [BUREAU, LICUN],
    })
    return agreement


def sealed(world):
    """Seal No. 2 of the bureau for the town, with the centre."""
    named = {"programme": "MD2023", "seal": SEAL}
    name = world.ask("catalog", "town", OF_TOWN)["name"]
    told(world, "register_centre_rule", OF_TOWN | {"kind": "seal", "in_force_from": "2023-05-01"})
    told(world, "authorise_seal", OF_TOWN | {
        "department": BUREAU, "authorised_by": "MD2023-ORG-02", "instrument_ref": "字号",
    })
    told(world, "engrave_seal", named | {
        "text": f"牡丹区行政审批服务局审批专用章（{name}）", "engraved_on": "2023-06-10",
    })
    told(world, "issue_seal", named | {"custodian": CENTRE, "issued_on": "2023-06-15"})


def taken_over(world, *items):
    """The town works on these items: listed, published twice, agreed, sealed, granted, started."""
    world.imported("MD2023")
    told(world, "draft_list", OF_TOWN | {
        "entries": [{"item": item, "mode": "entrusted_handling"} for item in items],
    })
    told(world, "approve_list", OF_TOWN | {
        "approved_by": "MD2023-ORG-02", "decision_ref": "字号", "approved_on": "2023-06-01",
    })
    for channel in ("政府门户网站", "便民服务中心公告栏"):
        told(world, "publish_town_list", OF_TOWN | {
            "list_version": 1, "channel": channel, "url": None, "published_at": SPRING,
        }, service="catalog")
    sealed(world)
    agreed(world, *items)
    grants = {
        item: told(world, "delegate", OF_TOWN | {
            "item": item, "mode": "entrusted_handling", "effective_from": "2023-07-01",
        })["stream"]
        for item in items
    }
    ready(world, LICUN, on="2023-07-03", since="2023-07-03")
    told(world, "start_list", OF_TOWN, "2023-07-04T09:00:00+08:00")
    return grants


def filed(world, item, *acts, at="2024-02-20T09:00:00+08:00", org=CENTRE):
    """A case handed in at an organ's counter, with what the organ has done with it."""
    case = str(uuid4())
    more = {
        "submit": {
            "item": item, "applicant_ref": "ref", "applicant_key": case, "subject_key": case,
            "towns_concerned": [], "channel": "window", "chosen_org": org,
        },
        "review": {"result": "positive", "opinion_ref": "op-1"},
        "notify_deficiency": {"items": ["身份证明"], "document_ref": "补正-1"},
    }
    for act in ("submit", *acts):
        request = {"programme": "MD2023", "case": case} | more.get(act, {})
        world.do("cases", act, request, at=at, actor=org)
    world.settle()
    return case


def recalled(world, grant, effective_from="2024-02-28", at=NOW):
    named = {"programme": "MD2023", "grant": grant}
    told(world, "propose_recall", named | {
        "ground": "poor_effect", "evidence_refs": ["E-7"], "proposed_by": BUREAU,
    }, at)
    told(world, "hear_town", named | {"opinion_ref": "意见-2024-02"}, at)
    told(world, "recall", named | {
        "decided_on": "2024-02-28", "effective_from": effective_from,
    }, at)


def foreseen(told):
    """The facts that an answer announces, each with what it is about."""
    return sorted([
        *(("cases.CaseHandedUp", case["case_id"]) for case in told["cases"]
          if case["becomes"] == "handed_up"),
        *(("delegation.SealSuspended", seal["seal_id"]) for seal in told["seals"]),
        *(("delegation.SystemAccountNarrowed", account["account_id"])
          for account in told["accounts"]),
        *(("delegation.SystemAccountRevoked", account["account_id"])
          for account in told["accounts"] if account["becomes"] == "revoked"),
        *(("delegation.TownListRevised", str(version))
          for one in told["lists"] for version in one["becomes_versions"]),
        *(("catalog.TownListPublished", where["channel"])
          for one in told["lists"] for _ in one["becomes_versions"]
          for where in one["republished_on"]),
        *((f"delegation.Agreement{one['becomes'].title()}", one["agreement_id"])
          for one in told["agreements"]),
    ])


ABOUT = {
    "cases.CaseHandedUp": "case_id", "delegation.SealSuspended": "seal_id",
    "delegation.SystemAccountNarrowed": "account_id",
    "delegation.SystemAccountRevoked": "account_id", "delegation.TownListRevised": "version",
    "catalog.TownListPublished": "channel", "delegation.AgreementAmended": "agreement_id",
    "delegation.AgreementTerminated": "agreement_id",
    "delegation.AgreementExpired": "agreement_id", "delegation.GrantModeChanged": "grant_id",
    "delegation.ItemDelegated": "item_id",
}
CAUSES = (
    "delegation.RecallProposed", "delegation.RecallOpinionHeard", "delegation.ItemRecalled",
    "delegation.LegalityReviewOpened", "catalog.LegalConstraintRecorded",
)


def everything(world):
    return [
        fact for service in ("catalog", "delegation", "cases", "supervision")
        for fact in world.facts(service)
    ]


def since(world, before):
    """The facts recorded since, but for the decision itself, each with what it is about."""
    return sorted(
        (fact.type, str(fact.data[ABOUT[fact.type]])) for fact in everything(world)
        if fact.id not in {known.id for known in before} and fact.type not in CAUSES
    )


@pytest.mark.rule("R067")
@pytest.mark.rule("R087")
@pytest.mark.rule("R131")
@pytest.mark.rule("R181")
@pytest.mark.rule("R182")
def test_what_was_foreseen_of_a_recall_happens_and_nothing_else(world):
    grants = taken_over(world, "MD23-12")
    accepted = filed(world, "MD23-12", "accept")
    reviewed = filed(world, "MD23-12", "accept", "review")
    decided = filed(world, "MD23-12", "accept", "review", "approve")
    submitted = filed(world, "MD23-12")
    deficient = filed(world, "MD23-12", "accept", "notify_deficiency")
    filed(world, "MD23-12", "accept", org=BUREAU)
    told = world.ask("delegation", "recall_consequences", {
        "programme": "MD2023", "grant": grants["MD23-12"], "effective_from": "2024-02-28",
    })
    before = everything(world)

    recalled(world, grants["MD23-12"])

    assert since(world, before) == foreseen(told)
    assert {case["case_id"]: case["becomes"] for case in told["cases"]} == {
        accepted: "handed_up", reviewed: "handed_up", decided: "sealed_by_owner",
        submitted: "referred", deficient: "handed_up_when_supplemented",
    }
    assert [one["becomes"] for one in told["agreements"]] == ["terminated"]
    assert [one["becomes"] for one in told["accounts"]] == ["revoked"]
    assert len(told["lists"][0]["republished_on"]) == 2
    assert world.parked() == []


@pytest.mark.rule("R087")
@pytest.mark.rule("R181")
@pytest.mark.rule("R182")
def test_while_another_item_remains_the_seal_stays_and_the_rest_is_narrowed(world):
    grants = taken_over(world, "MD23-12", "MD23-13")
    told = world.ask("delegation", "recall_consequences", {
        "programme": "MD2023", "grant": grants["MD23-12"], "effective_from": "2024-02-28",
    })
    before = everything(world)

    recalled(world, grants["MD23-12"])

    assert since(world, before) == foreseen(told)
    assert told["seals"] == []
    assert [(one["becomes"], one["item_ids"]) for one in told["agreements"]] == [
        ("amended", ["MD23-13"])
    ]
    assert [(one["becomes"], one["removed_item_ids"]) for one in told["accounts"]] == [
        ("narrowed", ["MD23-12"])
    ]
    assert told["agreements"][0]["filed_again"] is True


@pytest.mark.rule("R075")
def test_what_was_foreseen_of_the_end_of_a_term_happens_on_its_day(world):
    taken_over(world, "MD23-12", "MD23-13")
    (agreement,) = world.ask("delegation", "agreements", {"programme": "MD2023"})
    case = filed(world, "MD23-13", "accept", at="2024-06-28T09:00:00+08:00")
    told = world.ask("delegation", "expiry_consequences", {
        "programme": "MD2023", "agreement": agreement["agreement_id"],
    })
    before, midnight = everything(world), "2024-07-01T00:00:00+08:00"

    world.do("delegation", "run_due", {"programme": "MD2023", "now": midnight}, at=midnight)
    world.settle()

    assert since(world, before) == foreseen(told)
    assert [(one["case_id"], one["becomes"]) for one in told["cases"]] == [(case, "handed_up")]
    assert told["ends_at"] == "2024-06-30T16:00:00+00:00"
    assert [one["becomes"] for one in told["agreements"]] == ["expired"]


@pytest.mark.rule("R046")
@pytest.mark.rule("R131")
def test_what_was_foreseen_of_a_legal_bar_happens_and_nothing_else(world):
    grants = taken_over(world, "MD23-12")
    case = filed(world, "MD23-12", "accept", "review")
    bar = {
        "programme": "MD2023", "item": "MD23-12", "kind": "entrust_forbidden",
        "norm_rank": "regulation",
    }
    told = world.ask("delegation", "constraint_consequences", bar)
    before = everything(world)

    world.do("catalog", "record_legal_constraint", bar | {
        "article": "条例第一条", "valid_from": "2024-02-28",
    }, at=NOW)
    world.settle()

    assert since(world, before) == [("cases.CaseHandedUp", case)]
    assert [one["grant_id"] for one in told["grants"]] == [grants["MD23-12"]]
    assert [(one["case_id"], one["becomes"]) for one in told["cases"]] == [(case, "handed_up")]


@pytest.mark.rule("R067")
@pytest.mark.rule("R180")
def test_after_an_item_is_abolished_its_owner_decides_at_every_counter(world):
    grants = taken_over(world, "MD23-12")
    told = world.ask("delegation", "abolition_consequences", {
        "programme": "MD2023", "item": "MD23-12", "effective_from": "2024-03-01",
    })
    before = everything(world)

    world.do("delegation", "recall_item", {
        "programme": "MD2023", "item": "MD23-12", "ground": "item_abolished",
        "decided_on": "2024-02-28", "effective_from": "2024-03-01",
    }, at=NOW)
    world.settle()

    owners, counter = told["counters"]
    after = world.ask("delegation", "holders", {
        "item": "MD23-12", "town": LICUN, "facet": "decide", "at": "2024-03-01T00:00:00+08:00",
    })
    assert [one["returns_to_org_id"] for one in told["grants"]] == [BUREAU]
    assert (counter["counter_org_id"], counter["decides_now"]) == (CENTRE, sorted([CENTRE, BUREAU]))
    assert (counter["decides_after"], counter["accepts_after"]) == ([BUREAU], False)
    assert (owners["counter_org_id"], owners["accepts_after"]) == (BUREAU, True)
    assert [one["competent"] for one in told["counters"]] == [True, True]
    assert [row["org_id"] for row in after] == [BUREAU]
    assert since(world, before) == foreseen(told)
    assert [one["grant_id"] for one in told["grants"]] == list(grants.values())


@pytest.mark.rule("R181")
def test_all_that_follows_points_back_to_the_recall_and_a_repetition_adds_nothing(world):
    grants = taken_over(world, "MD23-12")
    filed(world, "MD23-12", "accept")
    recalled(world, grants["MD23-12"])
    (recall,) = world.facts("delegation", "ItemRecalled")
    (revised,) = world.facts("delegation", "TownListRevised")
    before, service = everything(world), world.services

    for policy in ("seal", "list", "agreement"):
        getattr(service["delegation"], f"{policy}_after_recall")(recall)
    service["delegation"].accounts_after_grant(recall)
    service["cases"].grant_ended(recall)
    service["catalog"].town_list_revised(revised)
    world.settle()

    causes = (recall.id, revised.id)
    follow = {fact.type: fact.causation for fact in before if fact.causation in causes}
    assert follow == {
        "delegation.SealSuspended": recall.id, "delegation.SystemAccountNarrowed": recall.id,
        "delegation.SystemAccountRevoked": recall.id, "delegation.TownListRevised": recall.id,
        "delegation.AgreementTerminated": recall.id, "cases.CaseHandedUp": recall.id,
        "catalog.TownListPublished": revised.id,
    }
    assert len(everything(world)) == len(before)


@pytest.mark.rule("R182")
@pytest.mark.rule("R184")
def test_what_was_foreseen_of_another_mode_happens_and_nothing_else(world):
    grants = taken_over(world, "MD23-12")
    able(
        world, LICUN, ["MD23-12"], at="2023-07-05T09:00:00+08:00", since="2023-07-05",
        operator="op-2", facets=("accept", "decide"),
    )
    agreed(world, "MD23-12", kind="acceptance")
    case = filed(world, "MD23-12", "accept")
    change = {
        "programme": "MD2023", "grant": grants["MD23-12"], "mode": "entrusted_acceptance",
        "effective_from": "2024-02-28",
    }
    told = world.ask("delegation", "mode_change_consequences", change)
    before = everything(world)

    world.do("delegation", "change_mode", change, at=NOW)
    world.settle()

    changes = ("delegation.GrantModeChanged", "delegation.ItemDelegated")
    assert [one for one in since(world, before) if one[0] not in changes] == foreseen(told)
    assert [(one["case_id"], one["becomes"]) for one in told["cases"]] == [(case, "handed_up")]
    assert [one["becomes"] for one in told["seals"]] == ["suspended"]
    assert [one["becomes"] for one in told["agreements"]] == ["terminated"]
    assert [one["becomes"] for one in told["accounts"]] == ["revoked"]
    assert {one["counter_org_id"]: one["accepts_after"] for one in told["counters"]} == {
        BUREAU: True, CENTRE: True,
    }
    assert {tuple(one["decides_after"]) for one in told["counters"]} == {(BUREAU,)}


@pytest.mark.rule("R131")
def test_a_case_that_the_town_decided_and_had_not_sealed_is_sealed_by_the_department(world):
    grants = taken_over(world, "MD23-12")
    case = filed(world, "MD23-12", "accept", "review", "approve")
    told(world, "register_seal", {
        "programme": "MD2023", "kind": "department_seal", "org": BUREAU,
    })
    recalled(world, grants["MD23-12"])
    document = {"programme": "MD2023", "case": case, "document_hash": "d-1"}

    with pytest.raises(Refused) as refused:
        world.do("cases", "seal", document | {"seal": SEAL}, at=AFTER, actor=CENTRE)
    world.do(
        "cases", "seal", document | {"seal": f"DEPARTMENT_SEAL:{BUREAU}:1"}, at=AFTER, actor=BUREAU
    )

    assert refused.value.code == "cases.seal-not-in-use"
    assert [fact.data["user_org_id"] for fact in world.facts("cases", "SealApplied")] == [BUREAU]


@pytest.mark.rule("R180")
@pytest.mark.rule("R181")
def test_a_recall_goes_by_steps_and_the_last_is_that_it_is_published(world):
    grants = taken_over(world, "MD23-12")
    named = {"programme": "MD2023", "grant": grants["MD23-12"]}

    def steps():
        (row,) = world.ask("delegation", "recalls", OF_TOWN)
        return row["next"]

    told(world, "propose_recall", named | {
        "ground": "poor_effect", "evidence_refs": ["E-7"], "proposed_by": BUREAU,
    }, NOW)
    proposed = steps()
    told(world, "hear_town", named | {"opinion_ref": "意见-2024-02"}, NOW)
    heard = steps()
    told(world, "recall", named | {"decided_on": "2024-02-28", "effective_from": "2024-03-01"}, NOW)

    (row,) = world.ask("delegation", "recalls", OF_TOWN)
    published = [fact.data["list_version"] for fact in world.facts("catalog", "TownListPublished")]
    assert (proposed, heard, row["next"]) == ("hear_town", "decide", None)
    assert (row["list_version"], published) == (2, [1, 1, 2, 2])
    assert row["published_at"] is not None
