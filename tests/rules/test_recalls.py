"""Recalls: ground, steps, no reaching back, and what follows: R180, R181, R182."""

from uuid import uuid4

import pytest

from shared.contracts.envelope import instant
from shared.refusal import Refused
from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures

SHATU = "MD2023-TOWN-08"
NOW = "2024-02-28T15:00:00+08:00"


def proposed(county, grant, ground="poor_effect", evidence=("E-7",)):
    county.told("propose_recall", {
        "programme": "MD2023", "grant": grant, "ground": ground, "evidence_refs": list(evidence),
        "proposed_by": BUREAU,
    }, NOW)


def recalled(county, grant, decided_on="2024-02-28", effective_from="2024-03-01", **more):
    return county.told("recall", {
        "programme": "MD2023", "grant": grant, "decided_on": decided_on,
        "effective_from": effective_from,
    } | more, NOW)


@pytest.mark.rule("R180")
def test_low_volume_is_no_ground_for_recall(county):
    grant = county.entrusted("MD23-13")

    with pytest.raises(Refused) as refused:
        proposed(county, grant, "low_volume")

    assert refused.value.code == "delegation.ground-not-admitted"
    assert refused.value.facts["grounds"] == ["runs_badly", "poor_effect", "does_not_fit"]


@pytest.mark.rule("R180")
def test_a_ground_needs_evidence(county):
    grant = county.entrusted("MD23-13")

    with pytest.raises(Refused) as refused:
        proposed(county, grant, evidence=())

    assert refused.value.code == "delegation.evidence-required"


@pytest.mark.rule("R180")
def test_recall_is_by_procedure_propose_then_hear_the_town(county):
    grant = county.entrusted("MD23-13")

    with pytest.raises(Refused) as unproposed:
        recalled(county, grant, ground="poor_effect", evidence_refs=["E-7"])
    proposed(county, grant)
    with pytest.raises(Refused) as unheard:
        recalled(county, grant)

    assert (unproposed.value.facts["step"], unheard.value.facts["step"]) == ("propose", "hear_town")


@pytest.mark.rule("R180")
def test_with_ground_evidence_and_hearing_the_item_is_recalled(county):
    grant = county.entrusted("MD23-13")

    county.recalled(grant, "2024-03-01")

    (fact,) = county.recorded("ItemRecalled")
    assert (fact.data["ground"], fact.data["evidence_refs"]) == ("poor_effect", ["E-7"])
    assert fact.data["effective_from"].isoformat() == "2024-02-29T16:00:00+00:00"


@pytest.mark.rule("R180")
def test_while_a_recall_is_proposed_the_town_still_acts(county):
    grant = county.entrusted("MD23-13")

    proposed(county, grant)

    assert f"{SHATU}-CENTRE" in county.holders(
        "MD23-13", SHATU, "decide", "2024-02-28T16:00:00+08:00"
    )


@pytest.mark.rule("R180")
def test_only_the_grantor_recalls(county):
    grant = county.entrusted("MD23-13")
    proposed(county, grant)
    county.told("hear_town", {"programme": "MD2023", "grant": grant, "opinion_ref": "意见"}, NOW)

    with pytest.raises(Refused) as refused:
        recalled(county, grant, decided_by="MD2023-ORG-20")

    assert refused.value.code == "delegation.recall-by-grantor-only"


def barred(county, valid_from, at=NOW):
    """The law forbids to entrust the item, from a day on; each time by another article."""
    county.constraints += 1
    county.do("catalog", "record_legal_constraint", {
        "programme": "MD2023", "item": "MD23-13", "kind": "entrust_forbidden",
        "norm_rank": "regulation", "article": f"收回条例第{county.constraints}条",
        "valid_from": valid_from,
    }, at=at)
    county.settle()


def state_of(county, grant):
    return county.ask("delegation", "grant", {"grant": grant})["state"]


@pytest.mark.rule("R046")
@pytest.mark.rule("R224")
def test_of_two_bars_each_opens_one_review_and_asking_again_leaves_no_trace(county):
    grant = county.entrusted("MD23-13")
    for _ in range(2):
        barred(county, "2024-04-01")
    recorded = []

    for day in ("01", "02", "03", "04"):
        now = f"2024-04-{day}T08:00:00+08:00"
        county.told("run_due", {"programme": "MD2023", "now": now}, now)
        recorded.append(county.commands("delegation").database.rows(
            "SELECT count(*) FROM log.command"
        ))
        if day < "03":
            county.told("propose_recall", {
                "programme": "MD2023", "grant": grant, "ground": "law_forbids",
                "evidence_refs": [], "proposed_by": BUREAU,
            }, now)

    assert len(county.recorded("LegalityReviewOpened")) == 2
    assert recorded[3] == recorded[2]


