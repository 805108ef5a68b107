"""What may be asked of the ledger."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

# All but the last register their questions.
from shared.contracts import (  # noqa: F401
    asked_ledger_facts,
    asked_ledger_receipts,
    asked_ledger_witness,
    pages,
)
from shared.contracts.delegation_fields import FACETS
from shared.contracts.events import SERVICES
from shared.contracts.requests import Code, Question, question


def _known_at() -> fields.AwareDateTime:
    return fields.AwareDateTime(
        format="iso",
        load_default=None,
        metadata={"description": "As known at this instant (已知时点); without it, as known now"},
    )


@question("ledger", "holders")
class Holders(Question):
    """Who held a facet of a power at an instant, as known at another (权力查询)."""

    programme = Code(
        load_default=None,
        metadata={"description": "Programme of the item (实施方案); another's item is refused"},
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
    known_at = _known_at()


@question("ledger", "held_by")
class HeldBy(Question):
    """What an organ held at an instant, as known at another, page by page (某单位的权力)."""

    org = Code(required=True, metadata={"description": "Organ (单位)"})
    at = fields.AwareDateTime(
        format="iso",
        required=True,
        metadata={"description": "The instant asked about (生效时点)"},
    )
    known_at = _known_at()
    beyond = pages.beyond()
    limit = pages.limit()


@question("ledger", "history")
class History(Question):
    """Every interval of a facet in a town on both clocks, with the facts behind it (权力履历)."""

    item = Code(required=True, metadata={"description": "Item (事项)"})
    town = Code(required=True, metadata={"description": "Town or unit (镇街)"})
    facet = fields.String(
        required=True,
        validate=validate.OneOf(FACETS),
        metadata={"description": "Facet of the power (权能)"},
    )


@question("ledger", "prove")
class Prove(Question):
    """Prove that every power had an acceptor and one decider throughout (权限连续性证明)."""

    programme = Code(
        load_default=None, metadata={"description": "Only this programme (实施方案)"}
    )
    item = Code(load_default=None, metadata={"description": "Only this item (事项)"})
    town = Code(load_default=None, metadata={"description": "Only this town or unit (镇街)"})
    known_at = _known_at()


@question("ledger", "timeline")
class Timeline(Question):
    """One item across the towns, or one town across the items, with its picture (权力沿革图)."""

    item = Code(load_default=None, metadata={"description": "The item (事项); or the town"})
    town = Code(load_default=None, metadata={"description": "The town or unit (镇街); or the item"})
    known_at = _known_at()

    @validates_schema
    def _one_of_them(self, data: Mapping[str, Any], **_: Any) -> None:
        if (data["item"] is None) == (data["town"] is None):
            raise ValidationError({"item": ["Name either an item or a town."]})


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


@question("ledger", "entries")
class Entries(Question):
    """Facts as recorded, from any position of a log on, page by page (事件重放)."""

    source = fields.String(
        required=True,
        validate=validate.OneOf(SERVICES),
        metadata={"description": "The service whose log is meant (来源)"},
    )
    first = fields.Integer(
        data_key="from",
        load_default=0,
        validate=validate.Range(min=0, max=2**53),
        metadata={"description": "First position wanted, from 0 (起始位置)"},
    )
    limit = fields.Integer(
        load_default=500,
        validate=validate.Range(min=1, max=1000),
        metadata={"description": "At most so many (条数上限)"},
    )
    types = fields.List(
        Code(),
        load_default=list,
        validate=validate.Length(max=200),
        metadata={"description": "Only events of these types; none: all (事件类型)"},
    )


@question("ledger", "audit")
class Audit(Question):
    """Judge every recorded act again by the rules, and name each violation (全史核查)."""

    programme = Code(
        load_default=None, metadata={"description": "Only this programme's acts (实施方案)"}
    )
    before = fields.AwareDateTime(
        format="iso",
        load_default=None,
        metadata={"description": "Only acts done before this instant (截至)"},
    )
    known_at = _known_at()


@question("ledger", "authority_check")
class AuthorityCheck(Question):
    """Re-check every approval against who held the power when it was decided (权限复核)."""

    programme = Code(
        load_default=None, metadata={"description": "Only this programme's approvals (实施方案)"}
    )
