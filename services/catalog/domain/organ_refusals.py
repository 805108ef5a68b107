"""Why catalog refuses a change of organs and towns."""

from datetime import date

from shared.refusal import Refused


def document_required(door: str) -> Refused:
    """An organ changes by a document, and by no entry alone."""
    return Refused(
        "catalog.change-without-document", {"door": door},
        "单位更名、调整隶属、合并须有依据文件，请先填写文件",
    )


def id_closed(org: str, successor: str) -> Refused:
    """MODEL 3.1: a closed id stays closed, and never means another organ."""
    return Refused(
        "catalog.id-closed", {"org": org, "successor": successor},
        f"编号{org}已撤销，由{successor}承接，编号不再使用，请以承接单位办理",
    )


def not_yet_in_effect(org: str, effective_on: date, today: date) -> Refused:
    return Refused(
        "catalog.not-yet-in-effect",
        {"org": org, "effective_on": effective_on.isoformat(), "today": today.isoformat()},
        f"{org}的变更自{effective_on}起生效，请于当日登记；此前可查询变更的影响",
    )


def before_last_change(org: str, changed_on: date, effective_on: date) -> Refused:
    return Refused(
        "catalog.wrong-date-order",
        {"org": org, "changed_on": changed_on.isoformat(),
         "effective_on": effective_on.isoformat()},
        f"{org}上次变更自{changed_on}起生效，本次不得早于该日，请核对",
    )


def same_name(org: str, name: str) -> Refused:
    return Refused(
        "catalog.same-name", {"org": org, "name": name}, f"{org}的名称已是“{name}”，无须更名"
    )


def same_organ(org: str) -> Refused:
    """R008: two name-plates of one organ have one id; nothing merges into itself."""
    return Refused("catalog.same-organ", {"org": org}, f"{org}不能并入自身，请核对两个单位")


def above_itself(org: str, superior: str) -> Refused:
    return Refused(
        "catalog.above-itself", {"org": org, "superior": superior},
        f"{superior}现隶属于{org}，请先调整其隶属关系",
    )


def same_superior(org: str, superior: str | None) -> Refused:
    return Refused(
        "catalog.same-superior", {"org": org, "superior": superior},
        f"{org}的上级单位已是{superior or '无'}，无须调整",
    )


def cannot_take_over(org: str, kind: str) -> Refused:
    """R005, R007: a role or a zone committee holds no power, so it succeeds to none."""
    return Refused(
        "catalog.cannot-take-over", {"org": org, "kind": kind},
        f"{org}不是可以承担权力的单位，不能承接，请改由职能部门承接",
    )


def kind_fixed(town: str, kind: str) -> Refused:
    """R004: towns and sub-districts change; a pilot unit or a zone is none of them."""
    return Refused(
        "catalog.kind-fixed", {"town": town, "kind": kind},
        f"{town}不是镇、乡或者街道办事处，不能改设或者合并",
    )


def same_kind(town: str, kind: str) -> Refused:
    return Refused(
        "catalog.same-kind", {"town": town, "kind": kind}, f"{town}已是{kind}，无须改设"
    )
