"""How a grant ends: a legal bar, a recall proposed, heard, decided."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain import legal_bar, recall_refusals, recalling
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.granted import OPEN, Granted
from services.delegation.domain.programme import Row, policy, setting
from services.delegation.domain.stream import stream_id


class GrantEnding(Granted):
    """The end of a grant, and what goes before it (R046, R180, R181)."""

    class LegalityReviewOpened(Aggregate.Event):
        grant_id: str
        town_id: str
        constraint_item: str
        constraint_kind: str
        article: str

        def apply(self, aggregate: "GrantEnding") -> None:
            aggregate.state = "legality_review"
            aggregate.reviewed = [*aggregate.reviewed, (self.constraint_kind, self.article)]

    class RecallProposed(Aggregate.Event):
        recall_id: str
        grant_id: str
        ground: str
        evidence_refs: list[str]
        proposed_by_org_id: str

        def apply(self, aggregate: "GrantEnding") -> None:
            aggregate.state = "recall_proposed"
            aggregate.proposed_ground = self.ground
            aggregate.evidence_refs = self.evidence_refs

    class RecallOpinionHeard(Aggregate.Event):
        recall_id: str
        grant_id: str
        town_id: str
        opinion_ref: str

        def apply(self, aggregate: "GrantEnding") -> None:
            aggregate.heard = True

    class ItemRecalled(Aggregate.Event):
        recall_id: str
        grant_id: str
        item_id: str
        town_id: str
        ground: str
        evidence_refs: list[str]
        decided_by_org_id: str
        decided_on: date
        effective_from: datetime
        returns_to_org_id: str
        in_flight_policy: str | None

        def apply(self, aggregate: "GrantEnding") -> None:
            aggregate.state, aggregate.ended_at = "ended", self.effective_from

    def review_legality(self, *, programme: Row, kind: str, norm_rank: str, article: str) -> None:
        """A legal bar appeared after the grant; a bar on other modes changes nothing (R046).

        Each bar opens one review: a recall proposed since is not thrown back.
        """
        if self.state in ("ended", "legality_review") or (kind, article) in self.reviewed:
            return
        if legal_bar.applies(kind, norm_rank, policy(programme, self.mode)):
            self.trigger_event(
                self.LegalityReviewOpened, grant_id=str(self.id), town_id=self.town_id,
                constraint_item=self.item_id, constraint_kind=kind, article=article,
            )

    def propose_recall(
        self, *, programme: Row, ground: str, evidence_refs: Sequence[str], proposed_by: str
    ) -> None:
        """A recall on an admitted ground; the town still acts (R180)."""
        self._in(*OPEN, "legality_review")
        recalling.check_ground(programme, ground, evidence_refs)
        self.trigger_event(
            self.RecallProposed, recall_id=str(self.recall_id), grant_id=str(self.id),
            ground=ground, evidence_refs=list(evidence_refs), proposed_by_org_id=proposed_by,
        )

    def hear_town(self, *, opinion_ref: str) -> None:
        """The town has been heard on the proposal (R180)."""
        self._in("recall_proposed", "legality_review")
        if self.proposed_ground is None:
            raise recall_refusals.recall_step_missing(self.id, "propose")
        self.trigger_event(
            self.RecallOpinionHeard, recall_id=str(self.recall_id), grant_id=str(self.id),
            town_id=self.town_id, opinion_ref=opinion_ref,
        )

    def recall(
        self, *, programme: Row, ground: str | None, evidence_refs: Sequence[str],
        decided_by: str | None, decided_on: date, effective_from: date, at: datetime,
        agreement: Agreement | None,
    ) -> None:
        """End the grant; the power returns to the organ that granted it (R067, R180, R181).

        Args:
            at: when the decision is recorded.
            agreement: under which the item was granted, if under any.
        """
        self._in(*OPEN, "legality_review", "recall_proposed")
        ground = ground or self.proposed_ground
        if ground is None:
            raise recall_refusals.recall_step_missing(self.id, "propose")
        evidence = list(evidence_refs) or self.evidence_refs
        recalling.check_ground(programme, ground, evidence)
        recalling.check_steps(
            programme, self.id, ground, proposed=self.proposed_ground is not None, heard=self.heard
        )
        recalling.check_term(self.id, ground, effective_from, agreement)
        grantors = sorted({self.decided_by_org_id, self.power_owner_org_id})
        if decided_by is not None and decided_by not in grantors:
            raise recall_refusals.recall_by_grantor_only(self.id, grantors, decided_by)
        ends = recalling.effective_instant(
            self.id, ground, decided_on=decided_on, effective_from=effective_from, decided_at=at,
            begun=self.effective_from,
        )
        self.trigger_event(
            self.ItemRecalled, recall_id=str(self.recall_id), grant_id=str(self.id),
            item_id=self.item_id, town_id=self.town_id, ground=ground, evidence_refs=evidence,
            decided_by_org_id=decided_by or self.decided_by_org_id, decided_on=decided_on,
            effective_from=ends, returns_to_org_id=self.power_owner_org_id,
            in_flight_policy=setting(programme, "recall", "in_flight_policy"),
        )

    @property
    def recall_id(self) -> UUID:
        """The id of this grant's recall."""
        return stream_id("recall", self.id)
