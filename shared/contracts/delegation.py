"""Contracts of delegation's events: claims, lists, grants, transfers; papers apart."""

from marshmallow import Schema, fields, validate

from shared.contracts import (  # noqa: F401 - registers them
    delegation_capability,
    delegation_grant_life,
    delegation_handover,
    delegation_needs,
    delegation_papers,
    delegation_succession,
    signing_keys,
)
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

GROUNDS = (
    "runs_badly", "poor_effect", "does_not_fit", "term_expired", "law_forbids", "item_abolished",
    "organ_merged",
)


class Facet(Schema):
    """One facet of a power and the organ that holds it."""

    facet = an_id()
    org_id = an_id()
    capacity = fields.String(required=True)
    filed_at = fields.String(required=True, validate=validate.OneOf(("town", "bureau")))
    cross_town = fields.String(required=True, validate=validate.OneOf(("any", "no", "yes")))


class ListEntry(Schema):
    """One line of a town's list: R021's columns."""

    item_id = an_id()
    scope = ids()
    mode = an_id()
    power_type = an_id()
    granting_org_id = an_id()
    supervising_org_id = id_or_none()
    outside_catalogue = fields.Boolean(required=True)
    override_reason = id_or_none()


class ListChange(Schema):
    """What a new version of a list changes."""

    kind = fields.String(required=True, validate=validate.OneOf(("added", "removed", "changed")))
    item_id = an_id()


class Gate(Schema):
    """One readiness gate; ``passed`` is null where nothing is recorded yet."""

    name = an_id()
    passed = fields.Boolean(required=True, allow_none=True)
    blocking = fields.Boolean(required=True)


# Claims


@contract("delegation.NeedsSurveyed")
class NeedsSurveyed(EventSchema):
    """A field visit to a town: its needs and its capacity (R030)."""

    town_id = an_id()
    outline_ref = an_id()
    visited_on = a_day()
    needs = ids()
    capacity = ids()


@contract("delegation.OpinionRecorded")
class OpinionRecorded(EventSchema):
    """A town's opinion on the menu, and what became of it (R031)."""

    town_id = an_id()
    menu_version = fields.Integer(required=True)
    text_ref = an_id()
    handled_how = an_id()


@contract("delegation.ItemClaimed")
class ItemClaimed(EventSchema):
    """A town asks for an item (R010, R031)."""

    claim_id = an_id()
    town_id = an_id()
    item_id = an_id()
    kind = an_id()
    claimed_on = a_day()


@contract("delegation.ClaimDeferralProposed")
class ClaimDeferralProposed(EventSchema):
    """A town cannot take an item over yet (R033, R034)."""

    claim_id = an_id()
    town_id = an_id()
    item_id = an_id()
    ground = an_id()
    reason = an_id()
    expected_on = a_day()


@contract("delegation.ClaimDeferralConsented")
class ClaimDeferralConsented(EventSchema):
    """The county-level government consents to a deferral (R033)."""

    claim_id = an_id()
    consented_by_org_id = an_id()
    consented_on = a_day()


@contract("delegation.ClaimDeferralRejected")
class ClaimDeferralRejected(EventSchema):
    """The deferral is not consented to; the item counts as to be claimed (R033)."""

    claim_id = an_id()
    reason = an_id()


@contract("delegation.ClaimDeferralLapsed")
class ClaimDeferralLapsed(EventSchema):
    """The expected date has passed without a claim (R035)."""

    claim_id = an_id()
    expected_on = a_day()


@contract("delegation.ClaimRefused")
class ClaimRefused(EventSchema):
    """A claim is refused in writing (R036)."""

    claim_id = an_id()
    objective_reason = an_id()
    document_ref = id_or_none()
    issued_by_org_id = an_id()
    issued_on = a_day()


# Town lists


@contract("delegation.DockingHeld")
class DockingHeld(EventSchema):
    """A department and a town have gone through the items together (R037)."""

    department_id = an_id()
    town_id = an_id()
    held_on = a_day()
    item_ids = ids()
    outcome = an_id()


class Drawn(EventSchema):
    """A drafted version of a town's list."""

    town_id = an_id()
    version = fields.Integer(required=True)
    replaces = fields.Integer(required=True, allow_none=True)
    entries = rows(ListEntry)


@contract("delegation.PreliminaryListDrawn")
class PreliminaryListDrawn(Drawn):
    """A preliminary list after docking (R037)."""


@contract("delegation.TownListDrafted")
class TownListDrafted(Drawn):
    """A draft of a town's list (R021)."""


@contract("delegation.TownListApproved")
class TownListApproved(EventSchema):
    """The competent organ approves a town's list (R021, R038)."""

    town_id = an_id()
    version = fields.Integer(required=True)
    approved_by_org_id = an_id()
    decision_ref = an_id()
    approved_on = a_day()
    entries = rows(ListEntry)


