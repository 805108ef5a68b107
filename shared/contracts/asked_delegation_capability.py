"""What may be asked of the delegation service: training, operators, accounts, guidance, staff."""

from typing import Any

from marshmallow import fields, validate

from shared.contracts.asked_delegation_fields import (
    ITEM,
    PROGRAMME,
    TOWN,
    OfProgramme,
    OfTown,
    OfTownAndItem,
    a_day,
    an_instant,
    code,
    code_or_none,
    codes,
    day_or_none,
    one_of,
    one_of_or_none,
)
from shared.contracts.delegation_capability import CONTRACT_KINDS, DIRECTIONS, FORMS, SYSTEMS
from shared.contracts.delegation_fields import FACETS
from shared.contracts.requests import Code, Question, command, question

OPERATOR = "operator, an opaque id and never a name"


def some(description: str) -> fields.List[Any]:
    """One or more codes."""
    return fields.List(
        Code(), required=True, validate=validate.Length(min=1),
        metadata={"description": description},
    )


def facets(*, required: bool) -> fields.List[Any]:
    word = fields.String(validate=validate.OneOf(FACETS))
    told = {"description": f"facets of the power: {', '.join(FACETS)}"}
    if required:
        return fields.List(word, required=True, validate=validate.Length(min=1), metadata=told)
    return fields.List(word, load_default=list, metadata=told)


def staff(description: str) -> fields.Integer:
    return fields.Integer(
        required=True, strict=True, validate=validate.Range(min=0),
        metadata={"description": description},
    )


# Training


@command("delegation", "set_training_plan")
class SetTrainingPlan(OfProgramme):
    """Record a department's training plan for its items, 培训方案 (R093)."""

    department = code("the department that grants the items")
    items = some("its items")
    plan_ref = code("the plan")


@command("delegation", "hold_training")
class HoldTraining(OfProgramme):
    """Record a training session for towns or for one unit, 专题培训 (R093, R099)."""

    held_by = code("the organ that holds it")
    items = some("items taught")
    towns = codes("towns whose people attend", required=False)
    unit = code_or_none("unit whose people attend, instead of towns")
    attendees = some("operators who attend, as opaque ids")
    materials = codes("material handed out", required=False)
    held_on = a_day("day of the session")


@command("delegation", "confirm_capability")
class ConfirmCapability(OfTown):
    """Record that operators can do all the work on items, 能完全承担审批工作 (R099)."""

    operators = some("operators assessed, as opaque ids")
    items = some("items that they can do")
    assessed_by = code("the organ that assesses")
    on = a_day("day of the assessment")


# Guidance


@command("delegation", "request_guidance")
class RequestGuidance(OfTownAndItem):
    """A town asks the department of an item about law or policy, 请求业务指导 (R102)."""

    text_ref = code("where the question is")


@command("delegation", "give_guidance")
class GiveGuidance(OfProgramme):
    """The department answers, for every town that holds the item, 业务指导答复 (R102)."""

    question = fields.UUID(required=True, metadata={"description": "the question"})
    form = one_of(FORMS, "form of the guidance")
    answer_ref = code("where the answer is")
    answered_by = code("the department that answers")
    on = a_day("day of the answer")


# Staff and operators


@command("delegation", "transfer_personnel")
class TransferPersonnel(OfProgramme):
    """Record that approval staff of a department move to a unit's bureau, 人员划转 (R098)."""

    unit = code("the unit, or the town, that receives them")
    department = code("the department that they come from")
    approval_staff_total = staff("approval staff of the department before any transfer")
    transferred = staff("how many move now")
    effective_on = a_day("from that day")


@command("delegation", "assign_operator")
class AssignOperator(OfProgramme):
    """Record who employs an operator and which organ the operator acts for, 窗口人员 (R097)."""

    operator = code(OPERATOR)
    employer = code("who employs the operator; a contractor's employer is no registered organ")
    acting_for = code("the organ that the operator acts for")
    contract_kind = one_of(
        CONTRACT_KINDS,
        "own staff, provided by the district (统一配备), or a bought service (政府购买服务)",
    )
    since = a_day("first day")
    until = day_or_none("last day, if it is set")


@command("delegation", "start_secondment")
class StartSecondment(OfProgramme):
    """Second an officer to a town, or a town's operator to a department, 下基层、进机关 (R094)."""

    operator = code(OPERATOR)
    direction = one_of(DIRECTIONS, "down: from department to town; up: from town to department")
    from_org = code("the organ that sends")
    to_org = code("the organ that receives")
    items = some("items that it is about")
    since = a_day("first day")


@command("delegation", "end_secondment")
class EndSecondment(OfProgramme):
    """A secondment is over, 结束跟班或帮扶 (R094)."""

    operator = code(OPERATOR)
    until = a_day("last day")


# Accounts


class OfAccount(OfProgramme):
    """A command about one account."""

    account = fields.UUID(required=True, metadata={"description": "account id"})


@command("delegation", "grant_account")
class GrantAccount(OfProgramme):
    """Give an operator login rights for an organ, 授予系统登录权限 (R092)."""

    system = one_of(SYSTEMS, "approval system, or approval-supervision interaction system")
    org = code("the organ for which the operator logs in")
    operator = code(OPERATOR)
    items = some("items; the organ holds every facet asked for on each of them")
    facets = facets(required=True)
    valid_from = a_day("first day")
    valid_to = day_or_none("last day; left out: until the grants end")


@command("delegation", "narrow_account")
class NarrowAccount(OfAccount):
    """Take items or facets out of an account, 收窄账号权限 (R092)."""

    items = codes("items to take out", required=False)
    facets = facets(required=False)
    since = an_instant("from when")


@command("delegation", "revoke_account")
class RevokeAccount(OfAccount):
    """Close an account, 注销账号 (R092)."""

    since = an_instant("from when")
    reason = code("why")


@command("delegation", "fit_account")
class FitAccount(OfAccount):
    """Narrow an account to what organ and operator may still do (R092); a policy issues it."""


# Questions


@question("delegation", "accounts")
class AccountsOf(Question):
    """Accounts with the items and facets that they have, 账号权限 (R092)."""

    programme = code(PROGRAMME)
    town = code_or_none(TOWN)
    org = code_or_none("the organ for which the operator logs in")
    item = code_or_none(ITEM)
    at = fields.AwareDateTime(
        load_default=None, allow_none=True,
        metadata={"description": "in force at that instant; left out: all, as now known"},
    )


@question("delegation", "training")
class TrainingOf(Question):
    """How far the people of towns and units are trained on items: none, held, capable (R093)."""

    programme = code(PROGRAMME)
    town = code_or_none("town or unit")
    item = code_or_none(ITEM)


@question("delegation", "secondments")
class SecondmentsOf(Question):
    """Secondments that run on a day, down and up (R094)."""

    programme = code(PROGRAMME)
    town = code_or_none(TOWN)
    on = a_day("the day")


@question("delegation", "operators")
class OperatorsOf(Question):
    """Operators who act for an organ on a day, such as those of a counter (R097)."""

    programme = code(PROGRAMME)
    org = code("the organ, e.g. MD2023-TOWN-08-CENTRE")
    on = a_day("the day")


@question("delegation", "guidance")
class GuidanceOf(Question):
    """Questions to departments and their answers, 业务指导 (R102).

    With a town: what it has asked, and what was answered on the items that it holds.
    """

    programme = code(PROGRAMME)
    item = code_or_none(ITEM)
    town = code_or_none(TOWN)
    state = one_of_or_none(("open", "answered"), "open or answered")
