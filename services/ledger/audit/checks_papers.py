"""What an act needs beside the power: agreement in term, window, operator, instant. R068-R097."""

from services.ledger.audit.checks import NOTE, Facts, check
from services.ledger.audit.checks_authority import ACTS
from services.ledger.audit.register import WINDOW
from services.ledger.audit.scene import Scene
from services.ledger.audit.staff import CONTRACTOR, SECONDED
from services.ledger.audit.told import instant

AT = {
    "CaseAccepted": "accepted_at", "CaseForwarded": "forwarded_at", "ApprovalIssued": "decided_at",
    "ApplicationDenied": "decided_at", "ServiceCompleted": "at", "SealApplied": "at",
    "ApplicationSubmitted": "submitted_at", "CaseForwardReceived": "received_at",
    "MaterialsSupplemented": "at", "DocumentDelivered": "at", "CaseClosed": "at",
    "CaseWithdrawn": "at",
}
PERSONAL = tuple(name for name in ACTS if name not in {"CaseAccepted", "CaseForwarded"})
DECISIONS = ("ApprovalIssued", "ApplicationDenied")


def _lacking(scene: Scene, code: str) -> Facts | None:
    """How the agreement fails the town's act; a transfer needs it at the transfer only (R074)."""
    grant, span = scene.grant, scene.span
    if grant is None or span is None or grant.agreement is None or grant.transfer:
        return None
    if scene.of_town(scene.org) is None:
        return None
    lack = scene.world.papers.lacking(
        grant.agreement, grant.item, begins=span.begins, ends=span.ends, at=scene.at,
        known=scene.known,
    )
    if lack is None or lack.code != code:
        return None
    return {
        "agreement": grant.agreement, "org": scene.org, "since": lack.since.isoformat(),
        "by": None if lack.position is None else f"delegation/{lack.position}",
    }


@check("agreement-not-signed", "R070", "协议{agreement}尚未签订或尚未起算，{org}即行使", on=ACTS)
def agreement_not_signed(scene: Scene) -> Facts | None:
    return _lacking(scene, "agreement-not-signed")


@check("agreement-expired", "R075", "协议{agreement}期限已自{since}届满，{org}仍行使", on=ACTS)
def agreement_expired(scene: Scene) -> Facts | None:
    return _lacking(scene, "agreement-expired")


@check("agreement-ended", "R182", "协议{agreement}已自{since}终止或不含该事项，{org}仍行使",
       on=ACTS)
def agreement_ended(scene: Scene) -> Facts | None:
    return _lacking(scene, "agreement-ended")


@check("window-not-open", "R068", "{town}尚无受理“{item}”的窗口即受理", on=("CaseAccepted",))
def window_not_open(scene: Scene) -> Facts | None:
    """Where the programme blocks on it and the mode is worked at a window."""
    grant, programme = scene.grant, scene.programme
    if grant is None or programme is None or programme.setting("gates", "window") != "block":
        return None
    policy = programme.policy(grant.mode, scene.known)
    if policy is None or not any(row["holder"] == WINDOW for row in policy["facets"]):
        return None
    if scene.world.register.window_open(grant.town, grant.item, scene.at, scene.known):
        return None
    return {"town": grant.town, "item": grant.item}


@check("no-equal-acceptance", "R110", "方案未规定同等受理权，{town}已承接“{item}”，{org}不得受理",
       on=("CaseAccepted",))
def no_equal_acceptance(scene: Scene) -> Facts | None:
    """Where the notice gives both levels no equal right, the town that works the item accepts."""
    case = scene.case
    if scene.authority["grant_id"] is not None or case is None or case.town is None:
        return None
    if scene.setting("equal_acceptance"):
        return None
    grants = scene.world.grants.in_force(case.item, case.town, scene.at, scene.known)
    for grant, span in grants:
        if (
            not grant.transfer and (not span.scope or case.subitem in span.scope)
            and grant.begun(scene.at, scene.known)
            and not grant.under_review(scene.at, scene.known)
        ):
            return {"town": case.town, "item": case.item, "org": scene.org}
    return None


@check("excluded-matter", "R014", "“{subitem}”为事项名称所除外", on=("CaseAccepted",))
def excluded_matter(scene: Scene) -> Facts | None:
    case = scene.case
    if case is None or case.item not in scene.world.register.exclusions:
        return None
    excluded = scene.world.register.exclusions[case.item].at(scene.known) or ()
    return {"subitem": case.subitem} if case.subitem in excluded else None


@check("contractor-acted", "R097", "购买服务人员{operator}不得办理{act}", on=PERSONAL)
def contractor_acted(scene: Scene) -> Facts | None:
    return _kept_from(scene, CONTRACTOR)


@check("seconded-officer-acted", "R094", "挂职帮扶人员{operator}只指导，不得为{org}办理{act}",
       on=ACTS)
def seconded_officer_acted(scene: Scene) -> Facts | None:
    return _kept_from(scene, SECONDED)


def _kept_from(scene: Scene, kind: str) -> Facts | None:
    town = scene.of_town(scene.org)
    side = () if town is None else scene.world.register.bodies[town]
    if kind not in scene.world.staff.kinds(scene.told, side, scene.known):
        return None
    return {"operator": scene.told.operator, "act": scene.told.name, "org": scene.org}


@check("same-person", "R121", "受理人与审批人同为{operator}，本方案要求分设", on=DECISIONS)
def same_person(scene: Scene) -> Facts | None:
    return _same(scene) if scene.setting("separate_acceptor_approver") else None


@check("same-person-sample", "R121", "受理人与审批人同为{operator}，列入稽核样本", on=DECISIONS,
       weight=NOTE)
def same_person_sample(scene: Scene) -> Facts | None:
    """That they be two is written nowhere; where no setting asks for it, it is a sample."""
    return None if scene.setting("separate_acceptor_approver") else _same(scene)


def _same(scene: Scene) -> Facts | None:
    case = scene.case
    if case is None or case.acceptor is None or case.acceptor != scene.told.operator:
        return None
    return {"operator": case.acceptor}


@check("instant-differs", "R131", "所载时间{told}与行为时间不一致", on=tuple(AT))
def instant_differs(scene: Scene) -> Facts | None:
    """The power is judged at the instant of the act, so an act tells no other."""
    told = scene.data[AT[scene.told.name]]
    return None if instant(told) == scene.at else {"told": told}
