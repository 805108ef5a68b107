"""Facts of operators at work, the same for every service: what was set aside and taken up again."""

from marshmallow import Schema, fields

from shared.contracts.events import SERVICES, EventSchema, contract

EVENTS = ("ParkedRetried", "ParkedDiscarded")


class ParkedRef(Schema):
    """A parked fact or message as the operator saw it; no position: it was no fact."""

    id = fields.Integer(required=True)
    source = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True, allow_none=True)


class Mended(EventSchema):
    """An operator let parked facts be tried again, or discarded them, for a reason."""

    consumer = fields.String(required=True)
    parked = fields.List(fields.Nested(ParkedRef), required=True)
    reason = fields.String(required=True)


for _service in SERVICES:
    for _event in EVENTS:
        contract(f"{_service}.{_event}")(type(_event, (Mended,), {"__doc__": Mended.__doc__}))
