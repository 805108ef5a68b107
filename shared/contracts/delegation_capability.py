"""Contracts of delegation's events: training, operators, accounts, guidance, staff."""

from marshmallow import fields, validate

from shared.contracts.delegation_fields import (
    a_day,
    an_id,
    an_instant,
    day_or_none,
    id_or_none,
    ids,
)
from shared.contracts.events import EventSchema, contract

SYSTEMS = ("approval", "linkage")
DIRECTIONS = ("down", "up")
FORMS = ("training", "on_site", "model_case", "online")
CONTRACT_KINDS = ("own_staff", "provided", "contractor")

# Training


@contract("delegation.TrainingPlanSet")
class TrainingPlanSet(EventSchema):
    """A department's training plan for its items (R093)."""

    department_id = an_id()
    item_ids = ids()
    plan_ref = an_id()


@contract("delegation.TrainingHeld")
class TrainingHeld(EventSchema):
    """A session on items, for towns or for one unit, with participants and material (R093)."""

    held_by_org_id = an_id()
    item_ids = ids()
    town_ids = ids()
    unit_id = id_or_none()
    attendee_ids = ids()
    materials = ids()
    held_on = a_day()


@contract("delegation.CapabilityConfirmed")
class CapabilityConfirmed(EventSchema):
    """An assessment: these operators of a town or unit can do all the work on the items (R099)."""

    town_id = an_id()
    operator_ids = ids()
    item_ids = ids()
    assessed_by_org_id = an_id()
    on = a_day()


# Guidance


@contract("delegation.GuidanceRequested")
class GuidanceRequested(EventSchema):
    """A town asks the department of an item (R102)."""

    question_id = an_id()
    town_id = an_id()
    item_id = an_id()
    department_id = an_id()
    text_ref = an_id()
    asked_on = a_day()


@contract("delegation.GuidanceGiven")
class GuidanceGiven(EventSchema):
    """The department's dated answer, in one of four forms (R102)."""

    question_id = an_id()
    form = fields.String(required=True, validate=validate.OneOf(FORMS))
    answer_ref = an_id()
    answered_by_org_id = an_id()
    on = a_day()


# Staff and operators


@contract("delegation.PersonnelTransferred")
class PersonnelTransferred(EventSchema):
    """Approval staff of a department follow its items (R098, R205).

    ``approval_staff_total`` is what the department had before any transfer, in each of its events;
    ``transferred`` is what moved this time.
    """

    unit_id = an_id()
    from_org_id = an_id()
    to_org_id = an_id()
    approval_staff_total = fields.Integer(required=True)
    transferred = fields.Integer(required=True)
    effective_on = a_day()


@contract("delegation.OperatorAssigned")
class OperatorAssigned(EventSchema):
    """Who employs an operator, and which organ the operator acts for (R097).

    ``to`` is the last day. An earlier assignment ends where this one begins.
    """

    operator_id = an_id()
    employer_org_id = an_id()
    acting_org_id = an_id()
    contract_kind = fields.String(required=True, validate=validate.OneOf(CONTRACT_KINDS))
    from_ = fields.Date(required=True, data_key="from")
    to = day_or_none()


@contract("delegation.SecondmentStarted")
class SecondmentStarted(EventSchema):
    """An officer goes down to help, or a learner goes up to be taught (R094)."""

    operator_id = an_id()
    direction = fields.String(required=True, validate=validate.OneOf(DIRECTIONS))
    from_org_id = an_id()
    to_org_id = an_id()
    item_ids = ids()
    from_ = fields.Date(required=True, data_key="from")


@contract("delegation.SecondmentEnded")
class SecondmentEnded(EventSchema):
    """A secondment is over; ``to`` is its last day (R094)."""

    operator_id = an_id()
    to = a_day()


# Accounts


@contract("delegation.SystemAccountGranted")
class SystemAccountGranted(EventSchema):
    """Login rights of an operator for an organ, bounded by its items and facets (R092)."""

    account_id = an_id()
    system = fields.String(required=True, validate=validate.OneOf(SYSTEMS))
    org_id = an_id()
    operator_id = an_id()
    item_ids = ids()
    facets = ids()
    valid_from = an_instant()
    valid_to = fields.AwareDateTime(format="iso", required=True, allow_none=True)


@contract("delegation.SystemAccountNarrowed")
class SystemAccountNarrowed(EventSchema):
    """The account has these items and facets no more (R092, R181)."""

    account_id = an_id()
    removed_item_ids = ids()
    removed_facets = ids()
    from_ = fields.AwareDateTime(format="iso", required=True, data_key="from")


@contract("delegation.SystemAccountRevoked")
class SystemAccountRevoked(EventSchema):
    """Nobody may log in with the account any more (R092)."""

    account_id = an_id()
    from_ = fields.AwareDateTime(format="iso", required=True, data_key="from")
    reason = an_id()
