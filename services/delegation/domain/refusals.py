"""Why a grant, a recall or a transfer is refused."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.refusal import Refused


def wrong_state(what: str, state: str | None, allowed: Sequence[str]) -> Refused:
    """MODEL 3: a command that is not listed in a state is rejected."""
    return Refused(
        "delegation.wrong-state", {"what": what, "state": state, "allowed": list(allowed)},
        f"当前状态“{state or '无'}”不能办理此事，须先处于：{'、'.join(allowed)}",
    )


def wrong_date_order(first: str, first_on: date, then: str, then_on: date) -> Refused:
    return Refused(
        "delegation.wrong-date-order",
        {
            "first": first, "first_on": first_on.isoformat(), "then": then,
            "then_on": then_on.isoformat()
        },
        f"日期先后有误：{first}（{first_on}）应不晚于{then}（{then_on}），请核对",
    )


def unknown(what: str, key: str | UUID) -> Refused:
    return Refused(f"delegation.unknown-{what}", {what: str(key)}, f"没有登记过：{key}，请核对编号")


def instrument_required(door: str) -> Refused:
    """R220: every power movement names its instrument."""
    return Refused(
        "delegation.instrument-required", {"door": door},
        "须注明依据文件（种类、文号、日期），请补充后再办"
    )


def mode_not_in_programme(mode: str, programme: str, modes: Sequence[str]) -> Refused:
    """R002: only the programme's own modes."""
    return Refused(
        "delegation.mode-not-in-programme",
        {"mode": mode, "programme": programme, "modes": list(modes)},
        f"方案{programme}没有赋权方式{mode}，可用方式：{'、'.join(modes)}",
    )


def not_a_recipient(town: str, programme: str) -> Refused:
    """R004: only listed recipients can receive."""
    return Refused(
        "delegation.not-a-recipient", {"town": town, "programme": programme},
        f"{town}不是方案{programme}的承接单位"
    )


def recipient_not_established(unit: str, established: date | None, on: date) -> Refused:
    """R204: a bureau not yet set up cannot receive a transfer."""
    return Refused(
        "delegation.recipient-not-established",
        {"unit": unit, "established_on": established and established.isoformat(),
         "transfer_on": on.isoformat()},
        f"{unit}的行政审批局{f'于{established}才组建' if established else '尚未组建'}，"
        f"不能于{on}承接划转，请先登记组建情况",
    )


def grantor_must_be_granting_department(item: str, granting: str, named: str) -> Refused:
    """R003: in MD2023 the granting department entrusts."""
    return Refused(
        "delegation.grantor-must-be-granting-department",
        {"item": item, "granting_org": granting, "named": named},
        f"该事项由赋权部门{granting}委托，{named}不能作为赋权主体",
    )


def grantor_must_be_government(item: str, government: str, named: str) -> Refused:
    """R003: the government decides."""
    return Refused(
        "delegation.grantor-must-be-government",
        {"item": item, "government": government, "named": named},
        f"该事项由{government}决定赋权，{named}不能作为赋权主体",
    )


def grantor_unknown(programme: str, town: str) -> Refused:
    return Refused(
        "delegation.grantor-unknown", {"programme": programme, "town": town},
        f"{town}没有登记对应的县级人民政府，请先补录"
    )


def zone_committee_cannot_confer(zone: str, town: str, grantor: str) -> Refused:
    """R005: a zone committee never confers."""
    return Refused(
        "delegation.zone-committee-cannot-confer", {"zone": zone, "town": town, "grantor": grantor},
        f"{zone}只是代管，不能赋权，应由{grantor}赋权",
    )


def city_level_power(item: str, city: str, named: str) -> Refused:
    """R005, R006: a city-level power is the city government's to confer."""
    return Refused(
        "delegation.city-level-power", {"item": item, "city": city, "named": named},
        f"该事项属市级权限，须由{city}赋权，请汇总上报",
    )


def transfer_by_agreement(programme: str) -> Refused:
    """R074: an exclusive mode moves by its agreement."""
    return Refused(
        "delegation.transfer-by-agreement", {"programme": programme},
        "划转须按“一事一协议”办理，请使用划转"
    )


def redelegation_forbidden(item: str, grantor: str, to: str) -> Refused:
    """R059: no re-entrusting; of record."""
    return Refused(
        "delegation.redelegation-forbidden", {"item": item, "grantor": grantor, "to": to},
        "受托镇街不得再委托其他组织或个人实施", of_record=True,
    )


def forbidden_by_law(kind: str, item: str, mode: str, article: str, norm_rank: str) -> Refused:
    """R046: what the law forbids to entrust or devolve; of record."""
    word = "entrusting" if kind == "entrust_forbidden" else "devolving"
    return Refused(
        f"delegation.{word}-forbidden-by-law",
        {"item": item, "mode": mode, "kind": kind, "article": article, "norm_rank": norm_rank},
        f"{article}明确规定该事项不得{'委托' if word == 'entrusting' else '下放'}，请改用其他方式",
        of_record=True,
    )


def scope_not_of_item(item: str, wrong: Sequence[str], subitems: Sequence[str]) -> Refused:
    """R013: only the named sub-items move."""
    return Refused(
        "delegation.scope-not-of-item",
        {"item": item, "wrong": list(wrong), "subitems": list(subitems)},
        f"{'、'.join(wrong)}不在该事项的下放范围内",
    )


