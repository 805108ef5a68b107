"""What a merged department had in hand is its successor's: R080, R087, R092, R113, R131, R182."""

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
)
from tests.merging import acted, filed, sealed, told


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
