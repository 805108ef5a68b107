"""Requests at catalog's doors for the working of items."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, Range

from shared.contracts.asked_catalog_fields import (
    AboutProgramme,
    AboutTown,
    OfProgramme,
    about,
    day,
    instant,
    key,
    one_of,
    text,
    texts,
)
from shared.contracts.catalog_items import LIMIT_UNITS, LIST_STATUS, ONLINE, STANDARD_KINDS
from shared.contracts.requests import command, question


def _count(description: str) -> fields.Integer:
    return fields.Integer(strict=True, validate=Range(min=0, max=10_000), **about(description))


class Figures(Schema):
    """What an applicant has to go through."""

    steps = _count("Steps (办理环节)")
    limit_value = _count("Time limit (办理时限)")
    limit_unit = one_of(LIMIT_UNITS, "Of what")
    materials = _count("Materials (申请材料)")


@command("catalog", "assign_supervisor")
class AssignSupervisor(OfProgramme):
    """Name who supervises an item, what, and by which measures (监管责任主体和内容)."""

    item = key("Item")
    org = key("Supervising organ (监管部门)")
    content = text("What it supervises (监管内容)")
    measures = texts("Measures (监管措施)")
    from_ = day("First day", name="from")


@command("catalog", "set_online_status")
class SetOnlineStatus(OfProgramme):
    """Say whether an item can be done online; if not, why (应上尽上)."""

    item = key("Item")
    status = one_of(ONLINE, "available, or exempt with a reason")
    exemption_reason = text("Why not", required=False)


@command("catalog", "tag_item")
class TagItem(OfProgramme):
    """Tag an item with a priority field of the notice (重点领域)."""

    item = key("Item")
    field = text("One of the programme's fields", longest=100)


@command("catalog", "link_items")
class LinkItems(OfProgramme):
    """Link an item with another that is the same matter (同一事项)."""

    item = key("Item")
    other = key("The other item, of this or another programme")
    basis = text("Why they are one matter")


@command("catalog", "issue_standard")
class IssueStandard(OfProgramme):
    """Issue the next version of a standard of an item; towns apply it (规范标准)."""

    item = key("Item")
    kind = one_of(STANDARD_KINDS, "Which standard")
    issuer = key("Issuing organ; the granting department")
    ref = text("The document")
    in_force_from = day("First day; later than the last version's")


@command("catalog", "record_baseline")
class RecordBaseline(OfProgramme, Figures):
    """Take an item's figures once, before it is granted anywhere (基线)."""

    item = key("Item")
    taken_on = day("Day on which they were taken")


@command("catalog", "correct_baseline")
class CorrectBaseline(OfProgramme, Figures):
    """Correct a wrong baseline; both values stay on record (更正基线)."""

    item = key("Item")
    reason = text("Reason")


@command("catalog", "revise_process")
class ReviseProcess(OfProgramme, Figures):
    """Set the figures of an item in one town or in all; none may rise (只减不增)."""

    item = key("Item")
    town = key("Town; null: all", required=False)


@command("catalog", "publish_guide")
class PublishGuide(OfProgramme):
    """Publish the one current guide of an item, for one town or for all (一件事一指南)."""

    item = key("Item")
    town = key("Town; null: all", required=False)
    author = key("Who wrote it (编制单位)")
    url = text("Address", required=False)
    published_at = instant("When")


class ListEntry(Schema):
    """One power of a department."""

    item = key("Item")
    status = one_of(LIST_STATUS, "On the list, or taken off it")


@command("catalog", "record_power_list")
class RecordPowerList(OfProgramme):
    """Record which items are on a department's power-and-responsibility list (权责清单)."""

    org = key("Department")
    entries = fields.List(
        fields.Nested(ListEntry), validate=Length(min=1, max=500), **about("Its powers")
    )
    from_ = day("Since when", name="from")


@question("catalog", "standards")
class Standards(AboutProgramme):
    """The standards of an item, every version (事项标准)."""

    item = key("Item")


@question("catalog", "standards_missing")
class StandardsMissing(AboutProgramme):
    """Items without a standard of each kind that the notice names (标准化缺项)."""

    org = key("Granting department or unit; null: all", required=False)


@question("catalog", "guides_missing")
class GuidesMissing(AboutProgramme):
    """Granted items without a current guide, by town (缺办事指南)."""


@question("catalog", "online_coverage")
class OnlineCoverage(AboutProgramme):
    """How many items can be done online, which are exempt, which are unexplained (网办率)."""


@question("catalog", "field_coverage")
class FieldCoverage(AboutTown):
    """How many of a town's granted items are of each priority field (重点领域覆盖)."""


@question("catalog", "processes")
class Processes(AboutProgramme):
    """Baselines with their corrections, and the figures in each town (基线与现行流程)."""
