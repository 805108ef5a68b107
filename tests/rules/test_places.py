"""Where people go, and who may act there: R068, R129, R204, R208, R210, R211, R213."""

import pytest

from shared.refusal import Refused
from tests.county import county  # noqa: F401 - the fixture
from tests.world import programme_content

FUCHENG, XIJI = "ST2021-TOWN-09", "ST2021-TOWN-01"
SHATU, GAOZHUANG, MUDAN = "MD2023-TOWN-08", "MD2023-TOWN-15", "MD2023-TOWN-05"
OFFICE, LEAD = "ST2021-ORG-04", "MD2023-ORG-19"
LONGNAN = "GZ2020-UNIT-09"


@pytest.fixture
def bare(county):
    """山亭区 as its notice leaves it: no window is open yet."""
    county.empty()
    county.imported("ST2021", counters=False)
    yield county
    county.empty()


def opened(county, town, item, on):
    county.do("catalog", "open_window", {
        "programme": "ST2021", "window_id": f"{town}-WINDOW-1", "town": town,
        "kind": "acceptance", "item_ids": [item], "opened_on": on,
    })
    county.settle()


@pytest.mark.rule("R068")
def test_before_the_window_is_open_its_items_are_not_accepted(bare):
    bare.granted("ST21-13", FUCHENG, "window_forward")
    case = bare.filed("ST21-13", f"{FUCHENG}-CENTRE", at="2021-08-02T09:00:00+08:00")

    with pytest.raises(Refused) as refused:
        bare.act("accept", case, f"{FUCHENG}-CENTRE", at="2021-08-02T09:10:00+08:00")

    assert refused.value.code == "cases.window-not-open"


@pytest.mark.rule("R068")
def test_once_the_window_is_open_its_items_are_accepted(bare):
    bare.granted("ST21-13", FUCHENG, "window_forward")
    opened(bare, FUCHENG, "ST21-13", "2021-08-01")

    case = bare.accepted("ST21-13", f"{FUCHENG}-CENTRE", at="2021-08-02T09:00:00+08:00")

    assert bare.fact_of(case, "CaseAccepted")["accepted_by_org_id"] == f"{FUCHENG}-CENTRE"


@pytest.mark.rule("R068")
def test_a_window_for_other_items_does_not_serve(bare):
    bare.granted("ST21-13", FUCHENG, "window_forward")
    opened(bare, FUCHENG, "ST21-10", "2021-08-01")
    case = bare.filed("ST21-13", f"{FUCHENG}-CENTRE", at="2021-08-02T09:00:00+08:00")

    with pytest.raises(Refused) as refused:
        bare.act("accept", case, f"{FUCHENG}-CENTRE", at="2021-08-02T09:10:00+08:00")

    assert refused.value.code == "cases.window-not-open"


@pytest.mark.rule("R068")
def test_a_town_that_decides_itself_needs_no_window(bare):
    bare.granted("ST21-05", XIJI, "direct")

    case = bare.accepted("ST21-05", XIJI, at="2021-08-02T09:00:00+08:00")

    assert bare.fact_of(case, "CaseAccepted")["mode"] == "direct"


@pytest.mark.rule("R129")
def test_an_acceptance_in_an_extended_slot_is_one_of_that_day(county):
    county.do("catalog", "set_opening_hours", {
        "programme": "MD2023", "town": MUDAN,
        "slots": [{"weekday": 1, "opens": "09:00", "closes": "17:00"}],
        "extended_slots": [{"weekday": 1, "opens": "17:00", "closes": "20:00"}],
    })
    county.granted("MD23-04", MUDAN, "entrusted_handling")

    case = county.accepted("MD23-04", f"{MUDAN}-CENTRE", at="2023-07-03T19:30:00+08:00")

    accepted = county.fact_of(case, "CaseAccepted")["accepted_at"]
    assert accepted.isoformat().startswith("2023-07-03")


@pytest.mark.rule("R208")
def test_the_coordinators_of_a_notice_are_on_record(county):
    told = [
        (fact.programme, fact.data["org_id"]) for fact in county.facts("catalog", "CoordinatorSet")
    ]

    assert ("MD2023", LEAD) in told
    assert [org for programme, org in told if programme == "ST2021"] == [
        "ST2021-ORG-04", "ST2021-ORG-05", "ST2021-ORG-06", "ST2021-ORG-07",
    ]


