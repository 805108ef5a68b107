"""What may be asked of the delegation service: the end of many grants, and what would follow."""

from marshmallow import fields

from shared.contracts.asked_delegation_fields import (
    AGREEMENT,
    GRANT,
    ITEM,
    PROGRAMME,
    TOWN,
    OfProgramme,
    a_day,
    code,
    code_or_none,
    day_or_none,
    one_of,
)
from shared.contracts.requests import Question, command, question

WOULD_END = "day from which the town would no longer hold the power; left out: not said"


@command("delegation", "recall_item")
class RecallItem(OfProgramme):
    """Recall an item from every town that holds it, 整项收回 (R046, R180)."""

    item = code(ITEM)
    ground = one_of(("law_forbids", "item_abolished"), "why: the law forbids it, or it is no more")
    decided_on = a_day("day of the decision")
    effective_from = a_day("day from which no town holds the power any longer")


@question("delegation", "recalls")
class Recalls(Question):
    """Recalls with their steps and the next one: propose, hear the town, decide, publish (R180)."""

    programme = code(PROGRAMME)
    town = code_or_none(TOWN)


@question("delegation", "recall_consequences")
class RecallConsequences(Question):
    """What a recall would lead to, without recording it, 收回预演 (R067, R131, R181, R182)."""

    programme = code(PROGRAMME)
    grant = fields.UUID(required=True, metadata={"description": GRANT})
    effective_from = day_or_none(WOULD_END)


@question("delegation", "expiry_consequences")
class ExpiryConsequences(Question):
    """What the end of an agreement's term would lead to, 到期预演 (R075)."""

    programme = code(PROGRAMME)
    agreement = fields.UUID(required=True, metadata={"description": AGREEMENT})


@question("delegation", "abolition_consequences")
class AbolitionConsequences(Question):
    """What would follow if an item were recalled from every town, 整项收回预演 (R180)."""

    programme = code(PROGRAMME)
    item = code(ITEM)
    effective_from = day_or_none(WOULD_END)


@question("delegation", "mode_change_consequences")
class ModeChangeConsequences(Question):
    """What another mode of a grant would lead to, 方式变更预演 (R184)."""

    programme = code(PROGRAMME)
    grant = fields.UUID(required=True, metadata={"description": GRANT})
    mode = code("the new mode, e.g. entrusted_acceptance")
    effective_from = day_or_none("first day of the new mode; left out: not said")


@question("delegation", "constraint_consequences")
class ConstraintConsequences(Question):
    """Which grants a legal bar would put under review, and what then, 法律限制预演 (R046)."""

    programme = code(PROGRAMME)
    item = code(ITEM)
    kind = one_of(("entrust_forbidden", "devolve_forbidden"), "kind of the bar")
    norm_rank = code("rank of the norm, e.g. regulation")
