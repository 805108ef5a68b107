"""What must hold before a recall: ground, evidence, steps, no reaching back (R180, R181)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.delegation.domain import recall_refusals, refusals
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.programme import Row, setting
from services.delegation.domain.succession import ORGAN_MERGED
from shared.clock import day_of, end_of, start_of

# Each ground in the notice's words (R180); the last four are not the notice's.
GROUNDS = {
    "runs_badly": "运行不畅", "poor_effect": "效果不好", "does_not_fit": "不合实际",
    "term_expired": "委托期限届满", "law_forbids": "法律、法规禁止", "item_abolished": "事项取消",
    ORGAN_MERGED: "机构撤并",
}
BY_JUDGEMENT = ("runs_badly", "poor_effect", "does_not_fit")
BY_TIME = "term_expired"
BY_LAW = (BY_TIME, "law_forbids", "item_abolished", ORGAN_MERGED)
BEFORE_DECISION = ("propose", "hear_town")


def check_ground(programme: Row, ground: str, evidence_refs: Sequence[str]) -> None:
    """An admitted ground, with evidence where it is a judgement (R180)."""
    grounds = setting(programme, "recall", "grounds") or BY_JUDGEMENT
    if ground not in (*grounds, *BY_LAW):
        raise refusals.ground_not_admitted(ground, grounds)
    if ground not in BY_LAW and not evidence_refs:
        raise recall_refusals.evidence_required(ground)


def steps_of(programme: Row, ground: str) -> list[str]:
    """The programme's steps for this ground; law and calendar need no proposal and no hearing."""
    steps = setting(programme, "recall", "steps") or ()
    return [step for step in steps if ground not in BY_LAW or step not in BEFORE_DECISION]


def check_steps(programme: Row, grant: UUID, ground: str, *, proposed: bool, heard: bool) -> None:
    """What goes before the decision has been done (R180)."""
    done = dict(zip(BEFORE_DECISION, (proposed, heard), strict=True))
    for step in steps_of(programme, ground):
        if not done.get(step, True):
            raise recall_refusals.recall_step_missing(grant, step)


def check_term(
    grant: UUID, ground: str, effective_from: date, agreement: Agreement | None
) -> None:
    """A term that ends takes the power with it; no recall reaches beyond it (R075)."""
    if ground == BY_TIME:
        if agreement is None or agreement.state != "expired":
            raise recall_refusals.term_not_expired(grant)
    elif agreement and agreement.term_to and start_of(effective_from) > end_of(agreement.term_to):
        raise recall_refusals.recall_after_term(grant, agreement.term_to, effective_from)


def effective_instant(
    grant: UUID, ground: str, *, decided_on: date, effective_from: date, decided_at: datetime,
    begun: datetime
) -> datetime:
    """From when the town no longer holds the power (R181).

    A decision that takes effect on its own day does so from its own hour: what the town did that
    morning stays valid. A grant that has not begun never begins.
    """
    if effective_from < decided_on:
        raise recall_refusals.retroactive_recall(grant, decided_on, effective_from)
    ends = start_of(effective_from)
    if ground not in (BY_TIME, ORGAN_MERGED) and day_of(decided_at) == effective_from:
        ends = max(ends, decided_at)
    return max(ends, begun)
