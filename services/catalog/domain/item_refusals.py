"""Why catalog refuses what concerns the working of an item."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shared.refusal import Refused

FIGURE_ZH = {
    "steps": "办理环节", "limit_value": "办理时限", "materials": "申请材料",
    "limit_unit": "时限单位",
}


def only_granting_department_may_set_standard(
    item: str, issuer: str, issuers: Sequence[str]
) -> Refused:
    """R017: towns apply the standard; they may not vary it."""
    return Refused(
        "catalog.only-granting-department-may-set-standard",
        {"item": item, "issuer": issuer, "issuers": list(issuers)},
        f"{item}的标准由赋权部门（{'、'.join(issuers)}）统一制定，镇街执行，不得另行制定",
    )


def standard_not_of_programme(item: str, kind: str, kinds: Sequence[str]) -> Refused:
    """R017, R019: each notice names its own kinds."""
    return Refused(
        "catalog.standard-not-of-programme", {"item": item, "kind": kind, "kinds": list(kinds)},
        f"本方案要求的标准为{'、'.join(kinds)}，没有{kind}，请核对种类",
    )


def standard_not_later(item: str, kind: str, before: date, asked: date) -> Refused:
    return Refused(
        "catalog.wrong-date-order",
        {"item": item, "kind": kind, "in_force_from": before.isoformat(),
         "asked": asked.isoformat()},
        f"新标准施行日{asked}须晚于现行标准施行日{before}，请核对",
    )


def linked_to_itself(item: str) -> Refused:
    """R012: two items are one matter; one item is that already."""
    return Refused(
        "catalog.linked-to-itself", {"item": item}, f"{item}与其自身无须关联，请核对事项编号"
    )


def baseline_frozen(item: str, recorded: Mapping[str, Any]) -> Refused:
    """R143."""
    return Refused(
        "catalog.baseline-frozen", {"item": item, "recorded": dict(recorded)},
        f"{item}的基线已登记，不得重录；确有错误的，请写明理由更正",
    )


def baseline_after_grant(item: str, granted: Sequence[str]) -> Refused:
    """R143: before the grant or transfer."""
    return Refused(
        "catalog.baseline-after-grant", {"item": item, "grants": list(granted)},
        f"{item}已赋权，基线应在赋权之前登记",
    )


def no_baseline(item: str) -> Refused:
    """R140: requires a baseline taken before the adjustment."""
    return Refused(
        "catalog.no-baseline", {"item": item}, f"{item}未登记基线，无从比较，请先登记基线"
    )


def increased(
    item: str, town: str | None, rose: Mapping[str, tuple[Any, Any]], before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> Refused:
    """R140; of record."""
    told = "、".join(f"{FIGURE_ZH[name]}{old}→{new}" for name, (old, new) in rose.items())
    return Refused(
        "catalog.reduction-rule-breached",
        {"item": item, "town": town, "before": dict(before), "after": dict(after),
         "increased": [f"{name}_increased {old}→{new}" for name, (old, new) in rose.items()]},
        f"办理环节、时限、材料“只减不增”：{told}，请修改后再报", of_record=True,
    )


def reduction_rule_breached(item: str, town: str | None) -> Refused:
    """R140: a guide waits for figures that keep to the rule."""
    return Refused(
        "catalog.reduction-rule-breached", {"item": item, "town": town},
        f"{item}的办理流程违反“只减不增”，改正前不得公布办事指南",
    )


def guide_by_other_author(item: str, author: str, authors: Sequence[str]) -> Refused:
    """R018."""
    return Refused(
        "catalog.guide-by-other-author",
        {"item": item, "author": author, "authors": list(authors)},
        f"本方案规定办事指南由{'、'.join(authors)}编制，{author}不能公布",
    )


def exempt_without_reason(item: str) -> Refused:
    """R025."""
    return Refused(
        "catalog.exempt-without-reason", {"item": item}, f"{item}不能上网办理的，须写明理由"
    )


def not_a_field(item: str, field: str, fields: Sequence[str]) -> Refused:
    """R024."""
    return Refused(
        "catalog.not-a-priority-field", {"item": item, "field": field, "fields": list(fields)},
        f"“{field}”不是本方案的重点领域，可选：{'、'.join(fields)}",
    )


def not_in_power_list(items: Sequence[str]) -> Refused:
    """R023."""
    return Refused(
        "catalog.not-in-power-list", {"items": list(items)},
        f"{'、'.join(items)}不在部门权责清单内或已取消，不得列入下放权力事项清单",
    )


def not_of_department(item: str, org: str, granting: str) -> Refused:
    """R023: an entry stands in the list of the department whose power it is."""
    return Refused(
        "catalog.not-of-department", {"item": item, "org": org, "granting_org_id": granting},
        f"{item}属于{granting}的权责，不能列入{org}的权责清单",
    )
