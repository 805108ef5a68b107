"""Why catalog refuses what concerns windows, hours, stations, partner sites and bureaus."""

from datetime import date

from services.catalog.domain.refusals import unchanged
from shared.refusal import Refused

__all__ = ["unchanged"]


def no_centre(town: str) -> Refused:
    """R068, R129, R210: a window, hours and stations belong to a town's centre."""
    return Refused(
        "catalog.no-centre", {"town": town}, f"{town}未登记便民服务中心，请先登记中心"
    )


def unknown_window(name: str) -> Refused:
    return Refused(
        "catalog.unknown-window", {"window": name}, f"没有登记的窗口：{name}，请核对编号"
    )


def window_was_closed(window: str, on: date) -> Refused:
    return Refused(
        "catalog.window-was-closed", {"window": window, "closed_on": on.isoformat()},
        f"窗口{window}已于{on}关闭，编号不再使用，请以新编号设立",
    )


def closed_before_opened(window: str, opened: date, closed: date) -> Refused:
    return Refused(
        "catalog.wrong-date-order",
        {"window": window, "opened_on": opened.isoformat(), "closed_on": closed.isoformat()},
        f"窗口{window}的关闭日{closed}早于设立日{opened}，请核对",
    )


def closes_before_it_opens(centre: str, weekday: int, opens: str, closes: str) -> Refused:
    return Refused(
        "catalog.closes-before-it-opens",
        {"centre": centre, "weekday": weekday, "opens": opens, "closes": closes},
        f"{centre}星期{weekday}的时段{opens}—{closes}首尾颠倒，请核对",
    )


def slots_overlap(centre: str, weekday: int, at: str) -> Refused:
    return Refused(
        "catalog.slots-overlap", {"centre": centre, "weekday": weekday, "at": at},
        f"{centre}星期{weekday}有两个时段在{at}重叠，请合并",
    )


def outside_quota(org: str) -> Refused:
    """R204."""
    return Refused(
        "catalog.outside-quota", {"org": org},
        f"{org}不在规定的党政机构限额内，不得组建，请先核定限额",
    )


def bureau_not_established(org: str) -> Refused:
    """R204."""
    return Refused(
        "catalog.bureau-not-established", {"org": org}, f"{org}尚未组建，请先登记组建情况"
    )


def bureau_is_open(org: str, on: date) -> Refused:
    return Refused(
        "catalog.bureau-is-open", {"org": org, "opened_on": on.isoformat()}, f"{org}已于{on}启用"
    )


def opened_before_established(org: str, established: date, opened: date) -> Refused:
    return Refused(
        "catalog.wrong-date-order",
        {"org": org, "established_on": established.isoformat(), "opened_on": opened.isoformat()},
        f"{org}的启用日{opened}早于组建日{established}，请核对",
    )


def not_the_bureau(unit: str, org: str, bureau: str | None) -> Refused:
    return Refused(
        "catalog.not-the-bureau", {"unit": unit, "org": org, "bureau": bureau},
        f"{org}不是{unit}登记的行政审批局{f'（{bureau}）' if bureau else ''}，请核对",
    )
