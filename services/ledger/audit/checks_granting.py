"""Was a power moved lawfully? Grants, transfers, recalls, seals: R002-R005, R059, R070-R091."""

from datetime import datetime

from services.ledger.audit.checks import Facts, check
from services.ledger.audit.scene import Scene
from services.ledger.audit.seals import Seal
from services.ledger.audit.told import first_instant, instant
from services.ledger.terms import EXERCISED, HELPERS, ZONE

DELEGATED, TRANSFERRED = ("ItemDelegated",), ("PowerTransferred",)
GRANTED = (*DELEGATED, *TRANSFERRED)
CHANGED = ("ItemRecalled", "GrantModeChanged", "GrantScopeChanged", "GrantCorrected")
DECIDED_BY = {
    "ItemDelegated": "decided_by_org_id", "ItemRecalled": "decided_by_org_id",
    "GrantModeChanged": "decided_by_org_id", "TownListApproved": "approved_by_org_id",
}
# Ends that the calendar or the registry brings, whenever somebody writes them down.
BY_ITSELF = ("term_expired", "organ_merged")
DEPARTMENT = "granting_department"


@check("no-instrument", "R220", "权力变动未载明依据", on=(*GRANTED, *CHANGED))
def no_instrument(scene: Scene) -> Facts | None:
    return {} if scene.told.instrument is None else None


@check("mode-not-in-programme", "R002", "方案没有赋权方式{mode}", on=DELEGATED)
def mode_not_in_programme(scene: Scene) -> Facts | None:
    mode = scene.data["mode"]
    if scene.programme is not None and scene.programme.policy(mode, scene.known) is not None:
        return None
    return {"mode": mode}


@check("not-a-recipient", "R004", "{town}不是承接单位", on=DELEGATED)
def not_a_recipient(scene: Scene) -> Facts | None:
    town = scene.data["town_id"]
    since = instant(scene.data["effective_from"])
    if scene.world.register.recipient(scene.told.programme, town, since, scene.known):
        return None
    return {"town": town}


@check("wrong-grantor", "R003", "赋权主体为{by}，应为赋权部门{owner}", on=DELEGATED)
def wrong_grantor(scene: Scene) -> Facts | None:
    """Where the notice lets the granting department entrust, nobody else does."""
    by, register = scene.data["decided_by_org_id"], scene.world.register
    if scene.programme is None or scene.programme.grantor_kind != DEPARTMENT or _delegatee(scene):
        return None
    if register.kinds.get(by) == ZONE:
        return None
    owner = register.owner(scene.data["item_id"], scene.at, scene.known)
    return None if by == owner else {"by": by, "owner": owner}


@check("redelegated", "R059", "受委托的{by}不得再委托", on=DELEGATED)
def redelegated(scene: Scene) -> Facts | None:
    return {"by": scene.data["decided_by_org_id"]} if _delegatee(scene) else None


@check("granted-elsewhere", "R059", "权能{facet}落在{org}，不得再委托", on=DELEGATED)
def granted_elsewhere(scene: Scene) -> Facts | None:
    """Stations, partner sites, unknown bodies and other towns hold nothing."""
    register, town = scene.world.register, scene.data["town_id"]
    policy = scene.programme.policy(scene.data["mode"], None) if scene.programme else None
    roles = {row["holder"] for row in policy["facets"]} if policy else set()
    for row in scene.data["facets"]:
        org = row["org_id"]
        if row["facet"] not in EXERCISED or org in roles:
            continue
        kind = register.kinds.get(org)
        if kind is None or kind in HELPERS or register.towns.get(org, town) != town:
            return {"facet": row["facet"], "org": org}
    return None


@check("zone-committee-holds", "R005", "管委会不得持有权力：{org}", on=GRANTED)
def zone_committee_holds(scene: Scene) -> Facts | None:
    kinds = scene.world.register.kinds
    org = next(
        (row["org_id"] for row in scene.data["facets"] if kinds.get(row["org_id"]) == ZONE), None
    )
    return None if org is None else {"org": org}


@check("zone-committee-granted", "R005", "管委会不得赋权：{org}", on=tuple(DECIDED_BY))
def zone_committee_granted(scene: Scene) -> Facts | None:
    org = scene.data[DECIDED_BY[scene.told.name]]
    return {"org": org} if scene.world.register.kinds.get(org) == ZONE else None


@check("no-agreement", "R070", "方式{mode}须有书面协议而未载明", on=DELEGATED)
def no_agreement(scene: Scene) -> Facts | None:
    mode = scene.data["mode"]
    policy = scene.programme.policy(mode, scene.known) if scene.programme else None
    due = policy is not None and policy["agreement_force"] == "must"
    return {"mode": mode} if due and scene.data["agreement_id"] is None else None


@check("granted-without-agreement", "R070", "协议{agreement}在生效时不覆盖该事项：{why}",
       on=GRANTED)
