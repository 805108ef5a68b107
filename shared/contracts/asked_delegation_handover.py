"""What may be asked of the delegation service: hand-over, resources, a town's papers and rules."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.asked_delegation_fields import (
    GRANT,
    PROGRAMME,
    TOWN,
    OfProgramme,
    OfTown,
    a_day,
    code,
    code_or_none,
    codes,
    one_of,
)
from shared.contracts.requests import Question, command, question

RESOURCES = ("people", "technology", "funds", "network")
CENTRE_RULES = (
    "premises", "seal", "first_inquiry", "one_time_notice", "assisted_filing", "staggered_hours",
    "supervision_and_rating", "performance", "accountability",
)


def one_per_line(rows: Sequence[Mapping[str, Any]]) -> None:
    """Let pass what names each line once.

    Raises:
        marshmallow.ValidationError: a line is named twice.
    """
    if len({row["line"] for row in rows}) < len(rows):
        raise ValidationError("Names a line twice.")


class OfHandover(OfProgramme):
    """A command about the hand-over of a grant or of a transfer."""

    grant = fields.UUID(load_default=None, allow_none=True, metadata={"description": GRANT})
    unit = code_or_none("for a transfer: the county or zone whose bureau receives")
    item = code_or_none("for a transfer: the item")

    @validates_schema
    def _of_one(self, data: Mapping[str, Any], **_: Any) -> None:
        unit_and_item = [data["unit"] is not None, data["item"] is not None]
        if unit_and_item != [data["grant"] is None] * 2:
            raise ValidationError(
                {"grant": ["Name the grant, or the unit and item of a transfer."]}
            )


class StockAsked(Schema):
    """How much a line is, and its serial numbers."""

    line = fields.Integer(required=True, metadata={"description": "number on the checklist"})
    quantity = fields.Integer(
        required=True, validate=validate.Range(min=0), metadata={"description": "how many"}
    )
    numbers = code_or_none("serial numbers, e.g. 0001-0500")


class CountAsked(Schema):
    """What the taker counted of a line."""

    line = fields.Integer(required=True, metadata={"description": "number on the checklist"})
    quantity = fields.Integer(
        required=True, validate=validate.Range(min=0), metadata={"description": "how many"}
    )


def lines(description: str) -> fields.List[Any]:
    return fields.List(
        fields.Integer(), load_default=list, metadata={"description": description}
    )


@command("delegation", "deliver_handover")
class DeliverHandover(OfHandover):
    """The giver delivers lines of the checklist, 移交 (R090, R100)."""

    lines = lines("numbers on the checklist; empty: all that are not delivered yet")
    stock = fields.List(
        fields.Nested(StockAsked), load_default=list, validate=one_per_line,
        metadata={"description": "counted lines; blank forms and certificates must be among them"},
    )
    given_by = code("the organ that hands over")
    on = a_day("day of delivery")


@command("delegation", "confirm_handover")
class ConfirmHandover(OfHandover):
    """The taker confirms lines of the checklist, 接收确认 (R090, R100)."""

    lines = lines("numbers on the checklist; empty: all that are delivered and not confirmed yet")
    counted = fields.List(
        fields.Nested(CountAsked), load_default=list, validate=one_per_line,
        metadata={"description": "what the taker counted; else the quantities are as delivered"},
    )
    confirmed_by = code("the organ that takes over: the town, its centre or department, the bureau")
    on = a_day("day of confirmation")


@command("delegation", "provide_resource")
class ProvideResource(OfTown):
    """Record a resource that goes down with the power, 保障要素同步下沉 (R101)."""

    department = code("the organ that provides")
    kind = one_of(RESOURCES, "people, technology, funds or network")
    description = code("what: posts, amount, ports …")
    on = a_day("day of provision")


class OfPaper(OfTown):
    """A paper that a town files."""

    recipient = code("the office that receives it")
    file_ref = code("where the paper is")
    filed_on = a_day("day of filing")


@command("delegation", "file_takeover_plan")
class FileTakeoverPlan(OfPaper):
    """A town files its take-over plan, 承接方案 (R045, R201)."""


@command("delegation", "file_service_guide")
class FileServiceGuide(OfPaper):
    """A town files its service guides, 服务指南 (R201)."""

    items = codes("items whose guides these are")


@command("delegation", "file_manual")
class FileManual(OfPaper):
    """A town files its handling manual, 业务手册 (R201)."""


@command("delegation", "register_centre_rule")
class RegisterCentreRule(OfTown):
    """Register a basic rule of the town's centre, 基本工作制度 (R085)."""

    kind = one_of(CENTRE_RULES, "which of the nine rules")
    in_force_from = a_day("first day in force")


@question("delegation", "handover")
class Handover(Question):
    """The checklist of a grant with its open lines, 交接清单 (R090)."""

    grant = fields.UUID(required=True, metadata={"description": GRANT})


@question("delegation", "transfer_handover")
class TransferHandover(Question):
    """The checklist of an item that is transferred, with its open lines, 移交清单 (R100)."""

    programme = code(PROGRAMME)
    unit = code("the county or zone whose bureau receives")
    item = code("the item")


@question("delegation", "handovers_open")
class HandoversOpen(Question):
    """Grants and transfers with lines not yet confirmed, 未交接完毕 (R090, R100)."""

    programme = code(PROGRAMME)
    town = code_or_none(f"of this town only, e.g. {TOWN}")
    department = code_or_none("of this department's items only")


@question("delegation", "resources")
class Resources(Question):
    """What resources each started item of a town had, and how late, 保障要素 (R101)."""

    programme = code(PROGRAMME)
    town = code(TOWN)


@question("delegation", "town_papers")
class TownPapers(Question):
    """Which towns have filed plan, guides and manual, 报送材料 (R045, R201)."""

    programme = code(PROGRAMME)


@question("delegation", "centre_rules")
class CentreRules(Question):
    """Which of the nine basic rules a centre has, 基本工作制度 (R085)."""

    programme = code(PROGRAMME)
    town = code(TOWN)
