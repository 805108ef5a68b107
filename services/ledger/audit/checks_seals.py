"""Seals and the organs behind a document: R050, R054, R058, R080-R088."""

from uuid import NAMESPACE_URL, uuid5

from services.ledger.audit.checks import Facts, check
from services.ledger.audit.grants import Row
from services.ledger.audit.scene import Scene
from services.ledger.audit.seals import NO_2

SEALED, APPROVED = ("SealApplied",), ("ApprovalIssued",)
BY_SEAL_USER = "seal_user"  # 谁用章谁负责
FOR_TOWN = "for_town"
DEPARTMENT_SEAL = "department_seal"


@check("no-such-seal", "R080", "印章{seal}没有刻制发放或登记记录", on=SEALED)
def no_such_seal(scene: Scene) -> Facts | None:
    return {"seal": scene.data["seal_id"]} if scene.seal is None else None


@check("seal-not-in-use", "R087", "印章{seal}当时未在使用中", on=SEALED)
def seal_not_in_use(scene: Scene) -> Facts | None:
    seal = scene.seal
    if seal is None or seal.use(scene.at, scene.known) is not None:
        return None
    return {"seal": scene.data["seal_id"]}


@check("seal-not-in-custody", "R084", "印章{seal}由{custodian}保管，{user}不得使用", on=SEALED)
def seal_not_in_custody(scene: Scene) -> Facts | None:
    seal, user = scene.seal, scene.data["user_org_id"]
    use = None if seal is None else seal.use(scene.at, scene.known)
    if use is None or use.custodian == user:
        return None
    return {"seal": scene.data["seal_id"], "custodian": use.custodian, "user": user}


@check("seal-of-another-pair", "R082", "印章{seal}属{department}、{town}，不得用于本案", on=SEALED)
def seal_of_another_pair(scene: Scene) -> Facts | None:
    """Seal No. 2 is for one department's items in one town."""
    seal, case = scene.seal, scene.case
    if seal is None or case is None or seal.department is None:
        return None
    if (seal.department, seal.town) == (scene.owner, case.town):
        return None
    return {"seal": scene.data["seal_id"], "department": seal.department, "town": seal.town}


@check("seal-no-2-outside-its-mode", "R083", "“2号公章”不得用于此方式（{mode}）或跨镇街事务",
       on=SEALED)
def seal_no_2_outside_its_mode(scene: Scene) -> Facts | None:
    seal, kind = scene.seal, _kind(scene)
    if seal is None or seal.kind != NO_2 or kind == NO_2 or scene.case is None:
        return None
    return {"seal": scene.data["seal_id"], "mode": scene.case.mode, "kind": kind}


@check("wrong-seal", "R050", "应加盖{kind}，实际加盖{told}", on=SEALED)
def wrong_seal(scene: Scene) -> Facts | None:
    """The kind that the mode prescribes; where the notice is silent, any of the organ's own."""
    seal, kind = scene.seal, _kind(scene)
    told = scene.data["seal_kind"]
    if seal is None or scene.case is None:
        return None
    if seal.kind != told:
        return {"kind": seal.kind, "told": told}
    if kind is None or seal.kind in {kind, NO_2}:
        return None
    return {"kind": kind, "told": told}


@check("document-differs", "R083", "用章记录与文书哈希不符", on=SEALED)
def document_differs(scene: Scene) -> Facts | None:
    """One impression belongs to one document: the document's hash finds its only stream."""
    document = scene.data["document_hash"]
    stream = uuid5(NAMESPACE_URL, f"fuquan:seal-use:{document}")
    return None if str(stream) == scene.told.stream else {"document": document}


@check("user-not-responsible", "R084", "谁用章谁负责：责任机关记为{told}，应为{user}", on=SEALED)
def user_not_responsible(scene: Scene) -> Facts | None:
    told, user = scene.data["responsible_org_id"], scene.data["user_org_id"]
    return None if told == user else {"told": told, "user": user}


@check("wrong-seal-named", "R083", "决定所载印章种类为{told}，应为{kind}", on=APPROVED)
def wrong_seal_named(scene: Scene) -> Facts | None:
    told = scene.data["seal_kind"]
    if scene.case is None or (scene.authority["grant_id"] and scene.span is None):
        return None
    kind = _kind(scene)
    return None if told == kind else {"told": told, "kind": kind}


@check("wrong-name", "R058", "名义机关记为{told}，应为{org}", on=(*APPROVED, "ApplicationDenied"))
def wrong_name(scene: Scene) -> Facts | None:
    return _named(scene, "named_authority", "in_name_of_org_id")


@check("wrong-liable", "R054", "法律责任机关记为{told}，应为{org}", on=APPROVED)
def wrong_liable(scene: Scene) -> Facts | None:
    return _named(scene, "liability", "liable_org_id")


@check("wrong-acting", "R058", "行为机关记为{told}，应为{org}", on=APPROVED)
def wrong_acting(scene: Scene) -> Facts | None:
    """Who decides for the town acts as the town."""
    told, case, decides = scene.data["acting_org_id"], scene.case, scene.org
    if case is None:
        return None
    for_town = scene.authority["capacity"].startswith(FOR_TOWN) and case.town is not None
    org = case.town if for_town else decides
    return None if told == org else {"told": told, "org": org}


@check("wrong-responsible", "R165", "责任机关记为{told}，应为{org}", on=APPROVED)
def wrong_responsible(scene: Scene) -> Facts | None:
    """谁审批、谁负责; where the notice says 谁用章谁负责, the user of the seal (R084)."""
    told, org = scene.data["responsible_org_id"], scene.org
    liability = _row(scene, "liability")
    if liability is not None and liability.org == BY_SEAL_USER:
        seal = scene.row("seal", scene.span)
        org = org if seal is None else scene.standing(seal.org)
    return None if told == org else {"told": told, "org": org}


def _row(scene: Scene, facet: str) -> Row | None:
    return None if scene.span is None else scene.span.row(facet, cross_town=scene.cross_town)


def _kind(scene: Scene) -> str | None:
    """The kind of seal that the document is to bear; None where the notice names none."""
    if scene.authority["grant_id"] is None:
        return DEPARTMENT_SEAL
    row = _row(scene, "seal")
    return None if row is None else row.capacity.rpartition(":")[2]


def _named(scene: Scene, facet: str, field: str) -> Facts | None:
    """Whether the document names who the notice names; a role that no organ fills is nobody."""
    told = scene.data[field]
    if scene.case is None or scene.owner is None:
        return None
    org: str | None = scene.owner
    if scene.authority["grant_id"] is not None:
        if scene.span is None:
            return None
        row = _row(scene, facet)
        known = row is not None and row.org in scene.world.register.kinds
        org = scene.standing(row.org) if row is not None and known else None
    return None if told == org else {"told": told, "org": org}
