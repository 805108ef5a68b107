"""Authority is checked at the moment of the act; a late recall flags and never erases (R131)."""

import pytest

from shared.contracts.envelope import instant
from tests.office import Office, grant_id

pytest_plugins = ("tests.office",)

WANGHAOTUN, APPROVALS = "MD2023-TOWN-18", "MD2023-ORG-19"
RECALLED = "2024-03-01T00:00:00+08:00"


@pytest.fixture
def entrusted(office: Office) -> Office:
    """MD23-12 兽药经营许可, entrusted to 王浩屯镇."""
    office.knows("MD2023")
    office.tell_delegated("g-12", item="MD23-12", town=WANGHAOTUN, at="2023-09-01T00:00:00+08:00")
    return office


def recall(office: Office, at: str) -> None:
    office.tell_recalled("g-12", item="MD23-12", town=WANGHAOTUN, effective=RECALLED, at=at)
    office.settle()


def approve(office: Office, decision: str, at: str, **how) -> None:
    who = {"by": WANGHAOTUN, "town": WANGHAOTUN, "grant": "g-12"} | how
    office.tell_approved(decision, item="MD23-12", at=at, **who)
    office.settle()


@pytest.mark.rule("R131")
def test_a_recall_that_arrives_after_the_decision_flags_it_with_the_gap(entrusted):
    approve(entrusted, "d-1", "2024-03-01T09:00:00+08:00")
    before = entrusted.facts("supervision", "IssuedWithoutAuthorityFlagged")

    recall(entrusted, "2024-03-01T09:05:00+08:00")

    (flagged,) = entrusted.facts("supervision", "IssuedWithoutAuthorityFlagged")
    assert before == []
    assert flagged.data == {
        "decision_id": "d-1",
        "case_id": "case-d-1",
        "ground": "recalled",
        "grant_id": grant_id("g-12"),
        "recall_id": "recall-g-12",
        "gap_seconds": 9 * 3600,
    }


@pytest.mark.rule("R131")
def test_a_decision_that_arrives_after_the_recall_is_flagged_too(entrusted):
    recall(entrusted, "2024-02-20T09:00:00+08:00")

    approve(entrusted, "d-1", "2024-03-01T09:00:00+08:00")

    (flag,) = entrusted.ask("supervision", "flags", {"programme": "MD2023"})
    assert (flag["decision_id"], flag["item_id"], flag["gap_seconds"]) == ("d-1", "MD23-12", 32400)


@pytest.mark.rule("R131")
def test_decisions_before_the_effect_stay_unflagged(entrusted):
    approve(entrusted, "d-1", "2024-02-29T16:00:00+08:00")

    recall(entrusted, "2024-03-01T09:05:00+08:00")

    assert entrusted.ask("supervision", "flags", {}) == []


@pytest.mark.rule("R131")
def test_a_decision_at_the_very_instant_of_the_recall_is_flagged(entrusted):
    approve(entrusted, "d-1", RECALLED)

    recall(entrusted, "2024-03-01T09:05:00+08:00")

    (flag,) = entrusted.ask("supervision", "flags", {"programme": "MD2023"})
    assert flag["gap_seconds"] == 0


@pytest.mark.rule("R131")
def test_the_department_decides_by_its_own_power_before_and_after(entrusted):
    approve(
        entrusted, "d-1", "2024-03-02T09:00:00+08:00", by=APPROVALS, grant=None, grant_position=None
    )

    recall(entrusted, "2024-03-02T09:05:00+08:00")

    assert entrusted.ask("supervision", "flags", {"programme": "MD2023"}) == []


@pytest.mark.rule("R131")
def test_a_decision_that_overtakes_its_grant_is_checked_when_the_grant_arrives(office: Office):
    office.knows("MD2023")
    office.tell_approved(
        "d-1",
        item="MD23-12",
        town=WANGHAOTUN,
        by=WANGHAOTUN,
        at="2023-09-02T09:00:00+08:00",
        grant="g-12",
    )
    office.settle()

    office.tell_delegated("g-12", item="MD23-12", town=WANGHAOTUN, at="2023-09-01T00:00:00+08:00")
    office.settle()

    assert office.ask("supervision", "flags", {"programme": "MD2023"}) == []


