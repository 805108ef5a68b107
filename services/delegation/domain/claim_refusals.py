"""Why a claim, a deferral or a survey is refused."""

from collections.abc import Sequence

from shared.refusal import Refused


def claims_not_provided(programme: str) -> Refused:
    """R044: in some programmes the government decides without claims."""
    return Refused(
        "delegation.claims-not-provided", {"programme": programme},
        f"方案{programme}不设认领，由政府决定"
    )


def survey_missing(town: str) -> Refused:
    """R030: needs and capacity are surveyed town by town."""
    return Refused(
        "delegation.survey-missing", {"town": town}, "须先实地调研该镇用权需求和承接能力"
    )


def menu_not_issued(programme: str) -> Refused:
    """R031: the menu comes before the choice."""
    return Refused(
        "delegation.menu-not-issued", {"programme": programme},
        "下放权力事项清单（菜单）尚未发布，请先发布"
    )


def not_on_menu(item: str, menu_version: int) -> Refused:
    """R031: a town chooses from the menu."""
    return Refused(
        "delegation.not-on-menu", {"item": item, "menu_version": menu_version},
        "该事项不在现行菜单内"
    )


def deferral_not_provided(programme: str) -> Refused:
    """R033: only where the notice knows deferrals."""
    return Refused(
        "delegation.deferral-not-provided", {"programme": programme},
        f"方案{programme}没有暂不领取的规定"
    )


def reason_required(item: str) -> Refused:
    """R034: the specific reason."""
    return Refused("delegation.reason-required", {"item": item}, "暂不能承接的事项须注明具体原因")


def expected_date_required(item: str) -> Refused:
    """R034: the expected take-over time."""
    return Refused(
        "delegation.expected-date-required", {"item": item}, "暂不能承接的事项须注明预计承接时间"
    )


def consent_by_county_government(named: str, government: str | None) -> Refused:
    """R033: only the county-level government consents."""
    return Refused(
        "delegation.consent-by-county-government", {"named": named, "government": government},
        f"暂不领取须报县级人民政府（{government}）同意",
    )


def written_reason_required(item: str, missing: Sequence[str]) -> Refused:
    """R036: a refusal is in writing, with an objective reason."""
    return Refused(
        "delegation.written-reason-required", {"item": item, "missing": list(missing)},
        "不能赋权的，必须书面说明客观理由",
    )
