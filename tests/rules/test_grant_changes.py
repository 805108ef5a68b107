"""A grant changes its mode or its scope: R013, R062, R070, R087, R181 to R184."""

from uuid import uuid4

import pytest

from shared.refusal import Refused
from tests.delegating import county, one_county  # noqa: F401 - the fixtures
from tests.ready import ready
from tests.started import DECIDED, FIRST_DAY, SHATU, entrusted_and_started, of, started, state

ANXING, XIJI = "MD2023-TOWN-10", "ST2021-TOWN-01"
PRINTS = ["个人参保缴费证明查询打印", "待遇领取证明查询打印"]


def ready_to_accept(county):
    """Granted in entrusted acceptance, with every gate passed."""
    county.agreed(["MD23-04"], ANXING, kind="acceptance")
    grant = county.delegated("MD23-04", ANXING, "entrusted_acceptance", "2023-07-01")
    ready(county, ANXING, on="2023-06-25", since="2023-07-01")
    return grant


def accepting(county):
    """At work in entrusted acceptance."""
    grant = ready_to_accept(county)
    started(county, grant)
    return grant


def ready_for_handling(county):
    """The agreement and the seal that entrusted handling asks for; the seal's id."""
    county.agreed(["MD23-04"], ANXING)
    return county.sealed(town=ANXING)


def changed_to_handling(county, grant, effective_from="2024-01-01", **how):
    return county.told(
        "change_mode",
        of(county, grant, mode="entrusted_handling", effective_from=effective_from),
        "2023-12-01T09:00:00+08:00", **how,
    )


@pytest.mark.rule("R184")
@pytest.mark.rule("R070")
def test_the_mode_is_not_changed_to_handling_without_a_written_agreement(county):
    grant = accepting(county)
    county.sealed(town=ANXING)

    with pytest.raises(Refused) as refused:
        changed_to_handling(county, grant)

    assert refused.value.code == "delegation.agreement-required"


@pytest.mark.rule("R184")
def test_the_gates_of_the_new_mode_are_passed_before_the_change(county):
    grant = accepting(county)
    county.agreed(["MD23-04"], ANXING)

    with pytest.raises(Refused) as refused:
        changed_to_handling(county, grant)

    assert refused.value.code == "delegation.gate-failed"
    assert refused.value.facts["gates"] == ["seal"]


@pytest.mark.rule("R184")
@pytest.mark.rule("R062")
def test_at_the_instant_of_the_change_one_mode_ends_and_the_other_begins(county):
    grant = accepting(county)
    ready_for_handling(county)

    changed_to_handling(county, grant)

    asked = {"item": "MD23-04", "town": ANXING}
    before, after = (
        county.ask("delegation", "grants", asked | {"at": at})
        for at in ("2023-12-31T23:59:59+08:00", "2024-01-01T00:00:00+08:00")
    )
    assert [row["mode"] for row in before] == ["entrusted_acceptance"]
    assert [row["mode"] for row in after] == ["entrusted_handling"]


@pytest.mark.rule("R184")
def test_the_successor_is_a_grant_of_its_own_that_names_the_one_before(county):
    grant = accepting(county)
    ready_for_handling(county)

    changed_to_handling(county, grant)

    (change,) = county.recorded("GrantModeChanged")
    _, successor = county.recorded("ItemDelegated")
    assert successor.data["grant_id"] == change.data["successor_grant_id"] != grant
    assert successor.data["predecessor_grant_id"] == grant
    assert successor.data["effective_from"] == change.data["effective_from"]
    assert successor.causation == change.id
    assert (state(county, grant), state(county, successor.data["grant_id"])) == ("ended", "decided")


@pytest.mark.rule("R184")
def test_a_start_of_the_whole_list_sent_again_leaves_the_successor_alone(county):
    start = "start_list", {"programme": "MD2023", "town": ANXING}, "2023-07-03T09:00:00+08:00"
    command = uuid4()
    grant = ready_to_accept(county)
    first = county.told(*start, command=command)
    ready_for_handling(county)
    changed_to_handling(county, grant)
    successor = county.recorded("GrantModeChanged")[0].data["successor_grant_id"]

    again = county.told(*start, command=command)

    assert again == first
    assert state(county, successor) == "decided"


@pytest.mark.rule("R184")
@pytest.mark.rule("R182")
def test_after_the_change_the_item_leaves_the_old_agreement(county):
    grant = accepting(county)
    old = county.ask("delegation", "grant", {"grant": grant})["agreement_id"]
    ready_for_handling(county)

    changed_to_handling(county, grant)

    assert county.ask("delegation", "agreement", {"agreement": old})["state"] == "terminated"


@pytest.mark.rule("R184")
@pytest.mark.rule("R181")
def test_a_change_of_mode_does_not_reach_back(county):
    grant = accepting(county)
    ready_for_handling(county)

    with pytest.raises(Refused) as refused:
        changed_to_handling(county, grant, "2023-11-30")

    assert refused.value.code == "delegation.retroactive-change"


