"""What must hold before a recall: ground, evidence, steps, no reaching back (R180, R181)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.delegation.domain import refusals
from services.delegation.domain.programme import Row, setting
from shared.clock import day_of, start_of

BY_JUDGEMENT = ("runs_badly", "poor_effect", "does_not_fit")
BY_TIME = "term_expired"
BY_LAW = (BY_TIME, "law_forbids", "item_abolished")


def check_ground(programme: Row, ground: str, evidence_refs: Sequence[str]) -> None:
    """An admitted ground, with evidence where it is a judgement (R180)."""
    grounds = setting(programme, "recall", "grounds") or BY_JUDGEMENT
    if ground not in (*grounds, *BY_LAW):
        raise refusals.ground_not_admitted(ground, grounds)
    if ground not in BY_LAW and not evidence_refs:
        raise refusals.evidence_required(ground)


def check_steps(programme: Row, grant: UUID, ground: str, *, proposed: bool, heard: bool) -> None:
    """The programme's steps, for judgements; law and calendar need no hearing (R180)."""
    steps = () if ground in BY_LAW else setting(programme, "recall", "steps") or ()
    for step, done in (("propose", proposed), ("hear_town", heard)):
        if step in steps and not done:
            raise refusals.recall_step_missing(grant, step)


def effective_instant(
    grant: UUID, ground: str, *, decided_on: date, effective_from: date, decided_at: datetime,
    begun: datetime
) -> datetime:
    """From when the town no longer holds the power (R181).

    A decision that takes effect on its own day does so from its own hour: what the town did that
    morning stays valid. A grant that has not begun never begins.
    """
    if effective_from < decided_on:
        raise refusals.retroactive_recall(grant, decided_on, effective_from)
    ends = start_of(effective_from)
    if ground != BY_TIME and day_of(decided_at) == effective_from:
        ends = max(ends, decided_at)
    return max(ends, begun)
