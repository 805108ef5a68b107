"""A grant from its decision to its end: R016, R042, R055, R062, R091, R095, R183, R184."""

import pytest

from services.delegation.domain.delegating import check_supervised
from shared.refusal import Refused
from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures
from tests.notice import notice
from tests.ready import ready

SHATU, ANXING, DUSI = "MD2023-TOWN-08", "MD2023-TOWN-10", "MD2023-TOWN-12"
CHENGTOU, XIJI = "ST2021-TOWN-03", "ST2021-TOWN-01"
DECIDED, FIRST_DAY = "2021-07-20T09:00:00+08:00", "2021-08-01T09:00:00+08:00"
PRINTS = ["个人参保缴费证明查询打印", "待遇领取证明查询打印"]


def of(county, grant, **more):
    return {"programme": county.ask("delegation", "grant", {"grant": grant})["programme_id"],
            "grant": grant, **more}


def started(county, grant, at="2023-07-03T09:00:00+08:00"):
    return county.told("start_implementation", of(county, grant), at)


def state(county, grant):
    return county.ask("delegation", "grant", {"grant": grant})["state"]


def reviewing(county, item="ST21-07", town=CHENGTOU):
    """A grant in substantive review with everything but a mechanism."""
    grant = county.delegated(item, town, "substantive_review", "2021-08-01", DECIDED)
    ready(county, town, on="2021-07-25", since="2021-08-01", left_open=["mechanism"])
    return grant


def entrusted_and_started(county, item="MD23-04", town=SHATU, **more):
    county.sealed(town=town)
    county.agreed([item], town)
    grant = county.delegated(item, town, "entrusted_handling", "2023-07-01", **more)
    ready(county, town, on="2023-06-25", since="2023-07-01")
    started(county, grant)
    return grant


def accepting(county, item="MD23-04", town=ANXING):
    """At work in entrusted acceptance."""
    county.agreed([item], town, kind="acceptance")
    grant = county.delegated(item, town, "entrusted_acceptance", "2023-07-01")
    ready(county, town, on="2023-06-25", since="2023-07-01")
    started(county, grant)
    return grant


def changed_to_handling(county, grant, effective_from="2024-01-01", **how):
    return county.told(
        "change_mode",
        of(county, grant, mode="entrusted_handling", effective_from=effective_from),
        "2023-12-01T09:00:00+08:00", **how,
    )


@pytest.mark.rule("R016")
@pytest.mark.parametrize("programme", ["ST2021", "ZZ2021"])
def test_an_item_without_a_named_supervisor_does_not_move(programme):
    unsupervised = notice(programme).item(f"{programme[:2]}21-04") | {"supervising_org_id": None}

    with pytest.raises(Refused) as refused:
        check_supervised(notice(programme).programme, unsupervised)

    assert refused.value.code == "delegation.supervisor-missing"


@pytest.mark.rule("R016")
def test_in_mudan_the_annex_names_the_supervisor(county):
    grant = county.entrusted("MD23-23")

    gates = county.ask("delegation", "gates", {"grant": grant})

    assert {"name": "supervisor", "passed": True, "blocking": True} in gates


@pytest.mark.rule("R042")
def test_a_town_that_has_named_a_body_for_all_but_one_item_is_told_which(county):
    county.agreed(["MD23-04", "MD23-05", "MD23-06"], DUSI)
    named = [
        county.delegated(item, DUSI, "entrusted_handling", "2023-07-01")
        for item in ("MD23-04", "MD23-05", "MD23-06")
    ][:2]
    for grant in named:
        county.told("assign_handling_body", of(
            county, grant, body=f"{DUSI}-CENTRE", since="2023-07-01"
        ))

    found = county.ask("delegation", "readiness", {
        "programme": "MD2023", "town": DUSI, "on": "2023-07-01",
    })

    assert found["missing"]["handling_body"] == ["MD23-06"]


@pytest.mark.rule("R042")
def test_one_command_names_a_body_for_every_item_that_has_none(county):
    county.agreed(["MD23-04", "MD23-05"], DUSI)
    for item in ("MD23-04", "MD23-05"):
        county.delegated(item, DUSI, "entrusted_handling", "2023-07-01")

    county.told("assign_handling_bodies", {
        "programme": "MD2023", "town": DUSI, "body": f"{DUSI}-CENTRE", "since": "2023-07-01",
    })

    assigned = county.recorded("HandlingBodyAssigned")
    assert [fact.data["item_id"] for fact in assigned] == ["MD23-04", "MD23-05"]
    assert {fact.data["body_org_id"] for fact in assigned} == {f"{DUSI}-CENTRE"}


