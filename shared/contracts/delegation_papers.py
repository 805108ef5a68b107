"""Contracts of delegation's events: agreements and seals."""

from typing import ClassVar

from marshmallow import Schema, fields

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


class Clause(Schema):
    """One clause of an agreement, by its name in the notice."""

    key = an_id()
    text_ref = id_or_none()


# Agreements


@contract("delegation.AgreementDrafted")
class AgreementDrafted(EventSchema):
    """The draft of an agreement between a department and a town or unit (R070, R072, R074)."""

    agreement_id = an_id()
    kind = an_id()
    department_id = an_id()
    town_id = an_id()
    parties = ids()
    item_ids = ids()
    clauses = rows(Clause)
    term_from = day_or_none()
    term_to = day_or_none()
    transfer_at = fields.AwareDateTime(format="iso", required=True, allow_none=True)


@contract("delegation.AgreementSigned")
class AgreementSigned(EventSchema):
    """Both parties have signed (R070)."""

    agreement_id = an_id()
    kind = an_id()
    department_id = an_id()
    town_id = an_id()
    item_ids = ids()
    signatories = ids()
    signed_on = a_day()
    term_from = day_or_none()
    term_to = day_or_none()
    file_hash = id_or_none()


@contract("delegation.AgreementFiled")
class AgreementFiled(EventSchema):
    """The agreement is on record with the justice department (R071)."""

    agreement_id = an_id()
    recipient_org_id = an_id()
    filed_on = a_day()
    receipt_ref = an_id()


@contract("delegation.AgreementAmended")
class AgreementAmended(EventSchema):
    """The agreement covers other items or has other clauses; filing is due again (R182)."""

    agreement_id = an_id()
    item_ids = ids()
    clauses = rows(Clause)
    file_hash = id_or_none()
    amended_on = a_day()


@contract("delegation.AgreementExpiring")
class AgreementExpiring(EventSchema):
    """The term ends within the programme's notice period (R075)."""

    agreement_id = an_id()
    town_id = an_id()
    term_to = a_day()
    days_left = fields.Integer(required=True)


@contract("delegation.AgreementRenewed")
class AgreementRenewed(EventSchema):
    """The term is prolonged before it ends (R075)."""

    agreement_id = an_id()
    signed_on = a_day()
    term_from = a_day()
    term_to = a_day()


@contract("delegation.AgreementExpired")
class AgreementExpired(EventSchema):
    """The term has ended without renewal (R075)."""

    agreement_id = an_id()
    item_ids = ids()
    town_id = an_id()
    expired_at = an_instant()


@contract("delegation.AgreementTerminated")
class AgreementTerminated(EventSchema):
    """The last item of the agreement has ended (R182)."""

    agreement_id = an_id()
    reason = an_id()
    terminated_on = a_day()


# Seals


@contract("delegation.SealAuthorised")
class SealAuthorised(EventSchema):
    """The government authorises a department to engrave its seal for a town (R080)."""

    seal_id = an_id()
    department_id = an_id()
    town_id = an_id()
    authorised_by_org_id = an_id()
    instrument_ref = an_id()


@contract("delegation.SealEngraved")
class SealEngraved(EventSchema):
    """The seal is engraved; whether its text departs from the notice's pattern (R081)."""

    seal_id = an_id()
    text = an_id()
    engraved_on = a_day()
    pattern_deviation = fields.Boolean(required=True)


@contract("delegation.SealIssued")
class SealIssued(EventSchema):
    """The seal is handed to the town's centre and in use (R080, R082)."""

    seal_id = an_id()
    department_id = an_id()
    town_id = an_id()
    custodian_org_id = an_id()
    issued_on = a_day()


@contract("delegation.SealRegistered")
class SealRegistered(EventSchema):
    """A town's, bureau's or department's own approval seal (R086, R088)."""

    seal_id = an_id()
    kind = an_id()
    org_id = an_id()


@contract("delegation.SealSuspended")
class SealSuspended(EventSchema):
    """The seal may not be used from this instant on (R087)."""

    seal_id = an_id()
    reason = an_id()

    class Meta:
        include: ClassVar = {"from": an_instant()}


@contract("delegation.SealReturned")
class SealReturned(EventSchema):
    """A suspended seal is back with the granting department (R087)."""

    seal_id = an_id()
    returned_to_org_id = an_id()
    on = a_day()


@contract("delegation.SealDestroyed")
class SealDestroyed(EventSchema):
    """A suspended or returned seal is destroyed before a witness organ (R087)."""

    seal_id = an_id()
    on = a_day()
    witness_org_id = an_id()


@contract("delegation.SealLost")
class SealLost(EventSchema):
    """A seal in use is reported lost (R087)."""

    seal_id = an_id()
    reported_at = an_instant()


@contract("delegation.SealRetired")
class SealRetired(EventSchema):
    """A registered seal is withdrawn (R088)."""

    seal_id = an_id()
    on = a_day()
    reason = an_id()
