"""What may be asked of cases: the doors an application goes through, and the questions on it."""

from typing import Any

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range

from shared.contracts import asked_cases_applicants  # noqa: F401 - registers them
from shared.contracts.asked_keys import Rotation
from shared.contracts.cases import CAUSES, CHANNELS, OPINIONS
from shared.contracts.requests import Code, Question, Request, command, question

STATES = (
    "submitted", "deficient", "not_accepted", "duplicate", "accepted", "prelim_reviewed",
    "reviewed", "forwarded", "received", "returned", "handed_up", "decided", "sealed", "delivered",
    "closed", "withdrawn",
)


def _code(description: str) -> Code:
    return Code(required=True, metadata={"description": description})


def _maybe(description: str) -> Code:
    return Code(load_default=None, allow_none=True, metadata={"description": description})


def _codes(description: str, *, at_least: int = 0) -> fields.List[Any]:
    return fields.List(
        Code(), required=True, validate=Length(min=at_least), metadata={"description": description}
    )


def _text(description: str) -> fields.String:
    return fields.String(
        required=True, validate=Length(min=1, max=2000), metadata={"description": description}
    )


class InProgramme(Request):
    """Every command names its programme."""

    programme = _code("the programme, e.g. MD2023")


class OnCase(InProgramme):
    """A command on one case."""

    case = fields.UUID(required=True, metadata={"description": "the id of the case"})


@command("cases", "submit")
class Submit(OnCase):
    """Hand in an application at an organ of the applicant's choice (申请)."""

    item = _code("the matter applied for, e.g. ST21-09")
    subitem = _maybe("the sub-item, where the item has several")
    applicant_ref = _code(
        "opaque reference to the applicant's details: a registered key, or the platform's own"
    )
    applicant_key = _code(
        "opaque key, the same for the same applicant: of a registered one, or the platform's own"
    )
    subject_key = _code("opaque key, the same for the same subject matter")
    towns_concerned = _codes("the towns the matter touches; two or more: it crosses towns")
    channel = fields.String(
        required=True, validate=OneOf(CHANNELS), metadata={"description": "how it was handed in"}
    )
    chosen_org = _code("the organ the applicant chose: a town, its centre, or a department")
    town = _maybe("the applicant's town; else the town of the chosen organ")


@command("cases", "notify_deficiency")
class NotifyDeficiency(OnCase):
    """Tell everything that is missing, at once (一次性告知)."""

    items = _codes("all that is missing or wrong", at_least=1)
    document_ref = _code("the written notice")


@command("cases", "supplement")
class Supplement(OnCase):
    """Supply materials after a notice (补正)."""

    items = _codes("what was supplied", at_least=1)


@command("cases", "accept")
class Accept(OnCase):
    """Accept the application; the organ that accepts decides the path (受理)."""

    site = _maybe("the window")


@command("cases", "not_accept")
class NotAccept(OnCase):
    """Decline to accept, for a reason of law and in writing (不予受理)."""

    reason_code = _code("outside_scope, materials_missing or not_an_item_of_this_organ")
    legal_basis = _text("the provision relied on")
    document_ref = _code("the written notice")


@command("cases", "detect_cross_town")
class DetectCrossTown(OnCase):
    """Record that the matter touches a further town (跨镇街事务)."""

    town = _code("the further town")


@command("cases", "preliminary_review")
class PreliminaryReview(OnCase):
    """Check form and completeness; it cannot end in a denial (初步审查)."""

    result = fields.String(
        required=True, validate=OneOf(("ok", "defects")), metadata={"description": "ok or defects"}
    )
    defects = fields.List(
        Code(), load_default=list, metadata={"description": "the defects of form found"}
    )


@command("cases", "review")
class Review(OnCase):
    """Review the merits and give an opinion (实质性审核)."""

    result = fields.String(
        required=True, validate=OneOf(OPINIONS), metadata={"description": "the opinion"}
    )
    opinion_ref = _code("the written opinion")
    opinion_seal = _maybe("the seal on the opinion; the district issues on seeing it")


@command("cases", "forward")
class Forward(OnCase):
    """Pass the case on to the department of the item (转递、转报)."""

    to = _code("the department")
    opinion_ref = _maybe("an opinion that goes along, where the review gave none")


@command("cases", "receive")
class Receive(OnCase):
    """Acknowledge a forwarded case (接收)."""


