"""Why a seal is refused."""

from collections.abc import Sequence

from shared.refusal import Refused


def no_such_seal(programme: str, kind: str) -> Refused:
    return Refused(
        "delegation.seal-kind-not-in-programme", {"programme": programme, "kind": kind},
        f"方案{programme}不使用此类印章"
    )


def not_authorised_by_government(named: str, government: str) -> Refused:
    """R080: engraved only on authorisation by the district government."""
    return Refused(
        "delegation.not-authorised-by-government", {"named": named, "government": government},
        f"“2号公章”须经{government}授权刻制",
    )


def grants_no_item(department: str, programme: str) -> Refused:
    """R080: the seal is a granting department's."""
    return Refused(
        "delegation.department-grants-no-item", {"department": department, "programme": programme},
        f"{department}在{programme}中没有赋权事项，不刻制其审批专用章",
    )


def duplicate_seal(seal: str, state: str) -> Refused:
    """R082: one seal per granting department and town."""
    return Refused(
        "delegation.duplicate-seal", {"seal": seal, "state": state},
        "该部门与该镇街已有一枚审批专用章，不得另刻"
    )


def text_names_neither(text: str, missing: Sequence[str]) -> Refused:
    """R081: the text names the department and the town."""
    return Refused(
        "delegation.seal-text-mismatch", {"text": text, "missing": list(missing)},
        f"印文须写明：{'、'.join(missing)}"
    )


def custodian_must_be_centre(named: str, centre: str | None) -> Refused:
    """R080: issued to the town's centre."""
    return Refused(
        "delegation.custodian-must-be-centre", {"named": named, "centre": centre},
        f"“2号公章”应发放至镇街便民服务中心（{centre}）",
    )


def return_to_department(named: str, department: str) -> Refused:
    """R087: a suspended seal goes back to the granting department."""
    return Refused(
        "delegation.return-to-department", {"named": named, "department": department},
        f"印章应交回{department}"
    )
