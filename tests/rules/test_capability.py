"""Training, secondments, guidance, staff: R093, R094, R098, R099, R102, R205."""

import pytest

from services.delegation.readmodel.capability import CapabilityRecords
from shared.refusal import Refused
from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures

SHATU, LICUN, HELOU = "MD2023-TOWN-08", "MD2023-TOWN-16", "MD2023-TOWN-06"
HEALTH = "MD2023-ORG-18"
HUICHANG = "GZ2020-UNIT-15"
FORMER = "GZ2020-UNIT-15-ORG-01"
GZ_BUREAU = "GZ2020-UNIT-15-BUREAU"
JULY = "2023-07-12T09:00:00+08:00"
SPRING = "2021-04-29T09:00:00+08:00"


def planned(county, department, *items):
    county.told("set_training_plan", {
        "programme": "MD2023", "department": department, "items": list(items),
        "plan_ref": "赋权事项培训方案",
    })


def trained(county, *items, towns=(SHATU,), held_on="2023-06-12", attendees=("op-1", "op-2")):
    return county.told("hold_training", {
        "programme": "MD2023", "held_by": BUREAU, "items": list(items), "towns": list(towns),
        "attendees": list(attendees), "materials": ["业务手册"], "held_on": held_on,
    })


def unit_trained(county):
    county.told("hold_training", {
        "programme": "GZ2020", "held_by": FORMER, "items": ["GZ20-001"], "unit": HUICHANG,
        "attendees": ["op-3"], "held_on": "2021-02-26",
    }, SPRING)


def training(county, programme="MD2023", **narrowed):
    return county.ask("delegation", "training", {"programme": programme, **narrowed})


def seconded(county, direction, from_org, to_org, operator="op-1"):
    county.told("start_secondment", {
        "programme": "MD2023", "operator": operator, "direction": direction,
        "from_org": from_org, "to_org": to_org, "items": ["MD23-04"], "since": "2023-07-01",
    }, JULY)


def running(county, on, **narrowed):
    asked = {"programme": "MD2023", "on": on, **narrowed}
    return [row["operator_id"] for row in county.ask("delegation", "secondments", asked)]


def guidance_asked(county, town=LICUN, item="MD23-37"):
    return county.told("request_guidance", {
        "programme": "MD2023", "town": town, "item": item, "text_ref": "请示3号",
    }, "2023-07-10T09:00:00+08:00")["stream"]


def answered(county, question, by=HEALTH, on="2023-07-12"):
    county.told("give_guidance", {
        "programme": "MD2023", "question": question, "form": "online", "answer_ref": "答复3号",
        "answered_by": by, "on": on,
    }, JULY)


def guidance(county, **narrowed):
    return county.ask("delegation", "guidance", {"programme": "MD2023", **narrowed})


def staff_moved(county, transferred=12, total=40, department=FORMER):
    return county.told("transfer_personnel", {
        "programme": "GZ2020", "unit": HUICHANG, "department": department,
        "approval_staff_total": total, "transferred": transferred, "effective_on": "2021-02-20",
    }, "2021-02-20T09:00:00+08:00")


@pytest.mark.rule("R093")
def test_a_session_is_held_for_each_of_its_towns_and_items(county):
    county.entrusted("MD23-04")

    trained(county, "MD23-04", "MD23-05", towns=(SHATU, LICUN))

    known = CapabilityRecords(county.commands("delegation").database)
    assert known.trained("MD2023", SHATU, "MD23-04")
    assert known.trained("MD2023", LICUN, "MD23-05")
    assert not known.trained("MD2023", HELOU, "MD23-04")
    assert not known.trained("MD2023", SHATU, "MD23-06")


@pytest.mark.rule("R093")
def test_a_granted_item_is_listed_with_its_plan_before_any_training(county):
    county.entrusted("MD23-04")
    planned(county, BUREAU, "MD23-04", "MD23-05")

    (row,) = training(county, town=SHATU)

    assert (row["state"], row["sessions"], row["plan_ref"]) == ("none", 0, "赋权事项培训方案")
    assert row["department_id"] == BUREAU


