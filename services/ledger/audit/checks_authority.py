"""Was the power held, by that organ, at that instant, for that matter? R005, R013, R059-R066, R131.

An act pins its authority: a grant, or none for the department's own power (DESIGN 4.5). Judged is
what it pins, against the delegation log, and not against what the deciding service believed.
"""

from services.ledger.audit.checks import Facts, check
from services.ledger.audit.grants import Row
from services.ledger.audit.scene import OWN_SEAL, Scene
from services.ledger.terms import HELPERS, ZONE

# What may be exercised in an act (R065), and where it names the organ and the instant (R131, R165).
FACETS = {
    "CaseAccepted": ("accept",),
    "PreliminaryReviewCompleted": ("preliminary_review",),
    "SubstantiveReviewCompleted": ("substantive_review",),
    "CaseForwarded": ("accept", "preliminary_review", "substantive_review"),
    "ApprovalIssued": ("decide",),
    "ApplicationDenied": ("decide",),
    "ServiceCompleted": ("accept",),
    "SealApplied": ("seal",),
}
ACTS = tuple(FACETS)
ORGAN = {
    "CaseAccepted": "accepted_by_org_id", "PreliminaryReviewCompleted": "reviewer_org_id",
    "SubstantiveReviewCompleted": "reviewer_org_id", "CaseForwarded": "from_org_id",
    "ApprovalIssued": "decided_by_org_id", "ApplicationDenied": "decided_by_org_id",
    "SealApplied": "user_org_id",
}
OWN, EXPIRED, MODE_CHANGED = "own", "term_expired", "mode_changed"


@check("no-such-grant", "R131", "所载授权{grant}在授权日志中不存在", on=ACTS)
def no_such_grant(scene: Scene) -> Facts | None:
    named = scene.authority["grant_id"]
    grant = scene.grant
    unknown = grant is None or (scene.known is not None and grant.recorded > scene.known)
    return {"grant": named} if named is not None and unknown else None


@check("grant-of-another-matter", "R113", "所载授权{grant}不是本案事项、镇街的授权", on=ACTS)
def grant_of_another_matter(scene: Scene) -> Facts | None:
    grant, case = scene.grant, scene.case
    if grant is None or case is None:
        return None
    accepting = scene.told.name == "CaseAccepted"
    same = (
        grant.item == case.item and grant.programme == scene.told.programme
        and (grant.transfer or grant.id == (scene.data["grant_id"] if accepting else case.grant))
        and (grant.transfer or not accepting or grant.town == scene.data["town_id"])
    )
    return None if same else {"grant": grant.id, "item": grant.item, "town": grant.town}


@check("pinned-wrongly", "R131", "所载授权依据与日志不符：{what}", on=ACTS)
def pinned_wrongly(scene: Scene) -> Facts | None:
    """The pinned position, mode, instrument and item are those of the logs."""
    pinned, grant, case = scene.authority, scene.grant, scene.case
    wrong = []
    if grant is not None:
        if pinned["grant_position"] not in grant.positions:
            wrong.append("grant_position")
        if pinned["mode"] != grant.mode:
            wrong.append("mode")
        if scene.span is not None and pinned["instrument"] != scene.span.instrument:
            wrong.append("instrument")
    elif pinned["grant_id"] is None:
        wrong += [key for key in ("grant_position", "mode", "instrument") if pinned[key]]
    item = scene.world.register.items.get(case.item) if case else None
    if item is not None and pinned["item_position"] != item.position:
        wrong.append("item_position")
    return {"what": ", ".join(wrong)} if wrong else None


def _why_not(scene: Scene) -> str | None:
    """What had ended the pinned grant, or that it had not begun; None: it was in force."""
    if scene.grant is None or scene.span is not None:
        return None
    end = scene.grant.end(scene.at, scene.known)
    return "" if end is None else end.why


def _lapsed(scene: Scene) -> Facts:
    assert scene.grant is not None
    end = scene.grant.end(scene.at, scene.known)
    return {
        "grant": scene.grant.id, "org": scene.org,
        "since": None if end is None else end.since.isoformat(), "why": end and end.why,
    }