def granted_without_agreement(scene: Scene) -> Facts | None:
    """Signed, in its term and naming the item, when the power moves (R074)."""
    data = scene.data
    agreement = data["agreement_id"]
    if agreement is None:
        return None
    since = instant(data["effective_from" if scene.told.name in DELEGATED else "transfer_at"])
    lack = scene.world.papers.lacking(
        agreement, data["item_id"], begins=since, ends=first_instant("9000-01-01"), at=since,
        known=scene.known,
    )
    return None if lack is None else {"agreement": agreement, "why": lack.code}


@check("retroactive-recall", "R181", "收回不得溯及既往：{since}早于决定日{decided}",
       on=("ItemRecalled",))
def retroactive_recall(scene: Scene) -> Facts | None:
    data = scene.data
    if data["ground"] in BY_ITSELF:
        return None
    if instant(data["effective_from"]) >= first_instant(data["decided_on"]):
        return None
    return {"since": data["effective_from"], "decided": data["decided_on"]}


@check("ground-not-admitted", "R180", "收回理由{ground}不在方案规定之列，或无证据",
       on=("ItemRecalled",))
def ground_not_admitted(scene: Scene) -> Facts | None:
    ground = scene.data["ground"]
    if ground in {*BY_ITSELF, "law_forbids", "item_abolished"}:
        return None
    grounds = scene.setting("recall", "grounds")
    if (grounds is None or ground in grounds) and scene.data["evidence_refs"]:
        return None
    return {"ground": ground}


@check("unknown-grant-changed", "R123", "授权{grant}没有设立记录",
       on=(*CHANGED, "ItemImplementationStarted"))
def unknown_grant_changed(scene: Scene) -> Facts | None:
    grant = scene.data["grant_id"]
    return None if grant in scene.world.grants.by_id else {"grant": grant}


@check("started-before-grant", "R091", "授权{grant}在{at}尚未生效或已终止即启动实施",
       on=("ItemImplementationStarted",))
def started_before_grant(scene: Scene) -> Facts | None:
    grant = scene.world.grants.by_id.get(scene.data["grant_id"])
    at = scene.data["started_at"]
    if grant is None or grant.at(instant(at), scene.known) is not None:
        return None
    return {"grant": grant.id, "at": at}


@check("bureau-not-established", "R204", "{unit}的审批局尚未组建即划转", on=TRANSFERRED)
def bureau_not_established(scene: Scene) -> Facts | None:
    unit = scene.data["unit_id"]
    since = scene.world.register.bureaus[unit].known(scene.known)
    moved = instant(scene.data["transfer_at"])
    return None if any(day <= moved for day in since) else {"unit": unit}


# Seals: authorised by the government, engraved, issued to the town's centre (R080).


@check("seal-not-authorised", "R080", "印章{seal}由{by}授权，应为{government}",
       on=("SealAuthorised",))
def seal_not_authorised(scene: Scene) -> Facts | None:
    by, government = scene.data["authorised_by_org_id"], scene.setting(
        "seal", "authorised_by_org_id"
    )
    if government is None or by == scene.standing(government):
        return None
    return {"seal": scene.data["seal_id"], "by": by, "government": government}


@check("seal-link-missing", "R080", "印章{seal}缺少前一环节的记录：{link}",
       on=("SealEngraved", "SealIssued"))
def seal_link_missing(scene: Scene) -> Facts | None:
    seal = scene.seal
    if seal is None or seal.authorised is None:
        return {"seal": scene.data["seal_id"], "link": "SealAuthorised"}
    if scene.told.name == "SealIssued" and not seal.engraved:
        return {"seal": scene.data["seal_id"], "link": "SealEngraved"}
    return None


@check("seal-not-to-centre", "R080", "印章{seal}发给{custodian}，应为{centre}", on=("SealIssued",))
def seal_not_to_centre(scene: Scene) -> Facts | None:
    centre = scene.world.register.centres.get(scene.data["town_id"])
    custodian = scene.data["custodian_org_id"]
    if custodian == centre:
        return None
    return {"seal": scene.data["seal_id"], "custodian": custodian, "centre": centre}


@check("second-seal-in-use", "R082", "{department}在{town}已有在用印章{other}", on=("SealIssued",))
def second_seal_in_use(scene: Scene) -> Facts | None:
    seals, data = scene.world.seals, scene.data
    pair = data["department_id"], data["town_id"]
    since = first_instant(data["issued_on"])
    for other in seals.pairs.get(pair, set()) - {data["seal_id"]}:
        if _in_use(seals.by_id[other], scene, since):
            return {"department": pair[0], "town": pair[1], "other": other}
    return None


def _in_use(seal: Seal, scene: Scene, since: datetime) -> bool:
    return any(use.until > since for use in seal.uses.at(scene.known) or ())


def _delegatee(scene: Scene) -> bool:
    """Whether the grantor holds the item only as somebody's delegatee (R059)."""
    policy = scene.programme.policy(scene.data["mode"], None) if scene.programme else None
    allowed = policy["redelegation_allowed"] if policy else None
    if allowed is None:
        allowed = scene.setting("redelegation_allowed")
    return not allowed and scene.of_town(scene.data["decided_by_org_id"]) is not None
