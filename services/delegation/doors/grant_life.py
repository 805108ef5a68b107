"""Doors for the life of a grant: modes, gates, start, transition, changes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.delegation.domain import gates
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.grant import Grant
from services.delegation.domain.mode_assessment import ModeAssessment
from services.delegation.domain.programme import policy
from services.delegation.domain.town_list import TownList
from services.delegation.doors.grants import GrantDoors, needs_instrument
from shared.clock import day_of, start_of
from shared.contracts.envelope import Given


class GrantLifeDoors(GrantDoors):
    """Between a grant's decision and its end (R042, R051, R055, R057, R091, R095, R183, R184)."""

    def assess_mode(
        self, given: Given, *, programme: str, item: str, town: str | None, mode: str, answer: str,
        reason: str, earlier_modes_rejected: Sequence[Mapping[str, Any]], assessed_by: str,
    ) -> ModeAssessment:
        self.register.known(programme=programme, towns=[town])
        self.register.able(assessed_by)
        return ModeAssessment.assess(
            self.load(ModeAssessment, ModeAssessment.create_id(programme, item, town)),
            programme=self.register.programme(programme),
            item=self.register.item(programme, item), town=town, mode=mode, answer=answer,
            reason=reason, rejected=earlier_modes_rejected,
            answered=self.assessed(programme, item, town), assessed_by=assessed_by,
            on=day_of(given.at),
        )

    def assign_handling_body(
        self, given: Given, *, programme: str, grant: UUID, body: str, since: date
    ) -> Grant:
        known = self._grant(grant)
        known.assign_body(body=self.register.able(body), since=since)
        return known

    def assign_handling_bodies(
        self, given: Given, *, programme: str, town: str, body: str, since: date
    ) -> None:
        grants = self.lookups.open_grants(programme, town=town)
        without = self.lookups.without_handling_body(programme, town)
        self.each(
            given, "assign_handling_body",
            {
                row["item_id"]: {
                    "programme": programme, "grant": str(row["grant_id"]), "body": body,
                    "since": since.isoformat(),
                } for row in grants
            },
            {row["item_id"] for row in grants if row["item_id"] in without}, town,
        )

    def register_mechanism(
        self, given: Given, *, programme: str, grant: UUID, reviewer: str, deputy: str | None,
        target: str, limits: Sequence[Mapping[str, Any]],
    ) -> Grant:
        known = self._grant(grant)
        known.register_mechanism(
            programme=self.register.programme(programme), reviewer=self.register.able(reviewer),
            deputy=self.register.able(deputy) if deputy else None, target=target,
            limits={
                limit["step"]: {"value": limit["value"], "unit": limit["unit"]} for limit in limits
            },
        )
        return known

    def check_gates(self, given: Given, *, programme: str, grant: UUID) -> Grant:
        known = self._grant(grant)
        known.check_gates(
            programme=self.register.programme(programme), known=self.gates.of_grant(grant, given.at)
        )
        return known

    def start_implementation(self, given: Given, *, programme: str, grant: UUID) -> Grant:
        known = self._grant(grant)
        known.start(
            programme=self.register.programme(programme),
            known=self.gates.of_grant(grant, given.at), at=given.at,
        )
        return known

    def start_list(self, given: Given, *, programme: str, town: str) -> None:
        self._each_in(given, "start_implementation", programme, town, "decided")

    def end_transition(
        self, given: Given, *, programme: str, grant: UUID, **assessed: Any
    ) -> Grant:
        known = self._grant(grant)
        known.end_transition(**assessed)
        return known

    def end_transitions(
        self, given: Given, *, programme: str, town: str, assessment_result: str,
        assessment_ref: str, ended_on: date,
    ) -> None:
        self._each_in(
            given, "end_transition", programme, town, "in_transition",
            assessment_result=assessment_result, assessment_ref=assessment_ref,
            ended_on=ended_on.isoformat(),
        )

    def change_mode(
        self, given: Given, *, programme: str, grant: UUID, mode: str, effective_from: date,
        decided_by: str | None, agreement: UUID | None, transition_until: date | None,
    ) -> Grant:
        needs_instrument(given, "change_mode")
        rules, known = self.register.programme(programme), self._grant(grant)
        on_record = self._on_record(
            programme, known.town_id, known.item_id, mode, effective_from, agreement
        )
        policy(rules, mode)
        of_new = self.gates.of(
            programme, known.town_id, known.item_id, mode, max(given.at, start_of(effective_from)),
            agreement=on_record.agreement.id if on_record.agreement else None,
        )
        known.change_mode(
            programme=rules, town=self.register.town(programme, known.town_id, on=effective_from),
            item=self.register.item(programme, known.item_id), mode=mode,
            effective_from=effective_from,
            named=self.register.organ(decided_by) if decided_by else None, known=on_record,
            failed=gates.failed_before(rules, policy(rules, mode), of_new),
            successor=self._next_id(programme, known), transition_until=transition_until,
            at=given.at,
        )
        return known

    def begin_successor(self, given: Given, *, programme: str, grant: UUID) -> Grant:
        ended = self._grant(grant)
        place = programme, ended.town_id, ended.item_id
        ordinal = [known.id for known in self._grants(*place)].index(ended.id) + 1
        return self.load(Grant, Grant.create_id(*place, ordinal)) or Grant.successor_of(
            ended, programme=self.register.programme(programme),
            town=self.register.town(programme, ended.town_id),
            item=self.register.item(programme, ended.item_id), ordinal=ordinal,
        )

    def change_scope(
        self, given: Given, *, programme: str, grant: UUID, scope: list[str], effective_from: date
    ) -> Grant:
        needs_instrument(given, "change_scope")
        known = self._grant(grant)
        known.change_scope(
            programme=self.register.programme(programme),
            item=self.register.item(programme, known.item_id), scope=scope,
            effective_from=effective_from, agreement=self._agreement_of(known), at=given.at,
        )
        return known

    def alter_list_entry(
        self, given: Given, *, programme: str, town: str, item: str, mode: str | None,
        scope: list[str] | None, reason: str,
    ) -> TownList | None:
        town_list = self.load(TownList, TownList.create_id(programme, town))
        if town_list is not None:
            town_list.alter(item=item, mode=mode, scope=scope, reason=reason)
        return town_list

    def _each_in(
        self, given: Given, door: str, programme: str, town: str, state: str, **request: Any
    ) -> None:
        """One command for each grant of the town that is in a state."""
        grants = self.lookups.open_grants(programme, town=town)
        self.each(
            given, door,
            {
                row["item_id"]: {"programme": programme, "grant": str(row["grant_id"])} | request
                for row in grants
            },
            {row["item_id"] for row in grants if row["state"] == state}, town,
        )

    def _next_id(self, programme: str, known: Grant) -> UUID:
        """The id of the grant that would follow; the streams say how many there were."""
        count = sum(1 for _ in self._grants(programme, known.town_id, known.item_id))
        return Grant.create_id(programme, known.town_id, known.item_id, count)

    def _agreement_of(self, known: Grant) -> Agreement | None:
        return self.agreement(UUID(known.agreement_id)) if known.agreement_id else None
