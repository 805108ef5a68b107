"""The way of a case: its steps in order, each with the organ that takes it (R113)."""

from typing import Any

from services.cases.domain.authority import Grant, Held, holder, prescribed

Step = dict[str, Any]

# The facets that are steps, in the order in which they are taken.
FACET_STEPS = ("accept", "preliminary_review", "substantive_review", "decide", "seal")

# What the department does with a case that is its own.
OWN_STEPS = frozenset({"accept", "substantive_review", "decide", "seal"})

# Outcomes that end at the counter (R126).
INSTANT = frozenset({"record", "answer"})

STATE_AFTER = {
    "accept": "accepted",
    "preliminary_review": "prelim_reviewed",
    "substantive_review": "reviewed",
    "forward": "forwarded",
    "receive": "received",
    "decide": "decided",
    "deliver": "delivered",
}


def way(
    grant: Grant | None, *, owner: str, cross_town: bool, outcome_kind: str | None
) -> list[Step]:
    """The whole path of a case.

    Args:
        grant: it was accepted under; None: the department's own power.
        owner: the granting department.
        cross_town: whether it concerns two or more towns.
        outcome_kind: of the item.
    """
    accept = holder("accept", grant, owner=owner, cross_town=cross_town)
    if outcome_kind in INSTANT:
        return [_step("accept", accept), _step("complete", accept)]
    steps: list[Step] = []
    for facet in FACET_STEPS:
        if grant is None and facet not in OWN_STEPS:
            continue
        if grant is not None and prescribed(facet, grant, cross_town=cross_town) is None:
            continue
        held = holder(facet, grant, owner=owner, cross_town=cross_town)
        if steps and held.org_id == owner != steps[-1]["org_id"]:
            steps.append({**steps[-1], "step": "forward"})
            steps.append(_step("receive", held))
        steps.append(_step(facet, held))
    return [*steps, _step("deliver", accept)]


def onward(
    steps: list[Step], done: list[str], grant: Grant | None, *, owner: str, cross_town: bool,
    outcome_kind: str | None,
) -> list[Step]:
    """The path after a change of hands: what is done stays, the rest is as the new hands prescribe.

    A case handed up (no grant) needs no forwarding: it is with the owner already.
    """
    taken = [step for step in steps if step["step"] in done]
    rest = way(grant, owner=owner, cross_town=cross_town, outcome_kind=outcome_kind)
    return taken + [step for step in rest if step["step"] not in done]


def seal_kind(grant: Grant | None, *, owner: str, cross_town: bool) -> str | None:
    """The kind of seal the document is to bear; None where the notice names none."""
    if grant is not None and prescribed("seal", grant, cross_town=cross_town) is None:
        return None
    # `own:town_approval_seal`, `seal_no_2`: the kind stands in the capacity of the facet.
    return holder("seal", grant, owner=owner, cross_town=cross_town).capacity.rpartition(":")[2]


def _step(step: str, held: Held) -> Step:
    return {"step": step, "org_id": held.org_id, "capacity": held.capacity}
