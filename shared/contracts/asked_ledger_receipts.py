"""What may be asked of the ledger about one approval, and about one event just recorded."""

from marshmallow import fields, validate

from shared.contracts.events import SERVICES
from shared.contracts.requests import Question, question

MOST = 2**20  # characters of a receipt; one has some tens of thousands


def _case() -> fields.UUID:
    return fields.UUID(required=True, metadata={"description": "The case (案件编号)"})


@question("ledger", "receipt")
class Receipt(Question):
    """The file that proves one approval offline: facts, proofs, signed roots (许可凭证)."""

    case = _case()


@question("ledger", "certificate")
class Certificate(Question):
    """What a receipt says, in words, and whether it holds under the keys known here (凭证页)."""

    case = _case()


@question("ledger", "check_receipt", in_body=True)
class CheckReceipt(Question):
    """Check a receipt under the keys known here, as the offline checker does (核验凭证)."""

    receipt = fields.String(
        required=True, validate=validate.Length(max=MOST),
        metadata={"description": "The file's text, unaltered (凭证全文)"},
    )


@question("ledger", "promise")
class Promise(Question):
    """What there is to show for one recorded event: a promise, later the proof (收据承诺)."""

    source = fields.String(
        required=True, validate=validate.OneOf(SERVICES),
        metadata={"description": "The service that recorded it (来源)"},
    )
    stream = fields.UUID(
        required=True, metadata={"description": "``stream`` of the command's answer (对象编号)"}
    )
    version = fields.Integer(
        required=True, validate=validate.Range(min=1, max=2**31 - 1),
        metadata={"description": "``version`` of the command's answer (版本)"},
    )
