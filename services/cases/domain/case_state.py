"""What is known of a case, and what its path waits for."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.cases.domain import refusals
from services.cases.domain.authority import Standing
from services.cases.domain.states import ADMITTED

if TYPE_CHECKING:
    from datetime import datetime


class CaseState(Aggregate):
    """The state that `case_facts` assign, and the guards common to all acts."""

    def __init__(self) -> None:
        self.state = "submitted"
        self.item = ""
        self.subitem: str | None = None
        self.applicant_key = self.subject_key = ""
        self.towns: list[str] = []
        self.chosen_org = ""
        self.town: str | None = None
        self.resumes = "submitted"
        self.notices = 0
        self.supplied: list[str] = []
        self.accepted_by: str | None = None
        self.accepted_at: datetime | None = None
        self.mode: str | None = None
        self.grant_id: str | None = None
        self.cross_town = False
        self.issue_on_seal = False
        self.path: list[dict[str, Any]] = []
        self.done: list[str] = []
        self.due: dict[str, datetime | None] = {}
        self.forwarded_to: str | None = None
        self.reviewed_by: str | None = None
        self.opinion: str | None = None
        self.opinion_ref: str | None = None
        self.opinion_seal: str | None = None
        self.outcome: str | None = None
        self.duplicate_of: str | None = None

    @staticmethod
    def create_id(case_id: str) -> UUID:
        """The stream of a case bears the id the case was given."""
        return UUID(case_id)

    def precedes(self, other: "CaseState") -> bool:
        """Whether this is the same application, accepted earlier."""
        if self.accepted_at is None or other.accepted_at is None or self.id == other.id:
            return False
        same = (self.item, self.applicant_key, self.subject_key) == (
            other.item, other.applicant_key, other.subject_key,
        )
        return same and (self.accepted_at, str(self.id)) < (other.accepted_at, str(other.id))

    def on_seal(self, standing: Standing) -> bool:
        """R053: the town has reviewed, so the district issues on seeing its seal."""
        reviewer = standing.in_place_of(self.reviewed_by)
        return self.issue_on_seal and reviewer not in {None, standing.owner}

    def involves(self, standing: Standing) -> bool:
        """Whether the acting organ was chosen for this case, or has a step of its path."""
        named = {self.chosen_org, self.accepted_by, *(step["org_id"] for step in self.path)}
        orgs = {standing.in_place_of(org) for org in named}
        ours = standing.town_orgs if orgs & standing.town_orgs else frozenset()
        return standing.org in orgs | ours

    @property
    def next_step(self) -> str | None:
        """The step the path waits for; the seal is put to the document, not to the case."""
        return next((s for s in self._steps if s not in self.done and s != "seal"), None)

    def took(self, step: str, state: str) -> None:
        """Assign: *step* is done."""
        self.done, self.state = [*self.done, step], state

    @property
    def _steps(self) -> list[str]:
        return [step["step"] for step in self.path]

    def admit(self, act: str) -> None:
        """Refuse *act* where the state does not admit it."""
        if self.state not in ADMITTED[act]:
            raise refusals.not_in_this_state(act, self.state, ADMITTED[act])

    def _next(self, act: str) -> None:
        if self.next_step != act:
            org = next((s["org_id"] for s in self.path if s["step"] == self.next_step), None)
            raise refusals.not_the_next_step(act, self.next_step, org)

    def _addressed(self, standing: Standing) -> None:
        ours = standing.town_orgs if self.chosen_org in standing.town_orgs else frozenset()
        asked = {standing.in_place_of(org) for org in (self.chosen_org, self.accepted_by)}
        if standing.org not in {*asked, *ours}:
            raise refusals.not_the_organ_addressed(standing.org, self.chosen_org)

    def _party(self, standing: Standing) -> None:
        parties = {standing.in_place_of(step["org_id"]) for step in self.path} | standing.town_orgs
        if standing.org not in parties:
            raise refusals.not_a_party(standing.org)

    def _receiver(self, standing: Standing) -> None:
        if standing.org != standing.in_place_of(self.forwarded_to):
            raise refusals.not_the_receiver(standing.org, self.forwarded_to)

    def _record(self, kind: Any, **told: Any) -> None:
        self.trigger_event(kind, case_id=str(self.id), **told)
