"""What may be asked of the delegation service."""

from typing import Any

from marshmallow import Schema, fields, validate

from shared.contracts.delegation import GROUNDS
from shared.contracts.requests import Code, Question, Request, command, question


def _code(description: str) -> Code:
    return Code(required=True, metadata={"description": description})


def _code_or_none(description: str) -> Code:
    return Code(load_default=None, allow_none=True, metadata={"description": description})


def _codes(description: str, *, required: bool = True) -> fields.List[Any]:
    if required:
        return fields.List(Code(), required=True, metadata={"description": description})
    return fields.List(Code(), load_default=list, metadata={"description": description})


def _text(description: str) -> fields.String:
    """May be empty or missing: the refusal is the law's answer, not a malformed request."""
    return fields.String(
        load_default="", validate=validate.Length(max=4000), metadata={"description": description}
    )


def _day(description: str) -> fields.Date:
    return fields.Date(required=True, metadata={"description": description})


def _day_or_none(description: str) -> fields.Date:
    return fields.Date(load_default=None, allow_none=True, metadata={"description": description})


def _instant(description: str) -> fields.AwareDateTime:
    return fields.AwareDateTime(required=True, metadata={"description": description})


PROGRAMME = "programme, e.g. MD2023"
TOWN = "town, e.g. MD2023-TOWN-08"
ITEM = "item of the catalogue, e.g. MD23-04"
GRANT = "grant id"
AGREEMENT = "agreement id"
SEAL = "seal, e.g. SEAL2:MD2023-ORG-19:MD2023-TOWN-08:1"


class ClauseAsked(Schema):
    """One clause of an agreement."""

    key = _code("name of the clause as in the notice, e.g. 委托期限")
    text_ref = _code_or_none("where its text is")


class EntryAsked(Schema):
    """One entry of a town's list; the last three only for an item outside the catalogue."""

    item = _code(ITEM)
    mode = _code_or_none("mode; may be left out where the programme has only one")
    scope = _codes("sub-items that move; empty: as the catalogue defines", required=False)
    override_reason = _code_or_none("why an item outside the catalogue is on the list (R022)")
    power_type = _code_or_none("power type of an item outside the catalogue")
    granting_org = _code_or_none("granting department of an item outside the catalogue")
    supervising_org = _code_or_none("supervising department of an item outside the catalogue")


class OfProgramme(Request):
    """Every command names its programme."""

    programme = _code(PROGRAMME)


class OfTown(OfProgramme):
    """A command about one town."""

    town = _code(TOWN)


class OfTownAndItem(OfTown):
    """A command about one item in one town."""

    item = _code(ITEM)


class OfGrant(OfProgramme):
    """A command about one grant."""

    grant = fields.UUID(required=True, metadata={"description": GRANT})


class OfAgreement(OfProgramme):
    """A command about one agreement."""

    agreement = fields.UUID(required=True, metadata={"description": AGREEMENT})


class OfSeal(OfProgramme):
    """A command about one seal."""

    seal = _code(SEAL)


# Claims


@command("delegation", "survey_needs")
class SurveyNeeds(OfTown):
    """Record a field survey of a town's needs and capacity, 调研用权需求 (R030)."""

    outline_ref = _code("the survey outline")
    visited_on = _day("day of the visit")
    needs = _codes("needs heard", required=False)
    capacity = _codes("capacity found", required=False)


@command("delegation", "record_opinion")
class RecordOpinion(OfTown):
    """Record a town's opinion on the menu and how it was handled, 征求意见建议 (R031)."""

    menu_version = fields.Integer(required=True, metadata={"description": "version of the menu"})
    text_ref = _code("where the opinion is")
    handled_how = _code("what became of it")


@command("delegation", "claim")
class Claim(OfTownAndItem):
    """A town claims an item, 认领 / “点菜式”选择 (R010, R031)."""

    claimed_on = _day("day of the claim")


@command("delegation", "propose_deferral")
class ProposeDeferral(OfTownAndItem):
    """A town cannot take an item over yet, 暂不领取 (R033, R034)."""

    ground = _code("conditions_lacking or cannot_keep_running")
    reason = _text("the specific reason")
    expected_on = _day_or_none("when the town expects to take over")


@command("delegation", "consent_deferral")
class ConsentDeferral(OfTownAndItem):
    """The county-level government consents to a deferral, 同意暂不领取 (R033)."""

    consented_by = _code("the government that consents")
    consented_on = _day("day of the consent")


@command("delegation", "reject_deferral")
class RejectDeferral(OfTownAndItem):
    """The county-level government does not consent to a deferral (R033)."""

    reason = _text("why not")


