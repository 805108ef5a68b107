"""Why an agreement is refused."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from shared.refusal import Refused


def kind_not_in_programme(kind: str, kinds: Sequence[str]) -> Refused:
    return Refused(
        "delegation.agreement-kind-not-in-programme", {"kind": kind, "kinds": list(kinds)},
        f"本方案没有{kind}协议"
    )


def items_required() -> Refused:
    return Refused("delegation.agreement-without-items", {}, "协议须列明事项")


def one_item_one_agreement(items: Sequence[str]) -> Refused:
    """R074: each transferred item has its own agreement."""
    return Refused(
        "delegation.one-item-one-agreement", {"items": list(items)},
        "划转须“一事一协议”，每份协议只能有一个事项"
    )


def agreement_exists(item: str, agreement: UUID) -> Refused:
    """R074: one agreement per transferred item."""
    return Refused(
        "delegation.agreement-exists", {"item": item, "agreement": str(agreement)},
        "该事项已有划转协议，不得重复订立"
    )


def party_must_be_town(named: str, town: str) -> Refused:
    """R070: the party is the town, not its centre."""
    return Refused(
        "delegation.party-must-be-town", {"named": named, "town": town},
        f"协议当事方须为镇街本身（{town}），不能是便民服务中心"
    )


def party_not_granting_department(item: str, granting: str, named: str) -> Refused:
    """R070: the other party is the item's granting department."""
    return Refused(
        "delegation.party-not-granting-department",
        {"item": item, "granting_org": granting, "named": named},
        f"事项{item}的赋权部门是{granting}，{named}不能签订",
    )


def signature_missing(missing: Sequence[str]) -> Refused:
    """R070: both sign."""
    return Refused(
        "delegation.signature-missing", {"missing": list(missing)},
        f"缺少签署方：{'、'.join(missing)}"
    )


def not_a_party(named: Sequence[str]) -> Refused:
    """R070: nobody else signs."""
    return Refused(
        "delegation.not-a-party", {"named": list(named)}, f"不是协议当事方：{'、'.join(named)}"
    )


def clause_missing(missing: Sequence[str]) -> Refused:
    """R072, R073, R074: the mandatory contents."""
    return Refused(
        "delegation.clause-missing", {"missing": list(missing)},
        f"协议缺少条款：{'、'.join(missing)}"
    )


def filing_not_asked(kind: str) -> Refused:
    """R071: the notice asks for no filing of this kind."""
    return Refused("delegation.filing-not-asked", {"kind": kind}, "通知没有要求此类协议备案")


def agreement_expired(agreement: UUID, term_to: date, signed_on: date) -> Refused:
    """R075: a renewal after the end does not heal the gap."""
    return Refused(
        "delegation.agreement-expired",
        {
            "agreement": str(agreement), "term_to": term_to.isoformat(),
            "signed_on": signed_on.isoformat()
        },
        "委托期限已届满，续签不能补正空档，请另订协议并重新赋权",
    )


def term_gap(term_to: date, term_from: date) -> Refused:
    """R075: the new term joins the old one."""
    return Refused(
        "delegation.term-gap", {"term_to": term_to.isoformat(), "term_from": term_from.isoformat()},
        "续签的期限须与原期限衔接",
    )


def no_term(agreement: UUID) -> Refused:
    return Refused("delegation.no-term", {"agreement": str(agreement)}, "该协议没有期限，无须续签")


def still_in_use(agreement: UUID, grants: Sequence[str]) -> Refused:
    """R182: an agreement ends with its last item."""
    return Refused(
        "delegation.agreement-still-in-use", {"agreement": str(agreement), "grants": list(grants)},
        "协议项下仍有有效赋权，请先收回",
    )


def no_template(kind: str) -> Refused:
    return Refused(
        "delegation.no-template", {"kind": kind}, f"没有{kind}协议的文本模板，请先放入模板文件"
    )
