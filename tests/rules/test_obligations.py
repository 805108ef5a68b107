"""Tasks fan out to units, fall due, are met late or in time; ledger and notice (R190-R224)."""

from uuid import uuid4

import pytest

from services.supervision.domain.obligation import Obligation
from services.supervision.readmodel import readmodel
from shared.clock import day_of
from shared.contracts.envelope import instant
from shared.log.canonical import canonical
from shared.rebuild import rebuild
from shared.refusal import Refused
from tests.office import Office

pytest_plugins = ("tests.office",)

OFFICE_OF_SHANGRAO, COUNTY, FENGMAO = "SR2020-ORG-04", "SR2020-UNIT-01", "ST2021-TOWN-04"
SHANTING = "ZZ2021-UNIT-01"


def assigned(office: Office, programme: str, at: str) -> Office:
    office.knows(programme)
    office.do("supervision", "assign_obligations", {"programme": programme}, at=at)
    office.settle()
    return office


def complete(office: Office, programme: str, task_no: str, unit: str, at: str) -> None:
    office.do(
        "supervision",
        "complete_task",
        {
            "programme": programme,
            "evidence_refs": ["e-1"],
            "obligation": str(Obligation.create_id(programme, task_no, unit)),
        },
        at=at,
        actor=unit,
    )
    office.settle()


def run(office: Office, programme: str, now: str) -> None:
    office.do("supervision", "run_due", {"programme": programme, "now": now}, at=now)
    office.settle()


def row(office: Office, programme: str, task_no: str, unit: str, on: str) -> dict:
    rows = office.ask(
        "supervision", "obligations", {"programme": programme, "unit": unit, "on": on}
    )
    (found,) = [one for one in rows if one["task_no"] == task_no]
    return found


@pytest.fixture
def ganzhou(office: Office) -> Office:
    return assigned(office, "GZ2020", "2021-01-04T09:00:00+08:00")


@pytest.fixture
def shangrao(office: Office) -> Office:
    return assigned(office, "SR2020", "2020-04-28T09:00:00+08:00")


@pytest.fixture
def shanting(office: Office) -> Office:
    return assigned(office, "ST2021", "2021-06-28T09:00:00+08:00")


@pytest.mark.rule("R194")
def test_twelve_tasks_become_211_obligations(ganzhou):
    units = [fact.data["task_no"] for fact in ganzhou.facts("supervision", "TaskAssigned")]

    assert len(units) == 211
    assert [units.count(task_no) for task_no in ("1", "10", "11", "12")] == [19, 19, 1, 20]


@pytest.mark.rule("R194")
def test_assigning_again_adds_none(ganzhou):
    ganzhou.do(
        "supervision", "assign_obligations", {"programme": "GZ2020"}, at="2021-01-05T09:00:00+08:00"
    )

    assert len(ganzhou.facts("supervision")) == 211


@pytest.mark.rule("R195")
def test_two_days_late_by_the_table_and_within_the_date_of_the_stage(ganzhou):
    complete(ganzhou, "GZ2020", "2", "GZ2020-UNIT-04", "2021-01-30T15:00:00+08:00")

    found = row(ganzhou, "GZ2020", "2", "GZ2020-UNIT-04", "2021-02-01")

    assert (found["unit_name"], found["state"], found["days_late"]) == (
        "信丰县",
        "completed_late",
        2,
    )
    assert found["within"] == [{"date": "2021-01-31", "source": "GZ2020 三(一)"}]


@pytest.mark.rule("R196")
def test_a_task_of_the_year_continues_and_is_never_overdue(ganzhou):
    task = {
        "programme": "GZ2020",
        "obligation": str(Obligation.create_id("GZ2020", "11", "GZ2020-ORG-06")),
    }
    for number, day in enumerate(("2021-02-05", "2021-03-12", "2021-05-07", "2021-06-18")):
        ganzhou.do(
            "supervision",
            "report_task",
            task | {"text_ref": f"调度〔2021〕{number}号"},
            at=f"{day}T10:00:00+08:00",
            actor="GZ2020-ORG-06",
        )

    run(ganzhou, "GZ2020", "2021-12-31T23:59:00+08:00")

    found = row(ganzhou, "GZ2020", "11", "GZ2020-ORG-06", "2021-06-30")
    overdue = {fact.data["task_no"] for fact in ganzhou.facts("supervision", "TaskOverdue")}
    assert (found["state"], found["reports"]) == ("continuing", 4)
    assert overdue.isdisjoint({"10", "11", "12"})


@pytest.mark.rule("R153")
@pytest.mark.rule("R196")
def test_a_task_of_the_year_that_nobody_reported_is_open_on_the_last_day(ganzhou):
    found = row(ganzhou, "GZ2020", "10", "GZ2020-UNIT-05", "2021-12-31")

    assert (found["unit_name"], found["state"]) == ("大余县", "assigned")


