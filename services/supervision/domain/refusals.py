"""Every reason for which supervision refuses, with its stable code and its sentence."""

from collections.abc import Iterable
from datetime import date, datetime

from shared.clock import SHANGHAI
from shared.refusal import Refused


def _local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def unknown_task(programme: str, task_no: str) -> Refused:
    """R194: only tasks of the notice's table are assigned from it."""
    return Refused(
        "supervision.unknown-task",
        {"programme": programme, "task_no": task_no},
        f"{programme}的任务表中没有第{task_no}项，请核对任务序号",
    )


def unit_not_responsible(task_no: str, unit: str) -> Refused:
    """R194: a task is assigned to its responsible units."""
    return Refused(
        "supervision.unit-not-responsible",
        {"task_no": task_no, "unit": unit},
        f"{unit}不是第{task_no}项任务的责任单位，请核对任务表",
    )


def unknown_obligation(obligation: str) -> Refused:
    """R190: the ledger holds only what was assigned."""
    return Refused(
        "supervision.unknown-obligation",
        {"obligation": obligation},
        f"没有编号为{obligation}的任务，请先分解任务",
    )


def already_completed(obligation: str, completed_at: datetime) -> Refused:
    """R190: nothing in the ledger is edited; a completion stands."""
    return Refused(
        "supervision.already-completed",
        {"obligation": obligation, "completed_at": completed_at.isoformat()},
        f"该任务已于{_local(completed_at)}完成，无需再次填报",
    )


def no_deadline(what: str) -> Refused:
    """R118, R196: nobody wrote a day, so nothing is overdue."""
    return Refused(
        "supervision.no-deadline",
        {"what": what},
        "未设定期限，不作逾期计算；如需考核，请先依法设定期限",
    )


def not_yet_due(what: str, due_at: datetime) -> Refused:
    """R224: overdue from the instant the deadline passes, not before."""
    return Refused(
        "supervision.not-yet-due",
        {"what": what, "due_at": due_at.isoformat()},
        f"期限为{_local(due_at)}，尚未届满",
    )


def done_in_time(what: str, done_at: datetime) -> Refused:
    """R224: what was done before the deadline is not overdue, however late it became known."""
    return Refused(
        "supervision.done-in-time",
        {"what": what, "done_at": done_at.isoformat()},
        f"已于{_local(done_at)}在期限内完成，不构成逾期",
    )


def unknown_case(case: str) -> Refused:
    """R118: only an accepted case can be owed a forward."""
    return Refused(
        "supervision.unknown-case", {"case": case}, f"尚未收到办件{case}的受理信息，请稍后重试"
    )


def unknown_decision(decision: str) -> Refused:
    """R131: only a decision that was issued can be checked."""
    return Refused(
        "supervision.unknown-decision",
        {"decision": decision},
        f"尚未收到审批决定{decision}，请稍后重试",
    )


def not_separated(item: str, org: str) -> Refused:
    """R150, R152: one organ grants and supervises; nothing passes between two."""
    return Refused(
        "supervision.not-separated",
        {"item": item, "org": org},
        f"{item}的赋权部门与监管部门同为{org}，无需备忘录和双向推送",
    )


def wrong_supervisor(item: str, org: str, supervisor: str | None) -> Refused:
    """R150: the party is the department that supervises the very item."""
    return Refused(
        "supervision.wrong-supervisor",
        {"item": item, "org": org, "supervisor": supervisor},
        f"{item}的监管部门是{supervisor or '（未明确）'}，不是{org}，请与该部门签订",
    )


def boundary_missing(items: Iterable[str]) -> Refused:
    """R151: a memorandum without an entry for each item is incomplete."""
    missing = sorted(items)
    return Refused(
        "supervision.boundary-missing",
        {"items": missing},
        f"备忘录未逐事项明确审管职责边界，缺：{'、'.join(missing)}，请补充",
    )


def boundary_repeated(item: str) -> Refused:
    """R151: one boundary per item."""
    return Refused(
        "supervision.boundary-repeated", {"item": item}, f"{item}在备忘录中出现两次，请只保留一条"
    )


def memorandum_exists(town: str, org: str, signed_on: date) -> Refused:
    """R150: one memorandum of a pair and a day."""
    return Refused(
        "supervision.memorandum-exists",
        {"town": town, "org": org, "signed_on": signed_on.isoformat()},
        f"{town}与{org}已于{signed_on.isoformat()}签订备忘录；变更内容请另行签订",
    )


def unknown_push(push: str) -> Refused:
    """R152: a push follows from an approval or a supervision result."""
    return Refused(
        "supervision.unknown-push",
        {"push": push},
        f"没有编号为{push}的待推送信息，请在推送清单中核对",
    )


def already_sent(push: str, sent_at: datetime) -> Refused:
    """R152: one push per result and direction."""
    return Refused(
        "supervision.already-sent",
        {"push": push, "sent_at": sent_at.isoformat()},
        f"该信息已于{_local(sent_at)}推送",
    )


def not_sent(push: str) -> Refused:
    """R152: only what was sent can be acknowledged."""
    return Refused("supervision.not-sent", {"push": push}, "该信息尚未推送，不能确认接收")


def already_acknowledged(push: str, at: datetime) -> Refused:
    """R152: one acknowledgement per push."""
    return Refused(
        "supervision.already-acknowledged",
        {"push": push, "at": at.isoformat()},
        f"该信息已于{_local(at)}确认接收",
    )


def record_exists(org: str, ref: str) -> Refused:
    """R155: one record per document of the supervising department."""
    return Refused("supervision.record-exists", {"org": org, "ref": ref}, f"{org}的文书{ref}已归集")


def nobody_overdue(programme: str, on: date) -> Refused:
    """R193: the list of units is computed; an empty one is no notice."""
    return Refused(
        "supervision.nobody-overdue",
        {"programme": programme, "on": on.isoformat()},
        f"截至{on.isoformat()}，{programme}没有需要通报的逾期单位",
    )


def notice_exists(notice: str) -> Refused:
    """R193: one notice per programme and day."""
    return Refused(
        "supervision.notice-exists", {"notice": notice}, "该日的通报已拟制，请直接印发或另择日期"
    )


def unknown_notice(notice: str) -> Refused:
    """R193: only a proposed notice can be issued."""
    return Refused(
        "supervision.unknown-notice", {"notice": notice}, f"没有编号为{notice}的通报，请先拟制"
    )


def already_issued(notice: str, issued_on: date) -> Refused:
    """R193: a notice is issued once."""
    return Refused(
        "supervision.already-issued",
        {"notice": notice, "issued_on": issued_on.isoformat()},
        f"该通报已于{issued_on.isoformat()}印发",
    )


def no_issuer_named(programme: str) -> Refused:
    """R193: where the notice names no office, nobody issues."""
    return Refused(
        "supervision.no-issuer-named",
        {"programme": programme},
        f"{programme}未规定由谁通报，请先明确通报单位",
    )


def not_the_issuing_office(org: str, issuer: str) -> Refused:
    """R193: a decision by people, of the office that the programme names."""
    return Refused(
        "supervision.not-the-issuing-office",
        {"org": org, "issuer": issuer},
        f"通报由{issuer}印发，{org}无权印发",
    )
