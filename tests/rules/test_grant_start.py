"""A town starts to work under a grant, and its transition: R016, R042, R055, R086, R091, R095."""

import pytest

from services.delegation.domain.delegating import check_supervised
from shared.refusal import Refused
from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures
from tests.notice import notice
from tests.ready import ready
from tests.started import DECIDED, FIRST_DAY, SHATU, entrusted_and_started, of, started, state

DUSI = "MD2023-TOWN-12"
CHENGTOU, XIJI = "ST2021-TOWN-03", "ST2021-TOWN-01"


def reviewing(county, item="ST21-07", town=CHENGTOU):
    """A grant in substantive review with everything but a mechanism."""
    grant = county.delegated(item, town, "substantive_review", "2021-08-01", DECIDED)
    ready(county, town, on="2021-07-25", since="2021-08-01", left_open=["mechanism"])
    return grant


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


@pytest.mark.rule("R091")
def test_no_start_while_a_blocking_gate_is_open(county):
    grant = county.delegated("ST21-04", XIJI, "direct", "2021-08-01", "2021-07-20T09:00:00+08:00")
    ready(county, XIJI, on="2021-07-25", since="2021-08-01", left_open=["seal"])

    with pytest.raises(Refused) as refused:
        county.told(
            "start_implementation", {"programme": "ST2021", "grant": grant},
            "2021-08-01T09:00:00+08:00"
        )

    assert refused.value.code == "delegation.gate-failed"
    assert refused.value.facts["gates"] == ["seal"]


@pytest.mark.rule("R086")
@pytest.mark.rule("R091")
def test_with_the_towns_own_seal_the_same_command_succeeds_the_day_after(county):
    grant = county.delegated("ST21-04", XIJI, "direct", "2021-08-01", "2021-07-20T09:00:00+08:00")
    ready(county, XIJI, on="2021-07-25", since="2021-08-01", left_open=["seal"])
    county.told("register_seal", {"programme": "ST2021", "kind": "town_approval_seal", "org": XIJI})

    started = county.told(
        "start_implementation", {"programme": "ST2021", "grant": grant}, "2021-08-02T09:00:00+08:00"
    )

    assert started["events"] == [
        "delegation.ImplementationGateChecked", "delegation.ItemImplementationStarted"
    ]


@pytest.mark.rule("R091")
def test_a_blocking_gate_of_which_nothing_is_recorded_is_open(county):
    grant = county.delegated("ST21-04", XIJI, "direct", "2021-08-01", "2021-07-20T09:00:00+08:00")

    gates = {gate["name"]: gate for gate in county.ask("delegation", "gates", {"grant": grant})}

    assert gates["training"] == {"name": "training", "passed": False, "blocking": True}
    assert gates["seal"] == {"name": "seal", "passed": False, "blocking": True}