@pytest.mark.rule("R093")
def test_a_session_tells_who_attended_and_when_the_last_was(county):
    trained(county, "MD23-04", held_on="2023-05-10", attendees=("op-1",))
    trained(county, "MD23-04", attendees=("op-1", "op-2"))

    (row,) = training(county, town=SHATU, item="MD23-04")

    assert (row["state"], row["sessions"], row["last_held_on"]) == ("held", 2, "2023-06-12")
    assert row["attendee_ids"] == ["op-1", "op-2"]


@pytest.mark.rule("R093")
def test_a_department_plans_the_training_on_its_own_items(county):
    with pytest.raises(Refused) as refused:
        planned(county, HEALTH, "MD23-37", "MD23-04")

    assert refused.value.code == "delegation.not-its-item"
    assert refused.value.facts["granting_org"] == BUREAU


@pytest.mark.rule("R093")
def test_a_town_trains_too(county):
    county.told("hold_training", {
        "programme": "MD2023", "held_by": SHATU, "items": ["MD23-04"], "towns": [SHATU],
        "attendees": ["op-1"], "held_on": "2023-06-12",
    })

    assert training(county, town=SHATU)[0]["state"] == "held"


@pytest.mark.rule("R093")
def test_a_session_to_come_is_not_held(county):
    with pytest.raises(Refused) as refused:
        trained(county, "MD23-04", held_on="2023-06-21")

    assert refused.value.code == "delegation.wrong-date-order"


@pytest.mark.rule("R099")
def test_a_session_closes_the_task_and_not_the_duty(county):
    unit_trained(county)

    (row,) = training(county, "GZ2020", town=HUICHANG)

    assert (row["state"], row["capable_on"]) == ("held", None)


@pytest.mark.rule("R099")
def test_the_duty_to_train_ends_when_the_transferred_staff_can_do_all_the_work(county):
    unit_trained(county)

    county.told("confirm_capability", {
        "programme": "GZ2020", "town": HUICHANG, "operators": ["op-3"], "items": ["GZ20-001"],
        "assessed_by": GZ_BUREAU, "on": "2021-04-28",
    }, SPRING)

    (row,) = training(county, "GZ2020", town=HUICHANG)
    assert (row["state"], row["capable_on"], row["capable_ids"]) == (
        "capable", "2021-04-28", ["op-3"]
    )


@pytest.mark.rule("R099")
def test_a_session_is_for_towns_or_for_one_unit(county):
    with pytest.raises(Refused) as refused:
        trained(county, "MD23-04", towns=())

    assert refused.value.code == "delegation.towns-or-unit"


@pytest.mark.rule("R094")
def test_helpers_go_down_and_learners_go_up(county):
    seconded(county, "down", BUREAU, SHATU, "op-1")
    seconded(county, "up", f"{LICUN}-CENTRE", BUREAU, "op-2")

    assert running(county, "2023-07-01") == ["op-1", "op-2"]
    assert running(county, "2023-07-01", town=LICUN) == ["op-2"]
    assert running(county, "2023-06-30") == []


@pytest.mark.rule("R094")
@pytest.mark.parametrize(("direction", "from_org", "to_org"), [
    ("down", SHATU, BUREAU), ("up", BUREAU, SHATU), ("down", BUREAU, HEALTH), ("up", SHATU, LICUN),
])
def test_down_is_from_department_to_town_and_up_the_other_way(county, direction, from_org, to_org):
    with pytest.raises(Refused) as refused:
        seconded(county, direction, from_org, to_org)

    assert refused.value.code == "delegation.secondment-direction"


