"""Contracts of delegation's events: claims, lists, agreements, seals, grants, transfers."""

from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, fields, validate

from shared.contracts.events import EventSchema, contract

GROUNDS = (
    "runs_badly", "poor_effect", "does_not_fit", "term_expired", "law_forbids", "item_abolished"
)


def _id() -> fields.String:
    return fields.String(required=True)


def _id_or_none() -> fields.String:
    return fields.String(required=True, allow_none=True)


def _ids() -> fields.List[Any]:
    return fields.List(fields.String(), required=True)


def _day() -> fields.Date:
    return fields.Date(required=True)


def _day_or_none() -> fields.Date:
    return fields.Date(required=True, allow_none=True)


def _instant() -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", required=True)


def _rows(of: type[Schema]) -> fields.List[Any]:
    return fields.List(fields.Nested(of, unknown=EXCLUDE), required=True)


class Facet(Schema):
    """One facet of a power and the organ that holds it."""

    facet = _id()
    org_id = _id()
    capacity = fields.String(required=True)
    filed_at = fields.String(required=True, validate=validate.OneOf(("town", "bureau")))
    cross_town = fields.String(required=True, validate=validate.OneOf(("any", "no", "yes")))


class Clause(Schema):
    """One clause of an agreement, by its name in the notice."""

    key = _id()
    text_ref = _id_or_none()


class ListEntry(Schema):
    """One line of a town's list: R021's columns."""

    item_id = _id()
    scope = _ids()
    mode = _id()
    power_type = _id()
    granting_org_id = _id()
    supervising_org_id = _id_or_none()
    outside_catalogue = fields.Boolean(required=True)
    override_reason = _id_or_none()


class ListChange(Schema):
    """What a new version of a list changes."""

    kind = fields.String(required=True, validate=validate.OneOf(("added", "removed", "changed")))
    item_id = _id()


class Gate(Schema):
    """One readiness gate; ``passed`` is null where nothing is recorded yet."""

    name = _id()
    passed = fields.Boolean(required=True, allow_none=True)
    blocking = fields.Boolean(required=True)


# Claims


@contract("delegation.NeedsSurveyed")
class NeedsSurveyed(EventSchema):
    """A field visit to a town: its needs and its capacity (R030)."""

    town_id = _id()
    outline_ref = _id()
    visited_on = _day()
    needs = _ids()
    capacity = _ids()


@contract("delegation.OpinionRecorded")
class OpinionRecorded(EventSchema):
    """A town's opinion on the menu, and what became of it (R031)."""

    town_id = _id()
    menu_version = fields.Integer(required=True)
    text_ref = _id()
    handled_how = _id()


@contract("delegation.ItemClaimed")
class ItemClaimed(EventSchema):
    """A town asks for an item (R010, R031)."""

    claim_id = _id()
    town_id = _id()
    item_id = _id()
    kind = _id()
    claimed_on = _day()


@contract("delegation.ClaimDeferralProposed")
class ClaimDeferralProposed(EventSchema):
    """A town cannot take an item over yet (R033, R034)."""

    claim_id = _id()
    town_id = _id()
    item_id = _id()
    ground = _id()
    reason = _id()
    expected_on = _day()


@contract("delegation.ClaimDeferralConsented")
class ClaimDeferralConsented(EventSchema):
    """The county-level government consents to a deferral (R033)."""

    claim_id = _id()
    consented_by_org_id = _id()
    consented_on = _day()


@contract("delegation.ClaimDeferralRejected")
class ClaimDeferralRejected(EventSchema):
    """The deferral is not consented to; the item counts as to be claimed (R033)."""

    claim_id = _id()
    reason = _id()


@contract("delegation.ClaimDeferralLapsed")
class ClaimDeferralLapsed(EventSchema):
    """The expected date has passed without a claim (R035)."""

    claim_id = _id()
    expected_on = _day()


@contract("delegation.ClaimRefused")
class ClaimRefused(EventSchema):
    """A claim is refused in writing (R036)."""

    claim_id = _id()
    objective_reason = _id()
    document_ref = _id_or_none()
    issued_by_org_id = _id()
    issued_on = _day()


# Town lists


@contract("delegation.DockingHeld")
class DockingHeld(EventSchema):
    """A department and a town have gone through the items together (R037)."""

    department_id = _id()
    town_id = _id()
    held_on = _day()
    item_ids = _ids()
    outcome = _id()


class Drawn(EventSchema):
    """A drafted version of a town's list."""

    town_id = _id()
    version = fields.Integer(required=True)
    replaces = fields.Integer(required=True, allow_none=True)
    entries = _rows(ListEntry)


@contract("delegation.PreliminaryListDrawn")
class PreliminaryListDrawn(Drawn):
    """A preliminary list after docking (R037)."""


@contract("delegation.TownListDrafted")
class TownListDrafted(Drawn):
    """A draft of a town's list (R021)."""