@check("before-effect", "R065", "授权{grant}尚未生效，{org}即行使", on=ACTS)
def before_effect(scene: Scene) -> Facts | None:
    return _lapsed(scene) if _why_not(scene) == "" else None


@check("after-recall", "R131", "授权{grant}已自{since}收回，{org}仍行使", on=ACTS)
def after_recall(scene: Scene) -> Facts | None:
    why = _why_not(scene)
    return _lapsed(scene) if why and why not in {EXPIRED, MODE_CHANGED} else None


@check("after-expiry", "R075", "委托期限已自{since}届满，{org}仍行使授权{grant}", on=ACTS)
def after_expiry(scene: Scene) -> Facts | None:
    return _lapsed(scene) if _why_not(scene) == EXPIRED else None


@check("after-mode-change", "R184", "授权{grant}已自{since}变更方式，{org}仍按原方式行使", on=ACTS)
def after_mode_change(scene: Scene) -> Facts | None:
    return _lapsed(scene) if _why_not(scene) == MODE_CHANGED else None


@check("before-start", "R091", "授权{grant}尚未启动实施，{org}即行使", on=ACTS)
def before_start(scene: Scene) -> Facts | None:
    grant = scene.grant
    if grant is None or scene.span is None or grant.begun(scene.at, scene.known):
        return None
    return {"grant": grant.id, "org": scene.org}


@check("under-legality-review", "R046", "授权{grant}在合法性审查中，{org}仍行使", on=ACTS)
def under_legality_review(scene: Scene) -> Facts | None:
    grant = scene.grant
    if grant is None or scene.span is None or not grant.under_review(scene.at, scene.known):
        return None
    return {"grant": grant.id, "org": scene.org}


@check("outside-scope", "R013", "“{subitem}”不在授权范围内", on=ACTS)
def outside_scope(scene: Scene) -> Facts | None:
    span, case = scene.span, scene.case
    if span is None or case is None or not span.scope or case.subitem in span.scope:
        return None
    return {"subitem": case.subitem, "scope": list(span.scope)}


@check("not-held", "R065", "{org}不持有权能{facet}，持有者为{holder}", on=ACTS)
def not_held(scene: Scene) -> Facts | None:
    if _barred(scene) or _across(scene):
        return None
    facet, span = scene.authority["facet"], scene.span
    if span is None or scene.grant is None:
        return None
    row = _row(scene, facet)
    holder = None if row is None else scene.standing(row.org)
    return None if holder == scene.org else {"org": scene.org, "facet": facet, "holder": holder}


@check("capacity-differs", "R065", "{org}以“{pinned}”身份行使{facet}，授权所定为“{capacity}”",
       on=ACTS)
def capacity_differs(scene: Scene) -> Facts | None:
    facet, pinned = scene.authority["facet"], scene.authority["capacity"]
    if scene.authority["grant_id"] is None:
        capacity = OWN_SEAL if facet == "seal" else OWN
    else:
        row = _row(scene, facet)
        if row is None or scene.standing(row.org) != scene.org:
            return None
        capacity = row.capacity
    if pinned == capacity:
        return None
    return {"org": scene.org, "facet": facet, "pinned": pinned, "capacity": capacity}


@check("reserved-across-towns", "R066", "跨镇街事务的{facet}仍由原区级部门承担，{org}无权行使",
       on=ACTS)
def reserved_across_towns(scene: Scene) -> Facts | None:
    return {"org": scene.org, "facet": scene.authority["facet"]} if _across(scene) else None


@check("not-its-own", "R060", "{org}不是该事项的赋权部门（{owner}），亦无授权", on=ACTS)
def not_its_own(scene: Scene) -> Facts | None:
    if scene.authority["grant_id"] is not None or scene.case is None or _barred(scene):
        return None
    return None if scene.org == scene.owner else {"org": scene.org, "owner": scene.owner}


