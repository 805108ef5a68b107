"""Why a step in the life of a grant is refused."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from shared.refusal import Refused


def supervisor_missing(item: str) -> Refused:
    """R016: no adjustment without a named supervisor."""
    return Refused(
        "delegation.supervisor-missing", {"item": item},
        "该事项尚未明确监管责任主体和监管内容，请先补录，再行赋权",
    )


def earlier_mode_not_assessed(item: str, mode: str, missing: Sequence[str]) -> Refused:
    """R057: a mode further down the order needs the earlier ones answered."""
    return Refused(
        "delegation.earlier-mode-not-assessed",
        {"item": item, "mode": mode, "missing": list(missing)},
        f"采用{mode}前，须先评估并记录不能采用{'、'.join(missing)}的理由",
    )


def not_an_earlier_mode(mode: str, named: Sequence[str], earlier: Sequence[str]) -> Refused:
    """R057: the order of preference is the programme's."""
    return Refused(
        "delegation.not-an-earlier-mode",
        {"mode": mode, "named": list(named), "earlier": list(earlier)},
        f"{'、'.join(named)}在本方案中不先于{mode}，请核对方式顺序",
    )


def assessment_contradicts_law(
    item: str, mode: str, criterion: str | None, article: str, norm_rank: str
) -> Refused:
    """R051: what the law on record forbids does not meet the criterion."""
    return Refused(
        "delegation.assessment-contradicts-law",
        {
            "item": item, "mode": mode, "criterion": criterion, "article": article,
            "norm_rank": norm_rank,
        },
        f"{article}对该事项有限制，不符合“{criterion or mode}”，请改用其他方式",
    )


def mode_assessed_otherwise(item: str, mode: str, criterion: str | None) -> Refused:
    """R051: a mode whose criterion the item does not meet is not used."""
    return Refused(
        "delegation.mode-criterion-not-met",
        {"item": item, "mode": mode, "criterion": criterion},
        f"经评估，该事项不符合{mode}的条件“{criterion or '未写明'}”，请改用其他方式或重新评估",
    )


def body_not_of_town(body: str, town: str) -> Refused:
    """R042: the handling body is one in the town."""
    return Refused(
        "delegation.body-not-of-town", {"body": body, "town": town},
        f"{body}不是{town}的机构，须由镇街在本镇街机构中确定",
    )


def mechanism_not_provided(mode: str) -> Refused:
    """R055: a mechanism is for what the town reviews and passes on."""
    return Refused(
        "delegation.mechanism-not-provided", {"mode": mode},
        f"{mode}不由镇街作实质性审核后转报，无须建立审核转报机制",
    )


def deputy_is_reviewer(org: str) -> Refused:
    """R055: the deputy stands in for the reviewer."""
    return Refused(
        "delegation.deputy-is-reviewer", {"org": org}, "副职不得与审核机构相同，请另行指定或留空"
    )


def wrong_forward_target(target: str, due: str) -> Refused:
    """R055: what the town has reviewed goes to the item's granting department."""
    return Refused(
        "delegation.wrong-forward-target", {"target": target, "due": due},
        f"须转报至该事项的赋权部门{due}，不是{target}",
    )


def same_mode(grant: UUID, mode: str) -> Refused:
    """R184: a change changes something."""
    return Refused(
        "delegation.same-mode", {"grant": str(grant), "mode": mode}, f"该赋权现已是{mode}，无须变更"
    )


def same_scope(grant: UUID, scope: Sequence[str]) -> Refused:
    """R183: a change changes something."""
    return Refused(
        "delegation.same-scope", {"grant": str(grant), "scope": list(scope)},
        "变更后的范围与现行范围相同，无须变更",
    )


def retroactive_change(grant: UUID, decided_on: date, effective_from: date) -> Refused:
    """R181, R184: a change cannot reach back."""
    return Refused(
        "delegation.retroactive-change",
        {
            "grant": str(grant), "decided_on": decided_on.isoformat(),
            "effective_from": effective_from.isoformat(),
        },
        "变更不得溯及既往，生效日不得早于决定日",
    )


def begins_with_a_change(grant: UUID, predecessor: UUID) -> Refused:
    """R184: where one grant ends another begins; one of the two is not moved alone."""
    return Refused(
        "delegation.begins-with-a-change", {"grant": str(grant), "predecessor": str(predecessor)},
        "该赋权由方式变更而来，与原赋权同时起止，不能单独更正生效日",
    )
