"""What other platforms may send: message types, what accompanies a message, how it is answered."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from marshmallow import EXCLUDE, Schema, ValidationError, fields
from marshmallow.validate import Equal, Length, OneOf, Range

from shared.contracts.events import SERVICES
from shared.contracts.requests import Code, Request, all_requests, reckonable


class Door(NamedTuple):
    """The command that a message is.

    Args:
        about: the field of the data that names what is acted on; order is kept for each.
    """

    service: str
    door: str
    about: str


# The data of a message are its command's; the fact that is recorded then has the same name and
# tells more: who acted, when, under which document.
COMMANDS: Mapping[str, Door] = {
    "cases.ApplicationSubmitted": Door("cases", "submit", "case"),
    "cases.MaterialsSupplemented": Door("cases", "supplement", "case"),
    "cases.CaseWithdrawn": Door("cases", "withdraw", "case"),
    "cases.CaseForwardReceived": Door("cases", "receive", "case"),
    "cases.CaseReturned": Door("cases", "return_case", "case"),
    "supervision.ApprovalPushAcknowledged": Door("supervision", "acknowledge_push", "push"),
    "supervision.SupervisionRecordCollected": Door("supervision", "collect_record", "subject_key"),
    "supervision.SupervisionResultPushed": Door("supervision", "push_result", "push"),
    "supervision.TaskReported": Door("supervision", "report_task", "obligation"),
    "supervision.TaskCompleted": Door("supervision", "complete_task", "obligation"),
}
REPLAY = "fuquan.ReplayRequested"
REPLAY_MOST = 5000
NAME_BYTES = 255  # of a queue, by AMQP
LAST_VERSION = 10**9 - 1  # as over HTTP; the log counts in 32 bits
# Queues of a platform: the broker lets a user declare those with its own name in them.
ANSWERS_TO, FACTS_TO = "answers.{user}.", "facts.{user}."
DIRECT = "amq.rabbitmq.reply-to."


def _sendable(queue: str) -> None:
    if len(queue.encode("utf-8", "surrogatepass")) > NAME_BYTES:
        raise ValidationError(f"Longer than {NAME_BYTES} bytes.")


class Replay(Request):
    """Send recorded facts again, into a queue of the asker (重放)."""

    source = fields.String(
        required=True, validate=OneOf(SERVICES),
        metadata={"description": "The service whose log is meant (来源)"},
    )
    first = fields.Integer(
        data_key="from", load_default=0, validate=Range(min=0, max=2**53),
        metadata={"description": "First position wanted, from 0 (起始位置)"},
    )
    limit = fields.Integer(
        load_default=1000, validate=Range(min=1, max=REPLAY_MOST),
        metadata={"description": "At most so many facts (条数上限)"},
    )
    types = fields.List(
        Code(), load_default=list, validate=Length(max=200),
        metadata={"description": "Only events of these types; none: all (事件类型)"},
    )
    queue = fields.String(
        required=True, validate=[Length(min=1, max=255), _sendable],
        metadata={"description": "Where to: facts.<user>.… (接收队列)"},
    )


def _reached(version: int) -> None:
    if version > LAST_VERSION:
        raise ValidationError("No stream is so long.")


class Attributes(Schema):
    """What accompanies a message: CloudEvents 1.0, with extensions of ours; others pass unread."""

    class Meta:
        unknown = EXCLUDE

    specversion = fields.String(required=True, validate=Equal("1.0"))
    id = fields.String(
        required=True, validate=Length(min=1, max=255),
        metadata={"description": "One per command; a repetition gets the first answer (幂等键)"},
    )
    source = fields.String(
        required=True, validate=Length(min=1, max=500),
        metadata={"description": "The sending system, a URI reference (来源系统)"},
    )
    type = fields.String(
        required=True, validate=OneOf([*COMMANDS, REPLAY]),
        metadata={"description": "What is sent (消息类型)"},
    )
    time = fields.AwareDateTime(
        format="iso", load_default=None, validate=reckonable,
        metadata={"description": "When the act was done, with zone; else now (行为时间)"},
    )
    org = fields.String(
        load_default=None, validate=Length(min=1, max=200),
        metadata={"description": "The organ acted for; needed where a user has several (单位)"},
    )
    operator = fields.String(
        load_default=None, validate=Length(min=1, max=200),
        metadata={"description": "Opaque id of the person, never a name; else the user (经办人)"},
    )
    instrument = fields.String(
        load_default=None,
        metadata={"description": "The document, JSON with kind, ref, dated, sha256 (依据文件)"},
    )
    expected = fields.Integer(
        load_default=None, validate=[Range(min=0), _reached],
        metadata={"description": "Version that the sender has seen (所见版本)"},
    )
    after = fields.String(
        load_default=None,
        metadata={"description": 'Positions to be seen first, as JSON: {"cases": 41} (已见位置)'},
    )
    correlation = fields.UUID(
        load_default=None,
        metadata={"description": "Of the process that this belongs to (关联编号)"},
    )


class Answer(Schema):
    """What every answer tells: of which message it is, as far as that could be read."""

    outcome: Any
    id = fields.String(required=True, allow_none=True)
    type = fields.String(required=True, allow_none=True)


def _outcome(name: str) -> fields.String:
    return fields.String(required=True, validate=Equal(name))


def _zh() -> fields.String:
    return fields.String(
        required=True, metadata={"description": "One sentence in Chinese for the person"}
    )


class Accepted(Answer):
    """Done, and recorded; the same for every repetition (已受理)."""

    outcome = _outcome("accepted")
    stream = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)
    events = fields.List(fields.String(), required=True)
    positions = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True,
        metadata={"description": "Where it stands, by log; after a replay, where to go on"},
    )


class Rejected(Answer):
    """A rule says no; nothing was done (依规则不予办理)."""

    outcome = _outcome("refused")
    code = fields.String(required=True)
    facts = fields.Dict(required=True)
    zh = _zh()


class Wrong(Schema):
    """One field, and what is wrong with it."""

    field = fields.String(required=True)
    reason = fields.String(required=True)


class Invalid(Answer):
    """The message is not what its contract says (消息不符合约定)."""

    outcome = _outcome("invalid")
    code = fields.String(required=True)
    errors = fields.List(fields.Nested(Wrong), required=True)
    zh = _zh()


class Failed(Answer):
    """No answer could be had; send it again under the same id (暂未办成)."""

    outcome = _outcome("failed")
    code = fields.String(required=True)
    zh = _zh()


ANSWERS: Mapping[str, type[Answer]] = {
    "accepted": Accepted, "refused": Rejected, "invalid": Invalid, "failed": Failed,
}


def contract_of(type_: str) -> type[Request]:
    """The schema of a message's data; *type_* is in `COMMANDS`, or is `REPLAY`."""
    return Replay if type_ == REPLAY else all_requests()[COMMANDS[type_][:2]]
