"""Every command door: done, refused, seen before, wrong version."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest

from services.supervision.domain.notice import Notice
from services.supervision.domain.obligation import Obligation
from services.supervision.domain.push import Push
from services.supervision.domain.record import Record
from shared.contracts.envelope import instant
from shared.refusal import Refused
from tests.office import Office

pytest_plugins = ("tests.office",)

UNIT, TOWN, MARKET, CITY = "SR2020-UNIT-01", "MD2023-TOWN-14", "MD2023-ORG-20", "SR2020-ORG-04"
MAY_11 = "2020-05-11T09:00:00+08:00"
CLAIMS = str(Obligation.create_id("SR2020", "1", UNIT))
REPORT = str(Obligation.create_id("SR2020", "1.R", UNIT))
LISTS = str(Obligation.create_id("SR2020", "2", UNIT))
UNKNOWN = str(UUID(int=7))
MONDAY, FRIDAY = "2023-07-03T09:00:00+08:00", "2023-07-07T09:00:00+08:00"
FIRST, SECOND, THIRD = (str(Push.of_approval(f"d-{n}")) for n in (1, 2, 3))
RECORD = str(Record.create_id(MARKET, "处罚〔2023〕1号"))
RESULT = str(Push.of_result(RECORD))
NOTICE = str(Notice.create_id("SR2020", instant(MAY_11).date()))
ENTRY = {"item": "MD23-04", "push_limit_days": 3}


class Door(NamedTuple):
    """A door with a request that is done, one that is refused, and one that only differs."""

    name: str
    at: str
    done: dict[str, Any]
    events: list[str]
    refused: dict[str, Any]
    code: str
    other: dict[str, Any]
    actor: str = "office-1"


DOORS = [
    Door(
        "assign_task",
        MAY_11,
        {"programme": "SR2020", "task_no": "3", "unit": UNIT},
        ["TaskAssigned"],
        {"programme": "SR2020", "task_no": "99", "unit": UNIT},
        "supervision.unknown-task",
        {"programme": "SR2020", "task_no": "3.R", "unit": UNIT},
    ),
    Door(
        "report_task",
        MAY_11,
        {"programme": "SR2020", "obligation": CLAIMS, "text_ref": "r-1"},
        ["TaskReported"],
        {"programme": "SR2020", "obligation": UNKNOWN, "text_ref": "r-1"},
        "supervision.unknown-obligation",
        {"programme": "SR2020", "obligation": CLAIMS, "text_ref": "r-2"},
    ),
    Door(
        "complete_task",
        MAY_11,
        {"programme": "SR2020", "obligation": CLAIMS, "evidence_refs": ["e-1"]},
        ["TaskCompleted"],
        {"programme": "SR2020", "obligation": UNKNOWN, "evidence_refs": ["e-1"]},
        "supervision.unknown-obligation",
        {"programme": "SR2020", "obligation": CLAIMS, "evidence_refs": ["e-2"]},
    ),
    Door(
        "declare_task_overdue",
        MAY_11,
        {"programme": "SR2020", "obligation": CLAIMS},
        ["TaskOverdue"],
        {"programme": "SR2020", "obligation": LISTS},
        "supervision.not-yet-due",
        {"programme": "SR2020", "obligation": REPORT},
    ),
    Door(
        "declare_forward_overdue",
        FRIDAY,
        {"programme": "MD2023", "case": "c-late"},
        ["ForwardOverdue"],
        {"programme": "MD2023", "case": "c-unlimited"},
        "supervision.no-deadline",
        {"programme": "MD2023", "case": "c-later"},
    ),
    Door(
        "declare_push_overdue",
        FRIDAY,
        {"programme": "MD2023", "push": FIRST},
        ["PushOverdue"],
        {"programme": "MD2023", "push": UNKNOWN},
        "supervision.unknown-push",
        {"programme": "MD2023", "push": SECOND},
    ),
    Door(
        "send_push",
        FRIDAY,
        {"programme": "MD2023", "push": FIRST},
        ["ApprovalPushed"],
        {"programme": "MD2023", "push": RESULT},
        "supervision.unknown-push",
        {"programme": "MD2023", "push": SECOND},
    ),
    Door(
        "acknowledge_push",
        FRIDAY,
        {"programme": "MD2023", "push": THIRD},
        ["ApprovalPushAcknowledged"],
        {"programme": "MD2023", "push": FIRST},
        "supervision.not-sent",
        {"programme": "MD2023", "push": SECOND},
    ),
    Door(
        "collect_record",
        FRIDAY,
        {
            "programme": "MD2023",
            "source_org": MARKET,
            "kind": "inspection",
            "subject_key": "sk-1",
            "ref": "检查〔2023〕2号",
        },
        ["SupervisionRecordCollected"],
        {
            "programme": "MD2023",
            "source_org": MARKET,
            "kind": "penalty",
            "subject_key": "sk-1",
            "ref": "处罚〔2023〕1号",
        },
        "supervision.record-exists",
        {
            "programme": "MD2023",
            "source_org": MARKET,
            "kind": "inspection",
            "subject_key": "sk-1",
            "ref": "检查〔2023〕3号",
        },
    ),
    Door(
        "push_result",
        FRIDAY,
        {"programme": "MD2023", "push": RESULT, "result": "revoked"},
        ["SupervisionResultPushed"],
        {"programme": "MD2023", "push": FIRST, "result": "revoked"},
        "supervision.unknown-push",
        {"programme": "MD2023", "push": RESULT, "result": "warned"},
    ),
    Door(
        "sign_memorandum",
        FRIDAY,
        {"programme": "MD2023", "town": TOWN, "supervising_org": MARKET, "entries": [ENTRY]},
        ["MemorandumSigned"],
        {
            "programme": "MD2023",
            "town": TOWN,
            "supervising_org": MARKET,
            "entries": [{"item": "MD23-05"}],
        },
        "supervision.boundary-missing",
        {
            "programme": "MD2023",
            "town": TOWN,
            "supervising_org": MARKET,
            "entries": [ENTRY, {"item": "MD23-05"}],
        },
    ),
    Door(
        "flag_decision",
        FRIDAY,
        {"programme": "MD2023", "decision": "d-unheld"},
        ["IssuedWithoutAuthorityFlagged"],
        {"programme": "MD2023", "decision": "d-unknown"},
        "supervision.unknown-decision",
        {"programme": "MD2023", "decision": "d-unheld-too"},
    ),
    Door(
        "propose_notice",
        MAY_11,
        {"programme": "SR2020", "on": "2020-05-12"},
        ["NoticeProposed"],
        {"programme": "SR2020", "on": "2020-05-09"},
        "supervision.nobody-overdue",
        {"programme": "SR2020", "on": "2020-05-13"},
    ),
    Door(
        "issue_notice",
        MAY_11,
        {"programme": "SR2020", "notice": NOTICE},
        ["NoticeIssued"],
        {"programme": "SR2020", "notice": UNKNOWN},
        "supervision.unknown-notice",
        {"programme": "SR2020", "notice": UNKNOWN},
        actor=CITY,
    ),
]


@pytest.fixture
def busy(office: Office) -> Office:
    """Tasks assigned, cases accepted, decisions issued, a record collected, a notice proposed."""
    office.knows("SR2020", "MD2023")
    for task_no in ("1", "1.R", "2"):
        office.do(
            "supervision",
            "assign_task",
            {"programme": "SR2020", "task_no": task_no, "unit": UNIT},
            at="2020-04-28T09:00:00+08:00",
        )
    office.tell_delegated("g-1", item="MD23-04", town=TOWN, at="2023-06-01T00:00:00+08:00")
    office.settle()
    office.do(
        "supervision",
        "sign_memorandum",
        {"programme": "MD2023", "town": TOWN, "supervising_org": MARKET, "entries": [ENTRY]},
        at="2023-06-02T09:00:00+08:00",
    )
    for case, due in (
        ("c-late", "2023-07-06T00:00:00+08:00"),
        ("c-unlimited", None),
        ("c-later", "2023-07-06T00:00:00+08:00"),
    ):
        office.tell_case_accepted(
            case, item="MD23-30", town=TOWN, mode="entrusted_acceptance", at=MONDAY, forward_due=due
        )
    for decision in ("d-1", "d-2", "d-3"):
        office.tell_approved(decision, item="MD23-04", town=TOWN, by=TOWN, at=MONDAY, grant="g-1")
    office.settle()
    office.do("supervision", "send_push", {"programme": "MD2023", "push": THIRD}, at=MONDAY)
    office.do(
        "supervision",
        "collect_record",
        {
            "programme": "MD2023",
            "source_org": MARKET,
            "kind": "penalty",
            "subject_key": "sk-1",
            "ref": "处罚〔2023〕1号",
            "case": "case-d-1",
        },
        at=MONDAY,
    )
    office.do(
        "supervision", "propose_notice", {"programme": "SR2020", "on": "2020-05-11"}, at=MAY_11
    )
    unheld_before_the_copy_knows(office)
    office.settle()
    return office


def unheld_before_the_copy_knows(office: Office) -> None:
    """Decisions whose authority names a position that the local copy has not reached yet."""
    for decision in ("d-unheld", "d-unheld-too"):
        office.tell_approved(
            decision,
            item="MD23-04",
            town="MD2023-TOWN-01",
            by="MD2023-TOWN-01",
            at=MONDAY,
            grant="g-9",
            grant_position=1,
        )
    office.tell_delegated("g-8", item="MD23-05", town="MD2023-TOWN-02", at=MONDAY)


@pytest.fixture
def send(busy: Office) -> Callable[..., dict[str, Any]]:
    """Send a request to a door, under the door's own time and actor."""

    def sent(door: Door, request: dict[str, Any], **how: Any) -> dict[str, Any]:
        return busy.do("supervision", door.name, request, at=door.at, actor=door.actor, **how)

    return sent


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_a_command_is_done(send, door: Door):
    answer = send(door, door.done)

    assert answer["events"] == [f"supervision.{event}" for event in door.events]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_a_command_is_refused_with_its_reason(send, door: Door):
    with pytest.raises(Refused) as refused:
        send(door, door.refused)

    assert refused.value.code == door.code


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_a_command_seen_before_gets_its_first_answer(send, door: Door):
    command = uuid4()
    first = send(door, door.done, command=command)

    again = send(door, door.done, command=command)
    with pytest.raises(Refused) as reused:
        send(door, door.other, command=command)

    assert again == first
    assert reused.value.code == "log.command-id-reused"


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_a_command_on_a_version_that_is_not_current_is_refused(send, door: Door):
    with pytest.raises(Refused) as refused:
        send(door, door.done, expected=99)

    assert refused.value.code == "log.stale-version"