@pytest.mark.rule("R191")
def test_a_step_completed_the_next_morning_is_one_day_late_and_overdue_from_midnight(shangrao):
    run(shangrao, "SR2020", "2020-05-11T00:00:00+08:00")

    complete(shangrao, "SR2020", "1", COUNTY, "2020-05-11T08:00:00+08:00")

    overdue = [
        fact for fact in shangrao.facts("supervision", "TaskOverdue") if fact.data["task_no"] == "1"
    ]
    (done,) = shangrao.facts("supervision", "TaskCompleted")
    assert [fact.occurred_at for fact in overdue] == [instant("2020-05-11T00:00:00+08:00")]
    assert done.data["days_late"] == 1


@pytest.mark.rule("R191")
def test_the_three_steps_have_their_own_days(shangrao):
    due = {
        fact.data["task_no"]: str(day_of(fact.data["due_at"]))
        for fact in shangrao.facts("supervision", "TaskAssigned")
        if fact.data["kind"] == "step" and fact.data["due_at"]
    }

    assert due == {"1": "2020-05-11", "2": "2020-05-21", "3": "2020-07-01"}


@pytest.mark.rule("R192")
def test_a_step_in_time_may_have_its_report_overdue(shangrao):
    complete(shangrao, "SR2020", "2", COUNTY, "2020-05-18T10:00:00+08:00")
    complete(shangrao, "SR2020", "2.R", COUNTY, "2020-05-21T10:00:00+08:00")

    step = row(shangrao, "SR2020", "2", COUNTY, "2020-05-22")
    report = row(shangrao, "SR2020", "2.R", COUNTY, "2020-05-22")

    assert (step["state"], report["state"]) == ("completed", "completed_late")
    assert report["recipients"] == ["SR2020-ORG-06", "SR2020-ORG-07"]


@pytest.mark.rule("R193")
def test_the_notice_names_unit_step_and_days_late_and_an_official_issues_it(shangrao):
    answer = shangrao.do(
        "supervision",
        "propose_notice",
        {"programme": "SR2020", "on": "2020-05-12"},
        at="2020-05-12T09:00:00+08:00",
    )
    shangrao.settle()
    proposed = shangrao.ask("supervision", "notice", {"notice": answer["stream"]})

    shangrao.do(
        "supervision",
        "issue_notice",
        {"programme": "SR2020", "notice": answer["stream"]},
        at="2020-05-13T09:00:00+08:00",
        actor=OFFICE_OF_SHANGRAO,
    )
    shangrao.settle()

    issued = shangrao.ask("supervision", "notice", {"notice": answer["stream"]})
    lines = [(line["unit_id"], line["task_no"], line["days_late"]) for line in proposed["lines"]]
    assert proposed["state"] == "proposed"
    assert lines == [(COUNTY, "1", 2), (COUNTY, "1.R", 2)]
    assert (issued["state"], issued["issuer_org_id"]) == ("issued", OFFICE_OF_SHANGRAO)
    assert "第1项“认领赋权事项”（期限2020-05-10）逾期2天" in issued["text"]


@pytest.mark.rule("R193")
def test_another_office_cannot_issue_the_notice(shangrao):
    answer = shangrao.do(
        "supervision",
        "propose_notice",
        {"programme": "SR2020", "on": "2020-05-12"},
        at="2020-05-12T09:00:00+08:00",
    )

    with pytest.raises(Refused) as refused:
        shangrao.do(
            "supervision",
            "issue_notice",
            {"programme": "SR2020", "notice": answer["stream"]},
            at="2020-05-13T09:00:00+08:00",
            actor="SR2020-ORG-07",
        )

    assert refused.value.code == "supervision.not-the-issuing-office"
    assert refused.value.facts == {"org": "SR2020-ORG-07", "issuer": OFFICE_OF_SHANGRAO}


@pytest.mark.rule("R193")
def test_what_was_finished_late_is_named_in_one_issued_notice_only(shangrao):
    complete(shangrao, "SR2020", "1", COUNTY, "2020-05-11T08:00:00+08:00")
    complete(shangrao, "SR2020", "1.R", COUNTY, "2020-05-11T08:00:00+08:00")
    answer = shangrao.do(
        "supervision",
        "propose_notice",
        {"programme": "SR2020", "on": "2020-05-12"},
        at="2020-05-12T09:00:00+08:00",
    )
    shangrao.settle()
    shangrao.do(
        "supervision",
        "issue_notice",
        {"programme": "SR2020", "notice": answer["stream"]},
        at="2020-05-12T15:00:00+08:00",
        actor=OFFICE_OF_SHANGRAO,
    )
    shangrao.settle()

    with pytest.raises(Refused) as refused:
        shangrao.do(
            "supervision",
            "propose_notice",
            {"programme": "SR2020", "on": "2020-05-15"},
            at="2020-05-15T09:00:00+08:00",
        )

    assert refused.value.code == "supervision.nobody-overdue"


