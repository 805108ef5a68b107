"""A grant: facets of one power item, for one town, over an interval."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from eventsourcing.domain import Aggregate

from services.delegation.domain import delegating, facets, refusals
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.delegating import OnRecord
from services.delegation.domain.grant_change import GrantChange
from services.delegation.domain.grant_ending import GrantEnding
from services.delegation.domain.grant_life import GrantLife
from services.delegation.domain.granted import OPEN
from services.delegation.domain.programme import Row, policy
from shared.clock import day_of, start_of


class Grant(GrantLife, GrantChange, GrantEnding):
    """Its beginning, and the correction of a wrong one; life, change and end stand in its bases.

    Public methods decide: they check the rules, once, and may refuse.
    Events record: they run again on every replay, so they only assign.
    """

    class GrantCorrected(Aggregate.Event):
        grant_id: str
        field: str
        old: str
        new: str
        reason: str

        def apply(self, aggregate: "Grant") -> None:
            aggregate.effective_from = datetime.fromisoformat(self.new)

    @classmethod
    def delegate(
        cls, *, programme: Row, town: Row, item: Row, mode: str, scope: Sequence[str],
        effective_from: date, named: Row | None, known: OnRecord, ordinal: int,
        transition_until: date | None = None,
    ) -> "Grant":
        """Grant the item to the town.

        Args:
            scope: sub-items; empty for all that the catalogue names (R013).
            effective_from: first day, in Asia/Shanghai.
            named: the organ put forward as grantor, or None for the one the programme means.
            ordinal: how many earlier grants of this item to this town have ended.
            transition_until: last day of the transition, where one is set (R095).
        """
        terms = delegating.terms(
            programme, town=town, item=item, mode=mode, scope=scope,
            effective_from=effective_from, named=named, known=known, listed=(mode,),
        )
        delegating.check_transition(effective_from, transition_until)
        return cls._begin(
            programme, town, item, ordinal, mode=mode, scope=terms.scope,
            decided_by_org_id=terms.decider,
            agreement_id=str(terms.agreement) if terms.agreement else None,
            claim_id=str(known.claim.id) if known.claim else None, effective_from=terms.begins,
            transition_until=transition_until,
        )

    @classmethod
    def successor_of(
        cls, ended: "Grant", *, programme: Row, town: Row, item: Row, ordinal: int
    ) -> "Grant":
        """The grant that begins where *ended* changed its mode, as decided there (R184)."""
        told = ended.successor
        if told is None:
            raise refusals.wrong_state("grant", ended.state, ["mode_changed"])
        return cls._begin(
            programme, town, item, ordinal, mode=told["mode"], scope=ended.scope,
            decided_by_org_id=told["decided_by"], agreement_id=told["agreement_id"],
            claim_id=ended.claim_id, effective_from=told["effective_from"],
            transition_until=told["transition_until"],
        )

    @classmethod
    def _begin(
        cls, programme: Row, town: Row, item: Row, ordinal: int, *, mode: str, **decided: Any
    ) -> "Grant":
        key = programme["programme_id"], town["town_id"], item["item_id"]
        stream, mode_policy = cls.create_id(*key, ordinal), policy(programme, mode)
        return cls._create(
            cls.ItemDelegated, id=stream, grant_id=str(stream),
            programme_id=programme["programme_id"], town_id=town["town_id"],
            item_id=item["item_id"], mode=mode, power_owner_org_id=item["granting_org_id"],
            act_supervisor_org_id=item["granting_org_id"],
            predecessor_grant_id=str(cls.create_id(*key, ordinal - 1)) if ordinal else None,
            facets=facets.of_grant(mode_policy, item, town),
            exclusive=bool(mode_policy["exclusive"]), **decided,
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
        if self.changed_at is not None and new >= self.changed_at:
            raise refusals.wrong_date_order(
                "生效日", effective_from, "范围变更日", day_of(self.changed_at)
            )
        if agreement and not agreement.spans(effective_from, self.item_id):
            raise refusals.agreement_not_in_force(agreement.id, agreement.state, effective_from)
        self.trigger_event(
            self.GrantCorrected, grant_id=str(self.id), field="effective_from",
            old=self.effective_from.isoformat(), new=new.isoformat(), reason=reason,
        )
