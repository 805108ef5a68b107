"""What may be asked of the delegation service: claims, lists, agreements, seals."""

from marshmallow import Schema, fields, validate

from shared.contracts.asked_delegation_fields import (
    AGREEMENT,
    ITEM,
    TOWN,
    OfAgreement,
    OfProgramme,
    OfSeal,
    OfTown,
    OfTownAndItem,
    a_day,
    an_instant,
    code,
    code_or_none,
    codes,
    day_or_none,
    one_of,
    text,
)
from shared.contracts.requests import Question, command, question


class ClauseAsked(Schema):
    """One clause of an agreement."""

    key = code("name of the clause as in the notice, e.g. 委托期限")
    text_ref = code_or_none("where its text is")


class EntryAsked(Schema):
    """One entry of a town's list; the last three only for an item outside the catalogue."""

    item = code(ITEM)
    mode = code_or_none("mode; may be left out where the programme has only one")
    scope = codes("sub-items that move; empty: as the catalogue defines", required=False)
    override_reason = code_or_none("why an item outside the catalogue is on the list (R022)")
    power_type = code_or_none("power type of an item outside the catalogue")
    granting_org = code_or_none("granting department of an item outside the catalogue")
    supervising_org = code_or_none("supervising department of an item outside the catalogue")


# Claims


@command("delegation", "survey_needs")
class SurveyNeeds(OfTown):
    """Record a field survey of a town's needs and capacity, 调研用权需求 (R030)."""

    outline_ref = code("the survey outline")
    visited_on = a_day("day of the visit")
    needs = codes("needs heard", required=False)
    capacity = codes("capacity found", required=False)


@command("delegation", "record_opinion")
class RecordOpinion(OfTown):
    """Record a town's opinion on the menu and how it was handled, 征求意见建议 (R031)."""

    menu_version = fields.Integer(required=True, metadata={"description": "version of the menu"})
    text_ref = code("where the opinion is")
    handled_how = code("what became of it")


@command("delegation", "claim")
class Claim(OfTownAndItem):
    """A town claims an item, 认领 / “点菜式”选择 (R010, R031)."""

    claimed_on = a_day("day of the claim")


@command("delegation", "propose_deferral")
class ProposeDeferral(OfTownAndItem):
    """A town cannot take an item over yet, 暂不领取 (R033, R034)."""

    ground = code("conditions_lacking or cannot_keep_running")
    reason = text("the specific reason")
    expected_on = day_or_none("when the town expects to take over")


@command("delegation", "consent_deferral")
class ConsentDeferral(OfTownAndItem):
    """The county-level government consents to a deferral, 同意暂不领取 (R033)."""

    consented_by = code("the government that consents")
    consented_on = a_day("day of the consent")


@command("delegation", "reject_deferral")
class RejectDeferral(OfTownAndItem):
    """The county-level government does not consent to a deferral (R033)."""

    reason = text("why not")


@command("delegation", "lapse_deferral")
class LapseDeferral(OfTownAndItem):
    """The expected date of a deferral has passed, 预计承接时间届满 (R035); `run_due` issues it."""

    now = an_instant("the instant that is looked at")


@command("delegation", "refuse_claim")
class RefuseClaim(OfTownAndItem):
    """Refuse a claim in writing with an objective reason, 书面说明理由 (R036)."""

    objective_reason = text("the objective reason")
    document_ref = code_or_none("the document addressed to the town")
    issued_by = code("the organ that signs")
    issued_on = a_day("day of the document")


# Town lists


@command("delegation", "hold_docking")
class HoldDocking(OfTown):
    """A department and a town go through the items together, 对接 (R037)."""

    department = code("the department")
    held_on = a_day("day of the docking")
    items = codes("items gone through")
    outcome = code("outcome in one sentence")


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

    approved_by = code("the organ that approves")
    decision_ref = code("its decision")
    approved_on = a_day("day of the decision")


@command("delegation", "revise_list")
class ReviseList(OfTown):
    """Put a new version in the place of the current list, 动态调整 (R183)."""

    entries = fields.List(fields.Nested(EntryAsked), required=True)
    reason = code("why")
    approved_by = code("the organ that approves")


@command("delegation", "strike_from_list")
class StrikeFromList(OfTownAndItem):
    """Take a recalled item off the current list, 清单调整 (R181); a policy issues it."""

    reason = code("why")


@command("delegation", "compile_catalogue")
class CompileCatalogue(OfTown):
    """The town compiles its take-over catalogue, 编制承接事项目录 (R039)."""

    items = codes("the items, equal to the approved list")


@command("delegation", "file_catalogue")
class FileCatalogue(OfTown):
    """File the catalogue with one recipient, 目录备案 (R040)."""

    recipient = code("the recipient's code, or its name in the jurisdiction (R008)")
    receipt_ref = code("the receipt")
    filed_on = a_day("day of the receipt")


@command("delegation", "publish_catalogue")
class PublishCatalogue(OfTown):
    """Publish the filed catalogue, 向社会公布 (R041)."""

    channel = code("where: web, board …")
    url = code_or_none("address")
    published_at = an_instant("the instant of publication")


# Agreements


