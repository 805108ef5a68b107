"""Requests at catalog's doors: programmes, organs, items, lists; places apart."""

from marshmallow import Schema, fields
from marshmallow.validate import Regexp

from shared.contracts import (  # noqa: F401 - registers them
    asked_catalog_items,
    asked_catalog_organs,
    asked_catalog_places,
    asked_catalog_tables,
)
from shared.contracts.asked_catalog_fields import (
    AboutProgramme,
    AboutTown,
    OfProgramme,
    about,
    day,
    instant,
    key,
    keys,
    number,
    one_of,
    rows,
    text,
    texts,
)
from shared.contracts.asked_keys import Rotation
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
from shared.contracts.requests import Question, Request, command, question

LEVELS = ("city", "district", "county")
GRANTORS = ("county_government", "district_government", "granting_department", "agreement")
TOWN_KINDS = ("镇", "乡", "街道办事处", "unit", "zone")
OUTCOMES = ("approval", "registration", "confirmation", "payment", "record", "answer")
VERBS = ("下放", "前移")


class Alias(Schema):
    """A further name of an organ."""

    alias = text("Name as written (别名)", longest=200)
    basis = one_of(ALIAS_BASES, "Why it means this organ")


@command("catalog", "register_programme")
class RegisterProgramme(Request):
    """Register a jurisdiction's rule set under one notice (登记实施方案)."""

    programme = fields.String(
        validate=Regexp(r"\w{2,50}\Z"), **about("New programme code: letters and digits")
    )
    title = text("Title of the notice")
    document_no = text("Document number; may be absent (文号)", required=False)
    issuer_org = key("Issuing organ (发文机关)")
    issued_on = day("Day of issue; not the day a power takes effect")
    jurisdiction_id = fields.String(
        validate=Regexp(r"[0-9]{6}\Z"),
        **about("Jurisdiction, six digits of GB/T 2260 (行政区划代码)"),
    )
    level = one_of(LEVELS, "Level of the programme")
    parent_programme_id = key("Programme that this one implements", required=False)
    parent_documents = texts("Documents it rests on (依据文件)")
    grantor_kind = one_of(GRANTORS, "Who confers (赋权主体)")
    claim_required = fields.Boolean(**about("Whether a town must claim first (认领)"))
    settings = fields.Dict(
        keys=fields.String(),
        **about("All settings of its folder, and the tables clauses, handover, steps,"
                 " obligations, limits; null where the notice is silent"),
    )


@command("catalog", "enable_mode")
class EnableMode(OfProgramme):
    """Add a mode to the programme, by a document (启用赋权方式)."""

    mode = key("Mode, e.g. entrusted_handling")
    mode_zh = text("Its name in the notice", longest=100)
    policy = fields.Nested(ModePolicy, **about("Facets, seal, agreement, filing"))
    order_of_preference = number("Rank among the programme's modes")
    instrument_ref = text("Document; without one the mode is refused", required=False)


@command("catalog", "add_recipient")
class AddRecipient(OfProgramme):
    """Add a town that may receive powers (增加承接单位)."""

    town = key("Town")
    from_ = day("First day", name="from")


@command("catalog", "remove_recipient")
class RemoveRecipient(OfProgramme):
    """Remove a town from the recipients (移出承接单位)."""

    town = key("Town")
    to = day("First day on which it is no recipient")
    reason = text("Reason")


@command("catalog", "register_organ")
class RegisterOrgan(OfProgramme):
    """Register an organ of the jurisdiction with its names (登记单位)."""

    org_id = key("Id of the organ; begins with the programme code")
    name = text("Its full name (规范名称)", longest=200)
    kind = key("government, department, office …")
    level = key("province, city, zone, district, town, village, external")
    superior_org_id = key("Superior organ", required=False)
    aliases = rows(Alias, "Its other names (别名、牌子)")


@command("catalog", "add_alias")
class AddAlias(OfProgramme, Alias):
    """Add a name of an organ; one name means one organ in a jurisdiction (部门名称归一)."""

    org_id = key("Organ, town, centre or town department")


@command("catalog", "register_town")
class RegisterTown(OfProgramme):
    """Register a town with its centre and the department that handles (登记镇街)."""

    town_id = key("Id of the town; begins with the programme code")
    name = text("Its name", longest=200)
    kind = one_of(TOWN_KINDS, "Kind of recipient")
    tier = text("Tier by which claims are judged, e.g. 经济发达镇", required=False)
    managing_zone_id = key("Zone that manages it (代管)", required=False)
    matching_county_id = key("County whose government confers", required=False)
    department_id = key("Department that handles (具体承办机构)", required=False)
    department_name = text("Its name", required=False, longest=200)
    centre_id = key("Service centre (便民服务中心)", required=False)
    centre_name = text("Its name", required=False, longest=200)
    centre_managed_by_org_id = key("Who manages the centre", required=False)
    note = text("Provenance, e.g. that the notice does not name it", required=False)


