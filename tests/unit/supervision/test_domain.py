"""Obligations, pushes, forwardings, memoranda, flags and notices, without any server."""

from datetime import date
from uuid import uuid4

import pytest

from services.supervision.domain.flag import Flag
from services.supervision.domain.forwarding import Forwarding
from services.supervision.domain.memorandum import Memorandum
from services.supervision.domain.notice import Notice
from services.supervision.domain.obligation import Obligation, written_deadlines
from services.supervision.domain.push import Push
from services.supervision.domain.standing import standing
from shared.contracts.envelope import instant
from shared.refusal import Refused

SETTINGS = {"inclusive": True, "binding_source": "table"}
ESTABLISHMENT_PLAN = {
    "task_no": "2",
    "task": "印发行政审批局“三定”方案，行政审批局领导班子到位",
    "kind": "task",
    "units": ["GZ2020-UNIT-04"],
    "recipients": [],
    "due_on": "2021-01-28",
    "deadline_text": "2021年1月28日",
    "precision": "day",
    "source": "GZ2020 附件 第2项",
    "other_deadlines": [{"date": "2021-01-31", "source": "GZ2020 三(一)"}],
}
GUIDANCE = ESTABLISHMENT_PLAN | {
    "task_no": "11",
    "task": "加强业务指导",
    "units": ["GZ2020-ORG-06"],
    "due_on": None,
    "deadline_text": "2021年",
    "precision": "year",
    "other_deadlines": [],
}
FOOD = {
    "item_id": "MD23-04",
    "granting_org_id": "MD2023-ORG-19",
    "supervising_org_id": "MD2023-ORG-20",
}
JOBS = {
    "item_id": "MD23-38",
    "granting_org_id": "MD2023-ORG-12",
    "supervising_org_id": "MD2023-ORG-12",
}
AGREED = {"approval_duties": None, "supervision_duties": None, "push_limit_days": 3}
DUE = instant("2021-01-29T00:00:00+08:00")


def assigned(row=ESTABLISHMENT_PLAN, unit="GZ2020-UNIT-04", settings=SETTINGS) -> Obligation:
    return Obligation.assign(programme="GZ2020", row=row, unit=unit, deadlines=settings)


def names(aggregate) -> list[str]:
    return [type(event).__name__ for event in aggregate.collect_events()]


@pytest.mark.rule("R195")
def test_the_tables_date_binds_and_the_other_is_kept_with_its_place():
    written = written_deadlines(ESTABLISHMENT_PLAN, "table")

    assert written == [
        {"date": date(2021, 1, 28), "source": "GZ2020 附件 第2项", "binding": True},
        {"date": date(2021, 1, 31), "source": "GZ2020 三(一)", "binding": False},
    ]


@pytest.mark.rule("R195")
def test_a_programme_may_choose_the_date_of_the_text():
    owed = assigned(settings=SETTINGS | {"binding_source": "text"})

    assert owed.due_at == instant("2021-02-01T00:00:00+08:00")


def test_where_the_deadline_is_exclusive_the_day_itself_is_late():
    owed = assigned(settings=SETTINGS | {"inclusive": False})

    assert owed.due_at == instant("2021-01-28T00:00:00+08:00")


@pytest.mark.rule("R194")
def test_a_task_is_assigned_to_its_responsible_units_only():
    with pytest.raises(Refused) as refused:
        assigned(unit="GZ2020-UNIT-05")

    assert refused.value.code == "supervision.unit-not-responsible"


@pytest.mark.rule("R224")
def test_overdue_begins_when_the_day_is_over():
    owed = assigned()

    with pytest.raises(Refused) as refused:
        owed.declare_overdue(at=instant("2021-01-28T23:59:59+08:00"))
    owed.declare_overdue(at=DUE)

    assert refused.value.code == "supervision.not-yet-due"
    assert names(owed) == ["TaskAssigned", "TaskOverdue"]


@pytest.mark.rule("R224")
def test_overdue_is_recorded_once():
    owed = assigned()
    owed.declare_overdue(at=DUE)

    owed.declare_overdue(at=DUE)

    assert names(owed) == ["TaskAssigned", "TaskOverdue"]


@pytest.mark.rule("R224")
def test_a_completion_in_time_that_arrives_late_withdraws_the_overdue():
    owed = assigned()
    owed.declare_overdue(at=DUE)

    owed.complete(
        evidence_refs=["e-1"], at=instant("2021-01-28T16:00:00+08:00"), overdue_event="f-1"
    )

    assert names(owed)[2:] == ["TaskCompleted", "OverdueWithdrawn"]


@pytest.mark.rule("R224")
def test_a_late_completion_withdraws_nothing():
    owed = assigned()
    owed.declare_overdue(at=DUE)

    owed.complete(
        evidence_refs=["e-1"], at=instant("2021-01-30T09:00:00+08:00"), overdue_event="f-1"
    )

    assert names(owed)[2:] == ["TaskCompleted"]


