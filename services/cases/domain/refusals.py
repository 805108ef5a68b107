"""Why an act in a case is refused: stable codes, the facts they rest on, and what to do next."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.refusal import Refused

Places = Sequence[Mapping[str, Any]]


def already_submitted(case: str) -> Refused:
    return Refused("cases.already-submitted", {"case": case}, "该案件编号已使用，请换新编号")


def not_an_application_item(item: str) -> Refused:
    """R063: an enforcement power is used ex officio."""
    return Refused(
        "cases.not-an-application-item", {"item": item},
        "该事项属行政执法权限，由机关依职权实施，不接受申请",
    )


def unknown_case(case: str) -> Refused:
    return Refused("cases.unknown-case", {"case": case}, "没有这个案件，请核对编号")


def not_in_this_state(act: str, state: str, admitted: Sequence[str]) -> Refused:
    return Refused(
        "cases.not-in-this-state", {"act": act, "state": state, "admitted": list(admitted)},
        "案件当前状态不能办理此步骤，请刷新后按当前步骤办理",
    )


def not_the_next_step(act: str, next_step: str | None, org: str | None) -> Refused:
    """R113: the path was fixed at acceptance."""
    return Refused(
        "cases.not-the-next-step", {"act": act, "next": next_step, "org": org},
        "按本案路径，下一步不是此步骤，请先办理前序步骤",
    )


# Routing at acceptance: answers that say where to go.


def outside_scope(
    item: str, subitem: str | None, scope: Sequence[str], go_to: Mapping[str, Any]
) -> Refused:
    """R013: only the named sub-items moved; the rest stays with the department."""
    return Refused(
        "cases.outside-scope",
        {"item": item, "subitem": subitem, "scope": list(scope), "go_to": dict(go_to)},
        f"该镇街仅承接“{'”“'.join(scope)}”，请书面告知申请人到{go_to['name']}办理",
    )


def excluded_by_item_name(item: str, subitem: str, exclusions: Sequence[str]) -> Refused:
    """R014: an exclusion in the name limits the item everywhere."""
    return Refused(
        "cases.excluded-by-item-name",
        {"item": item, "subitem": subitem, "exclusions": list(exclusions)},
        f"“{subitem}”不在本事项范围内，请核对应申请的事项",
    )


def window_not_open(item: str, town: str, go_to: Mapping[str, Any]) -> Refused:
    """R068: items of the window wait for the window."""
    return Refused(
        "cases.window-not-open", {"item": item, "town": town, "go_to": dict(go_to)},
        f"该镇街便民服务中心尚未设立本事项的受理窗口，请告知申请人到{go_to['name']}办理",
    )


def no_grant_in_force(
    item: str, town: str, go_to: Mapping[str, Any], towns: Places
) -> Refused:
    """R113: not a town case; the applicant is shown the counters that have it."""
    counters = "或".join(place["name"] for place in (go_to, *towns))
    return Refused(
        "cases.no-grant-in-force",
        {"item": item, "town": town, "go_to": dict(go_to), "towns": [dict(t) for t in towns]},
        f"本镇街现无此事项权限，请告知申请人到{counters}办理",
    )


def not_started(item: str, town: str, grant: str, go_to: Mapping[str, Any]) -> Refused:
    """R091: granted, but the town has not begun."""
    return Refused(
        "cases.not-started", {"item": item, "town": town, "grant": grant, "go_to": dict(go_to)},
        f"事项已赋权但尚未启动实施，请告知申请人到{go_to['name']}办理",
    )


def no_equal_acceptance(item: str, town: str) -> Refused:
    """R110: only two notices give both levels the same right to accept."""
    return Refused(
        "cases.no-equal-acceptance", {"item": item, "town": town},
        "本方案未规定区、乡同等受理权，该镇街已承接此事项，由镇街受理",
    )


def reason_not_admitted(reason: str, admitted: Sequence[str]) -> Refused:
    """R111: no shirking; “go to the other level” is no reason of law."""
    return Refused(
        "cases.reason-not-admitted", {"reason": reason, "admitted": list(admitted)},
        "不得推诿、拒绝受理，请选择法定的不予受理理由",
    )


def not_the_organ_addressed(org: str, chosen: str) -> Refused:
    return Refused(
        "cases.not-the-organ-addressed", {"org": org, "chosen": chosen},
        "申请并非向本单位提出，请由申请人选择的单位办理",
    )


def already_noticed(notices: int) -> Refused:
    """R114: everything missing is told at once."""
    return Refused(
        "cases.already-noticed", {"notices": notices},
        "已一次性告知，未收到新补材料前不得再次要求补正",
    )


def not_newly_supplied(items: Sequence[str], supplied: Sequence[str]) -> Refused:
    """R114: a second notice names only defects in what was newly supplied."""
    return Refused(
        "cases.not-newly-supplied", {"items": list(items), "supplied": list(supplied)},
        "再次告知只能针对新补交的材料，请删去其他内容",
    )


# Authority at the moment of the act, R131: refusals of record.


def facet_not_delegated(facet: str, org: str, holder: str) -> Refused:
    """R117: only what was given."""
    return Refused(
        "cases.facet-not-delegated", {"facet": facet, "org": org, "holder": holder},
        "本单位不具有此项权限，请转由权限所在单位办理", of_record=True,
    )


def decision_not_delegated(facet: str, org: str, holder: str) -> Refused:
    """R056: the town accepts and passes on; the department decides."""
    return Refused(
        "cases.decision-not-delegated", {"facet": facet, "org": org, "holder": holder},
        "审批决定权未赋予本单位，请转递决定单位", of_record=True,
    )


def seal_user_not_authorised(facet: str, org: str, holder: str) -> Refused:
    """R059: nobody but the centre uses the seal; stations and partners never act."""
    return Refused(
        "cases.seal-user-not-authorised", {"facet": facet, "org": org, "holder": holder},
        "本单位无权用章，请由有权用章单位办理", of_record=True,
    )


def authority_lapsed(facet: str, org: str, grant: str, holder: str) -> Refused:
    """R131: the grant had ended when the act was done."""
    return Refused(
        "cases.authority-lapsed", {"facet": facet, "org": org, "grant": grant, "holder": holder},
        "赋权已终止，本单位不再有此权限，案件上收原权力单位办理", of_record=True,
    )


def cross_town_reserved_to_district(facet: str, org: str, holder: str) -> Refused:
    """R066: matters crossing towns are decided by the original department."""
    return Refused(
        "cases.cross-town-reserved-to-district", {"facet": facet, "org": org, "holder": holder},
        "跨镇街事务的审批权限由原区级部门承担，请转递该部门", of_record=True,
    )


def power_transferred(facet: str, org: str, holder: str) -> Refused:
    """R064: after an exclusive transfer the former department decides nothing."""
    return Refused(
        "cases.power-transferred", {"facet": facet, "org": org, "holder": holder},
        "该事项已全部划转，请由行政审批局办理", of_record=True,
    )


def seconded_officer_cannot_act(act: str, org: str, operator: str) -> Refused:
    """R094: a seconded officer advises; the act stays the town's."""
    return Refused(
        "cases.seconded-officer-cannot-act", {"act": act, "org": org, "operator": operator},
        "下派帮扶人员只作指导，请由镇街自己的人员办理", of_record=True,
    )