@pytest.mark.rule("R042")
@pytest.mark.parametrize("body", ["MD2023-TOWN-09-CENTRE", BUREAU, SHATU])
def test_the_handling_body_is_one_in_the_town(county, body):
    grant = county.entrusted("MD23-04")

    with pytest.raises(Refused) as refused:
        county.told("assign_handling_body", of(county, grant, body=body, since="2023-07-01"))

    assert refused.value.code == "delegation.body-not-of-town"


@pytest.mark.rule("R042")
def test_without_a_handling_body_the_town_does_not_start(county):
    county.sealed()
    grant = county.entrusted("MD23-04")
    ready(county, SHATU, on="2023-06-25", since="2023-07-01", left_open=["handling_body"])

    with pytest.raises(Refused) as refused:
        started(county, grant)

    assert refused.value.facts["gates"] == ["handling_body"]


@pytest.mark.rule("R055")
@pytest.mark.rule("R091")
def test_what_the_town_reviews_does_not_start_without_a_mechanism_to_pass_it_on(county):
    grant = reviewing(county)

    with pytest.raises(Refused) as refused:
        started(county, grant, FIRST_DAY)

    assert refused.value.facts["gates"] == ["mechanism"]


@pytest.mark.rule("R055")
def test_with_its_mechanism_registered_the_town_starts(county):
    grant = reviewing(county)
    county.told("register_mechanism", of(
        county, grant, reviewer=f"{CHENGTOU}-DEPT", deputy=f"{CHENGTOU}-CENTRE",
        target="ST2021-ORG-09", limits=[{"step": "review", "value": 3, "unit": "working_day"}],
    ), DECIDED)

    started(county, grant, FIRST_DAY)

    assert state(county, grant) == "in_force"
    (registered,) = county.recorded("ForwardingMechanismRegistered")
    assert registered.data["limits"] == {"review": {"value": 3, "unit": "working_day"}}


@pytest.mark.rule("R055")
def test_the_mechanism_leads_to_the_granting_department(county):
    grant = reviewing(county)

    with pytest.raises(Refused) as refused:
        county.told("register_mechanism", of(
            county, grant, reviewer=f"{CHENGTOU}-DEPT", target="ST2021-ORG-07"
        ), DECIDED)

    assert refused.value.code == "delegation.wrong-forward-target"
    assert refused.value.facts["due"] == "ST2021-ORG-09"


@pytest.mark.rule("R055")
@pytest.mark.parametrize(("item", "mode"), [("ST21-04", "direct"), ("ST21-13", "window_forward")])
def test_what_the_town_does_not_review_needs_no_mechanism(county, item, mode):
    grant = county.delegated(item, CHENGTOU, mode, "2021-08-01", DECIDED)

    gates = county.ask("delegation", "gates", {"grant": grant})

    assert "mechanism" not in [gate["name"] for gate in gates]


@pytest.mark.rule("R091")
def test_readiness_says_for_each_gate_how_it_weighs_and_what_to_do_next(county):
    county.delegated("ST21-07", CHENGTOU, "substantive_review", "2021-08-01", DECIDED)

    found = county.ask("delegation", "readiness", {
        "programme": "ST2021", "town": CHENGTOU, "item": "ST21-07",
    })

    gates = {gate["name"]: gate for gate in found["gates"]}
    assert gates["grant"]["state"] == gates["supervisor"]["state"] == "passed"
    assert gates["mechanism"] == {
        "name": "mechanism", "setting": "block", "state": "open", "rule": "R055",
        "next": "登记审核转报机制：审核机构、副职、转报去向、时限",
    }
    assert gates["handling_body"]["setting"] is None
    assert not found["ready"]


@pytest.mark.rule("R091")
def test_before_the_grant_readiness_begins_with_the_grant_itself(county):
    found = county.ask("delegation", "readiness", {
        "programme": "MD2023", "town": SHATU, "item": "MD23-04", "on": "2023-07-01",
    })

    assert [(gate["name"], gate["state"]) for gate in found["gates"]] == [
        ("grant", "open"), ("mode", "open"),
    ]