@pytest.mark.rule("R208")
def test_a_coordinator_decides_no_case(county):
    county.granted("ST21-06", XIJI, "direct")
    case = county.accepted("ST21-06", XIJI, at="2021-09-01T09:00:00+08:00")
    county.act("review", case, f"{XIJI}-DEPT", at="2021-09-01T10:00:00+08:00", result="positive",
               opinion_ref="op-1")

    with pytest.raises(Refused) as refused:
        county.act("approve", case, OFFICE, at="2021-09-02T09:00:00+08:00")

    assert refused.value.code == "cases.decision-not-delegated"


@pytest.mark.rule("R208")
def test_a_coordinator_assigns_a_task(world):
    world.imported("ST2021", counters=False)

    answer = world.do(
        "supervision", "assign_task", {"programme": "ST2021", "task_no": "4", "unit": XIJI},
        actor=OFFICE,
    )

    assert answer["events"] == ["supervision.TaskAssigned"]


@pytest.mark.rule("R204")
def test_a_bureau_that_is_not_set_up_receives_no_transfer(world):
    transfer = agreed(world)

    with pytest.raises(Refused) as refused:
        world.do("delegation", "transfer_power", transfer)

    assert refused.value.code == "delegation.recipient-not-established"


def agreed(world):
    """A transfer to 龙南市's bureau, agreed upon and due on 2021-04-20."""
    world.imported("GZ2020", counters=False)
    item = programme_content("GZ2020")["items"][0]
    department = item["granting_org_id"]
    drafted = world.do("delegation", "draft_agreement", {
        "programme": "GZ2020", "kind": "transfer", "department": department, "town": LONGNAN,
        "items": [item["item_id"]], "transfer_at": "2021-04-20T00:00:00+08:00",
        "clauses": [{"key": row["clause"]} for row in programme_content("GZ2020")["clauses"]],
    })["stream"]
    world.do("delegation", "sign_agreement", {
        "programme": "GZ2020", "agreement": drafted, "signed_on": "2021-03-15",
        "signatories": [department, f"{LONGNAN}-BUREAU"],
    })
    world.settle()
    return {"programme": "GZ2020", "unit": LONGNAN, "item": item["item_id"], "agreement": drafted}


@pytest.mark.rule("R210")
def test_a_station_accepts_nothing(county):
    station = f"{GAOZHUANG}-STATION-1"
    county.do("catalog", "register_station", {
        "programme": "MD2023", "station_id": station, "town": GAOZHUANG,
        "name": "示例村便民服务站", "services": ["上门服务", "政策咨询", "帮办代办"],
    })
    county.granted("MD23-04", GAOZHUANG, "entrusted_handling")

    with pytest.raises(Refused) as refused:
        county.commands("cases").world.register.able(station)

    assert refused.value.code == "register.facet-not-allowed-for-kind"
    assert refused.value.facts["kind"] == "service_station"


@pytest.mark.rule("R211")
def test_what_a_terminal_takes_on_a_sunday_is_accepted_when_the_department_accepts(county):
    sunday, monday = "2023-07-02T02:00:00+08:00", "2023-07-03T09:00:00+08:00"
    case = county.filed("MD23-50", "MD2023-ORG-12", at=sunday, channel="terminal")

    county.act("accept", case, "MD2023-ORG-12", at=monday)

    submitted = county.fact_of(case, "ApplicationSubmitted")["submitted_at"]
    accepted = county.fact_of(case, "CaseAccepted")["accepted_at"]
    assert (submitted.isoformat(), accepted.isoformat()) == (
        "2023-07-01T18:00:00+00:00", "2023-07-03T01:00:00+00:00",
    )


@pytest.mark.rule("R213")
def test_the_districts_service_centre_manages_every_towns_centre(world):
    world.imported("MD2023", counters=False)

    centres = world.facts("catalog", "CentreRegistered")

    assert len(centres) == 18
    assert {fact.data["managed_by_org_id"] for fact in centres} == {"MD2023-ORG-33"}


@pytest.mark.rule("R213")
def test_a_centre_under_the_districts_management_acts_for_its_town(county):
    county.granted("MD23-04", SHATU, "entrusted_handling")
    case = county.accepted("MD23-04", f"{SHATU}-CENTRE", at="2023-07-03T09:00:00+08:00")
    county.act("review", case, f"{SHATU}-CENTRE", at="2023-07-03T10:00:00+08:00",
               result="positive", opinion_ref="op-1")

    county.act("approve", case, f"{SHATU}-CENTRE", at="2023-07-03T11:00:00+08:00")

    assert county.fact_of(case, "ApprovalIssued")["acting_org_id"] == SHATU
