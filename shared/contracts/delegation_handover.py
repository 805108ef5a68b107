"""Contracts of delegation's events: hand-over, resources, a town's papers and rules."""

from marshmallow import fields

from shared.contracts.delegation_fields import a_day, an_id, id_or_none, ids
from shared.contracts.events import EventSchema, contract


def number_or_none() -> fields.Integer:
    return fields.Integer(required=True, allow_none=True)


# Hand-over


@contract("delegation.HandoverLineDelivered")
class HandoverLineDelivered(EventSchema):
    """The giver has delivered one line of the checklist (R090)."""

    handover_id = an_id()
    grant_id = id_or_none()
    transfer_id = id_or_none()
    town_id = an_id()
    item_id = an_id()
    line = fields.Integer(required=True)
    kind = an_id()
    name = an_id()
    given_by_org_id = an_id()
    quantity = number_or_none()
    numbers = id_or_none()
    on = a_day()


@contract("delegation.HandoverLineConfirmed")
class HandoverLineConfirmed(EventSchema):
    """The taker has confirmed one line of the checklist (R090, R100)."""

    handover_id = an_id()
    line = fields.Integer(required=True)
    kind = an_id()
    name = an_id()
    confirmed_by_org_id = an_id()
    quantity = number_or_none()
    on = a_day()


@contract("delegation.HandoverCompleted")
class HandoverCompleted(EventSchema):
    """Every line that was due is confirmed (R090, R100)."""

    handover_id = an_id()
    grant_id = id_or_none()
    transfer_id = id_or_none()
    on = a_day()


@contract("delegation.ResourceProvided")
class ResourceProvided(EventSchema):
    """A department has provided people, technology, funds or network ports (R101)."""

    department_id = an_id()
    town_id = an_id()
    kind = an_id()
    description = an_id()
    on = a_day()


# A town's papers and rules


@contract("delegation.TakeoverPlanFiled")
class TakeoverPlanFiled(EventSchema):
    """A town has filed its take-over plan, or the next version of it (R045, R201)."""

    town_id = an_id()
    version = fields.Integer(required=True)
    file_ref = an_id()
    recipient_org_id = an_id()
    filed_on = a_day()


@contract("delegation.ServiceGuideFiled")
class ServiceGuideFiled(EventSchema):
    """A town has filed its service guides of some items (R201)."""

    town_id = an_id()
    item_ids = ids()
    file_ref = an_id()
    recipient_org_id = an_id()
    filed_on = a_day()


@contract("delegation.ManualFiled")
class ManualFiled(EventSchema):
    """A town has filed its handling manual (R201)."""

    town_id = an_id()
    file_ref = an_id()
    recipient_org_id = an_id()
    filed_on = a_day()


@contract("delegation.CentreRuleRegistered")
class CentreRuleRegistered(EventSchema):
    """A basic rule of a centre, or its next version, is registered (R085)."""

    centre_id = an_id()
    kind = an_id()
    version = fields.Integer(required=True)
    in_force_from = a_day()