@command("delegation", "lapse_deferral")
class LapseDeferral(OfTownAndItem):
    """The expected date of a deferral has passed, 预计承接时间届满 (R035); `run_due` issues it."""

    now = _instant("the instant that is looked at")


@command("delegation", "refuse_claim")
class RefuseClaim(OfTownAndItem):
    """Refuse a claim in writing with an objective reason, 书面说明理由 (R036)."""

    objective_reason = _text("the objective reason")
    document_ref = _code_or_none("the document addressed to the town")
    issued_by = _code("the organ that signs")
    issued_on = _day("day of the document")


# Town lists


@command("delegation", "hold_docking")
class HoldDocking(OfTown):
    """A department and a town go through the items together, 对接 (R037)."""

    department = _code("the department")
    held_on = _day("day of the docking")
    items = _codes("items gone through")
    outcome = _code("outcome in one sentence")


@command("delegation", "draft_list")
class DraftList(OfTown):
    """Draft a town's list, 拟定赋权清单 (R021, R022, R037)."""

    entries = fields.List(fields.Nested(EntryAsked), required=True, validate=validate.Length(min=1))
    replaces = fields.Integer(
        load_default=None, allow_none=True,
        metadata={"description": "version of the current list that this one supersedes"}
    )


@command("delegation", "approve_list")
class ApproveList(OfTown):
    """Approve the drafted list of a town, 审定同意 (R021, R038)."""

    approved_by = _code("the organ that approves")
    decision_ref = _code("its decision")
    approved_on = _day("day of the decision")


@command("delegation", "revise_list")
class ReviseList(OfTown):
    """Put a new version in the place of the current list, 动态调整 (R183)."""

    entries = fields.List(fields.Nested(EntryAsked), required=True)
    reason = _code("why")
    approved_by = _code("the organ that approves")


@command("delegation", "strike_from_list")
class StrikeFromList(OfTownAndItem):
    """Take a recalled item off the current list, 清单调整 (R181); a policy issues it."""

    reason = _code("why")


@command("delegation", "compile_catalogue")
class CompileCatalogue(OfTown):
    """The town compiles its take-over catalogue, 编制承接事项目录 (R039)."""

    items = _codes("the items, equal to the approved list")


@command("delegation", "file_catalogue")
class FileCatalogue(OfTown):
    """File the catalogue with one recipient, 目录备案 (R040)."""

    recipient = _code("the recipient's code, or its name in the jurisdiction (R008)")
    receipt_ref = _code("the receipt")
    filed_on = _day("day of the receipt")


@command("delegation", "publish_catalogue")
class PublishCatalogue(OfTown):
    """Publish the filed catalogue, 向社会公布 (R041)."""

    channel = _code("where: web, board …")
    url = _code_or_none("address")
    published_at = _instant("the instant of publication")


# Agreements


@command("delegation", "draft_agreement")
class DraftAgreement(OfProgramme):
    """Draft an agreement, 拟定协议 (R070, R072, R073, R074)."""

    kind = _code("entrustment, acceptance, takeover or transfer")
    department = _code("the department; for a transfer the transferring unit")
    town = _code("the town; for a transfer the county or zone whose bureau receives")
    items = _codes("items covered")
    clauses = fields.List(fields.Nested(ClauseAsked), load_default=list)
    term_from = _day_or_none("first day of the term")
    term_to = _day_or_none("last day of the term")
    transfer_at = fields.AwareDateTime(
        load_default=None, allow_none=True,
        metadata={"description": "for a transfer: the moment the power changes hands"}
    )


@command("delegation", "sign_agreement")
class SignAgreement(OfAgreement):
    """Both parties sign, 签订协议 (R070, R072)."""

    signed_on = _day("day of signature")
    signatories = _codes("who signed: the department and the town (for a transfer the bureau)")
    file_hash = _code_or_none("SHA-256 of the signed document")


@command("delegation", "file_agreement")
class FileAgreement(OfAgreement):
    """File an entrustment agreement with the justice department, 协议备案 (R071)."""

    recipient = _code("the recipient")
    filed_on = _day("day of the receipt")
    receipt_ref = _code("the receipt")


@command("delegation", "renew_agreement")
class RenewAgreement(OfAgreement):
    """Prolong the term before it ends, 续签 (R075)."""

    signed_on = _day("day of signature")
    term_from = _day("first day of the new term")
    term_to = _day("last day of the new term")


@command("delegation", "amend_agreement")
class AmendAgreement(OfAgreement):
    """Change the items or clauses of an agreement, 变更协议 (R182)."""

    items = _codes("items covered from now on")
    clauses = fields.List(fields.Nested(ClauseAsked), load_default=list)
    file_hash = _code_or_none("SHA-256 of the amended document")
    amended_on = _day("day of the amendment")