@pytest.mark.rule("R091")
def test_all_gates_but_the_account_stop_the_start_and_the_day_after_it_succeeds(county):
    town = "MD2023-TOWN-07"
    county.sealed("MD2023-ORG-18", town)
    county.agreed(["MD23-37"], town, department="MD2023-ORG-18")
    grant = county.delegated("MD23-37", town, "entrusted_handling", "2023-07-01")
    ready(county, town, on="2023-06-25", since="2023-07-01", left_open=["account"])

    with pytest.raises(Refused) as refused:
        started(county, grant)
    ready(county, town, on="2023-07-03", since="2023-07-03")
    started(county, grant, "2023-07-04T09:00:00+08:00")

    assert refused.value.facts["gates"] == ["account"]
    assert county.ask("delegation", "readiness", {
        "programme": "MD2023", "town": town, "on": "2023-07-04",
    })["ready"]


@pytest.mark.rule("R095")
def test_a_grant_in_mudan_starts_in_transition_without_an_end_that_nobody_set(county):
    grant = entrusted_and_started(county)

    (begun,) = county.recorded("TransitionStarted")
    assert begun.data["until"] is None
    assert state(county, grant) == "in_transition"


@pytest.mark.rule("R095")
def test_a_grant_of_which_the_notice_names_no_transition_is_in_force_at_once(county):
    grant = county.delegated("ST21-04", XIJI, "direct", "2021-08-01", DECIDED)
    ready(county, XIJI, on="2021-07-25", since="2021-08-01")

    started(county, grant, FIRST_DAY)

    assert state(county, grant) == "in_force"
    assert county.recorded("TransitionStarted") == []


@pytest.mark.rule("R095")
def test_a_transition_past_its_end_without_an_assessment_is_listed(county):
    grant = entrusted_and_started(county, transition_until="2023-09-30")

    last_day, day_after = (
        county.ask("delegation", "transitions", {"programme": "MD2023", "on": day})
        for day in ("2023-09-30", "2023-10-01")
    )

    assert [row["state"] for row in last_day] == ["running"]
    assert [(row["grant_id"], row["item_id"], row["town_id"], row["state"]) for row in day_after] \
        == [(grant, "MD23-04", SHATU, "transition_end_unconfirmed")]


@pytest.mark.rule("R095")
def test_with_its_assessment_the_transition_is_over(county):
    grant = entrusted_and_started(county, transition_until="2023-09-30")

    county.told("end_transitions", {
        "programme": "MD2023", "town": SHATU, "assessment_result": "independent",
        "assessment_ref": "过渡期评估〔2023〕4号", "ended_on": "2023-09-28",
    }, "2023-09-28T15:00:00+08:00")

    (row,) = county.ask("delegation", "transitions", {"programme": "MD2023", "on": "2023-10-01"})
    assert (row["state"], row["transition_result"]) == ("ended", "independent")
    assert state(county, grant) == "in_force"


@pytest.mark.rule("R095")
def test_a_transition_does_not_end_before_the_grant_begins(county):
    county.agreed(["MD23-04"])

    with pytest.raises(Refused) as refused:
        county.delegated(
            "MD23-04", SHATU, "entrusted_handling", "2023-07-01", transition_until="2023-06-30"
        )

    assert refused.value.code == "delegation.wrong-date-order"


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
    county.agreed(["MD23-04"], ANXING)
    county.sealed(town=ANXING)

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
    county.agreed(["MD23-04"], ANXING)
    county.sealed(town=ANXING)

    changed_to_handling(county, grant)

    (change,) = county.recorded("GrantModeChanged")
    _, successor = county.recorded("ItemDelegated")
    assert successor.data["grant_id"] == change.data["successor_grant_id"] != grant
    assert successor.data["predecessor_grant_id"] == grant
    assert successor.data["effective_from"] == change.data["effective_from"]
    assert successor.causation == change.id
    assert (state(county, grant), state(county, successor.data["grant_id"])) == ("ended", "decided")


@pytest.mark.rule("R184")
@pytest.mark.rule("R182")
def test_after_the_change_the_item_leaves_the_old_agreement(county):
    grant = accepting(county)
    old = county.ask("delegation", "grant", {"grant": grant})["agreement_id"]
    county.agreed(["MD23-04"], ANXING)
    county.sealed(town=ANXING)

    changed_to_handling(county, grant)

    assert county.ask("delegation", "agreement", {"agreement": old})["state"] == "terminated"


@pytest.mark.rule("R184")
@pytest.mark.rule("R181")
def test_a_change_of_mode_does_not_reach_back(county):
    grant = accepting(county)
    county.agreed(["MD23-04"], ANXING)
    county.sealed(town=ANXING)

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
    county.agreed(["MD23-04"], ANXING)
    county.sealed(town=ANXING)
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
    county.agreed(["MD23-04"], ANXING)
    county.sealed(town=ANXING)

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
    county.agreed(["MD23-04"], ANXING)
    seal = county.sealed(town=ANXING)

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
