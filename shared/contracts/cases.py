"""Facts of cases: an application from filing to document, each act with its authority."""

from typing import Any

from marshmallow import EXCLUDE, fields
from marshmallow.validate import OneOf

from shared.contracts import cases_applicants, signing_keys  # noqa: F401 - registers them
from shared.contracts.events import EventSchema, contract

CHANNELS = ("window", "online", "station", "partner", "terminal", "post")
LEVELS = ("town", "district", "bureau")
OPINIONS = ("positive", "negative")
CAUSES = ("recall", "expiry", "legality", "mode_change", "scope_change")
BASES = ("full_review", "issue_on_seal")
GROUNDS = ("merits", "formal", "town_opinion")


class Authority(EventSchema):
    """The power an act was done under, pinned so that it can be checked years later."""

    grant_id = fields.String(required=True, allow_none=True)
    grant_position = fields.Integer(required=True, allow_none=True)
    mode = fields.String(required=True, allow_none=True)
    facet = fields.String(required=True)
    org_id = fields.String(required=True)
    capacity = fields.String(required=True)
    instrument = fields.Dict(required=True, allow_none=True)
    item_position = fields.Integer(required=True)


class PathStep(EventSchema):
    """One step of the way a case takes, with the organ that takes it (R113)."""

    step = fields.String(required=True)
    org_id = fields.String(required=True)
    capacity = fields.String(required=True)


def _instant(*, allow_none: bool = False) -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", required=True, allow_none=allow_none)


def _authority() -> fields.Nested:
    return fields.Nested(Authority, required=True, unknown=EXCLUDE)


def _path() -> fields.List[Any]:
    return fields.List(fields.Nested(PathStep, unknown=EXCLUDE), required=True)


def _words() -> fields.List[Any]:
    return fields.List(fields.String(), required=True)


class CaseEvent(EventSchema):
    """What every fact about a case carries; ``case_id`` is the id of its stream."""

    case_id = fields.String(required=True)


@contract("cases.ApplicationSubmitted")
class ApplicationSubmitted(CaseEvent):
    """An application was handed in; applicant and subject are opaque keys (R110, R223)."""

    item_id = fields.String(required=True)
    subitem = fields.String(required=True, allow_none=True)
    applicant_ref = fields.String(required=True)
    applicant_key = fields.String(required=True)
    subject_key = fields.String(required=True)
    towns_concerned = _words()
    channel = fields.String(required=True, validate=OneOf(CHANNELS))
    chosen_org_id = fields.String(required=True)
    town_id = fields.String(required=True, allow_none=True)
    submitted_at = _instant()


@contract("cases.MaterialsDeficiencyNotified")
class MaterialsDeficiencyNotified(CaseEvent):
    """Everything missing was told at once, 一次性告知 (R114)."""

    items = _words()
    notice_no = fields.Integer(required=True)
    document_ref = fields.String(required=True)


@contract("cases.MaterialsSupplemented")
class MaterialsSupplemented(CaseEvent):
    """Materials were supplied after a notice (R114)."""

    items = _words()
    at = _instant()


@contract("cases.CaseAccepted")
class CaseAccepted(CaseEvent):
    """The application was accepted, 受理; the place decides the path, kept here (R110, R113).

    ``accepted_level`` is where it was filed: town, district or (after a transfer) bureau.
    ``due`` has an instant per step, null where nobody set a limit (R118).
    """

    item_id = fields.String(required=True)
    subitem = fields.String(required=True, allow_none=True)
    town_id = fields.String(required=True, allow_none=True)
    mode = fields.String(required=True, allow_none=True)
    cross_town = fields.Boolean(required=True)
    applicant_key = fields.String(required=True)
    subject_key = fields.String(required=True)
    accepted_by_org_id = fields.String(required=True)
    accepted_level = fields.String(required=True, validate=OneOf(LEVELS))
    site = fields.String(required=True, allow_none=True)
    acceptor_id = fields.String(required=True)
    grant_id = fields.String(required=True, allow_none=True)
    issue_on_seal = fields.Boolean(required=True)
    standard_versions = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    path = _path()
    due = fields.Dict(
        keys=fields.String(), required=True,
        values=fields.AwareDateTime(format="iso", allow_none=True),
    )
    accepted_at = _instant()
    authority = _authority()


@contract("cases.CaseNotAccepted")
class CaseNotAccepted(CaseEvent):
    """The application was not accepted, for a reason of law and in writing (R111, R132)."""

    reason_code = fields.String(required=True)
    legal_basis = fields.String(required=True)
    document_ref = fields.String(required=True)


@contract("cases.DuplicateApplicationLinked")
class DuplicateApplicationLinked(CaseEvent):
    """The same matter was accepted earlier elsewhere; that case stands, this one ends (R112)."""

    duplicate_of = fields.String(required=True)


@contract("cases.CrossTownDetected")
class CrossTownDetected(CaseEvent):
    """The matter crosses towns, 跨镇街事务; ``path`` is the way from here on (R066)."""

    town_ids = _words()
    detected_at_step = fields.String(required=True)
    path = _path()


@contract("cases.PreliminaryReviewCompleted")
class PreliminaryReviewCompleted(CaseEvent):
    """Form and completeness were checked, 初步审查 (R061, R117)."""

    result = fields.String(required=True, validate=OneOf(("ok", "defects")))
    defects = _words()
    reviewer_org_id = fields.String(required=True)
    authority = _authority()


@contract("cases.SubstantiveReviewCompleted")
class SubstantiveReviewCompleted(CaseEvent):
    """The merits were reviewed and an opinion given, 实质性审核 (R050, R052)."""

    result = fields.String(required=True, validate=OneOf(OPINIONS))
    opinion_ref = fields.String(required=True)
    reviewer_org_id = fields.String(required=True)
    reviewer_id = fields.String(required=True)
    opinion_seal_id = fields.String(required=True, allow_none=True)
    authority = _authority()


