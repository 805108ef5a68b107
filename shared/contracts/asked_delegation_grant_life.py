"""What may be asked of the delegation service: the life of a grant before its end."""

from marshmallow import Schema, fields, validate

from shared.calendar import UNITS
from shared.contracts.asked_delegation_fields import (
    AGREEMENT,
    ITEM,
    PROGRAMME,
    TOWN,
    OfGrant,
    OfProgramme,
    OfTown,
    OfTownAndItem,
    a_day,
    code,
    code_or_none,
    codes,
    day_or_none,
    one_of,
)
from shared.contracts.delegation_grant_life import ANSWERS, RESULTS, STEPS
from shared.contracts.requests import Code, Question, command, question

MODE = "mode, e.g. entrusted_handling"


class RejectedModeAsked(Schema):
    """A mode that the notice prefers, and why it is not possible."""

    mode = code(MODE)
    reason = code("why the item does not allow it")


class StepLimitAsked(Schema):
    """How long one step of the mechanism may take."""

    step = one_of(STEPS, "the step")
    value = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=0),
        metadata={"description": "how many"},
    )
    unit = one_of(UNITS, "unit of the value")


# Modes


@command("delegation", "assess_mode")
class AssessMode(OfProgramme):
    """Answer a mode's legal criterion for an item, 方式评估 (R051, R057)."""

    item = code(ITEM)
    town = code_or_none("town that the answer is for; left out: every town")
    mode = code(MODE)
    answer = one_of(ANSWERS, "whether the item meets the mode's criterion")
    reason = code("on what the answer rests")
    earlier_modes_rejected = fields.List(
        fields.Nested(RejectedModeAsked), load_default=list,
        metadata={"description": "modes that the notice prefers, with why they are not possible"},
    )
    assessed_by = code("the organ that assesses")


@command("delegation", "change_mode")
class ChangeMode(OfGrant):
    """End a grant and begin its successor in another mode, at one instant, 方式变更 (R184)."""

    mode = code(MODE)
    effective_from = a_day("first day of the new mode")
    decided_by = code_or_none("the grantor; left out: as the programme says (R003)")
    agreement = fields.UUID(
        load_default=None, allow_none=True,
        metadata={"description": f"{AGREEMENT}; left out: the signed one that covers the item"},
    )
    transition_until = day_or_none("last day of the successor's transition, if one is set (R095)")


@command("delegation", "begin_successor")
class BeginSuccessor(OfGrant):
    """Begin the successor of a grant whose mode was changed (R184); a policy issues it."""


@command("delegation", "change_scope")
class ChangeScope(OfGrant):
    """Let other sub-items move under a grant, 范围变更 (R013, R183)."""

    scope = codes("sub-items from then on; empty: as the catalogue defines", required=False)
    effective_from = a_day("first day of the new scope")


@command("delegation", "alter_list_entry")
class AlterListEntry(OfTownAndItem):
    """Let a town's list follow a changed grant (R183); a policy issues it."""

    mode = code_or_none("the new mode; left out: as it is")
    scope = fields.List(
        Code(), load_default=None, allow_none=True,
        metadata={"description": "the new sub-items; left out: as they are"},
    )
    reason = code("why")


# Before and after the start


@command("delegation", "assign_handling_body")
class AssignHandlingBody(OfGrant):
    """Name the body in the town that handles the item, 确定具体承办机构 (R042)."""

    body = code("the body, e.g. MD2023-TOWN-08-CENTRE")
    since = a_day("first day")


@command("delegation", "assign_handling_bodies")
class AssignHandlingBodies(OfTown):
    """Name one body for every grant of a town that has none yet (R042)."""

    body = code("the body, e.g. MD2023-TOWN-08-CENTRE")
    since = a_day("first day")


@command("delegation", "register_mechanism")
class RegisterMechanism(OfGrant):
    """Register how the town passes on what it has reviewed, 审核转报机制 (R055)."""

    reviewer = code("the body of the town that reviews")
    deputy = code_or_none("the body that stands in for it")
    target = code("the department that decides")
    limits = fields.List(
        fields.Nested(StepLimitAsked), load_default=list,
        metadata={"description": "limits that the town sets for its steps"},
    )


@command("delegation", "end_transition")
class EndTransition(OfGrant):
    """End a grant's transition with an assessment, 过渡期评估 (R095)."""

    assessment_result = one_of(RESULTS, "whether the town works on its own")
    assessment_ref = code("the assessment")
    ended_on = a_day("day on which the transition ended")


@command("delegation", "end_transitions")
class EndTransitions(OfTown):
    """End the transition of every grant of a town that is still in it (R095)."""

    assessment_result = one_of(RESULTS, "whether the town works on its own")
    assessment_ref = code("the assessment")
    ended_on = a_day("day on which the transitions ended")


# Questions


@question("delegation", "readiness")
class Readiness(Question):
    """What is missing before an item, or a whole town, can start, 开办条件 (R042, R091)."""

    programme = code(PROGRAMME)
    town = code(TOWN)
    item = code_or_none(f"{ITEM}; left out: every item granted to the town or on its list")
    on = day_or_none("as of that day; left out: the day on which the grant takes effect")


@question("delegation", "transitions")
class Transitions(Question):
    """Transitions as they stand when a day begins, with those past their end, 过渡期 (R095)."""

    programme = code(PROGRAMME)
    town = code_or_none(TOWN)
    on = a_day("the day that begins")


@question("delegation", "mode_assessments")
class ModeAssessments(Question):
    """The answers to the modes' criteria, and grants whose earlier modes have none (R051, R057)."""

    programme = code(PROGRAMME)
    item = code_or_none(ITEM)
