"""What may be asked of the delegation service: needs of the towns, coverage of their claims."""

from marshmallow import fields

from shared.contracts.asked_delegation_fields import (
    PROGRAMME,
    TOWN,
    OfProgramme,
    OfTown,
    a_day,
    code,
    code_or_none,
    day_or_none,
    one_of,
    text,
)
from shared.contracts.requests import Question, command, question

LEVELS = ("county", "district", "city")
ANSWERS = ("add", "not_now")


@command("delegation", "record_need")
class RecordNeed(OfTown):
    """A town asks for a power, 反映用权需求 (R006, R030, R043)."""

    matter = code("the matter in the town's words")
    power_level = one_of(LEVELS, "whose power it concerns: county, district or city")
    item = code_or_none("item of the catalogue, where it is one")
    raised_on = a_day("day on which it was raised")


@command("delegation", "answer_need")
class AnswerNeed(OfProgramme):
    """The county or district answers a need, 答复用权需求 (R043)."""

    need = fields.UUID(required=True, metadata={"description": "need id"})
    answer = one_of(ANSWERS, "add or not_now")
    reason = text("why not now")
    answered_on = a_day("day of the answer")


@command("delegation", "escalate_needs")
class EscalateNeeds(OfProgramme):
    """A district reports its towns' city-level needs to the city, 汇总上报市里 (R006)."""

    district = code("the county or district government that reports")
    needs = fields.List(
        fields.UUID(), load_default=list,
        metadata={"description": "needs; empty: all open city-level needs of its towns"},
    )
    submitted_on = a_day("day of the report")


@command("delegation", "decide_need")
class DecideNeed(OfProgramme):
    """The city government decides on a need that was reported, 研究进行赋权 (R006)."""

    batch = fields.UUID(required=True, metadata={"description": "id of the district's report"})
    need = fields.UUID(required=True, metadata={"description": "need id"})
    decision = one_of(ANSWERS, "add or not_now")
    reason = text("why not now")
    decided_by = code("the city government")
    decided_on = a_day("day of the decision")


@command("delegation", "compute_coverage")
class ComputeCoverage(OfTown):
    """Record how much of what it could claim a town has claimed, 应领尽领 (R032)."""

    on = a_day("day of the figures")


@question("delegation", "needs")
class Needs(Question):
    """Needs of the towns and what became of each, 用权需求 (R006, R043)."""

    programme = code(PROGRAMME)
    town = code_or_none(f"of this town only, e.g. {TOWN}")
    open_on = day_or_none("only those raised and not answered by then: the agenda of that day")


@question("delegation", "claim_coverage")
class ClaimCoverage(Question):
    """Coverage of claims by town and by tier as it stands, 领取情况 (R032)."""

    programme = code(PROGRAMME)
    town = code_or_none(f"of this town only, e.g. {TOWN}")
    tier = code_or_none("of towns of this tier only, e.g. 经济发达镇")
