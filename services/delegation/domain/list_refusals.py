"""Why a town's list or catalogue is refused."""

from collections.abc import Sequence
from datetime import date

from shared.refusal import Refused


def duplicate_entry(item: str) -> Refused:
    """R021: one line per item."""
    return Refused("delegation.duplicate-entry", {"item": item}, "清单中同一事项只能列一次")


def mode_required(item: str) -> Refused:
    """R021: each entry states its mode."""
    return Refused("delegation.mode-required", {"item": item}, "清单须逐事项明确赋权实施方式")


def outside_catalogue(item: str) -> Refused:
    """R022: the catalogue bounds the list in this programme."""
    return Refused(
        "delegation.outside-catalogue", {"item": item}, "该事项不在目录内，本方案不允许目录外事项"
    )


def override_reason_required(item: str) -> Refused:
    """R022: outside the catalogue only with a reason."""
    return Refused(
        "delegation.override-reason-required", {"item": item}, "目录外事项须说明列入理由"
    )


def entry_incomplete(item: str, missing: Sequence[str]) -> Refused:
    """R021: power type, granting department and supervising department of each entry."""
    return Refused(
        "delegation.entry-incomplete", {"item": item, "missing": list(missing)},
        f"清单条目缺少：{'、'.join(missing)}"
    )


def docking_missing(departments: Sequence[str]) -> Refused:
    """R037: every department docks before the preliminary list."""
    return Refused(
        "delegation.docking-missing", {"departments": list(departments)},
        f"尚未对接的部门：{'、'.join(departments)}"
    )


def approver_not_competent(named: str, competent: str) -> Refused:
    """R038: a department's approval is not enough."""
    return Refused(
        "delegation.approver-not-competent", {"named": named, "competent": competent},
        f"清单须经{competent}审定"
    )


def one_list_per_town(town: str, current: int | None) -> Refused:
    """R021: exactly one current list version, and only that one is replaced."""
    return Refused(
        "delegation.one-list-per-town", {"town": town, "current": current},
        "该镇街尚无现行清单，新清单不替代任何一版，请勿填写被替代版次" if current is None
        else f"该镇街已有现行清单（第{current}版），新清单须注明替代该版",
    )


def no_current_list(town: str) -> Refused:
    return Refused("delegation.no-current-list", {"town": town}, "该镇街还没有审定的清单")


def not_in_final_list(items: Sequence[str]) -> Refused:
    """R039: the catalogue has no item more."""
    return Refused(
        "delegation.not-in-final-list", {"items": list(items)},
        f"不在最终赋权清单内：{'、'.join(items)}"
    )


def missing_from_catalogue(items: Sequence[str]) -> Refused:
    """R039: and no item less."""
    return Refused(
        "delegation.missing-from-catalogue", {"items": list(items)},
        f"承接目录缺少：{'、'.join(items)}"
    )


def not_compiled(town: str) -> Refused:
    return Refused("delegation.catalogue-not-compiled", {"town": town}, "须先编制承接事项目录")


def recipient_not_named(recipient: str, recipients: Sequence[str]) -> Refused:
    """R040, R071: the notice names the recipients of a filing."""
    return Refused(
        "delegation.recipient-not-named", {"recipient": recipient, "recipients": list(recipients)},
        f"备案机关应为：{'、'.join(recipients) or '通知未规定'}",
    )


def filing_incomplete(missing: Sequence[str]) -> Refused:
    """R040: two recipients."""
    return Refused(
        "delegation.filing-incomplete", {"missing": list(missing)},
        f"尚未备案：{'、'.join(missing)}"
    )


def published_before_filing(published_on: date, filed_on: date) -> Refused:
    """R040, R041: filed first, then published."""
    return Refused(
        "delegation.published-before-filing",
        {"published_on": published_on.isoformat(), "filed_on": filed_on.isoformat()},
        "公布不得早于备案",
    )