@pytest.mark.rule("R131")
def test_an_organ_that_never_held_the_power_is_flagged(entrusted):
    approve(
        entrusted, "d-1", "2023-10-09T09:00:00+08:00", by="MD2023-TOWN-01", town="MD2023-TOWN-01"
    )

    (flag,) = entrusted.ask("supervision", "flags", {"programme": "MD2023"})
    assert (flag["ground"], flag["gap_seconds"]) == ("not_held", None)


@pytest.mark.rule("R131")
@pytest.mark.rule("R222")
def test_a_corrected_grant_lists_the_decisions_taken_before_its_true_beginning(entrusted):
    approve(entrusted, "d-1", "2023-09-02T09:00:00+08:00")

    entrusted.tell(
        "delegation.GrantCorrected",
        {
            "grant_id": grant_id("g-12"),
            "field": "effective_from",
            "reason": "误录",
            "old": "2023-08-31T16:00:00+00:00",
            "new": "2023-09-02T16:00:00+00:00",
        },
        at="2023-09-10T09:00:00+08:00",
    )
    entrusted.settle()

    (flag,) = entrusted.ask("supervision", "flags", {"programme": "MD2023"})
    assert flag["decision_id"] == "d-1"


@pytest.mark.rule("R131")
def test_the_former_department_decides_nothing_after_the_transfer(office: Office):
    office.knows("GZ2020")
    office.tell_approved(
        "d-1",
        item="GZ20-001",
        town=None,
        by="GZ2020-UNIT-15-ORG-01",
        grant=None,
        grant_position=None,
        at="2021-04-10T09:00:00+08:00",
        programme="GZ2020",
    )
    facet = {
        "facet": "decide",
        "org_id": "GZ2020-UNIT-15-BUREAU",
        "capacity": "own",
        "filed_at": "bureau",
        "cross_town": "any",
    }

    office.tell(
        "delegation.PowerTransferred",
        {
            "transfer_id": grant_id("t-1"),
            "unit_id": "GZ2020-UNIT-15",
            "item_id": "GZ20-001",
            "from_org_id": "GZ2020-UNIT-15-ORG-01",
            "to_org_id": "GZ2020-UNIT-15-BUREAU",
            "agreement_id": "a-1",
            "transfer_at": instant("2021-04-01T00:00:00+08:00"),
            "exclusive": True,
            "facets": [facet],
        },
        at="2021-04-12T09:00:00+08:00",
        programme="GZ2020",
    )
    office.settle()

    (flag,) = office.ask("supervision", "flags", {"programme": "GZ2020"})
    assert (flag["decision_id"], flag["ground"]) == ("d-1", "not_held")


@pytest.mark.rule("R131")
@pytest.mark.rule("R184")
def test_a_change_of_mode_that_arrives_after_the_decision_flags_it_too(entrusted):
    approve(entrusted, "d-1", "2024-03-01T09:00:00+08:00")

    entrusted.tell("delegation.GrantModeChanged", {
        "grant_id": grant_id("g-12"), "item_id": "MD23-12", "town_id": WANGHAOTUN,
        "successor_grant_id": grant_id("g-13"), "from_mode": "entrusted_handling",
        "to_mode": "entrusted_acceptance", "effective_from": instant(RECALLED),
        "decided_by_org_id": APPROVALS, "agreement_id": None, "transition_until": None,
        "in_flight_policy": "hand_up",
    }, at="2024-03-01T09:05:00+08:00")
    entrusted.settle()

    (flagged,) = entrusted.facts("supervision", "IssuedWithoutAuthorityFlagged")
    assert (flagged.data["ground"], flagged.data["grant_id"]) == ("not_held", grant_id("g-12"))
