"""Why training, guidance, an operator, an account or a transfer of staff is refused."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from shared.refusal import Refused


def not_its_item(department: str, item: str, granting: str) -> Refused:
    """R093: a department plans the training on its own items."""
    return Refused(
        "delegation.not-its-item",
        {"department": department, "item": item, "granting_org": granting},
        f"{item}是{granting}的事项，应由其制定培训方案",
    )


def towns_or_unit(towns: Sequence[str], unit: str | None) -> Refused:
    """R093, R099: a session is for towns or for one unit."""
    return Refused(
        "delegation.towns-or-unit", {"towns": list(towns), "unit": unit},
        "请写明参训镇街，或者参训县（市、区），二者择一",
    )


def guidance_by_department(named: str, department: str) -> Refused:
    """R102: a question is answered by the department of the item."""
    return Refused(
        "delegation.guidance-by-department", {"named": named, "department": department},
        f"该事项的业务指导由{department}负责答复",
    )


def wrong_direction(direction: str, from_org: str, to_org: str) -> Refused:
    """R094: down from department to town, up from town to department."""
    return Refused(
        "delegation.secondment-direction",
        {"direction": direction, "from_org": from_org, "to_org": to_org},
        "下派应由部门到镇街，上派应由镇街到部门，请核对派出与接收单位",
    )


def seconded_officer_cannot_act(operator: str, host: str) -> Refused:
    """R094: a seconded officer advises; the act stays the town's."""
    return Refused(
        "delegation.seconded-officer-cannot-act", {"operator": operator, "host": host},
        f"下派帮扶人员只作指导，不能代{host}办理，请由镇街自己的人员办理",
    )


def contractor_cannot_review(operator: str, facets: Iterable[str]) -> Refused:
    """R097: bought services help; they do not review, decide or seal."""
    return Refused(
        "delegation.contractor-cannot-review",
        {"operator": operator, "facets": list(facets)},
        "政府购买服务人员只做事务性、辅助性工作，不能审查、决定或用印",
    )


def acts_for_another(operator: str, acting_for: str, org: str) -> Refused:
    """R097: an operator acts for one organ."""
    return Refused(
        "delegation.operator-acts-for-another",
        {"operator": operator, "acting_for": acting_for, "org": org},
        f"该人员现为{acting_for}办理，如需为{org}办理，请先变更派驻登记",
    )


def facet_not_delegated(org: str, item: str, facets: Sequence[str]) -> Refused:
    """R092: an account has no right that its organ does not hold."""
    return Refused(
        "delegation.facet-not-delegated", {"org": org, "item": item, "facets": list(facets)},
        f"{org}届时不持有{item}的{'、'.join(facets)}权限，账号不能包含",
    )


def account_outlasts_grant(item: str, ends_at: datetime) -> Refused:
    """R092: login rights end with the grant."""
    return Refused(
        "delegation.account-outlasts-grant", {"item": item, "ends_at": ends_at.isoformat()},
        f"{item}的权限到{ends_at.isoformat()}为止，账号期限不得更长",
    )


def account_exists(account: UUID, items: Sequence[str]) -> Refused:
    """R092: one account of an operator for an item at a time."""
    return Refused(
        "delegation.account-exists", {"account": str(account), "items": list(items)},
        f"该人员在该系统已有包含{'、'.join(items)}的账号，如需变动请先收窄或注销",
    )


def not_in_account(account: UUID, rights: Sequence[str]) -> Refused:
    """Only what an account has can be taken out of it."""
    return Refused(
        "delegation.not-in-account", {"account": str(account), "rights": list(rights)},
        f"该账号没有{'、'.join(rights)}，请核对",
    )


def more_staff_than_there_are(department: str, total: int, transferred: int) -> Refused:
    """R098: transferred staff are among the approval staff of the former department."""
    return Refused(
        "delegation.more-staff-than-there-are",
        {"department": department, "total": total, "transferred": transferred},
        f"{department}审批人员共{total}人，累计划转{transferred}人，请核对",
    )


def staff_total_differs(department: str, recorded: int, told: int) -> Refused:
    """R098: the base of the ratio is the department's staff before any transfer."""
    return Refused(
        "delegation.staff-total-differs",
        {"department": department, "recorded": recorded, "told": told},
        f"{department}划转前审批人员总数已登记为{recorded}人，与{told}人不一致",
    )
