"""Whether an item meets the legal criterion of a mode, as answered before the grant."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain import grant_refusals, legal_bar
from services.delegation.domain.delegating import NOT_MET
from services.delegation.domain.programme import Row, earlier_modes, policy
from services.delegation.domain.stream import Recorded, record, stream_id

MET = "met"
ANSWERS = (MET, NOT_MET)


class ModeAssessment(Aggregate):
    """One per programme and item, and one per town that has answers of its own."""

    class ModeAssessed(Recorded):
        item_id: str
        town_id: str | None
        mode: str
        criterion_id: str
        criterion: str | None
        answer: str
        reason: str
        earlier_modes_rejected: list[dict[str, Any]]
        assessed_by_org_id: str

        def apply(self, aggregate: "ModeAssessment") -> None:
            rejected = {row["mode"]: NOT_MET for row in self.earlier_modes_rejected}
            aggregate.answers = aggregate.answers | rejected | {self.mode: self.answer}

    @staticmethod
    def create_id(programme: str, item: str, town: str | None) -> UUID:
        return stream_id("mode-assessment", programme, item, town or "")

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}

    @classmethod
    def assess(
        cls, before: "ModeAssessment | None", *, programme: Row, item: Row, town: str | None,
        mode: str, answer: str, reason: str, rejected: Sequence[Mapping[str, Any]],
        answered: Mapping[str, str], assessed_by: str, on: date,
    ) -> "ModeAssessment":
        """Answer the criterion of the notice, which is kept with its answer (R051).

        A mode is met only when each mode before it in the notice's order is rejected, here or
        earlier, with the reason (R057); and no law on record stands against it (R046).

        Args:
            rejected: earlier modes, each ``{"mode", "reason"}``.
            answered: the answers on record for this item and town, by mode.
        """
        told = _criterion(programme, mode)
        earlier = earlier_modes(programme, mode)
        if stray := [row["mode"] for row in rejected if row["mode"] not in earlier]:
            raise grant_refusals.not_an_earlier_mode(mode, stray, earlier)
        if answer == MET:
            if found := legal_bar.bar(item["constraints"], policy(programme, mode), on):
                raise grant_refusals.assessment_contradicts_law(
                    item["item_id"], mode, told["criterion"], found["article"],
                    found["norm_rank"],
                )
            now = dict(answered) | dict.fromkeys((row["mode"] for row in rejected), NOT_MET)
            if missing := [one for one in earlier if now.get(one) != NOT_MET]:
                raise grant_refusals.earlier_mode_not_assessed(item["item_id"], mode, missing)
        key = programme["programme_id"], item["item_id"], town
        return record(
            cls, before, cls.create_id(*key), cls.ModeAssessed, item_id=item["item_id"],
            town_id=town, mode=mode, answer=answer, reason=reason, **told,
            earlier_modes_rejected=[
                dict(row) | _criterion(programme, row["mode"]) for row in rejected
            ],
            assessed_by_org_id=assessed_by,
        )


def _criterion(programme: Row, mode: str) -> dict[str, str | None]:
    """The notice's own words for when the mode may be used, and their id."""
    return {
        "criterion_id": f"{programme['programme_id']}:{mode}",
        "criterion": policy(programme, mode)["criterion"],
    }
