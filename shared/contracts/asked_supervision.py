"""What may be asked of the supervision service."""

from marshmallow import Schema, fields, validate

from shared.contracts.asked_keys import Rotation
from shared.contracts.requests import Code, Question, Request, command, question

OBLIGATION_STATES = ("assigned", "reported", "continuing", "overdue", "completed", "completed_late")
PUSH_STATES = ("expected", "overdue", "sent", "acknowledged")


def _programme() -> Code:
    return Code(required=True, metadata={"description": "Programme, e.g. MD2023 · 实施方案"})


def _obligation() -> fields.UUID:
    return fields.UUID(
        required=True, metadata={"description": "Obligation, as `obligations` lists it · 任务编号"}
    )


def _push() -> fields.UUID:
    return fields.UUID(
        required=True, metadata={"description": "Push, as `pushes` lists it · 推送编号"}
    )


def _on() -> fields.Date:
    return fields.Date(
        required=True, metadata={"description": "Day of the answer, Asia/Shanghai · 截至日期"}
    )


class Boundary(Schema):
    """The boundary of duties for one item · 逐事项审管职责边界."""

    item = Code(required=True, metadata={"description": "Item · 事项"})
    approval_duties = Code(
        load_default=None,
        allow_none=True,
        metadata={"description": "Reference to the text · 审批职责"},
    )
    supervision_duties = Code(
        load_default=None,
        allow_none=True,
        metadata={"description": "Reference to the text · 监管职责"},
    )
    push_limit_days = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=1),
        metadata={
            "description": "Working days to push; without it none is overdue · 推送时限"
        },
    )


@command("supervision", "assign_obligations")
class AssignObligations(Request):
    """Make every task of the table an obligation of each responsible unit · 分解任务."""

    programme = _programme()


@command("supervision", "assign_task")
class AssignTask(Request):
    """Make one task of the programme's table an obligation of one unit · 交办单项任务."""

    programme = _programme()
    task_no = Code(required=True, metadata={"description": "Number in the table · 任务序号"})
    unit = Code(required=True, metadata={"description": "Responsible unit · 责任单位"})


@command("supervision", "report_task")
class ReportTask(Request):
    """Report progress or an activity · 报告进展."""

    programme = _programme()
    obligation = _obligation()
    text_ref = Code(required=True, metadata={"description": "Reference to the report · 材料编号"})


@command("supervision", "complete_task")
class CompleteTask(Request):
    """Report an obligation met, at the instant of the act · 完成任务."""

    programme = _programme()
    obligation = _obligation()
    evidence_refs = fields.List(
        Code(), required=True, metadata={"description": "References · 佐证材料"}
    )


@command("supervision", "run_due")
class RunDue(Request):
    """Record everything that is overdue at an instant, each once · 到期检查."""

    programme = Code(
        load_default=None,
        allow_none=True,
        metadata={"description": "One programme; without it all · 实施方案"},
    )
    now = fields.AwareDateTime(
        required=True, metadata={"description": "Instant with zone · 检查时刻"}
    )


@command("supervision", "declare_task_overdue")
class DeclareTaskOverdue(Request):
    """Record that an obligation is overdue · 记录任务逾期."""

    programme = _programme()
    obligation = _obligation()


@command("supervision", "declare_forward_overdue")
class DeclareForwardOverdue(Request):
    """Record that an accepted case was not forwarded in time · 记录转递逾期."""

    programme = _programme()
    case = Code(required=True, metadata={"description": "Case · 办件"})


@command("supervision", "declare_push_overdue")
class DeclarePushOverdue(Request):
    """Record that a push was not sent in time · 记录推送逾期."""

    programme = _programme()
    push = _push()


@command("supervision", "prove_forwarded")
class ProveForwarded(Request):
    """Withdraw a forward overdue of a case that was forwarded in time · 撤销转递逾期."""

    programme = _programme()
    case = Code(required=True, metadata={"description": "Case · 办件"})


@command("supervision", "flag_decision")
class FlagDecision(Request):
    """Check who held the power when a decision was taken, and flag it if need be · 复核审批权限."""

    programme = _programme()
    decision = Code(required=True, metadata={"description": "Decision · 审批决定"})