@check("power-transferred", "R064", "该事项已划转（{transfer}），{org}不再行使", on=ACTS)
def power_transferred(scene: Scene) -> Facts | None:
    if scene.authority["grant_id"] is not None or scene.moved is None:
        return None
    return {"org": scene.org, "transfer": scene.moved.id}


@check("beside-the-grant", "R065", "{org}未按本案授权行使{facet}，该权能属{holder}", on=ACTS)
def beside_the_grant(scene: Scene) -> Facts | None:
    """A case of a grant in force is worked by what the grant says."""
    if scene.authority["grant_id"] is not None or scene.org != scene.owner:
        return None
    case, span = scene.case, scene.case_span
    if case is None or span is None or (span.scope and case.subitem not in span.scope):
        return None
    grant = scene.world.grants.by_id[case.grant or ""]
    row = scene.row(scene.authority["facet"], span)
    if row is None or grant.under_review(scene.at, scene.known):
        return None
    return {"org": scene.org, "facet": row.facet, "holder": row.org}


@check("zone-committee-acted", "R005", "管委会不得行使权力：{org}", on=ACTS)
def zone_committee_acted(scene: Scene) -> Facts | None:
    kind = scene.world.register.kinds.get(scene.org)
    return {"org": scene.org} if kind == ZONE else None


@check("held-elsewhere", "R059", "不得再委托：{org}不得行使{facet}", on=ACTS)
def held_elsewhere(scene: Scene) -> Facts | None:
    """Stations, partner sites, unknown bodies and other towns exercise nothing (R059, R210)."""
    if not _elsewhere(scene):
        return None
    return {"org": scene.org, "facet": scene.authority["facet"]}


@check("wrong-facet", "R065", "{act}不得以权能{facet}为据", on=ACTS)
def wrong_facet(scene: Scene) -> Facts | None:
    facet = scene.authority["facet"]
    name = scene.told.name
    return None if facet in FACETS[name] else {"act": name, "facet": facet}


@check("organ-differs", "R165", "行为人{actor}、所载机关{named}与所据权力的机关{org}不一致",
       on=ACTS)
def organ_differs(scene: Scene) -> Facts | None:
    named = scene.data.get(ORGAN.get(scene.told.name, ""), scene.org)
    if scene.told.org == named == scene.org:
        return None
    return {"actor": scene.told.org, "named": named, "org": scene.org}


def _row(scene: Scene, facet: str) -> Row | None:
    """Who has the facet under the pinned grant; of an exclusive one who decides has the rest."""
    row = scene.row(facet, scene.span)
    if row is None and scene.grant is not None and scene.grant.exclusive:
        decides = scene.row("decide", scene.span)
        return None if decides is None else decides._replace(facet=facet, capacity=OWN)
    return row


def _across(scene: Scene) -> bool:
    """Whether the organ would hold the facet, were the matter one town's alone."""
    if not scene.cross_town or scene.span is None or scene.of_town(scene.org) is None:
        return False
    facet = scene.authority["facet"]
    row = _row(scene, facet)
    if row is not None and scene.standing(row.org) == scene.org:
        return False
    alone = scene.row(facet, scene.span, cross_town=False)
    return alone is not None and scene.standing(alone.org) == scene.org


def _barred(scene: Scene) -> bool:
    """Whether the organ may hold nothing at all: said by a check of its own."""
    return scene.world.register.kinds.get(scene.org) == ZONE or _elsewhere(scene)


def _elsewhere(scene: Scene) -> bool:
    kinds, case = scene.world.register.kinds, scene.case
    if scene.org not in kinds or kinds[scene.org] in HELPERS:
        return True
    town = scene.of_town(scene.org)
    if town is None or case is None:
        return False
    if scene.grant is not None and scene.grant.transfer:
        return town != scene.grant.town
    ours = scene.data["town_id"] if scene.told.name == "CaseAccepted" else case.town
    return town not in {ours, scene.standing(ours) if ours else None}
