"""Did the case go the way its state and its path allow? MODEL 3.3; R052, R053, R061, R112-R131."""

from services.ledger.audit.case import OWNER
from services.ledger.audit.checks import Facts, check
from services.ledger.audit.scene import Scene
from services.ledger.audit.told import instant

IN_HAND = ("accepted", "prelim_reviewed", "reviewed", "returned")
UNDECIDED = (*IN_HAND, "submitted", "deficient", "forwarded", "received", "handed_up")

# In which states a fact may follow (MODEL 3.3).
FOLLOWS = {
    "ApplicationSubmitted": ("",),
    "MaterialsDeficiencyNotified": ("submitted", "accepted", "returned"),
    "MaterialsSupplemented": ("deficient",),
    "CaseAccepted": ("submitted",),
    "CaseNotAccepted": ("submitted",),
    "DuplicateApplicationLinked": UNDECIDED,
    "CrossTownDetected": (*IN_HAND, "forwarded", "received", "handed_up"),
    "PreliminaryReviewCompleted": ("accepted", "returned"),
    "SubstantiveReviewCompleted": (
        "accepted", "prelim_reviewed", "returned", "received", "handed_up",
    ),
    "CaseForwarded": IN_HAND,
    "CaseForwardReceived": ("forwarded",),
    "CaseReturned": ("received", "reviewed"),
    "CaseHandedUp": IN_HAND,
    "ApprovalIssued": (*IN_HAND, "received", "handed_up"),
    "ApplicationDenied": (*IN_HAND, "received", "handed_up"),
    "ServiceCompleted": ("accepted", "returned", "received", "handed_up"),
    "SealApplied": ("decided",),
    "DocumentDelivered": ("decided",),
    "CaseClosed": ("delivered",),
    "CaseWithdrawn": ("submitted", "deficient", "accepted"),
}
DECISIONS = ("ApprovalIssued", "ApplicationDenied")
REVIEWS = ("preliminary_review", "substantive_review")
INSTANT = ("record", "answer")  # they end at the counter, with no approval (R126)
REASONS_OF_LAW = ("outside_scope", "materials_missing", "not_an_item_of_this_organ")
FORMAL = ("seal_missing", "seal_not_genuine", "opinion_missing", "wrong_item")


@check("no-such-case", "R123", "案件{case}没有收件记录，或已办结", on=tuple(FOLLOWS))
def no_such_case(scene: Scene) -> Facts | None:
    return {"case": scene.data["case_id"]} if scene.case is None else None


@check("not-in-this-state", "R113", "案件处于“{state}”，不应有此步骤", on=tuple(FOLLOWS))
def not_in_this_state(scene: Scene) -> Facts | None:
    case = scene.case
    if case is None or case.state in FOLLOWS[scene.told.name]:
        return None
    return {"state": case.state}


@check("step-left-out", "R113", "未经{steps}即作决定", on=DECISIONS)
def step_left_out(scene: Scene) -> Facts | None:
    """A decision rests on the reviews of its path: those the grant assigns, else the department's.

    The receiver of a case that a town has passed on across towns reviews as it sees fit (R066).
    """
    case, pinned = scene.case, scene.authority["grant_id"]
    if case is None or case.state == "":
        return None
    if pinned is not None:
        due = [step for step in REVIEWS if scene.row(step, scene.span) is not None]
    else:
        due = ["substantive_review"]
    left = [step for step in due if step not in case.done]
    return {"steps": ", ".join(left)} if left else None


@check("lies-elsewhere", "R119", "案件不在{org}处：{where}",
       on=("PreliminaryReviewCompleted", "SubstantiveReviewCompleted", "CaseForwarded", *DECISIONS))
def lies_elsewhere(scene: Scene) -> Facts | None:
    """A town's case is the department's when it has received it, and no more the town's."""
    case = scene.case
    if case is None or case.grant is None or case.level != "town":
        return None
    ours = scene.of_town(scene.org) is not None
    if ours == (case.lies != OWNER):
        return None
    where = "已转递或上交" if ours else "镇街尚未转递"
    return {"org": scene.org, "where": where}


@check("opinion-missing", "R052", "转报而无加盖印章的审核意见", on=("CaseForwarded",))
def opinion_missing(scene: Scene) -> Facts | None:
    case = scene.case
    if case is None or not case.issue_on_seal or (case.opinion_ref and case.opinion_seal):
        return None
    return {"opinion": case.opinion_ref, "seal": case.opinion_seal}


@check("wrong-target", "R061", "转递至{to}，应为赋权部门{owner}", on=("CaseForwarded",))
def wrong_target(scene: Scene) -> Facts | None:
    to = scene.data["to_org_id"]
    return None if scene.case is None or to == scene.owner else {"to": to, "owner": scene.owner}


@check("not-the-receiver", "R119", "{by}签收，转递对象为{to}", on=("CaseForwardReceived",))
def not_the_receiver(scene: Scene) -> Facts | None:
    case, by = scene.case, scene.data["by_org_id"]
    to = case.forwarded_to if case else None
    return None if to is None or scene.standing(to) == by else {"by": by, "to": to}


@check("acceptance-moved", "R131", "受理时间{told}与受理记录不一致",
       on=("CaseForwarded", "CaseHandedUp"))