@pytest.mark.rule("R184")
def test_a_grant_under_which_nobody_works_yet_does_not_change_its_mode(county):
    county.agreed(["MD23-04"], ANXING, kind="acceptance")
    grant = county.delegated("MD23-04", ANXING, "entrusted_acceptance", "2023-07-01")

    with pytest.raises(Refused) as refused:
        changed_to_handling(county, grant)

    assert refused.value.facts["allowed"] == ["in_transition", "in_force"]


@pytest.mark.rule("R184")
def test_where_two_grants_meet_neither_first_day_is_moved_alone(county):
    grant = accepting(county)
    ready_for_handling(county)
    changed_to_handling(county, grant)
    successor = county.recorded("GrantModeChanged")[0].data["successor_grant_id"]

    with pytest.raises(Refused) as refused:
        county.told("correct_grant", of(
            county, successor, effective_from="2024-02-01", reason="登记有误"
        ))

    assert refused.value.code == "delegation.begins-with-a-change"


@pytest.mark.rule("R183")
@pytest.mark.rule("R013")
def test_a_change_of_scope_moves_the_other_sub_items_back_from_its_day_on(county):
    grant = county.delegated("ST21-05", XIJI, "direct", "2021-08-01", DECIDED)
    ready(county, XIJI, on="2021-07-25", since="2021-08-01")
    started(county, grant, FIRST_DAY)

    county.told("change_scope", of(
        county, grant, scope=PRINTS[:1], effective_from="2022-01-01"
    ), "2021-12-20T09:00:00+08:00")

    asked = {"item": "ST21-05", "town": XIJI}
    (before,), (after,) = (
        county.ask("delegation", "grants", asked | {"at": at})
        for at in ("2021-12-31T23:59:59+08:00", "2022-01-01T00:00:00+08:00")
    )
    assert (before["scope"], after["scope"]) == (PRINTS, PRINTS[:1])
    assert before["grant_id"] == after["grant_id"] == grant


@pytest.mark.rule("R183")
def test_a_scope_that_is_the_same_is_no_change(county):
    grant = county.delegated("ST21-05", XIJI, "direct", "2021-08-01", DECIDED)
    ready(county, XIJI, on="2021-07-25", since="2021-08-01")
    started(county, grant, FIRST_DAY)

    with pytest.raises(Refused) as refused:
        county.told("change_scope", of(county, grant, scope=PRINTS, effective_from="2024-01-01"))

    assert refused.value.code == "delegation.same-scope"


@pytest.mark.rule("R183")
def test_a_changed_mode_is_a_new_version_of_the_list_and_the_old_one_can_be_shown(county):
    where = {"programme": "MD2023", "town": ANXING}
    county.told("draft_list", where | {
        "entries": [{"item": "MD23-04", "mode": "entrusted_acceptance"}],
    })
    county.told("approve_list", where | {
        "approved_by": "MD2023-ORG-02", "decision_ref": "清单", "approved_on": "2023-06-10",
    })
    grant = accepting(county)
    ready_for_handling(county)

    changed_to_handling(county, grant)

    (revised,) = county.recorded("TownListRevised")
    assert revised.data["changes"] == [{"kind": "changed", "item_id": "MD23-04"}]
    assert revised.data["reason"] == "mode_changed"
    old, new = (
        county.ask("delegation", "list", {"town": ANXING, "on": day})
        for day in ("2023-11-30", "2023-12-01")
    )
    assert [entry["mode"] for entry in old["entries"]] == ["entrusted_acceptance"]
    assert [entry["mode"] for entry in new["entries"]] == ["entrusted_handling"]


@pytest.mark.rule("R184")
@pytest.mark.rule("R087")
def test_a_seal_made_ready_for_the_new_mode_stays_in_use(county):
    grant = accepting(county)
    seal = ready_for_handling(county)

    changed_to_handling(county, grant)

    (row,) = county.ask("delegation", "seals", {"programme": "MD2023", "town": ANXING})
    assert (row["seal_id"], row["state"]) == (seal, "in_use")


@pytest.mark.rule("R184")
@pytest.mark.rule("R087")
def test_a_seal_without_an_entrusted_item_left_is_suspended_from_the_change_on(county):
    grant = entrusted_and_started(county)
    county.agreed(["MD23-04"], kind="acceptance")
    open_window(county)

    county.told(
        "change_mode",
        of(county, grant, mode="entrusted_acceptance", effective_from="2024-01-01"),
        "2023-12-01T09:00:00+08:00",
    )

    (suspended,) = county.recorded("SealSuspended")
    (change,) = county.recorded("GrantModeChanged")
    assert suspended.data["from"] == change.data["effective_from"]


def open_window(county):
    county.do("catalog", "open_window", {
        "programme": "MD2023", "window_id": f"{SHATU}-WINDOW-9", "town": SHATU,
        "kind": "comprehensive", "item_ids": [], "opened_on": "2023-11-01",
    })
    county.settle()