@contract("cases.CaseForwarded")
class CaseForwarded(CaseEvent):
    """The case was passed on, 转递 or 转报; ``due_at`` is null where nobody set a limit (R118)."""

    from_org_id = fields.String(required=True)
    to_org_id = fields.String(required=True)
    reason = fields.String(required=True, validate=OneOf(("mode", "cross_town")))
    opinion_ref = fields.String(required=True, allow_none=True)
    due_at = _instant(allow_none=True)
    forwarded_at = _instant()
    accepted_at = _instant()
    authority = _authority()


@contract("cases.CaseForwardReceived")
class CaseForwardReceived(CaseEvent):
    """The department acknowledged a forwarded case (R119)."""

    by_org_id = fields.String(required=True)
    received_at = _instant()


@contract("cases.CaseReturned")
class CaseReturned(CaseEvent):
    """A forwarded case was sent back with a reason (R053, R119)."""

    from_org_id = fields.String(required=True)
    to_org_id = fields.String(required=True)
    reason_code = fields.String(required=True)
    text = fields.String(required=True)


@contract("cases.CaseHandedUp")
class CaseHandedUp(CaseEvent):
    """The town's power ended undecided; its owner goes on, the acceptance time stays (R131)."""

    from_org_id = fields.String(required=True)
    to_org_id = fields.String(required=True)
    cause = fields.String(required=True, validate=OneOf(CAUSES))
    path = _path()
    accepted_at = _instant()


@contract("cases.ApprovalIssued")
class ApprovalIssued(CaseEvent):
    """The application was granted; every organ behind the document is named (R053, R054, R058).

    ``seal_id`` is the seal the document is to bear, where one is known; the impression itself is
    ``SealApplied``. ``holdings_version`` is the next position of delegation's log that the
    deciding service had not yet seen.
    """

    item_id = fields.String(required=True)
    town_id = fields.String(required=True, allow_none=True)
    decision_id = fields.String(required=True)
    decided_by_org_id = fields.String(required=True)
    in_name_of_org_id = fields.String(required=True, allow_none=True)
    acting_org_id = fields.String(required=True)
    seal_kind = fields.String(required=True, allow_none=True)
    seal_id = fields.String(required=True, allow_none=True)
    seal_user_org_id = fields.String(required=True, allow_none=True)
    responsible_org_id = fields.String(required=True)
    liable_org_id = fields.String(required=True, allow_none=True)
    basis = fields.String(required=True, validate=OneOf(BASES))
    grant_id = fields.String(required=True, allow_none=True)
    holdings_version = fields.Integer(required=True)
    decided_at = _instant()
    authority = _authority()


@contract("cases.ApplicationDenied")
class ApplicationDenied(CaseEvent):
    """The application was denied, in writing and with reasons (R050, R132)."""

    item_id = fields.String(required=True)
    town_id = fields.String(required=True, allow_none=True)
    decision_id = fields.String(required=True)
    decided_by_org_id = fields.String(required=True)
    in_name_of_org_id = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    legal_basis = fields.String(required=True)
    document_ref = fields.String(required=True)
    ground = fields.String(required=True, validate=OneOf(GROUNDS))
    grant_id = fields.String(required=True, allow_none=True)
    holdings_version = fields.Integer(required=True)
    decided_at = _instant()
    authority = _authority()


@contract("cases.ServiceCompleted")
class ServiceCompleted(CaseEvent):
    """A query, print-out or consultation was done at once; there is no approval (R126)."""

    outcome_kind = fields.String(required=True)
    result_ref = fields.String(required=True, allow_none=True)
    at = _instant()
    authority = _authority()


@contract("cases.DocumentDelivered")
class DocumentDelivered(CaseEvent):
    """The result was handed out, 出件; ``document_hash`` is null where no seal is due (R121)."""

    at_org_id = fields.String(required=True)
    issuer_id = fields.String(required=True)
    document_hash = fields.String(required=True, allow_none=True)
    at = _instant()


@contract("cases.CaseWithdrawn")
class CaseWithdrawn(CaseEvent):
    """The applicant withdrew."""

    by = fields.String(required=True, validate=OneOf(("applicant",)))
    at = _instant()


@contract("cases.CaseClosed")
class CaseClosed(CaseEvent):
    """The case is finished."""

    at = _instant()


@contract("cases.AuthorityCheckFailed", refusal=True)
class AuthorityCheckFailed(CaseEvent):
    """An act was refused because its organ did not hold the power at that instant (R131)."""

    act = fields.String(required=True)
    org_id = fields.String(required=True)
    holdings_version = fields.Integer(required=True)
    reason_code = fields.String(required=True)
    reason_zh = fields.String(required=True)
    facts = fields.Dict(required=True)


@contract("cases.SealApplied")
class SealApplied(CaseEvent):
    """A seal was put to one document of a decided case; the user answers for it (R083, R084)."""

    seal_id = fields.String(required=True)
    seal_kind = fields.String(required=True)
    document_hash = fields.String(required=True)
    user_org_id = fields.String(required=True)
    user_id = fields.String(required=True)
    responsible_org_id = fields.String(required=True)
    at = _instant()
    authority = _authority()


@contract("cases.SealUseRejected", refusal=True)
class SealUseRejected(CaseEvent):
    """The use of a seal was refused (R059, R083)."""

    seal_id = fields.String(required=True)
    document_hash = fields.String(required=True)
    org_id = fields.String(required=True)
    reason_code = fields.String(required=True)
    reason_zh = fields.String(required=True)
    facts = fields.Dict(required=True)
    at = _instant()
