"""Whatever is asked of a case, by whom and in what order: what never happens."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.applications import MODES, SETTINGS, WILD, Application, Move, moves

FINAL = ("closed", "withdrawn", "not_accepted", "duplicate")
DECISIONS = ("ApprovalIssued", "ApplicationDenied")
# Of which facets an act is the exercise; for forwarding, of any of three.
FACETS_OF = {
    "CaseAccepted": ("accept",),
    "PreliminaryReviewCompleted": ("preliminary_review",),
    "SubstantiveReviewCompleted": ("substantive_review",),
    "CaseForwarded": ("accept", "preliminary_review", "substantive_review"),
    "ApprovalIssued": ("decide",),
    "ApplicationDenied": ("decide",),
    "ServiceCompleted": ("accept",),
}
RESERVED = "MD2023"  # R066 is written in this notice only


def kind(event):
    return type(event).__name__


def entitled(at: Application, facet: str, *, cross_town: bool, grant_id: str | None) -> str:
    """Who may exercise *facet*, read from the notice's own table."""
    if grant_id is None:
        return at.owner
    fits = ("any", "yes" if cross_town else "no")
    rows = {
        row["facet"]: row["holder"] for row in at.rows
        if row["filed_at"] == at.filed_at and row["cross_town"] in fits
    }
    holder = rows.get(facet) or (rows["decide"] if facet == "seal" or at.exclusive else None)
    return at.organs[holder] if holder else at.owner


def since_return(told: list[Any], name: str) -> list[Any]:
    """The events of that name since the case was last sent back."""
    begin = max((i for i, event in enumerate(told) if kind(event) == "CaseReturned"), default=0)
    return [event for event in told[begin:] if kind(event) == name]


@settings(max_examples=300, deadline=None)
@given(setting=SETTINGS, wild=WILD)
def test_a_refused_command_tells_nothing_and_a_history_replayed_is_the_case(setting, wild):
    at = Application(**setting)
    for move in wild:
        fresh, refused, org = at.do(move)
        assert not (refused and fresh)
        if refused and refused.of_record:
            at.case.refuse_authority(act=move.act, org=org, holdings_version=9, refused=refused)
            assert [kind(event) for event in at.history.take(at.case)] == ["AuthorityCheckFailed"]
        assert at.history.agrees_with(at.case)


@settings(max_examples=300, deadline=None)
@given(setting=SETTINGS, wild=WILD)
def test_a_case_is_decided_once_and_nothing_follows_its_end(setting, wild):
    at = Application(**setting)
    for move in wild:
        was = at.case.state
        fresh, _, _ = at.do(move)
        assert not (was in FINAL and fresh)
        assert sum(name in DECISIONS for name in at.history.names()) <= 1


@settings(max_examples=300, deadline=None)
@given(setting=SETTINGS, wild=WILD)
def test_every_act_rests_on_a_facet_that_the_acting_organ_holds(setting, wild):
    at = Application(**setting)
    for move in wild:
        fresh, _, org = at.do(move)
        for event in fresh:
            if kind(event) in FACETS_OF:
                pinned = event.authority
                assert pinned["org_id"] == org
                assert pinned["facet"] in FACETS_OF[kind(event)]
                crossing = getattr(event, "cross_town", at.case.cross_town)
                if pinned["grant_id"] != "transfer-1":
                    assert org == entitled(
                        at, pinned["facet"], cross_town=crossing, grant_id=pinned["grant_id"]
                    )


@settings(max_examples=300, deadline=None)
@given(setting=SETTINGS, wild=WILD)
def test_an_ended_grant_carries_no_act_but_the_end_of_a_reviewed_case(setting, wild):
    at = Application(**setting)
    for move in wild:
        finishing = at.finishes and at.case.reviewed_by is not None
        fresh, _, _ = at.do(move)
        for event in fresh:
            if kind(event) in FACETS_OF and at.ended and not finishing:
                assert event.authority["grant_id"] != "grant-1"


@pytest.mark.rule("R053")
@settings(max_examples=300, deadline=None)
@given(
    setting=SETTINGS.map(lambda drawn: drawn | {"mode": ("ST2021", "substantive_review")}),
    wild=WILD,
)
def test_after_the_towns_review_the_district_neither_reviews_nor_denies_on_the_merits(
    setting, wild
):
    at = Application(**setting)
    for move in wild:
        before = list(at.history.told)
        for event in at.do(move)[0]:
            reviews = since_return(before, "SubstantiveReviewCompleted")
            if not reviews or reviews[-1].reviewer_org_id == at.owner:
                continue
            assert kind(event) != "SubstantiveReviewCompleted"
            if kind(event) == "ApplicationDenied":
                assert (event.ground, reviews[-1].result) == ("town_opinion", "negative")
            if kind(event) == "ApprovalIssued":
                assert (event.basis, reviews[-1].result) == ("issue_on_seal", "positive")


@pytest.mark.rule("R066")
@settings(max_examples=300, deadline=None)
@given(setting=SETTINGS, wild=WILD)
def test_where_the_notice_reserves_them_cross_town_cases_are_not_decided_by_a_town(setting, wild):
    at = Application(**setting)
    for move in wild:
        for event in at.do(move)[0]:
            if kind(event) in DECISIONS and at.case.cross_town and at.mode[0] == RESERVED:
                assert event.decided_by_org_id == at.owner
                assert event.decided_by_org_id not in at.town_orgs
    assert not [use for crossing, use in at.seals if crossing and use.seal_id == "seal_no_2"]


@settings(max_examples=200, deadline=None)
@given(setting=SETTINGS, wild=WILD)
def test_a_seal_is_put_only_to_a_decided_case_by_who_holds_the_seal(setting, wild):
    at = Application(**setting)
    for move in wild:
        sealed = len(at.seals)
        at.do(move)
        for crossing, use in at.seals[sealed:]:
            (told,) = use.collect_events()
            pinned = told.authority
            assert at.case.state == "decided"
            assert (pinned["org_id"], pinned["facet"]) == (told.user_org_id, "seal")
            if pinned["grant_id"] != "transfer-1":
                assert told.user_org_id == entitled(
                    at, "seal", cross_town=crossing, grant_id=pinned["grant_id"]
                )


def going_on(interruption: str) -> st.SearchStrategy[list[Move]]:
    """The way of a case, interrupted without ending anybody's power."""
    return st.lists(
        st.one_of(
            *[moves("onward")] * 3,
            st.builds(
                Move, act=st.just(interruption), by=st.sampled_from(("owner", "next")),
                good=st.just(True), which=st.integers(1, 3),
            ),
        ),
        min_size=4, max_size=12,
    )


@pytest.mark.parametrize("interruption", ["detect_cross_town", "return_case"])
@settings(max_examples=250, deadline=None)
@given(data=st.data(), setting=SETTINGS)
def test_the_organ_that_the_path_names_may_take_the_next_step(interruption, data, setting):
    at = Application(**setting)
    for move in data.draw(going_on(interruption)):
        at.do(move)
    assume(at.case.accepted_at is not None)

    _, refused, _ = at.do(Move("onward", "next", True, 2))

    assert refused is None or not refused.of_record


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_of_the_notices_comes_to_a_document(mode):
    at = Application(
        mode=mode, counter="town", towns=(), outcome="approval", finishes=False, negative=None
    )

    for _ in range(10):
        at.do(Move("onward", "next", True, 2))

    assert at.case.state == "closed"
