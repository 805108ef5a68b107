"""What operators ask of a service and tell it to do; the same doors at every service."""

from marshmallow import fields, validate

from shared.contracts.events import SERVICES as WITH_LOG
from shared.contracts.operations import ParkedRef
from shared.contracts.requests import SERVICES, Question, Request, command, question

MOST = 500


class Standing(Question):
    """How far its log and its consumer are, and what is parked (运行状态)."""


class Parked(Question):
    """Facts and messages that could not be processed, oldest first, with the error (搁置清单)."""

    limit = fields.Integer(
        load_default=100, validate=validate.Range(min=1, max=MOST),
        metadata={"description": "How many at most (条数)"},
    )


class Mend(Request):
    """Which parked facts an operator means, and why."""

    roles = frozenset({"operator"})

    consumer = fields.String(
        load_default=None, metadata={"description": "Whose; supervision also mends the ledger"}
    )
    parked = fields.List(
        fields.Nested(ParkedRef), required=True, validate=validate.Length(min=1, max=MOST),
        metadata={"description": "As the list shows them (搁置事项)"},
    )
    reason = fields.String(
        required=True, validate=validate.Length(min=1, max=1000),
        metadata={"description": "Why (理由); it is recorded"},
    )


RETRY = """Try parked facts again, each with what waits behind it in its stream (重试搁置事项)."""
DISCARD = """Give up parked facts for good; the read model lacks them (放弃搁置事项)."""

for _service in SERVICES:
    question(_service, "standing")(type("Standing", (Standing,), {"__doc__": Standing.__doc__}))
    question(_service, "parked")(type("Parked", (Parked,), {"__doc__": Parked.__doc__}))
for _service in WITH_LOG:
    command(_service, "retry_parked")(type("RetryParked", (Mend,), {"__doc__": RETRY}))
    command(_service, "discard_parked")(type("DiscardParked", (Mend,), {"__doc__": DISCARD}))
