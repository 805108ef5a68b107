"""How a grant lives: who handles it, what must be ready, its start, its transition."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from eventsourcing.domain import Aggregate

from services.delegation.domain import gates, grant_refusals, refusals
from services.delegation.domain.granted import OPEN, Granted
from services.delegation.domain.programme import Row, policy, setting
from shared.clock import day_of


class GrantLife(Granted):
    """From the decision to the work on one's own (R042, R055, R091, R095)."""

    class HandlingBodyAssigned(Aggregate.Event):
        grant_id: str
        item_id: str
        town_id: str
        body_org_id: str
        from_: date

    class ForwardingMechanismRegistered(Aggregate.Event):
        grant_id: str
        item_id: str
        town_id: str
        reviewer_org_id: str
        deputy_org_id: str | None
        target_org_id: str
        limits: dict[str, dict[str, Any]]

    class ImplementationGateChecked(Aggregate.Event):
        grant_id: str
        gates: list[dict[str, Any]]

    class ItemImplementationStarted(Aggregate.Event):
        grant_id: str
        item_id: str
        town_id: str
        started_at: datetime

        def apply(self, aggregate: "GrantLife") -> None:
            aggregate.state, aggregate.started_at = "in_force", self.started_at

    class TransitionStarted(Aggregate.Event):
        grant_id: str
        item_id: str
        town_id: str
        until: date | None

        def apply(self, aggregate: "GrantLife") -> None:
            aggregate.state = "in_transition"

    class TransitionEnded(Aggregate.Event):
        grant_id: str
        assessment_result: str
        assessment_ref: str
        ended_on: date

        def apply(self, aggregate: "GrantLife") -> None:
            aggregate.state = "in_force"

    def assign_body(self, *, body: Row, since: date) -> None:
        """The town names the one body in it that handles the item (R042)."""
        self._in(*OPEN)
        if body["superior_org_id"] != self.town_id:
            raise grant_refusals.body_not_of_town(body["org_id"], self.town_id)
        self.trigger_event(
            self.HandlingBodyAssigned, grant_id=str(self.id), item_id=self.item_id,
            town_id=self.town_id, body_org_id=body["org_id"], from_=since,
        )

    def register_mechanism(
        self, *, programme: Row, reviewer: Row, deputy: Row | None, target: str,
        limits: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """How what the town reviews is passed on: by whom, where to, how fast (R055)."""
        self._in(*OPEN)
        mode = policy(programme, self.mode)
        if not gates.reviews_and_forwards(mode):
            raise grant_refusals.mechanism_not_provided(self.mode)
        for body in (reviewer, *([deputy] if deputy else ())):
            if self.town_id not in (body["org_id"], body["superior_org_id"]):
                raise grant_refusals.body_not_of_town(body["org_id"], self.town_id)
        if deputy and deputy["org_id"] == reviewer["org_id"]:
            raise grant_refusals.deputy_is_reviewer(deputy["org_id"])
        if target != self.power_owner_org_id:
            raise grant_refusals.wrong_forward_target(target, self.power_owner_org_id)
        self.trigger_event(
            self.ForwardingMechanismRegistered, grant_id=str(self.id), item_id=self.item_id,
            town_id=self.town_id, reviewer_org_id=reviewer["org_id"],
            deputy_org_id=deputy["org_id"] if deputy else None, target_org_id=target,
            limits={step: dict(limit) for step, limit in limits.items()},
        )

    def check_gates(self, *, programme: Row, known: Mapping[str, bool]) -> list[str]:
        """Record which gates are passed; returns the blocking ones that are open (R091)."""
        checked = gates.check(programme, policy(programme, self.mode), known)
        self.trigger_event(self.ImplementationGateChecked, grant_id=str(self.id), gates=checked)
        return gates.failed(checked)

    def start(self, *, programme: Row, known: Mapping[str, bool], at: datetime) -> None:
        """The town begins to work under the grant, in transition where there is one (R091, R095).

        The grant has a transition of its own, or the notice speaks of one without a length.
        """
        self._in("decided")
        if at < self.effective_from:
            raise refusals.effective_not_reached(self.id, self.effective_from)
        if failed := self.check_gates(programme=programme, known=known):
            raise refusals.gate_failed(self.id, failed, gates.opening(failed))
        common = {"grant_id": str(self.id), "item_id": self.item_id, "town_id": self.town_id}
        self.trigger_event(self.ItemImplementationStarted, **common, started_at=at)
        if self.transition_until is not None or setting(programme, "transition", "required"):
            self.trigger_event(self.TransitionStarted, **common, until=self.transition_until)

    def end_transition(
        self, *, assessment_result: str, assessment_ref: str, ended_on: date
    ) -> None:
        """The transition ends with an assessment of whether the town works on its own (R095)."""
        self._in("in_transition")
        if self.started_at is not None and ended_on < day_of(self.started_at):
            raise refusals.wrong_date_order(
                "启动日", day_of(self.started_at), "过渡期结束日", ended_on
            )
        self.trigger_event(
            self.TransitionEnded, grant_id=str(self.id), assessment_result=assessment_result,
            assessment_ref=assessment_ref, ended_on=ended_on,
        )