@command("cases", "return_case")
class ReturnCase(OnCase):
    """Send a forwarded case back, with a reason (退回)."""

    reason_code = _code(
        "for a case to be issued on the seal only seal_missing, seal_not_genuine,"
        " opinion_missing or wrong_item"
    )
    text = _text("what is to be mended")


@command("cases", "approve")
class Approve(OnCase):
    """Grant the application (准予)."""


@command("cases", "deny")
class Deny(OnCase):
    """Deny the application, in writing and with reasons (不予许可)."""

    reason = _text("the reasons")
    legal_basis = _text("the provision relied on")
    document_ref = _code("the written decision")
    ground = fields.String(
        required=True, validate=OneOf(("merits", "formal")),
        metadata={"description": "whether the denial rests on the merits or on form"},
    )


@command("cases", "seal")
class Seal(OnCase):
    """Put a seal to a document of a decided case (用章)."""

    seal = _code("the seal")
    document_hash = _code("SHA-256 of the document, in hex")


@command("cases", "deliver")
class Deliver(OnCase):
    """Hand out the result (出件)."""

    document_hash = _maybe("the sealed document; needed where the path has a seal")


@command("cases", "close")
class Close(OnCase):
    """Close a delivered case (办结)."""


@command("cases", "complete")
class Complete(OnCase):
    """Finish a query, print-out or consultation at once (即时办结)."""

    outcome_kind = _code("record or answer, as the item has it")
    result_ref = _maybe("the print-out or the answer")


@command("cases", "withdraw")
class Withdraw(OnCase):
    """Withdraw the application, at the applicant's wish (撤回申请)."""


@command("cases", "hand_up")
class HandUp(OnCase):
    """Move an undecided case from a town whose power has ended to the power's owner (上收)."""

    cause = fields.String(
        required=True, validate=OneOf(CAUSES), metadata={"description": "why the power ended"}
    )


@command("cases", "link_duplicate")
class LinkDuplicate(OnCase):
    """End a case because the same matter was accepted earlier elsewhere (重复申请)."""

    duplicate_of = fields.UUID(
        required=True, metadata={"description": "the case accepted earlier"}
    )


@command("cases", "run_due")
class RunDue(InProgramme):
    """Do what is due by an instant: hand up the open cases of grants that have ended."""

    now = fields.AwareDateTime(
        format="iso", required=True, metadata={"description": "the instant reached"}
    )


def _at(description: str) -> fields.AwareDateTime:
    return fields.AwareDateTime(
        format="iso", load_default=None, allow_none=True, metadata={"description": description}
    )


@question("cases", "case")
class Case(Question):
    """One case as it stands: where, since when, due when, under which grant (案件)."""

    case = fields.UUID(required=True, metadata={"description": "the id of the case"})


@question("cases", "history")
class History(Question):
    """Every act of one case in order, with the authority it was done under (办理过程)."""

    case = fields.UUID(required=True, metadata={"description": "the id of the case"})


@question("cases", "cases")
class Cases(Question):
    """Cases by programme, town, state or the organ that has them, the newest first (案件列表)."""

    programme = _maybe("the programme")
    town = _maybe("the town")
    state = fields.String(
        load_default=None, allow_none=True, validate=OneOf(STATES),
        metadata={"description": "state of the case"},
    )
    org = _maybe("the organ that has the case now or accepted it")
    limit = fields.Integer(
        load_default=100, validate=Range(min=1, max=1000), metadata={"description": "at most"}
    )


@question("cases", "outcomes")
class Outcomes(Question):
    """Numbers of cases by mode, place of filing, state and outcome (办件统计)."""

    programme = _code("the programme")


@question("cases", "where_to_apply")
class WhereToApply(Question):
    """The district counter and every town where the matter can be handed in (就近办理)."""

    programme = _code("the programme")
    item = _code("the matter")
    subitem = _maybe("the sub-item")
    town = _maybe("one town only, beside the district")
    at = _at("the instant asked about; else now")


@question("cases", "may_i")
class MayI(Question):
    """Whether an organ may accept this matter, its steps, the seal, in whose name (能否受理)."""

    programme = _code("the programme")
    item = _code("the matter")
    subitem = _maybe("the sub-item")
    town = _maybe("the town; none: the district's counter")
    towns_concerned = fields.List(
        Code(), load_default=list, metadata={"description": "the towns the matter touches"}
    )
    org = _code("the organ that asks")
    at = _at("the instant asked about; else now")


@command("cases", "rotate_signing_key")
class RotateSigningKey(Rotation):
    """Let the signing key of the cases' log hand over to the next one (更换签名密钥)."""
