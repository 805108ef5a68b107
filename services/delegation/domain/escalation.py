"""What a district collects of city-level needs and reports to the city (R006)."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.delegation.domain import need_refusals, refusals
from services.delegation.domain.need import NOT_NOW, Need
from services.delegation.domain.programme import Row, setting
from services.delegation.domain.stream import stream_id


class Escalation(Aggregate):
    """The one report of one district under one programme; the city decides need by need."""

    class CityLevelNeedEscalated(Aggregate.Created):
        batch_id: str
        district_id: str
        need_ids: list[str]
        submitted_to_org_id: str
        submitted_on: date
        due_on: date | None

    class CityLevelNeedDecided(Aggregate.Event):
        batch_id: str
        need_id: str
        decision: str
        reason: str | None
        decided_by_org_id: str
        decided_on: date

    @staticmethod
    def create_id(programme: str, district: str) -> UUID:
        return stream_id("escalation", programme, district)

    @classmethod
    def escalate(
        cls, *, programme: Row, district: str, needs: Sequence[Need], towns: Mapping[str, Row],
        submitted_on: date,
    ) -> "Escalation":
        """Report the needs; late is late and is reported all the same.

        Args:
            towns: rows of the towns whose needs these are, by id.
        """
        if not needs:
            raise refusals.nothing_to_do("escalate_needs", district)
        for need in needs:
            town = towns[need.town_id]
            if town["matching_county_id"] != district:
                raise need_refusals.need_of_another_district(need.id, need.town_id, district)
            if need.goes_up_to(programme, town) is None:
                raise need_refusals.not_city_level(need.id, need.power_level)
            if need.answered:
                raise refusals.wrong_state("need", "answered", ["raised"])
            if submitted_on < need.raised_on:
                raise refusals.wrong_date_order("提出日", need.raised_on, "上报日", submitted_on)
        stream = cls.create_id(programme["programme_id"], district)
        due: str | None = setting(programme, "city_level", "requests_due_on")
        return cls._create(
            cls.CityLevelNeedEscalated, id=stream, batch_id=str(stream), district_id=district,
            need_ids=[str(need.id) for need in needs],
            submitted_to_org_id=setting(programme, "city_level", "grantor_org_id"),
            submitted_on=submitted_on, due_on=date.fromisoformat(due) if due else None,
        )

    def decide(
        self, *, need: UUID, decision: str, reason: str, decided_by: str, decided_on: date
    ) -> None:
        """The city has studied a need; the notice promises neither outcome nor date."""
        if str(need) not in self.need_ids:
            raise need_refusals.not_in_report(need, self.id)
        if str(need) in self.decided:
            raise refusals.wrong_state("need", "decided", ["escalated"])
        if decided_by != self.city:
            raise need_refusals.decided_by_city(decided_by, self.city)
        if decided_on < self.submitted_on:
            raise refusals.wrong_date_order("上报日", self.submitted_on, "决定日", decided_on)
        if decision == NOT_NOW and not reason.strip():
            raise need_refusals.answer_without_reason(str(need))
        self._decided(
            batch_id=str(self.id), need_id=str(need), decision=decision,
            reason=reason.strip() or None, decided_by_org_id=decided_by, decided_on=decided_on,
        )

    @event(CityLevelNeedEscalated)
    def __init__(self, need_ids: list[str], submitted_to_org_id: str, submitted_on: date) -> None:
        self.need_ids, self.city, self.submitted_on = need_ids, submitted_to_org_id, submitted_on
        self.decided: list[str] = []

    @event(CityLevelNeedDecided)
    def _decided(
        self, batch_id: str, need_id: str, decision: str, reason: str | None,
        decided_by_org_id: str, decided_on: date,
    ) -> None:
        self.decided.append(need_id)