@command("delegation", "drop_from_agreement")
class DropFromAgreement(OfAgreement):
    """Take a recalled item out of an agreement, 变更协议 (R182); a policy issues it."""

    item = _code(ITEM)
    on = _day("day on which the item ends")


@command("delegation", "terminate_agreement")
class TerminateAgreement(OfAgreement):
    """End an agreement under which nothing is in force any more, 终止协议 (R182)."""

    reason = _code("why")
    terminated_on = _day("day of the end")


@command("delegation", "warn_of_expiry")
class WarnOfExpiry(OfAgreement):
    """Note that an agreement ends soon (R075); `run_due` issues it."""

    now = _instant("the instant that is looked at")


@command("delegation", "expire_agreement")
class ExpireAgreement(OfAgreement):
    """Note that the term has ended without renewal (R075); `run_due` issues it."""

    now = _instant("the instant that is looked at")


# Seals


@command("delegation", "authorise_seal")
class AuthoriseSeal(OfTown):
    """The government authorises a department's seal No. 2 for a town, 授权刻制“2号公章” (R080)."""

    department = _code("the granting department")
    authorised_by = _code("the government")
    instrument_ref = _code("its decision")


@command("delegation", "engrave_seal")
class EngraveSeal(OfSeal):
    """Record the engraved seal and its text, 刻制 (R080, R081)."""

    text = _code("text of the seal")
    engraved_on = _day("day of engraving")


@command("delegation", "issue_seal")
class IssueSeal(OfSeal):
    """Hand the seal to the town's centre, 发放 (R080, R082)."""

    custodian = _code("the town's centre")
    issued_on = _day("day of hand-over")


@command("delegation", "register_seal")
class RegisterSeal(OfProgramme):
    """Register an organ's own approval seal, 登记审批专用章 (R086, R088)."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(("town_approval_seal", "bureau_approval_seal", "department_seal")),
        metadata={"description": "kind of seal"},
    )
    org = _code("the organ whose seal it is")


@command("delegation", "suspend_seal")
class SuspendSeal(OfSeal):
    """Suspend a seal in use, 停用 (R087)."""

    reason = _code("why")
    since = _instant("from when it may not be used")


@command("delegation", "return_seal")
class ReturnSeal(OfSeal):
    """Hand a suspended seal back to the granting department, 交回 (R087)."""

    returned_to = _code("the granting department")
    on = _day("day of return")


@command("delegation", "destroy_seal")
class DestroySeal(OfSeal):
    """Destroy a suspended or returned seal before a witness, 销毁 (R087)."""

    on = _day("day of destruction")
    witness = _code("the witness organ")


@command("delegation", "report_seal_lost")
class ReportSealLost(OfSeal):
    """Report a seal in use as lost, 遗失 (R087)."""

    reported_at = _instant("the instant of the report")


@command("delegation", "retire_seal")
class RetireSeal(OfSeal):
    """Withdraw a registered seal, 作废 (R088)."""

    on = _day("last day of use")
    reason = _code("why")


# Grants


@command("delegation", "delegate")
class Delegate(OfTownAndItem):
    """Grant an item to a town in a mode, 赋权 (R001 to R005, R013, R031, R041, R046, R070)."""

    mode = _code("mode, e.g. entrusted_handling")
    scope = _codes("sub-items that move; empty: as the catalogue defines (R013)", required=False)
    effective_from = _day("first day of the grant")
    decided_by = _code_or_none("the grantor; left out: as the programme says (R003)")
    agreement = fields.UUID(
        load_default=None, allow_none=True,
        metadata={"description": "the agreement; left out: the signed one that covers the item"},
    )


@command("delegation", "delegate_list")
class DelegateList(OfTown):
    """Grant every entry of the approved list that is not yet granted, 按清单赋权."""

    effective_from = _day("first day of the grants")


@command("delegation", "start_implementation")
class StartImplementation(OfGrant):
    """The town begins to work under a grant, 启动实施; not while a blocking gate is open (R091)."""


@command("delegation", "start_list")
class StartList(OfTown):
    """Start every grant of a town that is not yet started."""


@command("delegation", "check_gates")
class CheckGates(OfGrant):
    """Record which readiness gates of a grant are open, 接得住核查 (R091)."""


@command("delegation", "correct_grant")
class CorrectGrant(OfGrant):
    """Correct a wrongly recorded first day of a grant, 更正 (R222)."""

    effective_from = _day("the right first day")
    reason = _code("what was wrong")


@command("delegation", "review_legality")
class ReviewLegality(OfGrant):
    """Open a legality review: a legal bar appeared after the grant (R046); a policy issues it."""

    kind = _code("kind of the bar")
    norm_rank = _code("rank of the norm")
    article = _code("the article")


@command("delegation", "propose_recall")
class ProposeRecall(OfGrant):
    """Propose to recall a grant, 提出收回 (R180)."""

    ground = _code("runs_badly, poor_effect or does_not_fit (R180)")
    evidence_refs = _codes("evaluations or findings", required=False)
    proposed_by = _code("the organ that proposes")


@command("delegation", "hear_town")
class HearTown(OfGrant):
    """Record that the town has been heard, 听取镇街意见 (R180)."""

    opinion_ref = _code("where the opinion is")


@command("delegation", "recall")
class Recall(OfGrant):
    """Recall a grant, 收回 (R067, R180, R181)."""

    ground = _code_or_none(f"{', '.join(GROUNDS)}; left out: as proposed")
    evidence_refs = _codes("evidence; left out: as proposed", required=False)
    decided_by = _code_or_none("the organ that decides; left out: the grantor")
    decided_on = _day("day of the decision")
    effective_from = _day("day from which the town no longer holds the power")


@command("delegation", "transfer_power")
class TransferPower(OfProgramme):
    """Move an item wholly to a unit's approval bureau, 划转 (R064, R074)."""

    unit = _code("the county or zone, e.g. GZ2020-UNIT-15")
    item = _code(ITEM)
    agreement = fields.UUID(required=True, metadata={"description": AGREEMENT})


