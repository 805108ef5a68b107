"""A town's question on an item, and the department's answer (R102)."""

from datetime import date
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.delegation.domain import capability_refusals, refusals
from services.delegation.domain.programme import Row
from services.delegation.domain.stream import stream_id


class Guidance(Aggregate):
    """One question; it has one answer."""

    class GuidanceRequested(Aggregate.Created):
        question_id: str
        town_id: str
        item_id: str
        department_id: str
        text_ref: str
        asked_on: date

    class GuidanceGiven(Aggregate.Event):
        question_id: str
        form: str
        answer_ref: str
        answered_by_org_id: str
        on: date

    @staticmethod
    def create_id(programme: str, town: str, item: str, ordinal: int) -> UUID:
        return stream_id("guidance", programme, town, item, ordinal)

    @classmethod
    def request(
        cls, *, programme: str, town: str, item: Row, text_ref: str, asked_on: date, ordinal: int
    ) -> "Guidance":
        """The question goes to the department of the item (R102)."""
        stream = cls.create_id(programme, town, item["item_id"], ordinal)
        return cls._create(
            cls.GuidanceRequested, id=stream, question_id=str(stream), town_id=town,
            item_id=item["item_id"], department_id=item["granting_org_id"],
            text_ref=text_ref, asked_on=asked_on,
        )

    def give(
        self, *, form: str, answer_ref: str, answered_by: str, department: str, on: date
    ) -> None:
        """A dated answer by that department, or by who has taken it over (R102)."""
        if self.answered:
            raise refusals.wrong_state("guidance", "answered", ["open"])
        if answered_by != department:
            raise capability_refusals.guidance_by_department(answered_by, department)
        if on < self.asked_on:
            raise refusals.wrong_date_order("提问日", self.asked_on, "答复日", on)
        self._given(
            question_id=str(self.id), form=form, answer_ref=answer_ref,
            answered_by_org_id=answered_by, on=on,
        )

    @event(GuidanceRequested)
    def __init__(self, department_id: str, asked_on: date) -> None:
        self.department_id, self.asked_on = department_id, asked_on
        self.answered = False

    @event(GuidanceGiven)
    def _given(
        self, question_id: str, form: str, answer_ref: str, answered_by_org_id: str, on: date
    ) -> None:
        self.answered = True
