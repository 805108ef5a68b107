"""Contracts of delegation's events: another organ in the place of one that is no more."""

from marshmallow import fields, validate

from shared.contracts.delegation_fields import a_day, an_id, an_instant, ids
from shared.contracts.events import EventSchema, contract

ROLES = ("decided_by_org_id", "power_owner_org_id", "act_supervisor_org_id")


@contract("delegation.GrantSucceeded")
class GrantSucceeded(EventSchema):
    """The same grant or transfer, with a successor in every place of a closed organ (R131)."""

    grant_id = an_id()
    item_id = an_id()
    town_id = an_id()
    from_org_id = an_id()
    to_org_id = an_id()
    roles = fields.List(fields.String(validate=validate.OneOf(ROLES)), required=True)
    facets = ids()
    effective_from = an_instant()


@contract("delegation.AgreementSucceeded")
class AgreementSucceeded(EventSchema):
    """The same agreement, with a successor in the place of a closed party (R182)."""

    agreement_id = an_id()
    from_org_id = an_id()
    to_org_id = an_id()
    department_id = an_id()
    parties = ids()
    effective_on = a_day()
