"""Facts of the supervision service: obligations, memoranda and pushes, flags, notices."""

from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import OneOf

from shared.calendar import UNITS
from shared.contracts import signing_keys  # noqa: F401 - registers them
from shared.contracts.events import EventSchema, contract

KINDS = ("step", "report", "filing")
PRECISIONS = ("day", "year", "none")
SOURCES = ("notice", "work_plan", "resolution")
NOTICES = ("criticism", "praise", "progress")
GROUNDS = ("recalled", "not_held")


def _id(*, allow_none: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=allow_none)


def _ids() -> fields.List[str]:
    return fields.List(fields.String(), required=True)


def _instant(*, allow_none: bool = False) -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", required=True, allow_none=allow_none)


class WrittenDeadline(Schema):
    """One date written for a task, with its place; one of them binds (R195)."""

    date = fields.Date(required=True)
    source = _id()
    binding = fields.Boolean(required=True)


class Limit(Schema):
    """An agreed time limit."""

    value = fields.Integer(required=True)
    unit = fields.String(required=True, validate=OneOf(UNITS))


class BoundaryEntry(Schema):
    """The boundary of duties for one item (R151); ``push_limits`` is null where none was agreed."""

    item_id = _id()
    approval_duties = _id(allow_none=True)
    supervision_duties = _id(allow_none=True)
    push_limits = fields.Nested(Limit, required=True, allow_none=True, unknown=EXCLUDE)


class NoticeLine(Schema):
    """What a notice says of one obligation: unit, task and days late (R193)."""

    obligation_id = _id()
    unit_id = _id()
    task_no = _id()
    days_late = fields.Integer(required=True)


@contract("supervision.TaskAssigned")
class TaskAssigned(EventSchema):
    """One task became an obligation of one unit (R190, R194).

    ``due_at`` is the first instant that is too late; null where no day is written, and then
    nothing is ever overdue (R196).
    """

    obligation_id = _id()
    programme_id = _id()
    task_no = _id()
    task = _id()
    kind = fields.String(required=True, validate=OneOf(KINDS))
    unit_id = _id()
    recipients = _ids()
    due_at = _instant(allow_none=True)
    deadline_text = _id(allow_none=True)
    precision = fields.String(required=True, validate=OneOf(PRECISIONS))
    deadlines = fields.List(fields.Nested(WrittenDeadline, unknown=EXCLUDE), required=True)
    source = fields.String(required=True, validate=OneOf(SOURCES))


@contract("supervision.TaskReported")
class TaskReported(EventSchema):
    """Progress or an activity was reported (R190, R196)."""

    obligation_id = _id()
    by_org_id = _id()
    text_ref = _id()
    at = _instant()


@contract("supervision.TaskCompleted")
class TaskCompleted(EventSchema):
    """The unit met its obligation; ``days_late`` is 0 in time or where no day is written (R191)."""

    obligation_id = _id()
    evidence_refs = _ids()
    completed_at = _instant()
    days_late = fields.Integer(required=True)


@contract("supervision.TaskOverdue")
class TaskOverdue(EventSchema):
    """The binding deadline passed; once per obligation (R224)."""

    obligation_id = _id()
    unit_id = _id()
    task_no = _id()
    kind = fields.String(required=True, validate=OneOf(KINDS))
    due_at = _instant()


@contract("supervision.OverdueWithdrawn")
class OverdueWithdrawn(EventSchema):
    """Late proof of a timely act; the overdue fact stays and is withdrawn (R224).

    ``obligation_id`` is the stream of the task, the forwarding or the push.
    """

    obligation_id = _id()
    overdue_event_id = _id()
    reason = _id()


@contract("supervision.ForwardOverdue")
class ForwardOverdue(EventSchema):
    """An accepted case was not forwarded in time; charged to the town, once (R061, R118)."""

    case_id = _id()
    org_id = _id()
    due_at = _instant()


@contract("supervision.MemorandumSigned")
class MemorandumSigned(EventSchema):
    """Town and supervising department fixed their duties per item, 审管衔接备忘录 (R150, R151)."""

    memo_id = _id()
    town_id = _id()
    supervising_org_id = _id()
    coordinator_org_id = _id(allow_none=True)
    entries = fields.List(fields.Nested(BoundaryEntry, unknown=EXCLUDE), required=True)
    signed_on = fields.Date(required=True)


@contract("supervision.ApprovalPushed")
class ApprovalPushed(EventSchema):
    """The approving side told the supervising department of an approval, 双向推送 (R152)."""

    push_id = _id()
    case_id = _id()
    from_org_id = _id()
    to_org_id = _id()
    due_at = _instant(allow_none=True)
    sent_at = _instant()


@contract("supervision.ApprovalPushAcknowledged")
class ApprovalPushAcknowledged(EventSchema):
    """The supervising department acknowledged the push (R152)."""

    push_id = _id()
    at = _instant()


@contract("supervision.SupervisionRecordCollected")
class SupervisionRecordCollected(EventSchema):
    """The supervising department acted on a subject: inspection, penalty, revocation (R155)."""

    record_id = _id()
    case_id = _id(allow_none=True)
    subject_ref = _id()
    kind = _id()
    source_org_id = _id()
    ref = _id()
    at = _instant()


@contract("supervision.SupervisionResultPushed")
class SupervisionResultPushed(EventSchema):
    """The supervising department told town and granting department of its result (R152)."""

    push_id = _id()
    case_id = _id(allow_none=True)
    subject_ref = _id()
    result = _id()
    to_org_ids = _ids()
    at = _instant()


@contract("supervision.PushOverdue")
class PushOverdue(EventSchema):
    """A push was not sent in the agreed time; charged to the side that owes it, once (R152)."""

    push_id = _id()
    owed_by_org_id = _id()
    due_at = _instant()


@contract("supervision.IssuedWithoutAuthorityFlagged")
class IssuedWithoutAuthorityFlagged(EventSchema):
    """A decision whose organ did not hold the power; it stays, and is looked into (R131).

    ``gap_seconds`` from the end of the power to the decision; null where it never held it.
    """

    decision_id = _id()
    case_id = _id()
    ground = fields.String(required=True, validate=OneOf(GROUNDS))
    grant_id = _id(allow_none=True)
    recall_id = _id(allow_none=True)
    gap_seconds = fields.Integer(required=True, allow_none=True)


@contract("supervision.NoticeProposed")
class NoticeProposed(EventSchema):
    """The system computed which units missed which deadlines; a person decides (R193)."""

    notice_id = _id()
    kind = fields.String(required=True, validate=OneOf(NOTICES))
    on = fields.Date(required=True)
    unit_ids = _ids()
    obligation_ids = _ids()
    lines = fields.List(fields.Nested(NoticeLine, unknown=EXCLUDE), required=True)


@contract("supervision.NoticeIssued")
class NoticeIssued(EventSchema):
    """The office named by the programme issued the notice, 通报 (R193)."""

    notice_id = _id()
    kind = fields.String(required=True, validate=OneOf(NOTICES))
    issuer_org_id = _id()
    unit_ids = _ids()
    issued_on = fields.Date(required=True)
