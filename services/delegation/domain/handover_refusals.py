"""Why a line of a hand-over, or what rests on it, is refused."""

from collections.abc import Sequence

from shared.refusal import Refused


def line_not_on_checklist(lines: Sequence[int], known: Sequence[int]) -> Refused:
    """R090: each programme has its own checklist."""
    return Refused(
        "delegation.line-not-on-checklist", {"lines": list(lines), "known": list(known)},
        f"交接清单没有第{'、'.join(str(line) for line in lines)}项，请按清单序号填写",
    )


def line_not_named(lines: Sequence[int]) -> Refused:
    """R090: quantities are of the lines that are handed over."""
    return Refused(
        "delegation.line-not-named", {"lines": list(lines)},
        f"第{'、'.join(str(line) for line in lines)}项不在本次办理之列，不能填写数量",
    )


def two_parties_required(org: str, takers: Sequence[str]) -> Refused:
    """R090: one party hands over, the other confirms."""
    return Refused(
        "delegation.two-parties-required", {"org": org, "takers": list(takers)},
        f"{org}是承接方，不能作为移交方；交接须由移交、承接双方办理",
    )


def zone_committee_hands_nothing_over(zone: str) -> Refused:
    """R005: a zone committee runs towns and holds no power."""
    return Refused(
        "delegation.zone-committee-holds-nothing", {"zone": zone},
        f"{zone}只是代管，没有可移交的权力事项"
    )


def delivered_by_giver_only(org: str, givers: Sequence[str]) -> Refused:
    """R090: every line is handed over by its giver, the department concerned."""
    return Refused(
        "delegation.delivered-by-giver-only", {"org": org, "givers": list(givers)},
        f"{org}不是该事项的移交方，须由{'、'.join(givers)}移交",
    )


def confirmed_by_taker_only(org: str, takers: Sequence[str]) -> Refused:
    """R090, R100: the taker confirms, never the giver."""
    return Refused(
        "delegation.confirmed-by-taker-only", {"org": org, "takers": list(takers)},
        f"交接须由承接方（{'、'.join(takers)}）确认，{org}不能确认",
    )


def already_confirmed(lines: Sequence[str]) -> Refused:
    return Refused(
        "delegation.line-already-confirmed", {"lines": list(lines)},
        f"承接方已确认：{'、'.join(lines)}",
    )


def not_delivered(lines: Sequence[str]) -> Refused:
    """R090: confirmed is what was delivered."""
    return Refused(
        "delegation.line-not-delivered", {"lines": list(lines)},
        f"尚未移交，不能确认：{'、'.join(lines)}",
    )


def stock_not_counted(lines: Sequence[str]) -> Refused:
    """R090: blank certificate stock is counted and numbered."""
    return Refused(
        "delegation.stock-not-counted", {"lines": list(lines)},
        f"空白证件须清点数量并登记编号：{'、'.join(lines)}（没有的填0）",
    )


def quantity_differs(line: str, delivered: int, counted: int) -> Refused:
    """R090: what is counted twice must agree; the giver delivers the line again."""
    return Refused(
        "delegation.quantity-differs", {"line": line, "delivered": delivered, "counted": counted},
        f"{line}移交数为{delivered}，点收数为{counted}，请双方复核后重新移交",
    )


def handover_incomplete(item: str, town: str, lines: Sequence[str]) -> Refused:
    """R100: transferred items come with all their papers."""
    return Refused(
        "delegation.handover-incomplete", {"item": item, "town": town, "lines": list(lines)},
        f"划转前须交接完毕，尚未确认：{'、'.join(lines)}",
    )