@contract("delegation.TownListApproved")
class TownListApproved(EventSchema):
    """The competent organ approves a town's list (R021, R038)."""

    town_id = _id()
    version = fields.Integer(required=True)
    approved_by_org_id = _id()
    decision_ref = _id()
    approved_on = _day()
    entries = _rows(ListEntry)


@contract("delegation.TownListRevised")
class TownListRevised(EventSchema):
    """A new version of the current list, with its reason (R181, R183)."""

    town_id = _id()
    version = fields.Integer(required=True)
    replaces = fields.Integer(required=True)
    changes = _rows(ListChange)
    reason = _id()
    entries = _rows(ListEntry)


@contract("delegation.TownCatalogueCompiled")
class TownCatalogueCompiled(EventSchema):
    """The town's take-over catalogue, equal to the approved list (R039)."""

    town_id = _id()
    version = fields.Integer(required=True)
    item_ids = _ids()


@contract("delegation.TownCatalogueFiled")
class TownCatalogueFiled(EventSchema):
    """One recipient has the catalogue on record (R040)."""

    town_id = _id()
    version = fields.Integer(required=True)
    recipient_org_id = _id()
    receipt_ref = _id()
    filed_on = _day()


@contract("delegation.TownCataloguePublished")
class TownCataloguePublished(EventSchema):
    """The catalogue is public (R041)."""

    town_id = _id()
    version = fields.Integer(required=True)
    channel = _id()
    url = _id_or_none()
    published_at = _instant()


# Grants and recalls


@contract("delegation.ItemDelegated")
class ItemDelegated(EventSchema):
    """Facets of a power move to a town; only rows for town-filed cases (R064, R065)."""

    grant_id = _id()
    programme_id = _id()
    town_id = _id()
    item_id = _id()
    scope = _ids()
    mode = _id()
    decided_by_org_id = _id()
    power_owner_org_id = _id()
    act_supervisor_org_id = _id_or_none()
    agreement_id = _id_or_none()
    claim_id = _id_or_none()
    predecessor_grant_id = _id_or_none()
    facets = _rows(Facet)
    exclusive = fields.Boolean(required=True)
    effective_from = _instant()
    transition_until = _day_or_none()


@contract("delegation.ItemDelegationRejected", refusal=True)
class ItemDelegationRejected(EventSchema):
    """A delegation that the law forbids was asked for (R046, R059)."""

    town_id = _id()
    item_id = _id()
    mode = _id()
    reason_code = _id()
    reason_zh = _id()
    facts = fields.Dict(keys=fields.String(), required=True)
    legal_constraint_id = _id_or_none()


@contract("delegation.ImplementationGateChecked")
class ImplementationGateChecked(EventSchema):
    """Which readiness gates stood open when a start was asked for (R091)."""

    grant_id = _id()
    gates = _rows(Gate)


@contract("delegation.ItemImplementationStarted")
class ItemImplementationStarted(EventSchema):
    """The town begins to work under the grant (R091)."""

    grant_id = _id()
    item_id = _id()
    town_id = _id()
    started_at = _instant()


@contract("delegation.GrantCorrected")
class GrantCorrected(EventSchema):
    """A wrong value in a recorded grant, and the right one; instants in ISO 8601 (R222)."""

    grant_id = _id()
    field = fields.String(required=True, validate=validate.OneOf(("effective_from",)))
    old = _id()
    new = _id()
    reason = _id()


@contract("delegation.LegalityReviewOpened")
class LegalityReviewOpened(EventSchema):
    """A legal bar appeared after the grant: the town decides no new case (R046)."""

    grant_id = _id()
    town_id = _id()
    constraint_item = _id()
    constraint_kind = _id()
    article = _id()


@contract("delegation.RecallProposed")
class RecallProposed(EventSchema):
    """A recall is proposed on an admitted ground, with evidence (R180)."""

    recall_id = _id()
    grant_id = _id()
    ground = fields.String(required=True, validate=validate.OneOf(GROUNDS))
    evidence_refs = _ids()
    proposed_by_org_id = _id()


@contract("delegation.RecallOpinionHeard")
class RecallOpinionHeard(EventSchema):
    """The town has been heard on a proposed recall (R180)."""

    recall_id = _id()
    grant_id = _id()
    town_id = _id()
    opinion_ref = _id()


@contract("delegation.ItemRecalled")
class ItemRecalled(EventSchema):
    """The end of a grant. Past acts stay valid; open cases go up (R181)."""

    recall_id = _id()
    grant_id = _id()
    item_id = _id()
    town_id = _id()
    ground = fields.String(required=True, validate=validate.OneOf(GROUNDS))
    evidence_refs = _ids()
    decided_by_org_id = _id()
    decided_on = _day()
    effective_from = _instant()
    returns_to_org_id = _id()
    in_flight_policy = _id_or_none()