@command("supervision", "sign_memorandum")
class SignMemorandum(Request):
    """Record a memorandum between a town and a supervising department · 签订审管衔接备忘录."""

    programme = _programme()
    town = Code(required=True, metadata={"description": "Town · 镇街"})
    supervising_org = Code(
        required=True, metadata={"description": "Supervising department · 监管部门"}
    )
    coordinator_org = Code(
        load_default=None,
        allow_none=True,
        metadata={"description": "Coordinating department; without it the programme's · 协调部门"},
    )
    entries = fields.List(
        fields.Nested(Boundary),
        required=True,
        validate=validate.Length(min=1),
        metadata={"description": "One entry per item · 逐事项边界"},
    )


@command("supervision", "send_push")
class SendPush(Request):
    """Tell the supervising department of an approval · 推送审批信息."""

    programme = _programme()
    push = _push()


@command("supervision", "acknowledge_push")
class AcknowledgePush(Request):
    """Acknowledge an approval that was pushed · 接收确认."""

    programme = _programme()
    push = _push()


@command("supervision", "collect_record")
class CollectRecord(Request):
    """Record what the supervising department did about a subject · 归集监管信息."""

    programme = _programme()
    source_org = Code(required=True, metadata={"description": "Supervising department · 监管部门"})
    kind = Code(
        required=True, metadata={"description": "inspection, penalty, revocation … · 监管行为"}
    )
    subject_key = Code(
        required=True, metadata={"description": "Opaque key of the subject · 监管对象"}
    )
    ref = Code(required=True, metadata={"description": "Reference of the document · 文书编号"})
    case = Code(
        load_default=None, allow_none=True, metadata={"description": "Case it concerns · 办件"}
    )


@command("supervision", "push_result")
class PushResult(Request):
    """Tell town and granting department of a supervision result · 推送监管信息."""

    programme = _programme()
    push = _push()
    result = Code(required=True, metadata={"description": "Reference to the result · 监管结果"})


@command("supervision", "propose_notice")
class ProposeNotice(Request):
    """Compute who missed which deadline, as a notice for an official to issue · 拟制通报."""

    programme = _programme()
    on = _on()


@command("supervision", "issue_notice")
class IssueNotice(Request):
    """Issue a proposed notice, by the office that the programme names · 印发通报."""

    programme = _programme()
    notice = fields.UUID(required=True, metadata={"description": "Notice · 通报编号"})


@question("supervision", "obligations")
class Obligations(Question):
    """Obligations and how they stand on a day · 任务清单."""

    programme = _programme()
    unit = Code(load_default=None, allow_none=True, metadata={"description": "Unit · 责任单位"})
    state = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(OBLIGATION_STATES),
        metadata={"description": "State · 状态"},
    )
    on = _on()


@question("supervision", "overdue")
class Overdue(Question):
    """Who is overdue on a day, with what and by how much · 逾期清单."""

    programme = _programme()
    on = _on()


@question("supervision", "pushes")
class Pushes(Question):
    """Pushes expected and made, in both directions · 双向推送清单."""

    programme = _programme()
    state = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(PUSH_STATES),
        metadata={"description": "State · 状态"},
    )


@question("supervision", "memoranda")
class Memoranda(Question):
    """Memoranda that towns and supervising departments need, signed or missing · 备忘录清单."""

    programme = _programme()


@question("supervision", "notice")
class Notice(Question):
    """A notice, with the text an official would issue · 通报."""

    notice = fields.UUID(required=True, metadata={"description": "Notice · 通报编号"})


@question("supervision", "flags")
class Flags(Question):
    """Decisions taken without authority · 无权限审批标记."""

    programme = Code(
        load_default=None,
        allow_none=True,
        metadata={"description": "One programme; without it all · 实施方案"},
    )


@question("supervision", "no_limit_set")
class NoLimitSet(Question):
    """Items that a town must forward and for which nobody set a limit · 未设转递时限的事项."""

    programme = _programme()


@question("supervision", "work_ledger")
class WorkLedger(Question):
    """The ledger of a programme as it was known at the end of a day · 工作台账."""

    programme = _programme()
    on = _on()


@command("supervision", "rotate_signing_key")
class RotateSigningKey(Rotation):
    """Let the signing key of the supervision log hand over to the next one (更换签名密钥)."""
