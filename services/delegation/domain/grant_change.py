"""How a grant changes: another mode is an end and a beginning, another scope is not."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain import delegating, gates, grant_refusals, refusals
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.delegating import OnRecord
from services.delegation.domain.granted import RUNNING, Granted
from services.delegation.domain.list_entries import scope_of
from services.delegation.domain.programme import Row, policy, setting
from shared.clock import day_of, start_of


class GrantChange(Granted):
    """Changes of a grant under which the town works."""

    class GrantModeChanged(Aggregate.Event):
        grant_id: str
        item_id: str
        town_id: str
        successor_grant_id: str
        from_mode: str
        to_mode: str
        effective_from: datetime
        decided_by_org_id: str
        agreement_id: str | None
        transition_until: date | None
        in_flight_policy: str | None

        def apply(self, aggregate: "GrantChange") -> None:
            aggregate.state, aggregate.ended_at = "ended", self.effective_from
            aggregate.successor = {
                "grant_id": self.successor_grant_id, "mode": self.to_mode,
                "effective_from": self.effective_from, "decided_by": self.decided_by_org_id,
                "agreement_id": self.agreement_id, "transition_until": self.transition_until,
            }

    class GrantScopeChanged(Aggregate.Event):
        grant_id: str
        item_id: str
        town_id: str
        scope_before: list[str]
        scope_after: list[str]
        effective_from: datetime
        in_flight_policy: str | None

        def apply(self, aggregate: "GrantChange") -> None:
            aggregate.scope, aggregate.changed_at = self.scope_after, self.effective_from

    def change_mode(
        self, *, programme: Row, town: Row, item: Row, mode: str, effective_from: date,
        named: Row | None, known: OnRecord, failed: Sequence[str], successor: UUID,
        transition_until: date | None, at: datetime,
    ) -> None:
        """End this grant where its successor in the other mode begins (R184).

        Args:
            failed: the gates of the new mode that block and are open.
            successor: the grant that begins at the same instant.
        """
        self._in(*RUNNING)
        if mode == self.mode:
            raise grant_refusals.same_mode(self.id, mode)
        terms = delegating.terms(
            programme, town=town, item=item, mode=mode, scope=self.scope,
            effective_from=effective_from, named=named, known=known, listed=(mode, self.mode),
        )
        if failed:
            raise refusals.gate_failed(self.id, failed, gates.opening(failed))
        delegating.check_transition(effective_from, transition_until)
        self.trigger_event(
            self.GrantModeChanged, grant_id=str(self.id), item_id=self.item_id,
            town_id=self.town_id, successor_grant_id=str(successor), from_mode=self.mode,
            to_mode=mode, decided_by_org_id=terms.decider,
            agreement_id=str(terms.agreement) if terms.agreement else None,
            effective_from=max(terms.begins, self._instant(effective_from, at)),
            transition_until=transition_until,
            in_flight_policy=setting(programme, "recall", "in_flight_policy"),
        )

    def change_scope(
        self, *, programme: Row, item: Row, scope: Sequence[str], effective_from: date,
        agreement: Agreement | None, at: datetime,
    ) -> None:
        """Other sub-items from an instant on, as catalogue and agreement allow (R013, R183)."""
        self._in(*RUNNING)
        after = scope_of(item, scope)
        if set(after) == set(self.scope):
            raise grant_refusals.same_scope(self.id, after)
        delegating.check_agreement(
            programme, policy(programme, self.mode), item=item, town=self.town_id,
            agreement=agreement, effective_from=effective_from,
        )
        self.trigger_event(
            self.GrantScopeChanged, grant_id=str(self.id), item_id=self.item_id,
            town_id=self.town_id, scope_before=self.scope, scope_after=after,
            effective_from=self._instant(effective_from, at),
            in_flight_policy=setting(programme, "recall", "in_flight_policy"),
        )

    def _instant(self, effective_from: date, at: datetime) -> datetime:
        """When a change takes effect: not before it is decided, nor before the last one (R181)."""
        if effective_from < day_of(at):
            raise grant_refusals.retroactive_change(self.id, day_of(at), effective_from)
        begins = start_of(effective_from)
        if self.changed_at is not None and begins < self.changed_at:
            raise refusals.wrong_date_order(
                "上次变更", day_of(self.changed_at), "生效日", effective_from
            )
        decided = at if day_of(at) == effective_from else begins
        return max(begins, decided, self.effective_from)
