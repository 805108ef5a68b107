"""Why a need, its answer or its way up is refused."""

from datetime import date
from uuid import UUID

from shared.refusal import Refused


def recorded_before(need: UUID, matter: str) -> Refused:
    return Refused(
        "delegation.need-recorded-before", {"need": str(need), "matter": matter},
        "该镇街当日已登记同一用权需求，请勿重复登记",
    )


def level_of_item(item: str, level: str, named: str) -> Refused:
    """R006: whose power an item is stands in the catalogue."""
    return Refused(
        "delegation.level-of-item", {"item": item, "level": level, "named": named},
        f"目录所列该事项的权限层级为{level}，与{named}不一致",
    )


def answer_without_reason(matter: str) -> Refused:
    """R043: add, or not now with a reason."""
    return Refused(
        "delegation.answer-without-reason", {"matter": matter}, "暂不赋权的，须说明理由"
    )


def not_city_level(need: UUID, power_level: str) -> Refused:
    """R006: only what concerns a city-level power goes up, and only where the notice says so."""
    return Refused(
        "delegation.not-city-level", {"need": str(need), "power_level": power_level},
        "该需求不属须上报的市级权限，应由本级答复",
    )


def need_of_another_district(need: UUID, town: str, district: str) -> Refused:
    return Refused(
        "delegation.need-of-another-district",
        {"need": str(need), "town": town, "district": district},
        f"{town}不属{district}，应由其所在区（市）汇总上报",
    )


def reported_already(district: str, submitted_on: date) -> Refused:
    """R006: collected and reported once."""
    return Refused(
        "delegation.reported-already",
        {"district": district, "submitted_on": submitted_on.isoformat()},
        f"{district}已于{submitted_on}汇总上报，不再重复上报",
    )


def not_in_report(need: UUID, batch: UUID) -> Refused:
    return Refused(
        "delegation.need-not-in-report", {"need": str(need), "batch": str(batch)},
        "该需求不在上报之列，请核对编号",
    )


def decided_by_city(named: str, city: str) -> Refused:
    """R006: the city government studies what was reported."""
    return Refused(
        "delegation.decided-by-city", {"named": named, "city": city},
        f"市级权限由{city}研究赋权，{named}不能决定",
    )