@pytest.mark.rule("R046")
def test_a_bar_that_is_not_yet_in_force_opens_its_review_on_its_first_day_and_once(county):
    grant = county.entrusted("MD23-13")
    barred(county, "2024-04-01")
    before = state_of(county, grant)

    for day in ("2024-03-31", "2024-04-01", "2024-04-02"):
        now = f"{day}T08:00:00+08:00"
        county.told("run_due", {"programme": "MD2023", "now": now}, now)

    (review,) = county.recorded("LegalityReviewOpened")
    assert before == "decided"
    assert review.occurred_at == instant("2024-04-01T08:00:00+08:00")


@pytest.mark.rule("R046")
@pytest.mark.rule("R180")
def test_from_a_legality_review_the_way_to_a_recall_is_open(county):
    grant = county.entrusted("MD23-13")
    barred(county, "2024-02-28")
    under_review = state_of(county, grant)

    recalled(county, grant, ground="law_forbids")

    assert (under_review, state_of(county, grant)) == ("legality_review", "ended")


@pytest.mark.rule("R046")
@pytest.mark.rule("R180")
def test_a_recall_proposed_under_review_is_heard_and_decided_and_not_thrown_back(county):
    grant = county.entrusted("MD23-13")
    barred(county, "2024-02-28")
    proposed(county, grant)
    county.told("run_due", {"programme": "MD2023", "now": NOW}, NOW)

    county.told("hear_town", {"programme": "MD2023", "grant": grant, "opinion_ref": "意见"}, NOW)
    recalled(county, grant)

    assert len(county.recorded("LegalityReviewOpened")) == 1
    assert county.recorded("ItemRecalled")[0].data["ground"] == "poor_effect"


@pytest.mark.rule("R180")
def test_the_town_is_heard_on_a_proposal(county):
    grant = county.entrusted("MD23-13")
    barred(county, "2024-02-28")

    with pytest.raises(Refused) as refused:
        county.told(
            "hear_town", {"programme": "MD2023", "grant": grant, "opinion_ref": "意见"}, NOW
        )

    assert refused.value.facts["step"] == "propose"


@pytest.mark.rule("R075")
def test_before_the_term_ends_nothing_is_recalled_as_expired(county):
    grant = county.entrusted("MD23-13")

    with pytest.raises(Refused) as refused:
        recalled(county, grant, ground="term_expired")

    assert refused.value.code == "delegation.term-not-expired"


@pytest.mark.rule("R075")
@pytest.mark.rule("R181")
def test_a_recall_does_not_reach_beyond_the_term(county):
    grant = county.entrusted("MD23-13")

    with pytest.raises(Refused) as refused:
        county.recalled(grant, "2024-07-02")
    recalled(county, grant, effective_from="2024-07-01")

    assert refused.value.code == "delegation.recall-after-term"
    assert refused.value.facts["term_to"] == "2024-06-30"
    assert len(county.recorded("ItemRecalled")) == 1


@pytest.mark.rule("R003")
@pytest.mark.rule("R180")
@pytest.mark.parametrize(("door", "request_"), [
    ("propose_recall", {"ground": "poor_effect", "evidence_refs": ["E-7"], "proposed_by": "某局"}),
    ("recall", {
        "ground": "law_forbids", "decided_by": "某局", "decided_on": "2024-02-28",
        "effective_from": "2024-03-01",
    }),
])
def test_whoever_proposes_or_decides_is_registered(county, door, request_):
    grant = county.entrusted("MD23-13")

    with pytest.raises(Refused) as refused:
        county.told(door, {"programme": "MD2023", "grant": grant} | request_, NOW)

    assert refused.value.code == "register.unknown-organ"


@pytest.mark.rule("R180")
def test_where_the_law_decides_only_the_decision_and_its_publication_are_steps(county):
    grant = county.taken_over()
    recalled(county, grant, ground="law_forbids")

    (row,) = county.ask("delegation", "recalls", {"programme": "MD2023"})

    assert (row["proposed_at"], row["heard_at"]) == (None, None)
    assert (row["decided_on"], row["next"]) == ("2024-02-28", "publish")


@pytest.mark.rule("R180")
def test_where_there_is_no_list_nothing_is_left_to_publish(county):
    grant = county.entrusted("MD23-13")
    county.recalled(grant, "2024-03-01")

    (row,) = county.ask("delegation", "recalls", {"programme": "MD2023"})

    assert (row["ground"], row["next"]) == ("poor_effect", None)