@pytest.mark.rule("R094")
def test_a_secondment_counts_its_last_day(county):
    seconded(county, "down", BUREAU, SHATU)

    county.told("end_secondment", {
        "programme": "MD2023", "operator": "op-1", "until": "2023-09-30",
    }, "2023-09-30T17:00:00+08:00")

    assert running(county, "2023-09-30") == ["op-1"]
    assert running(county, "2023-10-01") == []


@pytest.mark.rule("R094")
def test_an_officer_is_seconded_to_one_place_at_a_time(county):
    seconded(county, "down", BUREAU, SHATU)

    with pytest.raises(Refused) as refused:
        seconded(county, "down", BUREAU, LICUN)

    assert refused.value.code == "delegation.wrong-state"


@pytest.mark.rule("R102")
def test_a_question_goes_to_the_department_of_the_item(county):
    guidance_asked(county)

    (row,) = guidance(county, state="open")

    assert (row["town_id"], row["department_id"]) == (LICUN, HEALTH)


@pytest.mark.rule("R102")
def test_an_answer_is_listed_for_every_town_that_holds_the_item(county):
    county.entrusted("MD23-37", HELOU, department=HEALTH)
    answered(county, guidance_asked(county))

    (seen,) = guidance(county, item="MD23-37", town=HELOU)

    assert (seen["form"], seen["answer_ref"], seen["answered_on"]) == (
        "online", "答复3号", "2023-07-12"
    )
    assert guidance(county, item="MD23-37", town=SHATU) == []


@pytest.mark.rule("R102")
def test_another_department_does_not_answer(county):
    question = guidance_asked(county)

    with pytest.raises(Refused) as refused:
        answered(county, question, by=BUREAU)

    assert refused.value.code == "delegation.guidance-by-department"


@pytest.mark.rule("R102")
def test_an_answer_is_not_dated_before_its_question(county):
    question = guidance_asked(county)

    with pytest.raises(Refused) as refused:
        answered(county, question, on="2023-07-09")

    assert refused.value.code == "delegation.wrong-date-order"


@pytest.mark.rule("R102")
def test_a_town_may_ask_again_and_each_question_has_one_answer(county):
    first = guidance_asked(county)
    second = guidance_asked(county)
    answered(county, first)

    with pytest.raises(Refused) as refused:
        answered(county, first)

    assert refused.value.code == "delegation.wrong-state"
    assert [row["question_id"] for row in guidance(county, state="open")] == [second]


@pytest.mark.rule("R098")
def test_the_staff_of_a_department_may_move_in_parts(county):
    staff_moved(county, 12)
    staff_moved(county, 8)

    moved = [fact.data for fact in county.recorded("PersonnelTransferred")]

    assert [(row["transferred"], row["approval_staff_total"]) for row in moved] == [
        (12, 40), (8, 40)
    ]
    assert {row["to_org_id"] for row in moved} == {GZ_BUREAU}


@pytest.mark.rule("R098")
def test_fewer_than_the_floor_is_recorded_and_blocks_nothing(county):
    answer = staff_moved(county, 1, 40)

    assert answer["events"] == ["delegation.PersonnelTransferred"]


@pytest.mark.rule("R098")
def test_no_more_can_move_than_there_were(county):
    staff_moved(county, 30)

    with pytest.raises(Refused) as refused:
        staff_moved(county, 11)

    assert refused.value.code == "delegation.more-staff-than-there-are"


@pytest.mark.rule("R098")
def test_the_base_of_the_ratio_stays_the_staff_before_any_transfer(county):
    staff_moved(county, 10)

    with pytest.raises(Refused) as refused:
        staff_moved(county, 5, 30)

    assert refused.value.code == "delegation.staff-total-differs"


@pytest.mark.rule("R205")
def test_after_people_have_moved_the_former_department_still_decides(county):
    staff_moved(county)

    held = county.holders("GZ20-001", HUICHANG, "decide", "2021-03-01T00:00:00+08:00")

    assert held == [FORMER]
