"""Contracts of catalog's events on the working of items: standards, figures, guides."""

from marshmallow import fields
from marshmallow.validate import OneOf

from shared.contracts.events import EventSchema, contract

STANDARD_KINDS = ("norm", "process", "discretion", "conditions", "method", "supervision")
LIMIT_UNITS = ("working_day", "calendar_day", "hour")
ONLINE = ("available", "exempt")
LIST_STATUS = ("in_force", "abolished")


@contract("catalog.ItemSupervisorAssigned")
class ItemSupervisorAssigned(EventSchema):
    """Who supervises the item, what, and by which measures (R016)."""

    item_id = fields.String(required=True)
    supervising_org_id = fields.String(required=True)
    supervision_content = fields.String(required=True)
    measures = fields.List(fields.String(), required=True)
    from_ = fields.Date(required=True, data_key="from")


@contract("catalog.ItemOnlineStatusSet")
class ItemOnlineStatusSet(EventSchema):
    """Whether the item can be done online; if not, why (R025)."""

    item_id = fields.String(required=True)
    status = fields.String(required=True, validate=OneOf(ONLINE))
    exemption_reason = fields.String(required=True, allow_none=True)


@contract("catalog.ItemLinkedAsSameMatter")
class ItemLinkedAsSameMatter(EventSchema):
    """Two items are one matter, under two names or in two programmes (R012)."""

    item_id = fields.String(required=True)
    other_item_id = fields.String(required=True)
    basis = fields.String(required=True)


@contract("catalog.ItemFieldTagged")
class ItemFieldTagged(EventSchema):
    """The item is of one of the notice's priority fields (R024)."""

    item_id = fields.String(required=True)
    field = fields.String(required=True)


@contract("catalog.ItemStandardIssued")
class ItemStandardIssued(EventSchema):
    """The first standard of its kind for the item (R017, R019)."""

    item_id = fields.String(required=True)
    kind = fields.String(required=True, validate=OneOf(STANDARD_KINDS))
    version = fields.Integer(required=True)
    issuer_org_id = fields.String(required=True)
    ref = fields.String(required=True)
    in_force_from = fields.Date(required=True)


@contract("catalog.ItemStandardRevised")
class ItemStandardRevised(ItemStandardIssued):
    """A later standard of its kind; the one it replaces stays on record (R017)."""

    replaces = fields.Integer(required=True)


@contract("catalog.ItemBaselineRecorded")
class ItemBaselineRecorded(EventSchema):
    """Steps, time limit and materials as they were before the item moved (R140, R143)."""

    item_id = fields.String(required=True)
    steps = fields.Integer(required=True)
    limit_value = fields.Integer(required=True)
    limit_unit = fields.String(required=True, validate=OneOf(LIMIT_UNITS))
    materials = fields.Integer(required=True)
    taken_on = fields.Date(required=True)


@contract("catalog.ItemBaselineCorrected")
class ItemBaselineCorrected(EventSchema):
    """A wrong baseline was corrected; both values stay (R143)."""

    item_id = fields.String(required=True)
    old = fields.Dict(required=True)
    new = fields.Dict(required=True)
    reason = fields.String(required=True)


@contract("catalog.ItemProcessRevised")
class ItemProcessRevised(EventSchema):
    """Steps, time limit and materials in one town, or in all (R140, R142)."""

    item_id = fields.String(required=True)
    town_id = fields.String(required=True, allow_none=True)
    steps = fields.Integer(required=True)
    limit_value = fields.Integer(required=True)
    limit_unit = fields.String(required=True, validate=OneOf(LIMIT_UNITS))
    materials = fields.Integer(required=True)
    version = fields.Integer(required=True)


@contract("catalog.ReductionRuleBreached", refusal=True)
class ReductionRuleBreached(EventSchema):
    """Figures above the baseline were asked for and refused (R140)."""

    item_id = fields.String(required=True)
    town_id = fields.String(required=True, allow_none=True)
    before = fields.Dict(required=True)
    after = fields.Dict(required=True)
    reason_code = fields.String(required=True)
    reason_zh = fields.String(required=True)
    facts = fields.Dict(required=True)


@contract("catalog.ServiceGuidePublished")
class ServiceGuidePublished(EventSchema):
    """The one current guide of the item, for one town or for all (R018, R142)."""

    item_id = fields.String(required=True)
    town_id = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    author_org_id = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)
    warnings = fields.List(fields.String(), required=True)
    published_at = fields.AwareDateTime(required=True, format="iso")


@contract("catalog.PowerListEntryRecorded")
class PowerListEntryRecorded(EventSchema):
    """An item is on its department's power-and-responsibility list, or off it (R023)."""

    org_id = fields.String(required=True)
    item_id = fields.String(required=True)
    status = fields.String(required=True, validate=OneOf(LIST_STATUS))
    from_ = fields.Date(required=True, data_key="from")