@pytest.mark.rule("R224")
def test_what_was_completed_in_time_never_becomes_overdue():
    owed = assigned()
    owed.complete(
        evidence_refs=["e-1"], at=instant("2021-01-28T16:00:00+08:00"), overdue_event=None
    )

    with pytest.raises(Refused) as refused:
        owed.declare_overdue(at=instant("2021-02-10T00:00:00+08:00"))

    assert refused.value.code == "supervision.done-in-time"


@pytest.mark.rule("R224")
def test_what_is_done_at_the_very_end_of_the_deadline_is_late():
    owed = assigned()
    owed.complete(evidence_refs=["e-1"], at=DUE, overdue_event=None)

    owed.declare_overdue(at=DUE)

    assert names(owed) == ["TaskAssigned", "TaskCompleted", "TaskOverdue"]


@pytest.mark.rule("R195")
@pytest.mark.parametrize(
    ("day", "kept"),
    [("2021-01-31", [{"date": "2021-01-31", "source": "GZ2020 三(一)"}]), ("2021-02-01", [])],
)
def test_the_date_written_elsewhere_is_kept_on_its_day_and_not_after(day, kept):
    done = {"completed_at": f"{day}T12:00:00+08:00", "days_late": 3, "evidence_refs": []}
    elsewhere = {"date": "2021-01-31", "source": "GZ2020 三(一)", "binding": False}
    task = {"due_at": DUE, "precision": "day", "deadlines": [elsewhere]}

    stands = standing(
        task, [{"type": "supervision.TaskCompleted", "data": done}], on=date(2021, 2, 5)
    )

    assert stands["within"] == kept


@pytest.mark.rule("R190")
def test_a_completed_obligation_is_not_edited():
    owed = assigned()
    owed.complete(
        evidence_refs=["e-1"], at=instant("2021-01-28T16:00:00+08:00"), overdue_event=None
    )

    with pytest.raises(Refused) as completed:
        owed.complete(evidence_refs=["e-2"], at=DUE, overdue_event=None)
    with pytest.raises(Refused) as reported:
        owed.report(by="GZ2020-UNIT-04", text_ref="r-1", at=DUE)

    assert completed.value.code == reported.value.code == "supervision.already-completed"


@pytest.mark.rule("R196")
def test_a_year_is_never_overdue():
    owed = assigned(row=GUIDANCE, unit="GZ2020-ORG-06")

    with pytest.raises(Refused) as refused:
        owed.declare_overdue(at=instant("2021-12-31T23:00:00+08:00"))

    assert refused.value.code == "supervision.no-deadline"


@pytest.mark.rule("R196")
def test_a_year_only_task_with_activities_continues():
    reports = [
        {"type": "supervision.TaskReported", "data": {"at": f"2021-0{month}-15T10:00:00+08:00"}}
        for month in (2, 3, 5, 6, 8)
    ]
    task = {"due_at": None, "precision": "year", "deadlines": []}

    stands = standing(task, reports, on=date(2021, 6, 30))

    assert (stands["state"], stands["reports"]) == ("continuing", 4)


@pytest.mark.rule("R118")
def test_a_case_without_a_limit_is_never_overdue():
    with pytest.raises(Refused) as refused:
        Forwarding.declare_overdue(
            case="c-1", town="ST2021-TOWN-02", due_at=None, left_at=None, at=DUE
        )

    assert refused.value.code == "supervision.no-deadline"


@pytest.mark.rule("R118")
def test_a_forward_counts_by_its_own_time():
    with pytest.raises(Refused) as refused:
        Forwarding.declare_overdue(
            case="c-1",
            town="MD2023-TOWN-13",
            due_at=DUE,
            at=DUE,
            left_at=instant("2021-01-28T17:59:00+08:00"),
        )

    assert refused.value.code == "supervision.done-in-time"


@pytest.mark.rule("R224")
def test_a_forward_proved_late_withdraws_the_overdue_once():
    forwarding = Forwarding.declare_overdue(
        case="c-1", town="MD2023-TOWN-13", due_at=DUE, left_at=None, at=DUE
    )

    forwarding.prove(left_at=instant("2021-01-28T17:59:00+08:00"), overdue_event="f-1")
    forwarding.prove(left_at=instant("2021-01-28T17:59:00+08:00"), overdue_event="f-1")

    assert names(forwarding) == ["ForwardOverdue", "OverdueWithdrawn"]


@pytest.mark.rule("R152")
def test_a_push_is_sent_once_and_acknowledged_once():
    push = Push.expected(uuid4())
    sent = {"case": "c-1", "from_org": "t", "to_org": "d", "due_at": None, "overdue_event": None}
    with pytest.raises(Refused) as too_early:
        push.acknowledge(at=DUE)

    push.send_approval(at=DUE, **sent)
    push.acknowledge(at=DUE)
    with pytest.raises(Refused) as again:
        push.send_approval(at=DUE, **sent)
    with pytest.raises(Refused) as acknowledged:
        push.acknowledge(at=DUE)

    assert too_early.value.code == "supervision.not-sent"
    assert again.value.code == "supervision.already-sent"
    assert acknowledged.value.code == "supervision.already-acknowledged"
    assert names(push) == ["ApprovalPushed", "ApprovalPushAcknowledged"]