@pytest.mark.rule("R200")
def test_conferring_in_time_and_reporting_late_are_two_obligations(office: Office):
    assigned(office, "ZZ2021", "2021-04-20T09:00:00+08:00")
    complete(office, "ZZ2021", "8", SHANTING, "2021-07-20T10:00:00+08:00")
    complete(office, "ZZ2021", "11", SHANTING, "2021-08-02T10:00:00+08:00")

    conferred = row(office, "ZZ2021", "8", SHANTING, "2021-08-03")
    reported = row(office, "ZZ2021", "11", SHANTING, "2021-08-03")

    assert (conferred["state"], conferred["days_late"]) == ("completed", 0)
    assert (reported["state"], reported["days_late"]) == ("completed_late", 2)


@pytest.mark.rule("R006")
def test_the_districts_collection_of_city_level_needs_is_overdue_after_the_end_of_may(
    office: Office,
):
    assigned(office, "ZZ2021", "2021-04-20T09:00:00+08:00")

    run(office, "ZZ2021", "2021-06-01T00:00:00+08:00")

    (overdue,) = office.facts("supervision", "TaskOverdue")
    assert (overdue.data["task_no"], overdue.data["unit_id"]) == ("2", SHANTING)


@pytest.mark.rule("R201")
def test_the_one_of_27_filings_that_is_missing_is_overdue(shanting):
    filings = [
        fact.data
        for fact in shanting.facts("supervision", "TaskAssigned")
        if fact.data["kind"] == "filing"
    ]
    for filing in filings:
        if (filing["task_no"], filing["unit_id"]) != ("6", FENGMAO):
            complete(
                shanting,
                "ST2021",
                filing["task_no"],
                filing["unit_id"],
                "2021-07-19T16:00:00+08:00",
            )

    run(shanting, "ST2021", "2021-07-20T00:00:00+08:00")

    (overdue,) = shanting.facts("supervision", "TaskOverdue")
    (listed,) = shanting.ask("supervision", "overdue", {"programme": "ST2021", "on": "2021-07-20"})
    assert len(filings) == 27
    assert (overdue.data["unit_id"], overdue.data["kind"]) == (FENGMAO, "filing")
    assert (listed["unit_name"], listed["task"], listed["days_late"]) == (
        "冯卯镇",
        "编制业务手册",
        1,
    )


@pytest.mark.rule("R224")
def test_two_schedulers_record_one_overdue_and_late_proof_withdraws_it(shanting):
    midnight = "2021-07-20T00:00:00+08:00"
    for _ in range(2):
        shanting.do(
            "supervision",
            "run_due",
            {"programme": "ST2021", "now": midnight},
            at=midnight,
            command=uuid4(),
        )
    overdue = [
        fact
        for fact in shanting.facts("supervision", "TaskOverdue")
        if (fact.data["unit_id"], fact.data["task_no"]) == (FENGMAO, "6")
    ]

    complete(shanting, "ST2021", "6", FENGMAO, "2021-07-19T16:00:00+08:00")

    (withdrawn,) = shanting.facts("supervision", "OverdueWithdrawn")
    found = row(shanting, "ST2021", "6", FENGMAO, "2021-07-20")
    assert len(overdue) == 1
    assert withdrawn.data["overdue_event_id"] == str(overdue[0].id)
    assert (found["state"], found["overdue_recorded"], found["overdue_withdrawn"]) == (
        "completed",
        True,
        True,
    )


@pytest.mark.rule("R190")
def test_the_ledger_of_a_day_is_the_same_when_asked_later(shanting):
    complete(shanting, "ST2021", "4", FENGMAO, "2021-07-18T10:00:00+08:00")
    run(shanting, "ST2021", "2021-07-20T00:00:00+08:00")
    exported = shanting.ask(
        "supervision", "work_ledger", {"programme": "ST2021", "on": "2021-07-20"}
    )

    complete(shanting, "ST2021", "5", FENGMAO, "2021-07-22T10:00:00+08:00")

    later = shanting.ask("supervision", "work_ledger", {"programme": "ST2021", "on": "2021-07-20"})
    assert canonical(later, most=1_000_000) == canonical(exported, most=1_000_000)


@pytest.mark.rule("R190")
def test_the_ledger_is_derived_from_events_alone(ganzhou):
    complete(ganzhou, "GZ2020", "1", "GZ2020-UNIT-01", "2021-01-14T10:00:00+08:00")
    run(ganzhou, "GZ2020", "2021-02-01T00:00:00+08:00")
    consumer = ganzhou.consumers["supervision"]

    compared = rebuild(
        consumer.database, readmodel, {"supervision": consumer.logs["supervision"]}, ["supervision"]
    )

    for table in ("obligation", "obligation_history"):
        assert compared[table].live == compared[table].rebuilt
        assert compared[table].rows >= 57