@contract("delegation.PowerTransferred")
class PowerTransferred(EventSchema):
    """A power moves wholly to a unit's approval bureau (R064, R074)."""

    transfer_id = _id()
    unit_id = _id()
    item_id = _id()
    from_org_id = _id()
    to_org_id = _id()
    agreement_id = _id()
    transfer_at = _instant()
    exclusive = fields.Boolean(required=True)
    facets = _rows(Facet)


# Agreements


@contract("delegation.AgreementDrafted")
class AgreementDrafted(EventSchema):
    """The draft of an agreement between a department and a town or unit (R070, R072, R074)."""

    agreement_id = _id()
    kind = _id()
    department_id = _id()
    town_id = _id()
    parties = _ids()
    item_ids = _ids()
    clauses = _rows(Clause)
    term_from = _day_or_none()
    term_to = _day_or_none()
    transfer_at = fields.AwareDateTime(format="iso", required=True, allow_none=True)


@contract("delegation.AgreementSigned")
class AgreementSigned(EventSchema):
    """Both parties have signed (R070)."""

    agreement_id = _id()
    kind = _id()
    department_id = _id()
    town_id = _id()
    item_ids = _ids()
    signatories = _ids()
    signed_on = _day()
    term_from = _day_or_none()
    term_to = _day_or_none()
    file_hash = _id_or_none()


@contract("delegation.AgreementFiled")
class AgreementFiled(EventSchema):
    """The agreement is on record with the justice department (R071)."""

    agreement_id = _id()
    recipient_org_id = _id()
    filed_on = _day()
    receipt_ref = _id()


@contract("delegation.AgreementAmended")
class AgreementAmended(EventSchema):
    """The agreement covers other items or has other clauses; filing is due again (R182)."""

    agreement_id = _id()
    item_ids = _ids()
    clauses = _rows(Clause)
    file_hash = _id_or_none()
    amended_on = _day()


@contract("delegation.AgreementExpiring")
class AgreementExpiring(EventSchema):
    """The term ends within the programme's notice period (R075)."""

    agreement_id = _id()
    town_id = _id()
    term_to = _day()
    days_left = fields.Integer(required=True)


@contract("delegation.AgreementRenewed")
class AgreementRenewed(EventSchema):
    """The term is prolonged before it ends (R075)."""

    agreement_id = _id()
    signed_on = _day()
    term_from = _day()
    term_to = _day()


@contract("delegation.AgreementExpired")
class AgreementExpired(EventSchema):
    """The term has ended without renewal (R075)."""

    agreement_id = _id()
    item_ids = _ids()
    town_id = _id()
    expired_at = _instant()


@contract("delegation.AgreementTerminated")
class AgreementTerminated(EventSchema):
    """The last item of the agreement has ended (R182)."""

    agreement_id = _id()
    reason = _id()
    terminated_on = _day()


# Seals


@contract("delegation.SealAuthorised")
class SealAuthorised(EventSchema):
    """The government authorises a department to engrave its seal for a town (R080)."""

    seal_id = _id()
    department_id = _id()
    town_id = _id()
    authorised_by_org_id = _id()
    instrument_ref = _id()


@contract("delegation.SealEngraved")
class SealEngraved(EventSchema):
    """The seal is engraved; whether its text departs from the notice's pattern (R081)."""

    seal_id = _id()
    text = _id()
    engraved_on = _day()
    pattern_deviation = fields.Boolean(required=True)


@contract("delegation.SealIssued")
class SealIssued(EventSchema):
    """The seal is handed to the town's centre and in use (R080, R082)."""

    seal_id = _id()
    department_id = _id()
    town_id = _id()
    custodian_org_id = _id()
    issued_on = _day()


@contract("delegation.SealRegistered")
class SealRegistered(EventSchema):
    """A town's, bureau's or department's own approval seal (R086, R088)."""

    seal_id = _id()
    kind = _id()
    org_id = _id()


@contract("delegation.SealSuspended")
class SealSuspended(EventSchema):
    """The seal may not be used from this instant on (R087)."""

    seal_id = _id()
    reason = _id()

    class Meta:
        include: ClassVar = {"from": _instant()}


@contract("delegation.SealReturned")
class SealReturned(EventSchema):
    """A suspended seal is back with the granting department (R087)."""

    seal_id = _id()
    returned_to_org_id = _id()
    on = _day()


@contract("delegation.SealDestroyed")
class SealDestroyed(EventSchema):
    """A suspended or returned seal is destroyed before a witness organ (R087)."""

    seal_id = _id()
    on = _day()
    witness_org_id = _id()


@contract("delegation.SealLost")
class SealLost(EventSchema):
    """A seal in use is reported lost (R087)."""

    seal_id = _id()
    reported_at = _instant()


@contract("delegation.SealRetired")
class SealRetired(EventSchema):
    """A registered seal is withdrawn (R088)."""

    seal_id = _id()
    on = _day()
    reason = _id()
