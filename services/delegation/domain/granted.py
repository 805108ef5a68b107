"""What a grant is from its decision on: the state that every later decision stands on."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.delegation.domain import refusals
from services.delegation.domain.stream import stream_id
from services.delegation.domain.succession import Succession

RUNNING = ("in_transition", "in_force")
OPEN = ("decided", *RUNNING)


class Granted(Succession):
    """One per programme, town, item and running number; the next only when one has ended."""

    class ItemDelegated(Aggregate.Created):
        grant_id: str
        programme_id: str
        town_id: str
        item_id: str
        scope: list[str]
        mode: str
        decided_by_org_id: str
        power_owner_org_id: str
        act_supervisor_org_id: str | None
        agreement_id: str | None
        claim_id: str | None
        predecessor_grant_id: str | None
        facets: list[dict[str, Any]]
        exclusive: bool
        effective_from: datetime
        transition_until: date | None

    @staticmethod
    def create_id(programme: str, town: str, item: str, ordinal: int) -> UUID:
        return stream_id("grant", programme, town, item, ordinal)

    @property
    def never_began(self) -> bool:
        """Whether it ended before its first day (R181)."""
        return self.ended_at is not None and self.ended_at <= self.effective_from

    def _in(self, *states: str) -> None:
        if self.state not in states:
            raise refusals.wrong_state("grant", self.state, states)

    @event(ItemDelegated)
    def __init__(
        self, programme_id: str, town_id: str, item_id: str, scope: list[str], mode: str,
        decided_by_org_id: str, power_owner_org_id: str, act_supervisor_org_id: str | None,
        agreement_id: str | None, claim_id: str | None, facets: list[dict[str, Any]],
        effective_from: datetime, transition_until: date | None,
    ) -> None:
        self.programme_id, self.town_id, self.item_id = programme_id, town_id, item_id
        self.scope, self.mode = scope, mode
        self.agreement_id, self.claim_id = agreement_id, claim_id
        self.decided_by_org_id, self.power_owner_org_id = decided_by_org_id, power_owner_org_id
        self.act_supervisor_org_id, self.facets = act_supervisor_org_id, facets
        self.effective_from, self.transition_until = effective_from, transition_until
        self.state = "decided"
        self.started_at: datetime | None = None
        self.changed_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.successor: dict[str, Any] | None = None
        self.proposed_ground: str | None = None
        self.evidence_refs: list[str] = []
        self.heard = False
        self.reviewed: list[tuple[str, str]] = []
