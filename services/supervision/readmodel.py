"""What facts do to supervision's tables."""

import json
from typing import Any

from psycopg2.extensions import cursor

from services.supervision.domain.push import Push
from shared.contracts.envelope import Fact
from shared.contracts.events import dump
from shared.holdings.projection import holdings
from shared.projection import Projection
from shared.register.projection import register

own = Projection()


@own.on("cases.CaseAccepted")
def accepted(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO accepted_case VALUES (%(case_id)s, %(programme)s, %(item_id)s, %(town_id)s,"
        " %(mode)s, %(accepted_at)s, %(forward)s, NULL) ON CONFLICT (case_id) DO NOTHING",
        fact.data | {"programme": fact.programme, "forward": fact.data["due"].get("forward")},
    )


@own.on("cases.CaseForwarded")
def forwarded(at: cursor, fact: Fact) -> None:
    _left(at, fact, fact.data["forwarded_at"])


@own.on("cases.CaseHandedUp", "cases.CaseWithdrawn", "cases.DuplicateApplicationLinked")
def left(at: cursor, fact: Fact) -> None:
    _left(at, fact, fact.occurred_at)


def _left(at: cursor, fact: Fact, when: Any) -> None:
    at.execute(
        "UPDATE accepted_case SET left_at = least(left_at, %s) WHERE case_id = %s",
        (when, fact.data["case_id"]),
    )


@own.on("cases.ApprovalIssued")
def approved(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO approval VALUES (%(decision_id)s, %(push)s, %(case_id)s, %(programme)s,"
        " %(item_id)s, %(town_id)s, %(facet)s, %(org_id)s, %(grant_id)s, %(grant_position)s,"
        " %(item_position)s, %(decided_at)s)",
        fact.data
        | fact.data["authority"]
        | {"programme": fact.programme, "push": Push.of_approval(fact.data["decision_id"])},
    )


@own.on("delegation.ItemRecalled")
def recalled(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO recall VALUES (%(recall_id)s, %(grant_id)s, %(effective_from)s)", fact.data
    )


@own.on("supervision.TaskAssigned")
def assigned(at: cursor, fact: Fact) -> None:
    plain = dump(fact.type, fact.data)
    at.execute(
        "INSERT INTO obligation VALUES (%(obligation_id)s, %(programme_id)s, %(task_no)s, %(task)s,"
        " %(kind)s, %(unit_id)s, %(recipients)s, %(due_at)s, %(deadline_text)s, %(precision)s,"
        " %(deadlines)s, %(source)s, %(position)s, %(recorded_at)s)",
        plain
        | {
            "deadlines": json.dumps(plain["deadlines"]),
            "position": fact.position,
            "recorded_at": fact.recorded_at,
        },
    )


@own.on("supervision.TaskReported", "supervision.TaskCompleted", "supervision.TaskOverdue")
def progressed(at: cursor, fact: Fact) -> None:
    _history(at, fact)


@own.on("supervision.OverdueWithdrawn")
def withdrawn(at: cursor, fact: Fact) -> None:
    at.execute("UPDATE forward_overdue SET withdrawn = true WHERE stream = %s", (fact.stream,))
    at.execute("UPDATE push SET withdrawn = true WHERE push_id = %s", (fact.stream,))
    at.execute("SELECT 1 FROM obligation WHERE obligation_id = %s", (fact.stream,))
    if at.fetchone():
        _history(at, fact)


def _history(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO obligation_history VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (
            fact.position,
            fact.stream,
            fact.type,
            fact.id,
            fact.occurred_at,
            fact.recorded_at,
            json.dumps(dump(fact.type, fact.data)),
        ),
    )


@own.on("supervision.ForwardOverdue")
def forward_overdue(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO forward_overdue VALUES (%(case_id)s, %(stream)s, %(programme)s, %(org_id)s,"
        " %(due_at)s, false)",
        fact.data | {"programme": fact.programme, "stream": fact.stream},
    )


@own.on("supervision.MemorandumSigned")
def memorandum(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO memorandum VALUES (%(memo_id)s, %(programme)s, %(town_id)s,"
        " %(supervising_org_id)s, %(coordinator_org_id)s, %(signed_on)s)",
        fact.data | {"programme": fact.programme},
    )
    for entry in fact.data["entries"]:
        at.execute(
            "INSERT INTO boundary VALUES (%(memo_id)s, %(item_id)s, %(approval_duties)s,"
            " %(supervision_duties)s, %(value)s, %(unit)s)",
            entry
            | (entry["push_limits"] or {"value": None, "unit": None})
            | {"memo_id": fact.data["memo_id"]},
        )


@own.on("supervision.SupervisionRecordCollected")
def record(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO supervision_record VALUES (%(record_id)s, %(push)s, %(programme)s,"
        " %(case_id)s, %(subject_ref)s, %(kind)s, %(source_org_id)s, %(ref)s, %(at)s)",
        fact.data | {"programme": fact.programme, "push": Push.of_result(fact.data["record_id"])},
    )


@own.on("supervision.ApprovalPushed")
def approval_pushed(at: cursor, fact: Fact) -> None:
    _push(at, fact, "sent_at", fact.data["sent_at"])


@own.on("supervision.SupervisionResultPushed")
def result_pushed(at: cursor, fact: Fact) -> None:
    _push(at, fact, "sent_at", fact.data["at"])
    _push(at, fact, "result", fact.data["result"])


@own.on("supervision.ApprovalPushAcknowledged")
def acknowledged(at: cursor, fact: Fact) -> None:
    _push(at, fact, "acknowledged_at", fact.data["at"])


@own.on("supervision.PushOverdue")
def push_overdue(at: cursor, fact: Fact) -> None:
    _push(at, fact, "overdue_at", fact.data["due_at"])


def _push(at: cursor, fact: Fact, column: str, value: Any) -> None:
    at.execute(
        f"INSERT INTO push (push_id, {column}) VALUES (%(push)s, %(value)s)"
        f" ON CONFLICT (push_id) DO UPDATE SET {column} = %(value)s",
        {"push": fact.stream, "value": value},
    )


@own.on("supervision.IssuedWithoutAuthorityFlagged")
def flagged(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO flag VALUES (%(decision_id)s, %(programme)s, %(case_id)s, %(ground)s,"
        " %(grant_id)s, %(recall_id)s, %(gap_seconds)s, %(recorded_at)s, %(position)s)",
        fact.data
        | {
            "programme": fact.programme,
            "recorded_at": fact.recorded_at,
            "position": fact.position,
        },
    )


@own.on("supervision.NoticeProposed")
def notice_proposed(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO notice VALUES (%(notice_id)s, %(programme)s, %(kind)s, %(on)s, NULL, NULL)",
        fact.data | {"programme": fact.programme},
    )
    for nth, line in enumerate(fact.data["lines"]):
        at.execute(
            "INSERT INTO notice_line VALUES (%(notice_id)s, %(obligation_id)s, %(nth)s,"
            " %(unit_id)s, %(task_no)s, %(days_late)s)",
            line | {"notice_id": fact.data["notice_id"], "nth": nth},
        )


@own.on("supervision.NoticeIssued")
def notice_issued(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE notice SET issuer_org_id = %(issuer_org_id)s, issued_on = %(issued_on)s"
        " WHERE notice_id = %(notice_id)s",
        fact.data,
    )


readmodel = Projection(register, holdings, own)