@command("catalog", "assign_code")
class AssignCode(OfProgramme):
    """Let a code mean one item of the programme (事项编码)."""

    item = key("Item")
    code = text("Code as printed", longest=50)


@command("catalog", "list_item")
class ListItem(OfProgramme):
    """List an item in a catalogue, with its scope and exclusions (列入目录)."""

    item_id = key("Id of the item")
    catalogue_id = key("Catalogue; begins with the programme code")
    seq = number("Row number (序号)")
    code = text("Code, where the notice prints one (事项编码)", required=False, longest=50)
    name = text("Name as printed (事项名称)")
    power_type = text("Power type (权力类型)", required=False, longest=50)
    domain = one_of(DOMAINS, "Approval, service or enforcement")
    power_level = one_of(LEVELS, "Level of the power")
    field = text("Priority field (重点领域)", required=False, longest=100)
    outcome_kind = one_of(OUTCOMES, "What a case ends in", required=False)
    granting_org_id = key("Granting department (赋权部门)", required=False)
    supervising_org_id = key("Supervising department (监管部门)", required=False)
    mode = key("Mode, where the notice sets it per item", required=False)
    subitems = texts("Sub-items that move (备注)")
    verb = one_of(VERBS, "The remark's verb", required=False)
    exclusions = texts("What the name excludes (除外、不含)")
    note = text("Provenance", required=False)


@command("catalog", "issue_catalogue")
class IssueCatalogue(OfProgramme):
    """Issue a version of the guidance catalogue (发布指导目录)."""

    catalogue_id = key("Catalogue; begins with the programme code")
    version = number("One more than the last")
    item_ids = keys("Its items, all listed")
    instrument_ref = text("Document that issues it", required=False)


@command("catalog", "issue_menu")
class IssueMenu(OfProgramme):
    """Issue a version of the menu towns choose from (下放权力事项清单)."""

    menu_id = key("Menu; begins with the programme code")
    version = number("One more than the last")
    item_ids = keys("Offered items, all listed")
    left_out = rows(LeftOut, "Items left out, with the reason")


@command("catalog", "record_legal_constraint")
class RecordLegalConstraint(OfProgramme):
    """Record what the law forbids to entrust or devolve (不得委托)."""

    item = key("Item")
    kind = one_of(CONSTRAINTS, "What is forbidden")
    norm_rank = one_of(NORM_RANKS, "Law, regulation or rule")
    article = text("Article of the norm")
    valid_from = day("First day")
    valid_to = day("First day on which it no longer holds", required=False)


@command("catalog", "set_time_limit")
class SetTimeLimit(OfProgramme):
    """Set a time limit of an item, for one town or for all (受理、审批时限)."""

    item = key("Item")
    town = key("Town; null: all", required=False)
    step = one_of(STEPS, "Step of the case")
    value = number("How many")
    unit = one_of(UNITS, "Of what")


@command("catalog", "publish_town_list")
class PublishTownList(OfProgramme):
    """Publish an approved version of a town's list on a channel (公布清单)."""

    town = key("Town")
    list_version = number("Approved version")
    channel = text("Where, e.g. 山东政务服务网", longest=100)
    url = text("Address", required=False)
    published_at = instant("When")


@command("catalog", "republish_town_list")
class RepublishTownList(OfProgramme):
    """Publish a revised list where the earlier version stands, if it does (重新公布)."""

    town = key("Town")
    list_version = number("Revised version")
    published_at = instant("When")


@command("catalog", "import_programme")
class ImportProgramme(OfProgramme):
    """Register a whole programme from its folder; a second time changes nothing (导入方案)."""

    content = fields.Dict(
        keys=fields.String(), **about("The folder's settings and tables as one object")
    )


@question("catalog", "programme")
class Programme(AboutProgramme):
    """A programme with its settings, modes and recipients (实施方案)."""


@question("catalog", "programmes")
class Programmes(Question):
    """All programmes (全部方案)."""


@question("catalog", "item")
class Item(AboutProgramme):
    """An item with scope, exclusions, constraints and limits (事项)."""

    item = key("Item")


@question("catalog", "items")
class Items(AboutProgramme):
    """The items of a programme, by row number (事项目录)."""


@question("catalog", "town")
class Town(AboutTown):
    """A town with its centre, and whether it is a recipient (镇街)."""


@question("catalog", "towns")
class Towns(AboutProgramme):
    """The towns of a programme (承接单位)."""


@question("catalog", "organ")
class Organ(Question):
    """An organ, town, centre or town department with all its names (单位)."""

    org_id = key("Id")


@question("catalog", "resolve")
class Resolve(Question):
    """The one organ that bears a name in a jurisdiction (部门名称归一)."""

    jurisdiction = key("Jurisdiction")
    alias = text("Name", longest=200)


@question("catalog", "published_list")
class PublishedList(AboutTown):
    """A town's published list: where to apply, who decides, whose seal, who supervises (清单)."""


@command("catalog", "rotate_signing_key")
class RotateSigningKey(Rotation):
    """Let the signing key of the catalogue's log hand over to the next one (更换签名密钥)."""