@command("delegation", "draft_agreement")
class DraftAgreement(OfProgramme):
    """Draft an agreement, 拟定协议 (R070, R072, R073, R074)."""

    kind = code("entrustment, acceptance, takeover or transfer")
    department = code("the department; for a transfer the transferring unit")
    town = code("the town; for a transfer the county or zone whose bureau receives")
    items = codes("items covered")
    clauses = fields.List(fields.Nested(ClauseAsked), load_default=list)
    term_from = day_or_none("first day of the term")
    term_to = day_or_none("last day of the term")
    transfer_at = fields.AwareDateTime(
        load_default=None, allow_none=True,
        metadata={"description": "for a transfer: the moment the power changes hands"}
    )


@command("delegation", "sign_agreement")
class SignAgreement(OfAgreement):
    """Both parties sign, 签订协议 (R070, R072)."""

    signed_on = a_day("day of signature")
    signatories = codes("who signed: the department and the town (for a transfer the bureau)")
    file_hash = code_or_none("SHA-256 of the signed document")


@command("delegation", "file_agreement")
class FileAgreement(OfAgreement):
    """File an entrustment agreement with the justice department, 协议备案 (R071)."""

    recipient = code("the recipient")
    filed_on = a_day("day of the receipt")
    receipt_ref = code("the receipt")


@command("delegation", "renew_agreement")
class RenewAgreement(OfAgreement):
    """Prolong the term before it ends, 续签 (R075)."""

    signed_on = a_day("day of signature")
    term_from = a_day("first day of the new term")
    term_to = a_day("last day of the new term")


@command("delegation", "amend_agreement")
class AmendAgreement(OfAgreement):
    """Change the items or clauses of an agreement, 变更协议 (R182)."""

    items = codes("items covered from now on")
    clauses = fields.List(fields.Nested(ClauseAsked), load_default=list)
    file_hash = code_or_none("SHA-256 of the amended document")
    amended_on = a_day("day of the amendment")


@command("delegation", "drop_from_agreement")
class DropFromAgreement(OfAgreement):
    """Take a recalled item out of an agreement, 变更协议 (R182); a policy issues it."""

    item = code(ITEM)
    on = a_day("day on which the item ends")


@command("delegation", "terminate_agreement")
class TerminateAgreement(OfAgreement):
    """End an agreement under which nothing is in force any more, 终止协议 (R182)."""

    reason = code("why")
    terminated_on = a_day("day of the end")


@command("delegation", "warn_of_expiry")
class WarnOfExpiry(OfAgreement):
    """Note that an agreement ends soon (R075); `run_due` issues it."""

    now = an_instant("the instant that is looked at")


@command("delegation", "expire_agreement")
class ExpireAgreement(OfAgreement):
    """Note that the term has ended without renewal (R075); `run_due` issues it."""

    now = an_instant("the instant that is looked at")


# Seals


@command("delegation", "authorise_seal")
class AuthoriseSeal(OfTown):
    """The government authorises a department's seal No. 2 for a town, 授权刻制“2号公章” (R080)."""

    department = code("the granting department")
    authorised_by = code("the government")
    instrument_ref = code("its decision")


@command("delegation", "engrave_seal")
class EngraveSeal(OfSeal):
    """Record the engraved seal and its text, 刻制 (R080, R081)."""

    text = code("text of the seal")
    engraved_on = a_day("day of engraving")


@command("delegation", "issue_seal")
class IssueSeal(OfSeal):
    """Hand the seal to the town's centre, 发放 (R080, R082)."""

    custodian = code("the town's centre")
    issued_on = a_day("day of hand-over")


@command("delegation", "register_seal")
class RegisterSeal(OfProgramme):
    """Register an organ's own approval seal, 登记审批专用章 (R086, R088)."""

    kind = one_of(
        ("town_approval_seal", "bureau_approval_seal", "department_seal"), "kind of seal"
    )
    org = code("the organ whose seal it is")


@command("delegation", "suspend_seal")
class SuspendSeal(OfSeal):
    """Suspend a seal in use, 停用 (R087)."""

    reason = code("why")
    since = an_instant("from when it may not be used")


@command("delegation", "return_seal")
class ReturnSeal(OfSeal):
    """Hand a suspended seal back to the granting department, 交回 (R087)."""

    returned_to = code("the granting department")
    on = a_day("day of return")


@command("delegation", "destroy_seal")
class DestroySeal(OfSeal):
    """Destroy a suspended or returned seal before a witness, 销毁 (R087)."""

    on = a_day("day of destruction")
    witness = code("the witness organ")


@command("delegation", "report_seal_lost")
class ReportSealLost(OfSeal):
    """Report a seal in use as lost, 遗失 (R087)."""

    reported_at = an_instant("the instant of the report")


@command("delegation", "retire_seal")
class RetireSeal(OfSeal):
    """Withdraw a registered seal, 作废 (R088)."""

    on = a_day("last day of use")
    reason = code("why")


# Files


@question("delegation", "agreement_paper")
class AgreementPaper(Question):
    """An agreement as a .docx file for signature, base64, 协议文本 (R070, R072, R073, R074)."""

    agreement = fields.UUID(required=True, metadata={"description": AGREEMENT})


@question("delegation", "list_paper")
class ListPaper(Question):
    """A town's list as a .docx file, base64, 赋权事项清单 (R021, R183)."""

    town = code(TOWN)
    on = day_or_none("as of that day; left out: the current one")
