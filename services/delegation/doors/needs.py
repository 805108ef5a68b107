"""Doors for needs of the towns, and for the coverage of their claims."""

from datetime import date
from uuid import UUID

from services.delegation.domain import need_refusals
from services.delegation.domain.coverage import Coverage
from services.delegation.domain.escalation import Escalation
from services.delegation.domain.need import Need
from services.delegation.doors.base import Doors
from services.delegation.readmodel.needs import NeedRecords
from shared.contracts.envelope import Given


class NeedDoors(Doors):
    """What towns ask for, and how far they take what is offered (R006, R032, R043)."""

    def record_need(
        self, given: Given, *, programme: str, town: str, matter: str, power_level: str,
        item: str | None, raised_on: date,
    ) -> Need:
        self.register.town(programme, town)
        if known := self.load(Need, Need.create_id(programme, town, matter, raised_on)):
            raise need_refusals.recorded_before(known.id, matter)
        return Need.record(
            programme=programme, town=town, matter=matter, power_level=power_level,
            item=self.register.item(programme, item) if item else None, raised_on=raised_on,
        )

    def answer_need(
        self, given: Given, *, programme: str, need: UUID, answer: str, reason: str,
        answered_on: date,
    ) -> Need:
        known = self._need(need)
        known.answer(
            programme=self.register.programme(programme),
            town=self.register.town(programme, known.town_id), answer=answer, reason=reason,
            answered_on=answered_on,
        )
        return known

    def escalate_needs(
        self, given: Given, *, programme: str, district: str, needs: list[UUID],
        submitted_on: date,
    ) -> Escalation:
        self.register.organ(district)
        if known := self.load(Escalation, Escalation.create_id(programme, district)):
            raise need_refusals.reported_already(district, known.submitted_on)
        asked = needs or [
            UUID(need)
            for need in NeedRecords(self.database).open_city_level(programme, district)
        ]
        found = [self._need(need) for need in dict.fromkeys(asked)]
        return Escalation.escalate(
            programme=self.register.programme(programme), district=district, needs=found,
            towns={need.town_id: self.register.town(programme, need.town_id) for need in found},
            submitted_on=submitted_on,
        )

    def decide_need(
        self, given: Given, *, programme: str, batch: UUID, need: UUID, decision: str,
        reason: str, decided_by: str, decided_on: date,
    ) -> Escalation:
        self.register.organ(decided_by)
        known = self.known(Escalation, batch, "batch", batch)
        known.decide(
            need=need, decision=decision, reason=reason, decided_by=decided_by,
            decided_on=decided_on,
        )
        return known

    def compute_coverage(
        self, given: Given, *, programme: str, town: str, on: date
    ) -> Coverage:
        records = NeedRecords(self.database)
        return Coverage.compute(
            self.load(Coverage, Coverage.create_id(programme, town)),
            programme=self.register.programme(programme),
            town=self.register.town(programme, town), items=records.items(programme),
            claims=records.claims(programme, town), on=on,
        )

    def _need(self, need: UUID) -> Need:
        return self.known(Need, need, "need", need)