def already_granted(
    item: str, town: str, grant: UUID, ends_at: datetime | None = None
) -> Refused:
    """R065: one grant of an item to a town at a time; a recalled one holds until its end."""
    return Refused(
        "delegation.already-granted",
        {
            "item": item, "town": town, "grant": str(grant),
            "ends_at": ends_at.isoformat() if ends_at else None,
        },
        "该事项已赋予该镇街且仍然有效，如需变动请先收回" if ends_at is None
        else "该事项原赋权届时尚未终止，新的生效日不得早于原赋权终止之时",
    )


def not_selected_by_town(item: str, town: str) -> Refused:
    """R031: a power the town did not choose is not granted to it."""
    return Refused(
        "delegation.not-selected-by-town", {"item": item, "town": town},
        "该镇未“点菜”选择此事项，不得赋权"
    )


def opinions_not_sought(town: str) -> Refused:
    """R031: the town's opinion comes before the grant."""
    return Refused(
        "delegation.opinions-not-sought", {"town": town}, "须先充分征求该镇意见建议并记录，再行赋权"
    )


def claim_stands_otherwise(item: str, town: str, state: str) -> Refused:
    """R036: each claim ends in exactly one of granted, refused."""
    return Refused(
        "delegation.claim-not-open", {"item": item, "town": town, "state": state},
        f"该镇街对此事项的认领状态为{state}，不能赋权",
    )


def not_on_town_list(item: str, town: str, version: int) -> Refused:
    """R021: the town's current list names what it takes over."""
    return Refused(
        "delegation.not-on-town-list", {"item": item, "town": town, "version": version},
        "该镇街现行清单没有此事项，请先修订清单",
    )


def mode_differs_from_list(item: str, town: str, listed: str, mode: str) -> Refused:
    """R021, R062: the mode stands in the town's list entry."""
    return Refused(
        "delegation.mode-differs-from-list",
        {"item": item, "town": town, "listed": listed, "mode": mode},
        f"清单所列方式为{listed}，与{mode}不一致",
    )


def agreement_required(item: str, town: str, kind: str) -> Refused:
    """R070: a written agreement comes first."""
    return Refused(
        "delegation.agreement-required", {"item": item, "town": town, "kind": kind},
        "须先由赋权部门与镇街依法签订书面协议",
    )


def agreement_does_not_cover(agreement: UUID, facts: dict[str, Any]) -> Refused:
    """R070, R074: the agreement is of the mode's kind, of these parties, on this item."""
    return Refused(
        "delegation.agreement-does-not-cover", {"agreement": str(agreement), **facts},
        "该协议未涵盖此事项、镇街或方式"
    )


def agreement_not_in_force(agreement: UUID, state: str, effective_from: date) -> Refused:
    """R070, R075: no grant takes effect before signature or outside the term."""
    return Refused(
        "delegation.agreement-not-in-force",
        {"agreement": str(agreement), "state": state, "effective_from": effective_from.isoformat()},
        "生效日须在协议签订之后、委托期限之内",
    )


def agreement_not_filed(agreement: UUID) -> Refused:
    """R071: only where the programme makes filing a condition of effect."""
    return Refused(
        "delegation.agreement-not-filed", {"agreement": str(agreement)},
        "本方案以协议备案为生效条件，请先备案"
    )


def effective_before_publication(
    item: str, town: str, effective: date, published: datetime | None
) -> Refused:
    """R041: publish first, then implement."""
    return Refused(
        "delegation.effective-before-publication",
        {
            "item": item, "town": town, "effective_from": effective.isoformat(),
            "published_at": published.isoformat() if published else None,
        },
        "须向社会公布后实施，生效日不得早于公布",
    )


def gate_failed(grant: UUID, gates: Sequence[str], to_do: Sequence[str]) -> Refused:
    """R091: no start before the town can work."""
    return Refused(
        "delegation.gate-failed", {"grant": str(grant), "gates": list(gates)},
        f"尚不具备开办条件，须先：{'；'.join(to_do)}",
    )


def effective_not_reached(grant: UUID, effective_from: datetime) -> Refused:
    return Refused(
        "delegation.effective-not-reached",
        {"grant": str(grant), "effective_from": effective_from.isoformat()},
        "赋权尚未生效，不能启动",
    )


def ground_not_admitted(ground: str, grounds: Sequence[str]) -> Refused:
    """R180: three grounds; R033: two."""
    return Refused(
        "delegation.ground-not-admitted", {"ground": ground, "grounds": list(grounds)},
        f"“{ground}”不是方案允许的情形，允许：{'、'.join(grounds)}",
    )


def some_refused(done: Sequence[str], refused: Sequence[dict[str, Any]]) -> Refused:
    """What a command on a whole list could not do; the rest is done."""
    return Refused(
        "delegation.some-refused", {"done": list(done), "refused": list(refused)},
        f"已办理{len(done)}项，另有{len(refused)}项不能办理，请逐项查看原因",
    )


def nothing_to_do(what: str, town: str) -> Refused:
    return Refused("delegation.nothing-to-do", {"what": what, "town": town}, "没有可办理的事项")


def same_organ(org: str) -> Refused:
    """R008: one organ, two name-plates; no self-transfer."""
    return Refused("delegation.same-organ", {"org": org}, "同一机构的两块牌子之间不能划转")