@pytest.mark.rule("R152")
@pytest.mark.rule("R224")
def test_a_push_sent_in_time_and_recorded_late_withdraws_the_overdue():
    push = Push.expected(uuid4())
    push.declare_overdue(owed_by="MD2023-TOWN-14", due_at=DUE, at=DUE)

    push.send_approval(
        case="c-1",
        from_org="MD2023-TOWN-14",
        to_org="MD2023-ORG-20",
        due_at=DUE,
        at=instant("2021-01-28T16:00:00+08:00"),
        overdue_event="f-1",
    )

    assert names(push) == ["PushOverdue", "ApprovalPushed", "OverdueWithdrawn"]


@pytest.mark.rule("R152")
def test_a_push_without_an_agreed_limit_is_never_overdue():
    with pytest.raises(Refused) as refused:
        Push.expected(uuid4()).declare_overdue(owed_by="MD2023-TOWN-14", due_at=None, at=DUE)

    assert refused.value.code == "supervision.no-deadline"


def sign(*items, delegated=(), org="MD2023-ORG-20") -> Memorandum:
    return Memorandum.sign(
        town="MD2023-TOWN-14",
        supervising_org=org,
        coordinator_org="MD2023-ORG-19",
        entries=[(item, AGREED) for item in items],
        delegated=delegated,
        signed_on=date(2023, 7, 1),
    )


@pytest.mark.rule("R150")
def test_a_memorandum_is_between_the_town_and_the_supervising_department():
    memorandum = sign(FOOD)

    (signed,) = memorandum.collect_events()
    assert (signed.town_id, signed.supervising_org_id) == ("MD2023-TOWN-14", "MD2023-ORG-20")
    assert signed.coordinator_org_id == "MD2023-ORG-19"
    assert signed.entries[0]["push_limits"] == {"value": 3, "unit": "working_day"}


@pytest.mark.rule("R150")
@pytest.mark.parametrize(
    ("item", "org", "code"),
    [
        (JOBS, "MD2023-ORG-12", "supervision.not-separated"),
        (FOOD, "MD2023-ORG-16", "supervision.wrong-supervisor"),
    ],
)
def test_a_memorandum_is_refused_with_the_wrong_department(item, org, code):
    with pytest.raises(Refused) as refused:
        sign(item, org=org)

    assert refused.value.code == code


@pytest.mark.rule("R151")
def test_a_boundary_is_set_once_per_item():
    with pytest.raises(Refused) as refused:
        sign(FOOD, FOOD)

    assert refused.value.code == "supervision.boundary-repeated"


DECISION = {
    "decision_id": "d-1",
    "case_id": "c-1",
    "grant_id": "g-1",
    "org_id": "MD2023-TOWN-18",
    "decided_at": instant("2024-03-01T09:00:00+08:00"),
}
RECALL = {"recall_id": "r-1", "effective_from": instant("2024-03-01T00:00:00+08:00")}


@pytest.mark.rule("R131")
def test_a_decision_after_the_recall_is_flagged_with_the_gap():
    flag = Flag.check(DECISION, holders=[{"org_id": "MD2023-ORG-19"}], recall=RECALL)

    (flagged,) = flag.collect_events()
    assert (flagged.ground, flagged.recall_id, flagged.gap_seconds) == ("recalled", "r-1", 9 * 3600)


@pytest.mark.rule("R131")
def test_a_decision_by_an_organ_that_never_held_the_power_is_flagged():
    flag = Flag.check(DECISION, holders=[], recall=None)

    (flagged,) = flag.collect_events()
    assert (flagged.ground, flagged.recall_id, flagged.gap_seconds) == ("not_held", None, None)


@pytest.mark.rule("R131")
def test_a_decision_by_the_holder_is_not_flagged():
    assert Flag.check(DECISION, holders=[{"org_id": "MD2023-TOWN-18"}], recall=None) is None


@pytest.mark.rule("R193")
def test_a_notice_without_late_units_is_none():
    with pytest.raises(Refused) as refused:
        Notice.propose(programme="SR2020", on=date(2020, 5, 10), late=[])

    assert refused.value.code == "supervision.nobody-overdue"


@pytest.mark.rule("R193")
def test_where_no_office_is_named_nobody_issues():
    line = {"obligation_id": "o-1", "unit_id": "ST2021-TOWN-01", "task_no": "4", "days_late": 1}
    notice = Notice.propose(programme="ST2021", on=date(2021, 7, 20), late=[line])

    with pytest.raises(Refused) as refused:
        notice.issue(programme="ST2021", by="ST2021-ORG-04", issuer=None, on=date(2021, 7, 20))

    assert refused.value.code == "supervision.no-issuer-named"