def acceptance_moved(scene: Scene) -> Facts | None:
    """Forwarding and handing up keep the acceptance time."""
    case, told = scene.case, scene.data["accepted_at"]
    if case is None or case.accepted_at is None:
        return None
    return None if instant(told) == case.accepted_at else {"told": told}


@check("handed-up-in-force", "R131", "授权{grant}仍有效，案件不应上交", on=("CaseHandedUp",))
def handed_up_in_force(scene: Scene) -> Facts | None:
    case = scene.case
    if case is None or case.grant is None:
        return None
    grant = scene.world.grants.by_id.get(case.grant)
    span = None if grant is None else grant.at(scene.at, scene.known)
    if grant is None or span is None or grant.under_review(scene.at, scene.known):
        return None
    return {"grant": grant.id} if not span.scope or case.subitem in span.scope else None


@check("handed-up-elsewhere", "R131", "案件上交{to}，应为{owner}", on=("CaseHandedUp",))
def handed_up_elsewhere(scene: Scene) -> Facts | None:
    to = scene.data["to_org_id"]
    return None if scene.case is None or to == scene.owner else {"to": to, "owner": scene.owner}


def _on_seal(scene: Scene) -> bool:
    """R053: the town has reviewed, so the district issues on seeing its seal."""
    case = scene.case
    if case is None or not case.issue_on_seal or case.reviewed_by is None:
        return False
    return scene.standing(case.reviewed_by) != scene.owner


@check("reviewed-again", "R053", "镇街已作实质性审核，{org}不再审核",
       on=("SubstantiveReviewCompleted",))
def reviewed_again(scene: Scene) -> Facts | None:
    return {"org": scene.org} if _on_seal(scene) else None


@check("denied-on-merits", "R053", "“见章发证”案件不得以{ground}为由否决",
       on=("ApplicationDenied",))
def denied_on_merits(scene: Scene) -> Facts | None:
    case, ground = scene.case, scene.data["ground"]
    allowed = case is not None and case.opinion == "negative" and ground == "town_opinion"
    return None if allowed or not _on_seal(scene) else {"ground": ground}


@check("approved-against-opinion", "R052", "镇街审核意见为否，不得发证", on=("ApprovalIssued",))
def approved_against_opinion(scene: Scene) -> Facts | None:
    case = scene.case
    if case is None or case.opinion != "negative" or not _on_seal(scene):
        return None
    return {"opinion": case.opinion_ref}


@check("returned-on-merits", "R053", "“见章发证”案件不得以{reason}为由退回", on=("CaseReturned",))
def returned_on_merits(scene: Scene) -> Facts | None:
    reason, case = scene.data["reason_code"], scene.case
    if case is None or case.lies != OWNER or reason in FORMAL or not _on_seal(scene):
        return None
    return {"reason": reason}


@check("wrong-basis", "R053", "决定依据记为{told}，应为{basis}", on=("ApprovalIssued",))
def wrong_basis(scene: Scene) -> Facts | None:
    told = scene.data["basis"]
    basis = "issue_on_seal" if _on_seal(scene) else "full_review"
    return None if scene.case is None or told == basis else {"told": told, "basis": basis}


@check("reason-not-admitted", "R111", "不予受理理由{reason}不合法", on=("CaseNotAccepted",))
def reason_not_admitted(scene: Scene) -> Facts | None:
    reason = scene.data["reason_code"]
    return None if reason in REASONS_OF_LAW else {"reason": reason}


@check("not-an-instant-service", "R126", "该事项不是即办服务（{outcome}）",
       on=("ServiceCompleted",))
def not_an_instant_service(scene: Scene) -> Facts | None:
    outcome = _outcome(scene)
    return None if scene.case is None or outcome in INSTANT else {"outcome": outcome}


@check("decided-instant-service", "R126", "查询咨询类事项（{outcome}）不作审批决定", on=DECISIONS)
def decided_instant_service(scene: Scene) -> Facts | None:
    outcome = _outcome(scene)
    return {"outcome": outcome} if outcome in INSTANT else None


def _outcome(scene: Scene) -> str | None:
    item = scene.world.register.items.get(scene.case.item) if scene.case else None
    return item.outcome if item else None


@check("decided-twice", "R112", "同一申请已由案件{earlier}先行受理", on=DECISIONS)
def decided_twice(scene: Scene) -> Facts | None:
    """One application, one case: the earlier acceptance stands while it is in hand."""
    case = scene.case
    if case is None or case.accepted_at is None:
        return None
    for other in scene.world.open.get(case.key, ()):
        if other.id != case.id and other.accepted_at is not None and (
            (other.accepted_at, other.id) < (case.accepted_at, case.id)
        ):
            return {"earlier": other.id}
    return None


@check("delivered-unsealed", "R121", "应加盖印章而未加盖即出件", on=("DocumentDelivered",))
def delivered_unsealed(scene: Scene) -> Facts | None:
    case = scene.case
    if case is None or case.sealed or case.outcome != "approved":
        return None
    span = scene.case_span
    prescribed = span is None or span.row("seal", cross_town=scene.cross_town) is not None
    return {"case": case.id} if prescribed else None
