"""Contract of the event that every log has of itself: its signing key hands over to the next."""

from marshmallow import fields
from marshmallow.validate import OneOf

from shared.contracts.events import EventSchema, contract
from shared.log.keys import ALGORITHMS


class Rotated(EventSchema):
    """From the first checkpoint on that covers this event, the new key signs (keys.md).

    The keys are verifier keys as C2SP signed-note writes them, so public, with the log's name.
    """

    old_key = fields.String(required=True)
    new_key = fields.String(required=True)
    algorithm = fields.String(required=True, validate=OneOf(tuple(ALGORITHMS)))
    rotated_at = fields.AwareDateTime(required=True, format="iso")
    reason = fields.String(required=True)


@contract("catalog.SigningKeyRotated")
class OfCatalog(Rotated):
    """The catalogue's log has another signing key."""


@contract("delegation.SigningKeyRotated")
class OfDelegation(Rotated):
    """The delegation log has another signing key."""


@contract("cases.SigningKeyRotated")
class OfCases(Rotated):
    """The cases' log has another signing key."""


@contract("supervision.SigningKeyRotated")
class OfSupervision(Rotated):
    """The supervision log has another signing key."""
