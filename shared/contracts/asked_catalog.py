"""Requests at catalog's doors."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from shared.contracts.catalog import (
    ALIAS_BASES,
    CONSTRAINTS,
    DOMAINS,
    NORM_RANKS,
    STEPS,
    UNITS,
    LeftOut,
    ModePolicy,
)
from shared.contracts.requests import Code, Question, Request, command, question


def text(description: str, *, longest: int = 500) -> fields.String:
    """A required text."""
    return fields.String(required=True, validate=Length(min=1, max=longest), metadata={"description": description})


def silent(description: str, *, longest: int = 500) -> fields.String:
    """A text, or null where the notice is silent."""
    return fields.String(
        load_default=None, allow_none=True, validate=Length(min=1, max=longest), metadata={"description": description}
    )


def known(description: str, *, required: bool = True) -> Code:
    """The id of something registered, or null where it may be missing."""
    if required:
        return Code(required=True, metadata={"description": description})
    return Code(load_default=None, allow_none=True, metadata={"description": description})


class OfProgramme(Request):
    """A command under a programme."""

    programme = known("Programme code, e.g. MD2023 (实施方案)")


class Alias(Schema):
    """A further name of an organ."""

    alias = text("Name as written (别名)", longest=200)
    basis = fields.String(required=True, validate=OneOf(ALIAS_BASES), metadata={"description": "Why it means this organ"})


@command("catalog", "register_programme")
class RegisterProgramme(OfProgramme):
    """Register a jurisdiction's rule set under one notice (登记实施方案)."""

    title = text("Title of the notice")
    document_no = silent("Document number; may be absent (文号)")
    issuer_org = known("Issuing organ (发文机关)")
    issued_on = fields.Date(required=True, metadata={"description": "Day of issue; not the day a power takes effect"})
    jurisdiction_id = known("Jurisdiction, six digits of GB/T 2260 (行政区划代码)")
    level = fields.String(
        required=True, validate=OneOf(("city", "district", "county")), metadata={"description": "Level of the programme"}
    )
    parent_programme_id = known("Programme that this one implements", required=False)
    parent_documents = fields.List(
        fields.String(), load_default=list, metadata={"description": "Documents it rests on (依据文件)"}
    )
    grantor_kind = fields.String(
        required=True, metadata={"description": "Who confers (赋权主体)"},
        validate=OneOf(("county_government", "district_government", "granting_department", "agreement")),
    )
    claim_required = fields.Boolean(required=True, metadata={"description": "Whether a town must claim first (认领)"})
    settings = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "All settings and tables; null where the notice is silent"}
    )


@command("catalog", "enable_mode")
class EnableMode(OfProgramme):
    """Add a mode to the programme, by a document (启用赋权方式)."""

    mode = known("Mode, e.g. entrusted_handling")
    mode_zh = text("Its name in the notice", longest=100)
    policy = fields.Nested(ModePolicy, required=True, metadata={"description": "Facets, seal, agreement, filing"})
    order_of_preference = fields.Integer(
        required=True, validate=Range(min=1), metadata={"description": "Rank among the programme's modes"}
    )
    instrument_ref = silent("Document that enables it; without one the mode is refused")


@command("catalog", "add_recipient")
class AddRecipient(OfProgramme):
    """Add a town that may receive powers (增加承接单位)."""

    town = known("Town")
    from_ = fields.Date(required=True, data_key="from", metadata={"description": "First day"})


@command("catalog", "remove_recipient")
class RemoveRecipient(OfProgramme):
    """Remove a town from the recipients (移出承接单位)."""

    town = known("Town")
    to = fields.Date(required=True, metadata={"description": "First day on which it is no recipient"})
    reason = text("Reason")


@command("catalog", "register_organ")
class RegisterOrgan(OfProgramme):
    """Register an organ of the jurisdiction with its names (登记单位)."""

    org_id = known("Id of the organ")
    name = text("Its full name (规范名称)", longest=200)
    kind = known("government, department, office …")
    level = known("province, city, zone, district, town, village, external")
    superior_org_id = known("Superior organ", required=False)
    aliases = fields.List(fields.Nested(Alias), load_default=list, metadata={"description": "Its other names (别名、牌子)"})