ABOLISHED = {
    "programme": "MD2023", "item": "MD23-13", "ground": "item_abolished",
    "decided_on": "2024-02-28", "effective_from": "2024-03-01",
}


@pytest.mark.rule("R180")
def test_an_item_that_is_no_more_is_recalled_from_every_town_at_once(county):
    grants = {
        county.entrusted("MD23-13"), county.entrusted("MD23-13", "MD2023-TOWN-10"),
    }
    county.entrusted("MD23-12")

    county.told("recall_item", ABOLISHED, NOW)

    ended = county.ask("delegation", "grants_of", {"programme": "MD2023", "state": "ended"})
    assert {row["grant_id"] for row in ended} == grants


def test_an_item_is_recalled_once_under_one_command_id(county):
    county.entrusted("MD23-13")
    command = uuid4()
    first = county.told("recall_item", ABOLISHED, NOW, command=command)

    again = county.told("recall_item", ABOLISHED, NOW, command=command)
    with pytest.raises(Refused) as reused:
        county.told("recall_item", ABOLISHED | {"ground": "law_forbids"}, NOW, command=command)
    with pytest.raises(Refused) as nothing:
        county.told("recall_item", ABOLISHED, NOW)

    assert again == first
    assert len(county.recorded("ItemRecalled")) == 1
    assert reused.value.code == "log.command-id-reused"
    assert nothing.value.code == "delegation.nothing-to-do"


@pytest.mark.rule("R046")
@pytest.mark.rule("R180")
def test_what_the_law_forbids_is_recalled_without_a_hearing(county):
    grant = county.entrusted("MD23-13")

    recalled(county, grant, ground="law_forbids")

    assert county.recorded("ItemRecalled")[0].data["ground"] == "law_forbids"


@pytest.mark.rule("R181")
def test_a_recall_cannot_reach_back(county):
    grant = county.entrusted("MD23-13")

    with pytest.raises(Refused) as refused:
        county.recalled(grant, "2024-02-01", decided_on="2024-03-01")

    assert refused.value.code == "delegation.retroactive-recall"


@pytest.mark.rule("R181")
def test_what_the_town_did_in_the_morning_of_the_decision_stays_valid(county):
    grant = county.entrusted("MD23-13")

    county.recalled(grant, "2024-02-28", decided_on="2024-02-28", at=NOW)

    assert f"{SHATU}-CENTRE" in county.holders(
        "MD23-13", SHATU, "decide", "2024-02-28T11:00:00+08:00"
    )
    assert county.holders("MD23-13", SHATU, "decide", NOW) == [BUREAU]


@pytest.mark.rule("R181")
def test_a_grant_recalled_before_its_first_day_never_begins(county):
    grant = county.entrusted("MD23-13")

    county.recalled(grant, "2023-06-25", decided_on="2023-06-25", at="2023-06-25T09:00:00+08:00")

    assert county.holders("MD23-13", SHATU, "decide", "2023-07-03T09:00:00+08:00") == [BUREAU]


@pytest.mark.rule("R181")
@pytest.mark.rule("R182")
def test_seal_list_and_agreement_follow_a_recall_and_point_to_it(county):
    grant = county.taken_over()

    county.recalled(grant, "2024-03-01")

    (recall,) = county.recorded("ItemRecalled")
    followers = [fact for fact in county.facts("delegation") if fact.causation == recall.id]
    assert [fact.type for fact in followers] == [
        "delegation.SealSuspended", "delegation.TownListRevised", "delegation.AgreementTerminated",
    ]


@pytest.mark.rule("R181")
def test_replaying_the_recall_adds_nothing(county):
    grant = county.taken_over()
    county.recalled(grant, "2024-03-01")
    before = len(county.facts("delegation"))
    (recall,) = county.recorded("ItemRecalled")
    service = county.services["delegation"]

    service.seal_after_recall(recall)
    service.list_after_recall(recall)
    service.agreement_after_recall(recall)

    assert len(county.facts("delegation")) == before


@pytest.mark.rule("R182")
def test_an_agreement_that_covers_more_is_amended(county):
    county.agreed(["MD23-13", "MD23-14"])
    grant = county.delegated("MD23-13", SHATU, "entrusted_handling", "2023-07-01")

    county.recalled(grant, "2024-03-01")

    (amended,) = county.recorded("AgreementAmended")
    assert amended.data["item_ids"] == ["MD23-14"]