def contractor_cannot_review(act: str, org: str, operator: str) -> Refused:
    """R097: bought services do auxiliary work; they do not review, decide or seal."""
    return Refused(
        "cases.contractor-cannot-review", {"act": act, "org": org, "operator": operator},
        "政府购买服务人员只做事务性、辅助性工作，请由单位工作人员审查、决定、用印", of_record=True,
    )


# Review, forwarding, decision.


def opinion_missing(opinion_ref: str | None, seal: str | None) -> Refused:
    """R052: forwarding needs the town's opinion, and its seal where the district issues on it."""
    return Refused(
        "cases.opinion-missing", {"opinion_ref": opinion_ref, "opinion_seal": seal},
        "转报须附已加盖印章的具体审核意见，请先出具",
    )


def negative_opinion_stays(opinion_ref: str | None) -> Refused:
    """R052: setting ``negative_opinion_policy = town_returns``."""
    return Refused(
        "cases.negative-opinion-stays", {"opinion_ref": opinion_ref},
        "审核意见为不同意，按本方案由镇街退回，不转报",
    )


def wrong_forward_target(to: str, target: str) -> Refused:
    """R061: to the granting department of that very item."""
    return Refused(
        "cases.wrong-forward-target", {"to": to, "target": target},
        "转递对象不是该事项的赋权部门，请转递正确的部门",
    )