@command("catalog", "add_alias")
class AddAlias(OfProgramme):
    """Add a name of an organ; one name means one organ in a jurisdiction (部门名称归一)."""

    org_id = known("Organ, town, centre or town department")
    alias = text("Name as written", longest=200)
    basis = fields.String(required=True, validate=OneOf(ALIAS_BASES), metadata={"description": "Why it means this organ"})


@command("catalog", "register_town")
class RegisterTown(OfProgramme):
    """Register a town with its centre and the department that handles (登记镇街)."""

    town_id = known("Id of the town")
    name = text("Its name", longest=200)
    kind = fields.String(
        required=True, validate=OneOf(("镇", "乡", "街道办事处", "unit", "zone")), metadata={"description": "Kind of recipient"}
    )
    tier = silent("Tier by which claims are judged, e.g. 经济发达镇", longest=50)
    managing_zone_id = known("Zone that manages it (代管)", required=False)
    matching_county_id = known("County whose government confers", required=False)
    department_id = known("Department of the town that handles (具体承办机构)", required=False)
    department_name = silent("Its name", longest=200)
    centre_id = known("Service centre (便民服务中心)", required=False)
    centre_name = silent("Its name", longest=200)
    centre_managed_by_org_id = known("Who manages the centre", required=False)
    note = silent("Provenance, e.g. that the notice does not name the town")


@command("catalog", "assign_code")
class AssignCode(OfProgramme):
    """Let a code mean one item of the programme (事项编码)."""

    item = known("Item")
    code = text("Code as printed", longest=50)


@command("catalog", "list_item")
class ListItem(OfProgramme):
    """List an item in a catalogue, with its scope and exclusions (列入目录)."""

    item_id = known("Id of the item")
    catalogue_id = known("Catalogue")
    seq = fields.Integer(required=True, validate=Range(min=1), metadata={"description": "Row number (序号)"})
    code = silent("Code, where the notice prints one (事项编码)", longest=50)
    name = text("Name as printed (事项名称)")
    power_type = silent("Power type (权力类型)", longest=50)
    domain = fields.String(required=True, validate=OneOf(DOMAINS), metadata={"description": "Approval, service or enforcement"})
    power_level = fields.String(
        required=True, validate=OneOf(("county", "city", "district")), metadata={"description": "Level of the power"}
    )
    field = silent("Priority field (重点领域)", longest=100)
    outcome_kind = fields.String(
        load_default=None, allow_none=True, metadata={"description": "What a case ends in"},
        validate=OneOf(("approval", "registration", "confirmation", "payment", "record", "answer")),
    )
    granting_org_id = known("Granting department (赋权部门)", required=False)
    supervising_org_id = known("Supervising department (监管部门)", required=False)
    mode = known("Mode, where the notice sets it per item", required=False)
    subitems = fields.List(fields.String(), load_default=list, metadata={"description": "Sub-items that move (备注)"})
    verb = fields.String(
        load_default=None, allow_none=True, validate=OneOf(("下放", "前移")), metadata={"description": "The remark's verb"}
    )
    exclusions = fields.List(fields.String(), load_default=list, metadata={"description": "What the name excludes (除外、不含)"})
    note = silent("Provenance")


@command("catalog", "issue_catalogue")
class IssueCatalogue(OfProgramme):
    """Issue a version of the guidance catalogue (发布指导目录)."""

    catalogue_id = known("Catalogue")
    version = fields.Integer(required=True, validate=Range(min=1), metadata={"description": "One more than the last"})
    item_ids = fields.List(Code(), required=True, validate=Length(min=1), metadata={"description": "Its items, all listed"})
    instrument_ref = silent("Document that issues it")


