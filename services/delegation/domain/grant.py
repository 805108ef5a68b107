"""A grant: facets of one power item, for one town, over an interval."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.delegation.domain import delegating, facets, gates, legal_bar, recalling, refusals
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.delegating import OnRecord
from services.delegation.domain.list_entries import scope_of
from services.delegation.domain.programme import Row, policy, setting
from services.delegation.domain.stream import stream_id
from shared.clock import day_of, start_of

OPEN = ("decided", "started")


class Grant(Aggregate):
    """One per programme, town, item and running number; the next only when one has ended.

    Public methods decide: they check the rules, once, and may refuse.
    Private methods record: they run again on every replay, so they only assign.
    """

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

    class ImplementationGateChecked(Aggregate.Event):
        grant_id: str
        gates: list[dict[str, Any]]

    class ItemImplementationStarted(Aggregate.Event):
        grant_id: str
        item_id: str
        town_id: str
        started_at: datetime

    class GrantCorrected(Aggregate.Event):
        grant_id: str
        field: str
        old: str
        new: str
        reason: str

    class LegalityReviewOpened(Aggregate.Event):
        grant_id: str
        town_id: str
        constraint_item: str
        constraint_kind: str
        article: str

    class RecallProposed(Aggregate.Event):
        recall_id: str
        grant_id: str
        ground: str
        evidence_refs: list[str]
        proposed_by_org_id: str

    class RecallOpinionHeard(Aggregate.Event):
        recall_id: str
        grant_id: str
        town_id: str
        opinion_ref: str

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

    @staticmethod
    def create_id(programme: str, town: str, item: str, ordinal: int) -> UUID:
        return stream_id("grant", programme, town, item, ordinal)

    @classmethod
    def delegate(
        cls, *, programme: Row, town: Row, item: Row, mode: str, scope: Sequence[str],
        effective_from: date, named: Row | None, known: OnRecord, ordinal: int,
    ) -> "Grant":
        """Grant the item to the town.

        Args:
            scope: sub-items; empty for all that the catalogue names (R013).
            effective_from: first day, in Asia/Shanghai.
            named: the organ put forward as grantor, or None for the one the programme means.
            ordinal: how many earlier grants of this item to this town have ended.
        """
        mode_policy = policy(programme, mode)
        if not town["recipient"]:
            raise refusals.not_a_recipient(town["town_id"], programme["programme_id"])
        decider = delegating.decided_by(programme, item, town, named)
        delegating.check_law(item, mode, mode_policy, effective_from)
        scope = scope_of(item, scope)
        delegating.check_after_notice(programme, effective_from)
        delegating.check_choice(programme, town, item, known)
        delegating.check_list(item, town, mode, known.town_list)
        agreement = delegating.check_agreement(
            programme, mode_policy, item=item, town=town, agreement=known.agreement,
            effective_from=effective_from
        )
        begins = delegating.effective_instant(
            programme, item=item, town=town, effective_from=effective_from,
            town_list=known.town_list
        )
        key = programme["programme_id"], town["town_id"], item["item_id"]
        stream = cls.create_id(*key, ordinal)
        return cls._create(
            cls.ItemDelegated, id=stream, grant_id=str(stream),
            programme_id=programme["programme_id"], town_id=town["town_id"],
            item_id=item["item_id"], scope=scope, mode=mode, decided_by_org_id=decider,
            power_owner_org_id=item["granting_org_id"],
            act_supervisor_org_id=item["granting_org_id"], agreement_id=str(agreement) if agreement
            else None, claim_id=str(known.claim.id) if known.claim else None,
            predecessor_grant_id=str(cls.create_id(*key, ordinal - 1)) if ordinal else None,
            facets=facets.of_grant(mode_policy, item, town),
            exclusive=bool(mode_policy["exclusive"]), effective_from=begins, transition_until=None,
        )

    def check_gates(self, *, programme: Row, known: dict[str, bool]) -> list[str]:
        """Record which gates are passed; returns the blocking ones that are open (R091)."""
        checked = gates.check(programme, policy(programme, self.mode), known)
        self._gates_checked(grant_id=str(self.id), gates=checked)
        return gates.failed(checked)

    def start(self, *, programme: Row, known: dict[str, bool], at: datetime) -> None:
        """The town begins to work under the grant (R041, R091)."""
        self._in("decided")
        if at < self.effective_from:
            raise refusals.effective_not_reached(self.id, self.effective_from)
        if failed := self.check_gates(programme=programme, known=known):
            raise refusals.gate_failed(self.id, failed)
        self._started(
            grant_id=str(self.id), item_id=self.item_id, town_id=self.town_id, started_at=at
        )

    def check_over(self, day: date) -> None:
        """Another grant of the item may begin on *day*: this one is over, or never began (R065)."""
        if self.ended_at is None:
            raise refusals.already_granted(self.item_id, self.town_id, self.id)
        if start_of(day) < self.ended_at and not self.never_began:
            raise refusals.already_granted(self.item_id, self.town_id, self.id, self.ended_at)

    def correct(
        self, *, programme: Row, effective_from: date, reason: str, agreement: Agreement | None
    ) -> None:
        """A wrong first day was recorded; the right one is a new fact (R222).

        It lies where a first day may lie (R001, R075), and revives no grant (R181).
        """
        new = start_of(effective_from)
        if self.never_began:
            raise refusals.wrong_state("grant", self.state, OPEN)
        if new == self.effective_from:
            raise refusals.nothing_to_do("correction", self.town_id)
        delegating.check_after_notice(programme, effective_from)
        if self.ended_at is not None and new >= self.ended_at:
            raise refusals.wrong_date_order(
                "生效日", effective_from, "终止日", day_of(self.ended_at)
            )
        if agreement and not agreement.spans(effective_from):
            raise refusals.agreement_not_in_force(agreement.id, agreement.state, effective_from)
        self._corrected(
            grant_id=str(self.id), field="effective_from", old=self.effective_from.isoformat(),
            new=new.isoformat(), reason=reason,
        )

    def review_legality(self, *, programme: Row, kind: str, norm_rank: str, article: str) -> None:
        """A legal bar appeared after the grant; a bar on other modes changes nothing (R046)."""
        if self.state in ("ended", "legality_review"):
            return
        if legal_bar.applies(kind, norm_rank, policy(programme, self.mode)):
            self._review_opened(
                grant_id=str(self.id), town_id=self.town_id, constraint_item=self.item_id,
                constraint_kind=kind, article=article,
            )

    def propose_recall(
        self, *, programme: Row, ground: str, evidence_refs: Sequence[str], proposed_by: str
    ) -> None:
        """A recall on an admitted ground; the town still acts (R180)."""
        self._in(*OPEN, "legality_review")
        recalling.check_ground(programme, ground, evidence_refs)
        self._recall_proposed(
            recall_id=str(self.recall_id), grant_id=str(self.id), ground=ground,
            evidence_refs=list(evidence_refs), proposed_by_org_id=proposed_by,
        )

    def hear_town(self, *, opinion_ref: str) -> None:
        """The town has been heard (R180)."""
        self._in("recall_proposed")
        self._town_heard(
            recall_id=str(self.recall_id), grant_id=str(self.id), town_id=self.town_id,
            opinion_ref=opinion_ref
        )

    def recall(
        self, *, programme: Row, ground: str | None, evidence_refs: Sequence[str],
        decided_by: str | None, decided_on: date, effective_from: date, at: datetime,
    ) -> None:
        """End the grant; the power returns to the organ that granted it (R067, R180, R181)."""
        self._in(*OPEN, "legality_review", "recall_proposed")
        ground = ground or self.proposed_ground
        if ground is None:
            raise refusals.recall_step_missing(self.id, "propose")
        evidence = list(evidence_refs) or self.evidence_refs
        recalling.check_ground(programme, ground, evidence)
        recalling.check_steps(
            programme, self.id, ground, proposed=self.proposed_ground is not None, heard=self.heard
        )
        grantors = sorted({self.decided_by_org_id, self.power_owner_org_id})
        if decided_by is not None and decided_by not in grantors:
            raise refusals.recall_by_grantor_only(self.id, grantors, decided_by)
        ends = recalling.effective_instant(
            self.id, ground, decided_on=decided_on, effective_from=effective_from, decided_at=at,
            begun=self.effective_from,
        )
        self._recalled(
            recall_id=str(self.recall_id), grant_id=str(self.id), item_id=self.item_id,
            town_id=self.town_id, ground=ground, evidence_refs=evidence,
            decided_by_org_id=decided_by or self.decided_by_org_id, decided_on=decided_on,
            effective_from=ends, returns_to_org_id=self.power_owner_org_id,
            in_flight_policy=setting(programme, "recall", "in_flight_policy"),
        )

    @property
    def never_began(self) -> bool:
        """Whether it was recalled before its first day (R181)."""
        return self.ended_at is not None and self.ended_at <= self.effective_from

    @property
    def recall_id(self) -> UUID:
        """The id of this grant's recall."""
        return stream_id("recall", self.id)

    def _in(self, *states: str) -> None:
        if self.state not in states:
            raise refusals.wrong_state("grant", self.state, states)

    @event(ItemDelegated)
    def __init__(
        self, programme_id: str, town_id: str, item_id: str, mode: str, decided_by_org_id: str,
        power_owner_org_id: str, agreement_id: str | None, effective_from: datetime,
    ) -> None:
        self.programme_id, self.town_id, self.item_id = programme_id, town_id, item_id
        self.mode, self.agreement_id = mode, agreement_id
        self.decided_by_org_id, self.power_owner_org_id = decided_by_org_id, power_owner_org_id
        self.effective_from = effective_from
        self.ended_at: datetime | None = None
        self.state = "decided"
        self.proposed_ground: str | None = None
        self.evidence_refs: list[str] = []
        self.heard = False

    @event(ImplementationGateChecked)
    def _gates_checked(self, grant_id: str, gates: list[dict[str, Any]]) -> None:
        self.gates = gates

    @event(ItemImplementationStarted)
    def _started(self, grant_id: str, item_id: str, town_id: str, started_at: datetime) -> None:
        self.state = "started"

    @event(GrantCorrected)
    def _corrected(self, grant_id: str, field: str, old: str, new: str, reason: str) -> None:
        self.effective_from = datetime.fromisoformat(new)

    @event(LegalityReviewOpened)
    def _review_opened(
        self, grant_id: str, town_id: str, constraint_item: str, constraint_kind: str, article: str
    ) -> None:
        self.state = "legality_review"

    @event(RecallProposed)
    def _recall_proposed(
        self, recall_id: str, grant_id: str, ground: str, evidence_refs: list[str],
        proposed_by_org_id: str
    ) -> None:
        self.state = "recall_proposed"
        self.proposed_ground, self.evidence_refs = ground, evidence_refs

    @event(RecallOpinionHeard)
    def _town_heard(self, recall_id: str, grant_id: str, town_id: str, opinion_ref: str) -> None:
        self.heard = True

    @event(ItemRecalled)
    def _recalled(
        self, recall_id: str, grant_id: str, item_id: str, town_id: str, ground: str,
        evidence_refs: list[str], decided_by_org_id: str, decided_on: date,
        effective_from: datetime, returns_to_org_id: str, in_flight_policy: str | None,
    ) -> None:
        self.state, self.ended_at = "ended", effective_from