@command("delegation", "run_due")
class RunDue(OfProgramme):
    """Turn what is due into facts, each once: expiries, warnings, lapses (R035, R075, R224)."""

    now = _instant("the instant that is looked at")


# Questions


@question("delegation", "holders")
class Holders(Question):
    """Who held a facet of an item in a town when, as known when, 权限归属 (R065, R222)."""

    item = _code(ITEM)
    town = _code_or_none(TOWN)
    facet = _code(
        "accept, preliminary_review, substantive_review, decide, seal, named_authority, liability …"
    )
    at = _instant("effective instant")
    known_at = fields.AwareDateTime(
        load_default=None, allow_none=True,
        metadata={"description": "as known at; left out: as now known"}
    )


@question("delegation", "held_by")
class HeldBy(Question):
    """Which facets an organ held at an instant by grant or transfer (R065)."""

    org = _code("the organ")
    at = _instant("effective instant")
    known_at = fields.AwareDateTime(
        load_default=None, allow_none=True,
        metadata={"description": "as known at; left out: as now known"}
    )


@question("delegation", "grants")
class Grants(Question):
    """The grants in force for an item in a town at an instant."""

    item = _code(ITEM)
    town = _code(TOWN)
    at = _instant("effective instant")


@question("delegation", "grants_of")
class GrantsOf(Question):
    """Every grant of a programme, of a town, of an item, in a state."""

    programme = _code(PROGRAMME)
    town = _code_or_none(TOWN)
    item = _code_or_none(ITEM)
    state = _code_or_none("decided, started, legality_review, recall_proposed or ended")


@question("delegation", "grant")
class GrantById(Question):
    """One grant with its state and its chain of authority (R067)."""

    grant = fields.UUID(required=True, metadata={"description": GRANT})


@question("delegation", "gates")
class Gates(Question):
    """The readiness gates of a grant: passed, open, or not recorded (R091)."""

    grant = fields.UUID(required=True, metadata={"description": GRANT})


@question("delegation", "list")
class ListOf(Question):
    """A town's list: the current version, or the one of a day (R021, R183)."""

    town = _code(TOWN)
    on = _day_or_none("as of that day; left out: the current one")


@question("delegation", "claims")
class Claims(Question):
    """Claims of a programme, or of one town, with what became of each."""

    programme = _code(PROGRAMME)
    town = _code_or_none(TOWN)


@question("delegation", "claims_unanswered")
class ClaimsUnanswered(Question):
    """Claims neither granted nor refused when a day begins (R036)."""

    programme = _code(PROGRAMME)
    on = _day("the day that begins")


@question("delegation", "agreement")
class AgreementById(Question):
    """One agreement."""

    agreement = fields.UUID(required=True, metadata={"description": AGREEMENT})


@question("delegation", "agreements")
class Agreements(Question):
    """Agreements of a programme, in a state."""

    programme = _code(PROGRAMME)
    state = _code_or_none("drafted, signed, expired or terminated")


@question("delegation", "seals")
class Seals(Question):
    """Seals of a programme, of a department, of a town (R082)."""

    programme = _code(PROGRAMME)
    department = _code_or_none("the department or other organ whose seal it is")
    town = _code_or_none(TOWN)


@question("delegation", "recall_dry_run")
class RecallDryRun(Question):
    """What a recall would touch: seal, list, agreement, open cases (R181)."""

    grant = fields.UUID(required=True, metadata={"description": GRANT})
