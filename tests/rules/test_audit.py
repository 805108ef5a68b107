"""The audit names each planted violation with its rule, its event and its place, and no other."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ledger.audit.checks import CHECKS, VIOLATION
from services.ledger.audit.told import Stored
from shared.settings import Settings
from tests.forged import Forged
from tests.forgeries import BY_AUTHORITY
from tests.forgeries_of_cases import OF_CASES
from tests.forgeries_of_grants import OF_GRANTS
from tests.played import played

FORGERIES = BY_AUTHORITY | OF_CASES | OF_GRANTS
PAGE = Path(__file__).parents[2] / "docs/design/audit.md"


@pytest.fixture(scope="session")
def history(migrated: Settings) -> dict[str, list[Stored]]:
    return played(migrated)


@pytest.fixture
def forged(history) -> Forged:
    return Forged(history)


def test_an_untouched_history_has_no_violation(forged):
    assert forged.violations() == []


@pytest.mark.parametrize(("named", "forge"), FORGERIES.items(), ids=FORGERIES)
def test_a_planted_violation_is_named_with_its_rule_and_place_and_no_other(forged, named, forge):
    planted = forge(forged)
    places = planted if isinstance(planted, list) else [planted]

    found = forged.violations()

    assert {f"{rule} {code}" for rule, code, _ in found} == set(named.split(", "))
    assert {place for _, _, place in found} == set(places)


def test_every_check_has_a_planted_violation():
    planted = {one.split()[1] for named in FORGERIES for one in named.split(", ")}

    assert {code for code, check in CHECKS.items() if check.weight == VIOLATION} <= planted


@pytest.mark.rule("R131")
def test_a_recall_recorded_after_the_act_makes_it_late_and_as_then_known_it_was_lawful(forged):
    recall = forged.at(forged.place("ItemRecalled"), "2024-03-05T09:00:00+08:00")
    forged.tell(recall, effective_from="2024-02-20T09:50:00+08:00", decided_on="2024-02-20")
    review = forged.place("SubstantiveReviewCompleted", story="in-hand")

    (found,) = [one for one in forged.findings() if one.weight == VIOLATION]

    assert (found.code, found.position, found.late) == ("after-recall", review[1], True)
    assert forged.violations(known=found.recorded_at) == []


@pytest.mark.rule("R131")
def test_an_act_under_a_recall_known_by_then_is_not_late(forged):
    review = forged.at(
        forged.place("SubstantiveReviewCompleted", story="in-hand"), "2024-03-01T00:00:00+08:00"
    )

    (found,) = [one for one in forged.findings() if one.weight == VIOLATION]

    assert (found.code, found.position, found.late) == ("after-recall", review[1], False)


@pytest.mark.rule("R131")
def test_an_approval_without_authority_says_whether_supervision_has_flagged_it(forged):
    approval = forged.tell(
        forged.place("ApprovalIssued", story="handled"), authority__grant_position=0
    )
    flag = forged.add(
        forged.place("CaseClosed", story="handled"), "IssuedWithoutAuthorityFlagged",
        decision_id=forged.body(approval)["data"]["decision_id"], ground="not_held",
        grant_id=None, recall_id=None, gap_seconds=None,
    )
    forged.logs["supervision"] = [forged.logs["cases"].pop()]
    forged.logs["supervision"][0][1]["type"] = "supervision.IssuedWithoutAuthorityFlagged"

    (found,) = [one for one in forged.findings() if one.weight == VIOLATION]

    assert (found.facts["flagged"], flag[1]) == (True, forged.logs["supervision"][0][0])


@pytest.mark.rule("R222")
def test_a_late_entry_is_noted_and_wrongs_nobody(forged):
    place = forged.at(
        forged.place("CaseClosed", story="bureau"),
        "2021-05-06T12:00:00+08:00", "2021-05-10T09:00:00+08:00",
    )
    forged.tell(place, at="2021-05-06T12:00:00+08:00")

    (note,) = [one for one in forged.findings() if one.code == "late-entry"]

    assert (note.weight, note.rule, note.position, note.facts["days"]) == (
        "note", "R222", place[1], 3,
    )
    assert forged.violations() == []


@pytest.mark.rule("R121")
def test_where_no_setting_asks_for_two_people_the_same_one_is_a_sample(forged):
    samples = [one for one in forged.findings() if one.code == "same-person-sample"]

    assert {one.weight for one in samples} == {"note"}
    assert forged.place("ApprovalIssued", story="bureau")[1] in {one.position for one in samples}


@pytest.mark.rule("R131")
def test_a_refused_attempt_is_in_the_record(forged):
    (refused,) = [one for one in forged.findings() if one.weight == "refused"]

    assert (refused.code, refused.event) == (
        "cases.decision-not-delegated", "cases.AuthorityCheckFailed",
    )


@pytest.mark.rule("R223")
def test_a_sensitive_read_is_in_the_record(forged):
    read = forged.add(
        forged.place("CaseClosed", story="handled"), "ApplicantDetailsRead",
        whole={"applicant_ref": "A-1", "reason": "投诉核查"},
    )

    (found,) = [one for one in forged.findings() if one.weight == "read"]

    assert ((found.source, found.position), found.rule) == (read, "R223")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=False), value=st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=3,
))
def test_whatever_a_fact_is_turned_into_the_audit_comes_to_its_end(history, chance, value):
    forged = Forged(history)
    source = chance.choice(sorted(source for source, entries in forged.logs.items() if entries))
    _, at = chance.choice(forged.logs[source])
    while isinstance(at, dict) and at:
        key, inside = chance.choice(sorted(at)), at
        at = at[key]
        if chance.random() < 0.4:
            break
    inside[key] = value

    assert all(one.rule and one.source for one in forged.findings())


def test_only_what_lies_within_the_bounds_is_judged(forged):
    forged.tell(forged.place("ApprovalIssued", story="handled"), acting_org_id="x")
    place = forged.tell(forged.place("ApprovalIssued", story="direct"), acting_org_id="x")
    wrong = ("R058", "wrong-acting", place)

    assert wrong in forged.violations()
    assert forged.violations(jurisdiction="370406") == [wrong]
    assert forged.violations(programme="ST2021") == [wrong]
    assert forged.violations(before=forged.instant("2022-01-01T00:00:00+08:00")) == [wrong]
    assert len(forged.violations(last={"cases": place[1]})) == 2
    assert forged.violations(last={"cases": place[1] - 1}) == [
        one for one in forged.violations() if one != wrong
    ]
    assert forged.violations(known=forged.instant("2023-08-01T00:00:00+08:00")) == [wrong]


def test_the_design_page_names_every_check_under_its_rule():
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| R")]
    told = {
        code: rules for rules, codes in (row.split("|")[1:3] for row in rows)
        for code in codes.replace(" ", "").split(",")
    }

    assert [code for code, check in CHECKS.items() if check.rule not in told.get(code, "")] == []