@contract("delegation.TownListRevised")
class TownListRevised(EventSchema):
    """A new version of the current list, with its reason (R181, R183)."""

    town_id = an_id()
    version = fields.Integer(required=True)
    replaces = fields.Integer(required=True)
    changes = rows(ListChange)
    reason = an_id()
    entries = rows(ListEntry)


@contract("delegation.TownCatalogueCompiled")
class TownCatalogueCompiled(EventSchema):
    """The town's take-over catalogue, equal to the approved list (R039)."""

    town_id = an_id()
    version = fields.Integer(required=True)
    item_ids = ids()


@contract("delegation.TownCatalogueFiled")
class TownCatalogueFiled(EventSchema):
    """One recipient has the catalogue on record (R040)."""

    town_id = an_id()
    version = fields.Integer(required=True)
    recipient_org_id = an_id()
    receipt_ref = an_id()
    filed_on = a_day()


@contract("delegation.TownCataloguePublished")
class TownCataloguePublished(EventSchema):
    """The catalogue is public (R041)."""

    town_id = an_id()
    version = fields.Integer(required=True)
    channel = an_id()
    url = id_or_none()
    published_at = an_instant()


# Grants and recalls


@contract("delegation.ItemDelegated")
class ItemDelegated(EventSchema):
    """Facets of a power move to a town; only rows for town-filed cases (R064, R065)."""

    grant_id = an_id()
    programme_id = an_id()
    town_id = an_id()
    item_id = an_id()
    scope = ids()
    mode = an_id()
    decided_by_org_id = an_id()
    power_owner_org_id = an_id()
    act_supervisor_org_id = id_or_none()
    agreement_id = id_or_none()
    claim_id = id_or_none()
    predecessor_grant_id = id_or_none()
    facets = rows(Facet)
    exclusive = fields.Boolean(required=True)
    effective_from = an_instant()
    transition_until = day_or_none()


@contract("delegation.ItemDelegationRejected", refusal=True)
class ItemDelegationRejected(EventSchema):
    """A delegation that the law forbids was asked for (R046, R059)."""

    town_id = an_id()
    item_id = an_id()
    mode = an_id()
    reason_code = an_id()
    reason_zh = an_id()
    facts = fields.Dict(keys=fields.String(), required=True)
    legal_constraint_id = id_or_none()


@contract("delegation.ImplementationGateChecked")
class ImplementationGateChecked(EventSchema):
    """Which readiness gates stood open when a start was asked for (R091)."""

    grant_id = an_id()
    gates = rows(Gate)


@contract("delegation.ItemImplementationStarted")
class ItemImplementationStarted(EventSchema):
    """The town begins to work under the grant (R091)."""

    grant_id = an_id()
    item_id = an_id()
    town_id = an_id()
    started_at = an_instant()


@contract("delegation.GrantCorrected")
class GrantCorrected(EventSchema):
    """A wrong value in a recorded grant, and the right one; instants in ISO 8601 (R222)."""

    grant_id = an_id()
    field = fields.String(required=True, validate=validate.OneOf(("effective_from",)))
    old = an_id()
    new = an_id()
    reason = an_id()


@contract("delegation.LegalityReviewOpened")
class LegalityReviewOpened(EventSchema):
    """A legal bar appeared after the grant: the town decides no new case (R046)."""

    grant_id = an_id()
    town_id = an_id()
    constraint_item = an_id()
    constraint_kind = an_id()
    article = an_id()


@contract("delegation.RecallProposed")
class RecallProposed(EventSchema):
    """A recall is proposed on an admitted ground, with evidence (R180)."""

    recall_id = an_id()
    grant_id = an_id()
    ground = fields.String(required=True, validate=validate.OneOf(GROUNDS))
    evidence_refs = ids()
    proposed_by_org_id = an_id()


@contract("delegation.RecallOpinionHeard")
class RecallOpinionHeard(EventSchema):
    """The town has been heard on a proposed recall (R180)."""

    recall_id = an_id()
    grant_id = an_id()
    town_id = an_id()
    opinion_ref = an_id()


@contract("delegation.ItemRecalled")
class ItemRecalled(EventSchema):
    """The end of a grant. Past acts stay valid; open cases go up (R181)."""

    recall_id = an_id()
    grant_id = an_id()
    item_id = an_id()
    town_id = an_id()
    ground = fields.String(required=True, validate=validate.OneOf(GROUNDS))
    evidence_refs = ids()
    decided_by_org_id = an_id()
    decided_on = a_day()
    effective_from = an_instant()
    returns_to_org_id = an_id()
    in_flight_policy = id_or_none()


@contract("delegation.PowerTransferred")
class PowerTransferred(EventSchema):
    """A power moves wholly to a unit's approval bureau (R064, R074)."""

    transfer_id = an_id()
    unit_id = an_id()
    item_id = an_id()
    from_org_id = an_id()
    to_org_id = an_id()
    agreement_id = an_id()
    transfer_at = an_instant()
    exclusive = fields.Boolean(required=True)
    facets = rows(Facet)
    warnings = fields.List(fields.String(), load_default=None, allow_none=True)
