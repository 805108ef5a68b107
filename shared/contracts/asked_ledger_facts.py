"""What may be asked of the ledger about many facts at once, for exports and auditors' pages."""

from typing import Any

from marshmallow import fields, validate

from shared.contracts.events import SERVICES
from shared.contracts.requests import Code, Question, question

MOST = 1000  # of each kind, in one question


def _many(each: fields.Field[Any], told: str) -> fields.List[Any]:
    return fields.List(
        each, required=True, validate=validate.Length(max=MOST), metadata={"description": told}
    )


@question("ledger", "proofs", in_body=True)
class Proofs(Question):
    """Facts' exact bytes with their proofs under one and the same checkpoint (事实与证明)."""

    source = fields.String(
        required=True,
        validate=validate.OneOf(SERVICES),
        metadata={"description": "The service whose log is meant (来源)"},
    )
    positions = _many(
        fields.Integer(strict=True, validate=validate.Range(min=0, max=2**63 - 1)),
        "Positions in that log (位置); none: the checkpoint alone",
    )
    size = fields.Integer(
        strict=True, load_default=None, validate=validate.Range(min=0, max=2**63 - 1),
        metadata={"description": "Under the latest checkpoint of at most so many entries (条数)"},
    )


@question("ledger", "behind", in_body=True)
class Behind(Question):
    """Positions of the facts that say what grants were, and whose items were (授权的依据)."""

    grants = _many(fields.UUID(), "Grants or transfers (授权或划转)")
    items = _many(Code(), "Items (事项)")
    known_at = fields.AwareDateTime(
        format="iso", load_default=None,
        metadata={"description": "As known at this instant (已知时点); without it, as known now"},
    )


@question("ledger", "names", in_body=True)
class Names(Question):
    """Names of items, organs, towns and centres by id; the unknown are left out (名称)."""

    ids = _many(Code(), "Ids (编码)")
