"""A case as its facts tell it so far: nothing is decided here, it only follows; pure. MODEL 3.3."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from services.ledger.audit.told import Told, instant

if TYPE_CHECKING:
    from datetime import datetime

TOWN, OWNER = "town", "owner"


class Case:
    """What the checks need to know of one application.

    Args:
        done: facets exercised since the acceptance, or since the case came back.
        lies: with whom it lies: the counter that accepted it, or (forwarded and received, handed
            up) the owner of the power.
    """

    __slots__ = (
        "accepted_at", "acceptor", "applicant", "cross_town", "done", "forwarded_to", "grant", "id",
        "issue_on_seal", "item", "level", "lies", "mode", "opinion", "opinion_ref", "opinion_seal",
        "outcome", "resumes", "reviewed_by", "sealed", "state", "subitem", "subject", "town",
    )

    def __init__(self, told: Told) -> None:
        data = told.data
        self.id, self.state = told.stream, ""
        self.item: str = data["item_id"]
        self.subitem: str | None = data["subitem"]
        self.applicant, self.subject = data["applicant_key"], data["subject_key"]
        self.town: str | None = data["town_id"]
        self.level: str | None = None
        self.grant: str | None = None
        self.mode: str | None = None
        self.accepted_at: datetime | None = None
        self.acceptor: str | None = None
        self.cross_town = self.issue_on_seal = self.sealed = False
        self.done: tuple[str, ...] = ()
        self.lies = TOWN
        self.forwarded_to: str | None = None
        self.reviewed_by: str | None = None
        self.opinion: str | None = None
        self.opinion_ref: str | None = None
        self.opinion_seal: str | None = None
        self.outcome: str | None = None
        self.resumes = "submitted"

    @property
    def over(self) -> bool:
        """Whether nothing more may happen to it."""
        return self.state in OVER

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two applications the same (R112)."""
        return self.item, self.applicant, self.subject

    def follow(self, told: Told) -> None:
        """Take in what has happened, lawful or not."""
        if followed := FOLLOWS.get(told.name):
            followed(self, told.data)
        self.state = STATES.get(told.name, self.state)


OVER = frozenset({"not_accepted", "withdrawn", "duplicate", "closed"})

# Where a fact leaves a case; the others leave it where it was.
STATES = {
    "ApplicationSubmitted": "submitted",
    "MaterialsDeficiencyNotified": "deficient",
    "CaseAccepted": "accepted",
    "CaseNotAccepted": "not_accepted",
    "DuplicateApplicationLinked": "duplicate",
    "SubstantiveReviewCompleted": "reviewed",
    "CaseForwarded": "forwarded",
    "CaseForwardReceived": "received",
    "CaseReturned": "returned",
    "CaseHandedUp": "handed_up",
    "ApprovalIssued": "decided",
    "ApplicationDenied": "decided",
    "ServiceCompleted": "closed",
    "DocumentDelivered": "delivered",
    "CaseWithdrawn": "withdrawn",
    "CaseClosed": "closed",
}


def _deficient(case: Case, _: dict[str, Any]) -> None:
    case.resumes = case.state


def _supplemented(case: Case, _: dict[str, Any]) -> None:
    case.state = case.resumes


def _accepted(case: Case, data: dict[str, Any]) -> None:
    case.town, case.level, case.mode = data["town_id"], data["accepted_level"], data["mode"]
    case.grant, case.cross_town = data["grant_id"], data["cross_town"]
    case.issue_on_seal, case.acceptor = data["issue_on_seal"], data["acceptor_id"]
    case.accepted_at = instant(data["accepted_at"])
    case.done = ("accept",)


def _crossing(case: Case, _: dict[str, Any]) -> None:
    case.cross_town = True


def _looked_through(case: Case, data: dict[str, Any]) -> None:
    if data["result"] == "ok":
        case.done = (*case.done, "preliminary_review")
        case.state = "prelim_reviewed"


def _reviewed(case: Case, data: dict[str, Any]) -> None:
    case.done = (*case.done, "substantive_review")
    case.reviewed_by, case.opinion = data["reviewer_org_id"], data["result"]
    case.opinion_ref, case.opinion_seal = data["opinion_ref"], data["opinion_seal_id"]


def _forwarded(case: Case, data: dict[str, Any]) -> None:
    case.forwarded_to = data["to_org_id"]


def _received(case: Case, _: dict[str, Any]) -> None:
    case.lies = OWNER


def _returned(case: Case, _: dict[str, Any]) -> None:
    """What was done is to be done again (R119)."""
    case.lies, case.done = TOWN, ("accept",)
    case.forwarded_to = case.reviewed_by = None
    case.opinion = case.opinion_ref = case.opinion_seal = None


def _approved(case: Case, _: dict[str, Any]) -> None:
    case.outcome = "approved"


def _denied(case: Case, _: dict[str, Any]) -> None:
    case.outcome = "denied"


FOLLOWS: dict[str, Callable[[Case, dict[str, Any]], None]] = {
    "MaterialsDeficiencyNotified": _deficient,
    "MaterialsSupplemented": _supplemented,
    "CaseAccepted": _accepted,
    "CrossTownDetected": _crossing,
    "PreliminaryReviewCompleted": _looked_through,
    "SubstantiveReviewCompleted": _reviewed,
    "CaseForwarded": _forwarded,
    "CaseForwardReceived": _received,
    "CaseHandedUp": _received,
    "CaseReturned": _returned,
    "ApprovalIssued": _approved,
    "ApplicationDenied": _denied,
}
