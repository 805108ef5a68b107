"""What may be asked of the ledger."""

from marshmallow import fields, validate

from shared.contracts.delegation_fields import FACETS
from shared.contracts.events import SERVICES
from shared.contracts.requests import Code, Question, question


@question("ledger", "holders")
class Holders(Question):
    """Who held a facet of a power at an instant, as known at another (权力查询)."""

    programme = Code(
        load_default=None, metadata={"description": "Programme of the item (实施方案)"}
    )
    item = Code(required=True, metadata={"description": "Item (事项)"})
    town = Code(
        load_default=None,
        metadata={"description": "Town or unit (镇街); without it, the department's own power"},
    )
    facet = fields.String(
        required=True,
        validate=validate.OneOf(FACETS),
        metadata={"description": "Facet of the power (权能)"},
    )
    at = fields.AwareDateTime(
        format="iso",
        required=True,
        metadata={"description": "The instant asked about (生效时点)"},
    )
    known_at = fields.AwareDateTime(
        format="iso",
        load_default=None,
        metadata={"description": "As known at this instant (已知时点); without it, as known now"},
    )


@question("ledger", "status")
class Status(Question):
    """How far each log is mirrored, and whether it agrees with its signed checkpoint (存证状态)."""


@question("ledger", "verify")
class Verify(Question):
    """Check every stored byte, the order of every stream and every signed root (全量核验)."""

    source = fields.String(
        load_default=None,
        validate=validate.OneOf(SERVICES),
        metadata={"description": "Only the log of this service (来源)"},
    )


@question("ledger", "fact")
class OneFact(Question):
    """One fact's exact bytes with the proof that the signed log contains it (事实及包含证明)."""

    source = fields.String(
        required=True,
        validate=validate.OneOf(SERVICES),
        metadata={"description": "The service whose log is meant (来源)"},
    )
    position = fields.Integer(
        required=True,
        validate=validate.Range(min=0, max=2**63 - 1),
        metadata={"description": "Position in that log, from 0 (位置)"},
    )


@question("ledger", "authority_check")
class AuthorityCheck(Question):
    """Re-check every approval against who held the power when it was decided (权限复核)."""

    programme = Code(
        load_default=None, metadata={"description": "Only this programme's approvals (实施方案)"}
    )