def forwarded_to_itself(org: str) -> Refused:
    """R061: an organ does not forward to itself."""
    return Refused(
        "cases.wrong-forward-target", {"to": org, "target": None},
        "不能转递给本机关，请由受理机关转递赋权部门",
    )


def not_the_receiver(org: str, target: str | None) -> Refused:
    return Refused(
        "cases.not-the-receiver", {"org": org, "target": target},
        "案件并非转递本单位，请由接收单位办理",
    )


def merits_review_not_allowed(act: str, allowed: Sequence[str]) -> Refused:
    """R053: 见章发证; issue, or return for a defect of form."""
    return Refused(
        "cases.merits-review-not-allowed", {"act": act, "allowed": list(allowed)},
        "镇街已作实质性审核，区级见章发证，只能准予或因形式问题退回",
    )


def opinion_negative(opinion_ref: str | None) -> Refused:
    """R053: the district does not review again, so it cannot approve against the opinion."""
    return Refused(
        "cases.opinion-negative", {"opinion_ref": opinion_ref},
        "镇街审核意见为不同意，不得准予，请按意见作出不予许可决定",
    )


def instant_service(outcome_kind: str | None) -> Refused:
    """R126: queries and consultations end at once, without an approval."""
    return Refused(
        "cases.instant-service", {"outcome_kind": outcome_kind},
        "查询、打印、咨询类事项即时办结，不作审批决定",
    )


def not_an_instant_service(outcome_kind: str | None, given: str) -> Refused:
    """R126: what ends in a decision is not completed at once."""
    return Refused(
        "cases.not-an-instant-service", {"outcome_kind": outcome_kind, "given": given},
        "该事项办理结果与所填不符，不能即时办结，请按审批程序办理",
    )


def not_sealed(document_hash: str | None) -> Refused:
    """R121: what is handed out bears the seal of its path."""
    return Refused(
        "cases.not-sealed", {"document_hash": document_hash}, "文书尚未加盖印章，请先用章再出件"
    )


def not_a_party(org: str) -> Refused:
    """R059: stations and partners never act in a case."""
    return Refused("cases.not-a-party", {"org": org}, "本单位不在本案办理路径上，请由办理单位操作")


def authority_not_ended(case: str) -> Refused:
    return Refused("cases.authority-not-ended", {"case": case}, "镇街权限仍有效，案件不上收")


def too_late_to_link(state: str) -> Refused:
    """R112: a decision that was made stands."""
    return Refused("cases.too-late-to-link", {"state": state}, "案件已作出决定，不再并案")


def no_duplicate(case: str, other: str) -> Refused:
    return Refused(
        "cases.no-duplicate", {"case": case, "other": other},
        "两案的申请人、事项或标的不同，或另案受理在后，不是重复申请",
    )


# Seals, R083: refusals of record.


def unknown_seal(seal: str) -> Refused:
    return Refused("cases.unknown-seal", {"seal": seal}, "没有登记这枚印章，请核对", of_record=True)


def seal_not_in_use(seal: str, state: str) -> Refused:
    return Refused(
        "cases.seal-not-in-use", {"seal": seal, "state": state},
        "印章未启用或已停用，不得使用", of_record=True,
    )


def seal_not_allowed_in_mode(seal: str, mode: str | None, prescribed: str | None) -> Refused:
    """R083, R066: seal No. 2 only for entrusted handling of a single-town matter."""
    return Refused(
        "cases.seal-not-allowed-in-mode", {"seal": seal, "mode": mode, "prescribed": prescribed},
        "“2号公章”仅限委托办理且不跨镇街的事项使用", of_record=True,
    )


def wrong_seal_for_mode(seal: str, mode: str | None, prescribed: str | None) -> Refused:
    """R050, R086: each mode has its own kind of seal, each organ its own seal."""
    return Refused(
        "cases.wrong-seal-for-mode", {"seal": seal, "mode": mode, "prescribed": prescribed},
        "印章种类或所属与本案赋权方式不符，请换用规定的印章", of_record=True,
    )


def not_decided(state: str) -> Refused:
    return Refused(
        "cases.not-decided", {"state": state}, "案件未作决定或已出件，不得用章", of_record=True
    )


def document_already_sealed(document_hash: str, case: str, seal: str) -> Refused:
    """R083: one impression belongs to one document."""
    return Refused(
        "cases.document-already-sealed",
        {"document_hash": document_hash, "case": case, "seal": seal},
        "该文书已在他案或以他章用印，一份文书只用一次章", of_record=True,
    )
