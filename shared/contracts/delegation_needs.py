"""Contracts of delegation's events: needs, their way up to the city, coverage of claims."""

from marshmallow import fields

from shared.contracts.delegation_fields import a_day, an_id, day_or_none, id_or_none, ids
from shared.contracts.events import EventSchema, contract


@contract("delegation.NeedRecorded")
class NeedRecorded(EventSchema):
    """A town asks for a power (R006, R030, R043)."""

    need_id = an_id()
    town_id = an_id()
    matter = an_id()
    power_level = an_id()
    item_id = id_or_none()
    raised_on = a_day()


@contract("delegation.NeedAnswered")
class NeedAnswered(EventSchema):
    """The need is answered: add, or not now and why (R043)."""

    need_id = an_id()
    town_id = an_id()
    answer = an_id()
    reason = id_or_none()
    answered_on = a_day()


@contract("delegation.CityLevelNeedEscalated")
class CityLevelNeedEscalated(EventSchema):
    """A district has reported its towns' city-level needs to the city (R006)."""

    batch_id = an_id()
    district_id = an_id()
    need_ids = ids()
    submitted_to_org_id = an_id()
    submitted_on = a_day()
    due_on = day_or_none()


@contract("delegation.CityLevelNeedDecided")
class CityLevelNeedDecided(EventSchema):
    """The city government has decided on a need that was reported (R006)."""

    batch_id = an_id()
    need_id = an_id()
    decision = an_id()
    reason = id_or_none()
    decided_by_org_id = an_id()
    decided_on = a_day()


@contract("delegation.ClaimCoverageComputed")
class ClaimCoverageComputed(EventSchema):
    """How much of what it could claim a town has claimed (R032)."""

    town_id = an_id()
    tier = id_or_none()
    claimed = fields.Integer(required=True)
    deferred = fields.Integer(required=True)
    unexplained = fields.Integer(required=True, allow_none=True)
    of = fields.Integer(required=True)
    computed_on = a_day()
