"""A power that a town asks for (R006, R030, R043)."""

from datetime import date
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.delegation.domain import need_refusals, refusals
from services.delegation.domain.programme import Row, city_grantor
from services.delegation.domain.stream import stream_id

ADD, NOT_NOW = "add", "not_now"


class Need(Aggregate):
    """One need of one town, visible until it is answered; raised at any time."""

    class NeedRecorded(Aggregate.Created):
        need_id: str
        town_id: str
        matter: str
        power_level: str
        item_id: str | None
        raised_on: date

    class NeedAnswered(Aggregate.Event):
        need_id: str
        town_id: str
        answer: str
        reason: str | None
        answered_on: date

    @staticmethod
    def create_id(programme: str, town: str, matter: str, raised_on: date) -> UUID:
        return stream_id("need", programme, town, matter, raised_on)

    @classmethod
    def record(
        cls, *, programme: str, town: str, matter: str, power_level: str, item: Row | None,
        raised_on: date,
    ) -> "Need":
        if item and item["power_level"] not in (None, power_level):
            raise need_refusals.level_of_item(item["item_id"], item["power_level"], power_level)
        stream = cls.create_id(programme, town, matter, raised_on)
        return cls._create(
            cls.NeedRecorded, id=stream, need_id=str(stream), town_id=town, matter=matter,
            power_level=power_level, item_id=item["item_id"] if item else None, raised_on=raised_on,
        )

    def answer(
        self, *, programme: Row, town: Row, answer: str, reason: str, answered_on: date
    ) -> None:
        """The county or district answers; what only the city can confer goes up (R006, R043)."""
        if self.answered:
            raise refusals.wrong_state("need", "answered", ["raised"])
        if city := self.goes_up_to(programme, town):
            raise refusals.city_level_power(self.matter, city, town["matching_county_id"])
        if answer == NOT_NOW and not reason.strip():
            raise need_refusals.answer_without_reason(self.matter)
        if answered_on < self.raised_on:
            raise refusals.wrong_date_order("提出日", self.raised_on, "答复日", answered_on)
        self._answered(
            need_id=str(self.id), town_id=self.town_id, answer=answer,
            reason=reason.strip() or None, answered_on=answered_on,
        )

    def goes_up_to(self, programme: Row, town: Row) -> str | None:
        """The city government that studies this need, where the notice has that way (R006)."""
        return city_grantor(programme, {"power_level": self.power_level}, town)

    @event(NeedRecorded)
    def __init__(self, town_id: str, matter: str, power_level: str, raised_on: date) -> None:
        self.town_id, self.matter, self.power_level = town_id, matter, power_level
        self.raised_on, self.answered = raised_on, False

    @event(NeedAnswered)
    def _answered(
        self, need_id: str, town_id: str, answer: str, reason: str | None, answered_on: date
    ) -> None:
        self.answered = True
