"""Why access to an applicant's details is refused; the facts name fields and keys, never values."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.clock import day_of
from shared.refusal import Refused

GROUNDS_ZH: Mapping[str, str] = {
    "purpose_achieved": "处理目的已实现或者不再必要", "retention_expired": "保存期限已届满",
    "consent_withdrawn": "个人撤回同意", "unlawful_processing": "处理违反法律、行政法规或者约定",
    "by_law": "法律、行政法规规定的其他情形",
}


def unknown_applicant(applicant: str) -> Refused:
    return Refused(
        "cases.unknown-applicant", {"applicant": applicant}, "本方案没有登记这个申请人，请核对编号"
    )


def applicant_already_registered(applicant: str, registered: str) -> Refused:
    """R112, R223: one person, one key, at whichever counter; else duplicates go unseen.

    Args:
        applicant: on whose stream the attempt is recorded.
        registered: who is registered with that identity document.
    """
    return Refused(
        "cases.applicant-already-registered", {"applicant": applicant, "registered": registered},
        "该证件已登记申请人，请使用已有编号；信息有变的，请办理更正", of_record=True,
    )


def applicant_erased(
    applicant: str, erased_at: datetime, ground: str, *, of_record: bool
) -> Refused:
    """R223: says when and why; the details themselves are nowhere any more."""
    day = day_of(erased_at)
    return Refused(
        "cases.applicant-erased",
        {"applicant": applicant, "erased_at": erased_at.isoformat(), "ground": ground},
        f"该申请人的信息已于{day.year}年{day.month}月{day.day}日依法删除"
        f"（{GROUNDS_ZH[ground]}），如需办理请重新登记",
        of_record=of_record,
    )


def not_an_organ_of_the_case(applicant: str, case: str | None, org: str, role: str) -> Refused:
    """个人信息保护法第六条: no further than the purpose needs."""
    return Refused(
        "cases.not-an-organ-of-the-case",
        {"applicant": applicant, "case": case, "org": org, "role": role},
        "仅承办该申请人案件的单位的经办人员，或个人信息保护负责人，可以查阅、更正、删除",
        of_record=True,
    )


def applicant_has_open_cases(applicant: str, cases: Sequence[str]) -> Refused:
    """个人信息保护法第四十七条: a case that is not finished still needs its applicant."""
    return Refused(
        "cases.applicant-has-open-cases", {"applicant": applicant, "cases": list(cases)},
        f"该申请人尚有{len(cases)}件未办结的案件，办结后方可删除", of_record=True,
    )


def nothing_to_correct(applicant: str) -> Refused:
    return Refused(
        "cases.nothing-to-correct", {"applicant": applicant}, "所填信息与已登记的相同，无需更正"
    )


def details_changed(applicant: str) -> Refused:
    """What is held is not what the reading recorded: corrected since, or a backup was restored."""
    return Refused(
        "cases.applicant-details-changed", {"applicant": applicant},
        "现存信息与此次查阅的记录不符（此后已更正，或数据库曾经恢复），请以新的编号重新查阅；"
        "仍不符的，请联系系统管理员",
    )
