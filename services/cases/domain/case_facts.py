"""What happens in a case and to it: assignments only, they run again on every replay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventsourcing.domain import Aggregate

from services.cases.domain.path import STATE_AFTER

if TYPE_CHECKING:
    from datetime import datetime

    from services.cases.domain.case_state import CaseState


class ApplicationSubmitted(Aggregate.Created):
    case_id: str
    item_id: str
    subitem: str | None
    applicant_ref: str
    applicant_key: str
    subject_key: str
    towns_concerned: list[str]
    channel: str
    chosen_org_id: str
    town_id: str | None
    submitted_at: datetime

    def apply(self, aggregate: CaseState) -> None:
        aggregate.item = self.item_id
        aggregate.subitem = self.subitem
        aggregate.applicant_key, aggregate.subject_key = self.applicant_key, self.subject_key
        aggregate.towns = list(self.towns_concerned)
        aggregate.chosen_org, aggregate.town = self.chosen_org_id, self.town_id


class MaterialsDeficiencyNotified(Aggregate.Event):
    case_id: str
    items: list[str]
    notice_no: int
    document_ref: str

    def apply(self, aggregate: CaseState) -> None:
        aggregate.resumes, aggregate.state = aggregate.state, "deficient"
        aggregate.notices = self.notice_no
        aggregate.supplied = []


class MaterialsSupplemented(Aggregate.Event):
    case_id: str
    items: list[str]
    at: datetime

    def apply(self, aggregate: CaseState) -> None:
        aggregate.state = aggregate.resumes
        aggregate.supplied = [*aggregate.supplied, *self.items]


class CaseAccepted(Aggregate.Event):
    case_id: str
    item_id: str
    subitem: str | None
    town_id: str | None
    mode: str | None
    cross_town: bool
    applicant_key: str
    subject_key: str
    accepted_by_org_id: str
    accepted_level: str
    site: str | None
    acceptor_id: str
    grant_id: str | None
    issue_on_seal: bool
    standard_versions: dict[str, int]
    path: list[dict[str, Any]]
    due: dict[str, datetime | None]
    accepted_at: datetime
    authority: dict[str, Any]

    def apply(self, aggregate: CaseState) -> None:
        aggregate.state, aggregate.done = "accepted", ["accept"]
        aggregate.town, aggregate.mode, aggregate.grant_id = self.town_id, self.mode, self.grant_id
        aggregate.cross_town, aggregate.issue_on_seal = self.cross_town, self.issue_on_seal
        aggregate.accepted_by, aggregate.accepted_at = self.accepted_by_org_id, self.accepted_at
        aggregate.path, aggregate.due = self.path, self.due


class CaseNotAccepted(Aggregate.Event):
    case_id: str
    reason_code: str
    legal_basis: str
    document_ref: str

    def apply(self, aggregate: CaseState) -> None:
        aggregate.state = "not_accepted"


class DuplicateApplicationLinked(Aggregate.Event):
    case_id: str
    duplicate_of: str

    def apply(self, aggregate: CaseState) -> None:
        aggregate.state, aggregate.duplicate_of = "duplicate", self.duplicate_of


class CrossTownDetected(Aggregate.Event):
    case_id: str
    town_ids: list[str]
    detected_at_step: str
    path: list[dict[str, Any]]

    def apply(self, aggregate: CaseState) -> None:
        aggregate.cross_town, aggregate.towns = True, list(self.town_ids)
        aggregate.path = self.path


class PreliminaryReviewCompleted(Aggregate.Event):
    case_id: str
    result: str
    defects: list[str]
    reviewer_org_id: str
    authority: dict[str, Any]

    def apply(self, aggregate: CaseState) -> None:
        if self.result == "ok":
            aggregate.took("preliminary_review", STATE_AFTER["preliminary_review"])


class SubstantiveReviewCompleted(Aggregate.Event):
    case_id: str
    result: str
    opinion_ref: str
    reviewer_org_id: str
    reviewer_id: str
    opinion_seal_id: str | None
    authority: dict[str, Any]

    def apply(self, aggregate: CaseState) -> None:
        aggregate.took("substantive_review", STATE_AFTER["substantive_review"])
        aggregate.reviewed_by, aggregate.opinion = self.reviewer_org_id, self.result
        aggregate.opinion_ref, aggregate.opinion_seal = self.opinion_ref, self.opinion_seal_id


class CaseForwarded(Aggregate.Event):
    case_id: str
    from_org_id: str
    to_org_id: str
    reason: str
    opinion_ref: str | None
    due_at: datetime | None
    forwarded_at: datetime
    accepted_at: datetime
    authority: dict[str, Any]

    def apply(self, aggregate: CaseState) -> None:
        aggregate.took("forward", STATE_AFTER["forward"])
        aggregate.forwarded_to = self.to_org_id


class CaseForwardReceived(Aggregate.Event):
    case_id: str
    by_org_id: str
    received_at: datetime

    def apply(self, aggregate: CaseState) -> None:
        aggregate.took("receive", STATE_AFTER["receive"])


class CaseReturned(Aggregate.Event):
    case_id: str
    from_org_id: str
    to_org_id: str
    reason_code: str
    text: str

    def apply(self, aggregate: CaseState) -> None:
        aggregate.state, aggregate.done = "returned", ["accept"]
        aggregate.forwarded_to = aggregate.reviewed_by = aggregate.opinion = None
        aggregate.opinion_ref = aggregate.opinion_seal = None


class CaseHandedUp(Aggregate.Event):
    case_id: str
    from_org_id: str
    to_org_id: str
    cause: str
    path: list[dict[str, Any]]
    accepted_at: datetime

    def apply(self, aggregate: CaseState) -> None:
        aggregate.state, aggregate.path = "handed_up", self.path


class ApprovalIssued(Aggregate.Event):
    case_id: str
    item_id: str
    town_id: str | None
    decision_id: str
    decided_by_org_id: str
    in_name_of_org_id: str | None
    acting_org_id: str
    seal_kind: str | None
    seal_id: str | None
    seal_user_org_id: str | None
    responsible_org_id: str
    liable_org_id: str | None
    basis: str
    grant_id: str | None
    holdings_version: int
    decided_at: datetime
    authority: dict[str, Any]

    def apply(self, aggregate: CaseState) -> None:
        aggregate.took("decide", STATE_AFTER["decide"])
        aggregate.outcome = "approved"


class ApplicationDenied(Aggregate.Event):
    case_id: str
    item_id: str
    town_id: str | None
    decision_id: str
    decided_by_org_id: str
    in_name_of_org_id: str | None
    reason: str
    legal_basis: str
    document_ref: str
    ground: str
    grant_id: str | None
    holdings_version: int
    decided_at: datetime
    authority: dict[str, Any]

    def apply(self, aggregate: CaseState) -> None:
        aggregate.took("decide", STATE_AFTER["decide"])
        aggregate.outcome = "denied"


class ServiceCompleted(Aggregate.Event):
    case_id: str
    outcome_kind: str
    result_ref: str | None
    at: datetime
    authority: dict[str, Any]

    def apply(self, aggregate: CaseState) -> None:
        aggregate.took("complete", "closed")
        aggregate.outcome = "completed"


class DocumentDelivered(Aggregate.Event):
    case_id: str
    at_org_id: str
    issuer_id: str
    document_hash: str | None
    at: datetime

    def apply(self, aggregate: CaseState) -> None:
        aggregate.took("deliver", STATE_AFTER["deliver"])


class CaseWithdrawn(Aggregate.Event):
    case_id: str
    by: str
    at: datetime

    def apply(self, aggregate: CaseState) -> None:
        aggregate.state = "withdrawn"


class CaseClosed(Aggregate.Event):
    case_id: str
    at: datetime

    def apply(self, aggregate: CaseState) -> None:
        aggregate.state = "closed"


class AuthorityCheckFailed(Aggregate.Event):
    """Of record only: it changes nothing in the case."""

    case_id: str
    act: str
    org_id: str
    holdings_version: int
    reason_code: str
    reason_zh: str
    facts: dict[str, Any]

    def apply(self, aggregate: CaseState) -> None:
        """Change nothing."""
