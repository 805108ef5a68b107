"""Contracts of catalog's events: windows, hours, stations, partner sites, bureaus, coordinators."""

from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import OneOf, Range, Regexp

from shared.contracts.events import EventSchema, contract

WINDOW_KINDS = ("comprehensive", "acceptance")
CHANNEL_KINDS = ("online", "kiosk", "bank", "post", "clinic", "shop")
CLOCK = Regexp(r"([01]\d|2[0-3]):[0-5]\d\Z")


class Slot(Schema):
    """A time of day on a weekday in Asia/Shanghai."""

    weekday = fields.Integer(required=True, validate=Range(1, 7), metadata={
        "description": "1: Monday … 7: Sunday"
    })
    opens = fields.String(required=True, validate=CLOCK)
    closes = fields.String(required=True, validate=CLOCK)


@contract("catalog.WindowOpened")
class WindowOpened(EventSchema):
    """A window of a centre accepts from that day on; no items named: every one (R068)."""

    window_id = fields.String(required=True)
    centre_id = fields.String(required=True)
    town_id = fields.String(required=True)
    kind = fields.String(required=True, validate=OneOf(WINDOW_KINDS))
    item_ids = fields.List(fields.String(), required=True)
    opened_on = fields.Date(required=True)


@contract("catalog.WindowClosed")
class WindowClosed(EventSchema):
    """A window accepts nothing from that day on (R068)."""

    window_id = fields.String(required=True)
    closed_on = fields.Date(required=True)
    reason = fields.String(required=True)


@contract("catalog.OpeningHoursSet")
class OpeningHoursSet(EventSchema):
    """The hours of a centre, with its staggered and extended ones apart (R129)."""

    centre_id = fields.String(required=True)
    slots = fields.List(fields.Nested(Slot, unknown=EXCLUDE), required=True)
    extended_slots = fields.List(fields.Nested(Slot, unknown=EXCLUDE), required=True)


@contract("catalog.StationRegistered")
class StationRegistered(EventSchema):
    """A village's help point under a centre; it can hold no facet (R210)."""

    station_id = fields.String(required=True)
    centre_id = fields.String(required=True)
    town_id = fields.String(required=True)
    name = fields.String(required=True)
    services = fields.List(fields.String(), required=True)


@contract("catalog.ChannelRegistered")
class ChannelRegistered(EventSchema):
    """A partner site or terminal, and what can be handed in there (R211)."""

    channel_id = fields.String(required=True)
    kind = fields.String(required=True, validate=OneOf(CHANNEL_KINDS))
    place = fields.String(required=True)
    item_ids = fields.List(fields.String(), required=True)


@contract("catalog.BureauEstablished")
class BureauEstablished(EventSchema):
    """An approval bureau was set up, within the quota, with its name-plates (R204)."""

    org_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    plates = fields.List(fields.String(), required=True)
    quota_ok = fields.Boolean(required=True)
    quota_ref = fields.String(required=True, allow_none=True)
    established_on = fields.Date(required=True)


@contract("catalog.BureauOpened")
class BureauOpened(EventSchema):
    """An approval bureau serves the public (R205)."""

    org_id = fields.String(required=True)
    opened_on = fields.Date(required=True)


@contract("catalog.CoordinatorSet")
class CoordinatorSet(EventSchema):
    """An organ coordinates the programme: it sees and assigns, and decides nothing (R208)."""

    org_id = fields.String(required=True)
    from_ = fields.Date(required=True, data_key="from")