@command("catalog", "issue_menu")
class IssueMenu(OfProgramme):
    """Issue a version of the menu towns choose from (下放权力事项清单)."""

    menu_id = known("Menu")
    version = fields.Integer(required=True, validate=Range(min=1), metadata={"description": "One more than the last"})
    item_ids = fields.List(Code(), required=True, validate=Length(min=1), metadata={"description": "Offered items, all listed"})
    left_out = fields.List(fields.Nested(LeftOut), load_default=list, metadata={"description": "Items left out, with the reason"})


@command("catalog", "record_legal_constraint")
class RecordLegalConstraint(OfProgramme):
    """Record what the law forbids to entrust or devolve (不得委托)."""

    item = known("Item")
    kind = fields.String(required=True, validate=OneOf(CONSTRAINTS), metadata={"description": "What is forbidden"})
    norm_rank = fields.String(required=True, validate=OneOf(NORM_RANKS), metadata={"description": "Law, regulation or rule"})
    article = text("Article of the norm")
    valid_from = fields.Date(required=True, metadata={"description": "First day"})
    valid_to = fields.Date(load_default=None, allow_none=True, metadata={"description": "First day on which it no longer holds"})


@command("catalog", "set_time_limit")
class SetTimeLimit(OfProgramme):
    """Set a time limit of an item, for one town or for all (受理、审批时限)."""

    item = known("Item")
    town = known("Town; null: all", required=False)
    step = fields.String(required=True, validate=OneOf(STEPS), metadata={"description": "Step of the case"})
    value = fields.Integer(required=True, validate=Range(min=1), metadata={"description": "How many"})
    unit = fields.String(required=True, validate=OneOf(UNITS), metadata={"description": "Of what"})


@command("catalog", "publish_town_list")
class PublishTownList(OfProgramme):
    """Publish an approved version of a town's list on a channel (公布清单)."""

    town = known("Town")
    list_version = fields.Integer(required=True, validate=Range(min=1), metadata={"description": "Approved version"})
    channel = text("Where, e.g. 山东政务服务网", longest=100)
    url = silent("Address")
    published_at = fields.AwareDateTime(required=True, format="iso", metadata={"description": "When"})


@command("catalog", "republish_town_list")
class RepublishTownList(OfProgramme):
    """Publish a revised list where the earlier version stands; nothing happens where none does (重新公布)."""

    town = known("Town")
    list_version = fields.Integer(required=True, validate=Range(min=1), metadata={"description": "Revised version"})
    published_at = fields.AwareDateTime(required=True, format="iso", metadata={"description": "When"})


@command("catalog", "import_programme")
class ImportProgramme(OfProgramme):
    """Register a whole programme from its folder; a second import of the same content changes nothing (导入方案)."""

    content = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "The folder's settings and tables as one object"}
    )


class AboutProgramme(Question):
    """A question within a programme."""

    programme = known("Programme code")


@question("catalog", "programme")
class Programme(AboutProgramme):
    """A programme with its settings, modes and recipients (实施方案)."""


@question("catalog", "programmes")
class Programmes(Question):
    """All programmes (全部方案)."""


@question("catalog", "item")
class Item(AboutProgramme):
    """An item with scope, exclusions, constraints and limits (事项)."""

    item = known("Item")


@question("catalog", "items")
class Items(AboutProgramme):
    """The items of a programme, by row number (事项目录)."""


@question("catalog", "town")
class Town(AboutProgramme):
    """A town with its centre, and whether it is a recipient (镇街)."""

    town = known("Town")


@question("catalog", "towns")
class Towns(AboutProgramme):
    """The towns of a programme (承接单位)."""


@question("catalog", "organ")
class Organ(Question):
    """An organ, town, centre or town department with all its names (单位)."""

    org_id = known("Id")


@question("catalog", "resolve")
class Resolve(Question):
    """The one organ that bears a name in a jurisdiction (部门名称归一)."""

    jurisdiction = known("Jurisdiction")
    alias = text("Name", longest=200)


@question("catalog", "published_list")
class PublishedList(AboutProgramme):
    """A town's published list: per item where to apply, who decides, whose seal, who supervises (赋权事项清单)."""

    town = known("Town")
