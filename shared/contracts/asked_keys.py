"""What every service with a log may be asked: that its signing key hand over to the next."""

from marshmallow import ValidationError, fields, validate

from shared.contracts.requests import Code, Request
from shared.log.keys import NoteError, Verifier


def _is_key(text: str) -> None:
    try:
        Verifier.parse(text)
    except NoteError as wrong:
        raise ValidationError("Not a verifier key (C2SP signed-note).") from wrong


def _key(description: str) -> fields.String:
    return fields.String(
        required=True, validate=[validate.Length(max=1000), _is_key],
        metadata={"description": description},
    )


class Rotation(Request):
    """Both keys ask for the same rotation; `fuquan ledger rotate` writes it."""

    roles = frozenset({"operator"})

    programme = Code(
        required=True,
        metadata={"description": "Programme of the jurisdiction that keeps the log · 实施方案"},
    )
    old_key = _key("Verifier key in use, name+hash+key · 现用公钥")
    new_key = _key("Verifier key that is to follow · 新公钥")
    statement = fields.String(
        required=True, validate=validate.Length(min=1, max=4000),
        metadata={"description": "The signed note in which both keys ask for it · 双签声明"},
    )
    reason = fields.String(
        required=True, validate=validate.Length(min=1, max=500),
        metadata={"description": "Why, e.g. the yearly change · 更换原因"},
    )
