"""Contracts of delegation's events: the life of a grant between its decision and its end."""

from marshmallow import Schema, fields, validate

from shared.calendar import UNITS
from shared.contracts.delegation_fields import (
    a_day,
    an_id,
    an_instant,
    day_or_none,
    id_or_none,
    ids,
    rows,
)
from shared.contracts.events import EventSchema, contract

ANSWERS = ("met", "not_met")
RESULTS = ("independent", "not_independent")
STEPS = ("accept", "review", "forward", "total")


class RejectedMode(Schema):
    """A mode that the notice prefers, and why the item does not allow it."""

    mode = an_id()
    reason = an_id()
    criterion_id = an_id()
    criterion = id_or_none()


class StepLimit(Schema):
    """How long a step may take; the town sets it, the notice names no number."""

    value = fields.Integer(required=True)
    unit = fields.String(required=True, validate=validate.OneOf(UNITS))


class OfGrant(EventSchema):
    """What happens to the grant of one item to one town."""

    grant_id = an_id()
    item_id = an_id()
    town_id = an_id()


@contract("delegation.ModeAssessed")
class ModeAssessed(EventSchema):
    """Whether an item meets a mode's criterion, in the notice's words (R051, R057)."""

    item_id = an_id()
    town_id = id_or_none()
    mode = an_id()
    criterion_id = an_id()
    criterion = id_or_none()
    answer = fields.String(required=True, validate=validate.OneOf(ANSWERS))
    reason = an_id()
    earlier_modes_rejected = rows(RejectedMode)
    assessed_by_org_id = an_id()


@contract("delegation.HandlingBodyAssigned")
class HandlingBodyAssigned(OfGrant):
    """The town names the body in it that handles the item (R042)."""

    body_org_id = an_id()
    from_ = fields.Date(required=True, data_key="from")


@contract("delegation.ForwardingMechanismRegistered")
class ForwardingMechanismRegistered(OfGrant):
    """How a town passes on what it has reviewed (R055)."""

    reviewer_org_id = an_id()
    deputy_org_id = id_or_none()
    target_org_id = an_id()
    limits = fields.Dict(
        keys=fields.String(), values=fields.Nested(StepLimit), required=True
    )


@contract("delegation.TransitionStarted")
class TransitionStarted(OfGrant):
    """The town begins under guidance; ``until`` is null where nobody has set an end (R095)."""

    until = day_or_none()


@contract("delegation.TransitionEnded")
class TransitionEnded(EventSchema):
    """The transition has ended, with an assessment of whether the town works alone (R095)."""

    grant_id = an_id()
    assessment_result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    assessment_ref = an_id()
    ended_on = a_day()


@contract("delegation.GrantModeChanged")
class GrantModeChanged(OfGrant):
    """A grant ends, and another of another mode begins at the same instant (R184)."""

    successor_grant_id = an_id()
    from_mode = an_id()
    to_mode = an_id()
    effective_from = an_instant()
    decided_by_org_id = an_id()
    agreement_id = id_or_none()
    transition_until = day_or_none()
    in_flight_policy = id_or_none()


@contract("delegation.GrantScopeChanged")
class GrantScopeChanged(OfGrant):
    """Other sub-items move under the same grant, from an instant on (R013, R183)."""

    scope_before = ids()
    scope_after = ids()
    effective_from = an_instant()
    in_flight_policy = id_or_none()
