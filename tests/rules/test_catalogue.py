"""Rules of the catalogue: programmes, modes, recipients, names, items, publications."""

from copy import deepcopy

import pytest

from shared.refusal import Refused
from tests.unit.catalog.facts import APPROVED, REVISED, told
from tests.unit.catalog.requests import PUBLICATION, P, built
from tests.world import programme_content

rule = pytest.mark.rule


def listing(item, **changed):
    """The request that lists a row of ST2021's annex."""
    (row,) = (row for row in programme_content("ST2021")["items"] if row["item_id"] == item)
    columns = (
        "item_id", "seq", "code", "name", "power_type", "domain", "power_level", "outcome_kind",
        "granting_org_id", "supervising_org_id", "mode", "exclusions",
    )
    request = {"programme": "ST2021", "catalogue_id": "ST2021-CATALOGUE"}
    return request | {column: row[column] for column in columns} | changed


@rule("R001")
def test_nothing_is_recorded_under_a_programme_that_is_not_registered(world):
    with pytest.raises(Refused) as refused:
        world.do("catalog", "list_item", listing("ST21-05", programme="XX2024"))

    assert refused.value.code == "catalog.unknown-programme"
    assert world.facts("catalog") == []


@rule("R001")
def test_a_notice_without_a_document_number_is_a_programme_all_the_same(world):
    world.imported("ZZ2021")

    (registered,) = world.facts("catalog", "ProgrammeRegistered")

    assert registered.data["document_no"] is None
    assert registered.data["issued_on"].isoformat() == "2021-04-20"
    assert registered.data["parent_documents"] == ["枣发〔2021〕7号"]


@rule("R002")
@pytest.mark.parametrize(
    ("programme", "modes"),
    [
        ("SR2020", ["conferral"]), ("GZ2020", ["transfer"]),
        ("ZZ2021", ["direct", "window_forward", "substantive_review"]),
        ("ST2021", ["direct", "substantive_review", "window_forward"]),
        ("MD2023", ["entrusted_handling", "entrusted_acceptance"]),
    ],
)
def test_each_programme_has_its_own_modes_in_its_own_order(world, programme, modes):
    world.imported(programme)

    answer = world.ask("catalog", "programme", {"programme": programme})

    assert sorted(answer["modes"], key=lambda m: answer["modes"][m]["preference"]) == modes


@rule("R002")
def test_a_programme_is_extended_by_a_mode_only_with_a_document(world):
    world.imported("MD2023", "ST2021")
    direct = world.ask("catalog", "programme", {"programme": "ST2021"})["modes"]["direct"]
    request = {
        "programme": "MD2023", "mode": "direct", "mode_zh": "直接下放",
        "policy": direct["policy"], "order_of_preference": 3, "instrument_ref": None,
    }

    with pytest.raises(Refused) as refused:
        world.do("catalog", "enable_mode", request)
    world.do("catalog", "enable_mode", request | {"instrument_ref": "菏区政发〔2024〕示例号"})
    world.settle()

    assert refused.value.code == "catalog.mode-without-document"
    assert "direct" in world.ask("catalog", "programme", {"programme": "MD2023"})["modes"]


@rule("R004")
def test_the_recipients_of_st2021_are_exactly_nine_towns(world):
    world.imported("ST2021")

    towns = world.ask("catalog", "towns", {"programme": "ST2021"})

    assert {town["name"] for town in towns if town["recipient"]} == {
        "西集镇", "桑村镇", "城头镇", "冯卯镇", "店子镇", "水泉镇", "徐庄镇", "北庄镇", "凫城镇",
    }
    assert {town["name"] for town in towns if not town["recipient"]} == {
        "山城街道办事处", "山亭经济开发区管委会",
    }


@rule("R004")
def test_the_recipients_of_md2023_are_seven_street_offices_and_eleven_towns(world):
    world.imported("MD2023")

    towns = world.ask("catalog", "towns", {"programme": "MD2023"})

    kinds = [town["kind"] for town in towns if town["recipient"]]
    assert (kinds.count("街道办事处"), kinds.count("镇"), len(kinds)) == (7, 11, 18)
    assert [town["name"] for town in towns if not town["recipient"]] == ["牡丹经济开发区"]


@rule("R004")
def test_the_recipients_of_gz2020_are_nineteen_units(world):
    world.imported("GZ2020")

    added = world.facts("catalog", "ProgrammeRecipientAdded")

    assert len(added) == 19


@rule("R004")
def test_a_town_that_was_removed_is_no_recipient_any_more(world):
    world.imported("ST2021")
    town = {"programme": "ST2021", "town": "ST2021-TOWN-01"}

    removal = {"to": "2023-01-01", "reason": "撤并乡镇"}
    world.do("catalog", "remove_recipient", town | removal)
    world.settle()

    assert world.ask("catalog", "town", town)["recipient"] is False


@rule("R007")
def test_short_and_full_name_mean_one_organ(world):
    world.imported("MD2023")

    short = world.ask("catalog", "resolve", {"jurisdiction": "371702", "alias": "区卫健局"})
    full = world.ask("catalog", "resolve", {"jurisdiction": "371702", "alias": "区卫生健康局"})
    item = world.ask("catalog", "item", {"programme": "MD2023", "item": "MD23-23"})

    assert short["org_id"] == full["org_id"] == item["supervising_org_id"]


@rule("R007")
def test_a_name_of_one_jurisdiction_is_unknown_in_another(world):
    world.imported("MD2023", "ST2021")

    with pytest.raises(Refused) as refused:
        world.ask("catalog", "resolve", {"jurisdiction": "370406", "alias": "区卫健局"})

    assert refused.value.code == "register.unknown-alias"


@rule("R007")
def test_one_name_in_two_jurisdictions_means_two_organs(world):
    world.imported("MD2023", "ST2021")
    name = {"alias": "区行政审批服务局"}

    in_mudan = world.ask("catalog", "resolve", {"jurisdiction": "371702"} | name)
    in_shanting = world.ask("catalog", "resolve", {"jurisdiction": "370406"} | name)

    assert (in_mudan["org_id"], in_shanting["org_id"]) == ("MD2023-ORG-19", "ST2021-ORG-07")


@rule("R007")
def test_a_second_organ_with_a_name_that_is_taken_is_refused(world):
    world.imported("MD2023")
    second = {
        "programme": "MD2023", "org_id": "MD2023-ORG-99", "name": "区卫健局",
        "kind": "department", "level": "district", "superior_org_id": None, "aliases": [],
    }

    with pytest.raises(Refused) as refused:
        world.do("catalog", "register_organ", second)

    assert refused.value.code == "catalog.alias-taken"
    assert refused.value.facts["org"] == "MD2023-ORG-18"


@rule("R008")
@pytest.mark.parametrize(
    ("programme", "jurisdiction", "one", "other"),
    [
        ("GZ2020", "360700", "信丰县行政审批局", "信丰县政务服务管理办公室"),
        ("SR2020", "361100", "市审改办", "市政务服务管理局"),
    ],
)
def test_two_name_plates_are_one_organ(world, programme, jurisdiction, one, other):
    world.imported(programme)

    first = world.ask("catalog", "resolve", {"jurisdiction": jurisdiction, "alias": one})
    second = world.ask("catalog", "resolve", {"jurisdiction": jurisdiction, "alias": other})

    assert first["org_id"] == second["org_id"]


@rule("R010")
def test_the_list_of_98_is_issued_with_approval_service_and_enforcement_powers(world):
    world.imported("SR2020")

    (issued,) = world.facts("catalog", "GuidanceCatalogueIssued")
    listed = world.facts("catalog", "ItemListed")

    assert (issued.data["size"], len(listed)) == (98, 98)
    assert {fact.data["domain"] for fact in listed} == {"approval", "service", "enforcement"}


@rule("R010")
def test_a_list_of_97_is_not_the_list_of_98(world):
    content = deepcopy(programme_content("SR2020"))
    content["items"].pop()

    with pytest.raises(Refused) as refused:
        world.do("catalog", "import_programme", {"programme": "SR2020", "content": content})

    assert refused.value.code == "catalog.content-refused"
    assert world.facts("catalog") == []


@rule("R011")
def test_the_50_items_of_md2023_are_listed_with_their_power_types(world):
    world.imported("MD2023")

    types = [fact.data["power_type"] for fact in world.facts("catalog", "ItemListed")]

    assert len(types) == 50
    assert (types.count("行政许可"), types.count("其他行政权力")) == (32, 3)
    assert (types.count("行政确认"), types.count("公共服务")) == (1, 14)


@rule("R011")
def test_one_row_without_a_supervising_department_rejects_the_whole_version(world):
    content = deepcopy(programme_content("MD2023"))
    content["items"][5]["supervising_org_id"] = None

    with pytest.raises(Refused) as refused:
        world.do("catalog", "import_programme", {"programme": "MD2023", "content": content})

    assert refused.value.code == "catalog.incomplete-rows"
    assert refused.value.facts["rows"] == [
        {"seq": 6, "item": "MD23-06", "missing": ["supervising_org_id"]}
    ]
    assert world.facts("catalog") == []


@rule("R011")
def test_an_item_without_a_supervising_department_is_not_listed_in_md2023(world):
    world.imported("MD2023")
    row = listing("ST21-04", programme="MD2023", catalogue_id="MD2023-CATALOGUE", mode=None)
    row |= {"item_id": "MD23-51", "granting_org_id": "MD2023-ORG-19", "code": None}

    with pytest.raises(Refused) as refused:
        world.do("catalog", "list_item", row)

    assert refused.value.code == "catalog.incomplete-item"
    assert refused.value.facts["missing"] == ["supervising_org_id"]


@rule("R012")
def test_a_code_is_unique_in_the_programme(world):
    world.imported("ST2021")

    with pytest.raises(Refused) as refused:
        world.do("catalog", "list_item", listing("ST21-13", item_id="ST21-14", seq=14))

    assert refused.value.code == "catalog.duplicate-code"
    assert refused.value.facts["item"] == "ST21-13"


@rule("R012")
def test_a_code_has_13_digits(world):
    world.imported("ST2021")
    row = listing("ST21-13", item_id="ST21-14", seq=14, code="370000071500")

    with pytest.raises(Refused) as refused:
        world.do("catalog", "list_item", row)

    assert refused.value.code == "catalog.bad-code"


@rule("R012")
def test_a_code_that_says_another_power_type_is_a_warning_only(world):
    world.imported("ST2021")
    row = listing("ST21-13", item_id="ST21-14", seq=14, power_type="行政许可")

    world.do("catalog", "list_item", row | {"code": "3700000715999"})
    world.settle()

    item = world.ask("catalog", "item", {"programme": "ST2021", "item": "ST21-14"})
    assert item["warnings"] == ["code_type_mismatch(07≠01)"]


@rule("R013")
def test_the_remarks_of_four_items_name_the_six_sub_items_that_move(world):
    world.imported("ST2021")

    scopes = {
        fact.data["item_id"]: (fact.data["verb"], fact.data["subitems"])
        for fact in world.facts("catalog", "ItemScopeDefined") if fact.data["subitems"]
    }

    assert scopes == {
        "ST21-02": ("下放", ["转外就医备案"]),
        "ST21-05": ("下放", ["个人参保缴费证明查询打印", "待遇领取证明查询打印"]),
        "ST21-07": ("下放", ["个人申请创业担保贷款资格审核", "一次性创业补贴申领"]),
        "ST21-09": ("前移", ["个人独资企业及分支机构设立、变更、注销登记"]),
    }


@rule("R013")
@pytest.mark.parametrize(
    ("verb", "mode"),
    [("前移", "direct"), ("前移", "substantive_review"), ("下放", "window_forward")],
)
def test_the_remarks_verb_must_agree_with_the_mode(world, verb, mode):
    world.imported("ST2021")
    row = listing("ST21-09", item_id="ST21-14", seq=14, code="3700000131999", mode=mode)

    with pytest.raises(Refused) as refused:
        world.do("catalog", "list_item", row | {"verb": verb, "subitems": ["一部分"]})

    assert refused.value.code == "catalog.verb-disagrees-with-mode"


@rule("R014")
@pytest.mark.parametrize(
    ("programme", "item", "exclusions"),
    [("MD2023", "MD23-11", ["限制农药"]), ("ST2021", "ST21-08", ["草原", "林地"])],
)
def test_an_exclusion_in_the_name_is_part_of_the_scope(world, programme, item, exclusions):
    world.imported(programme)

    answer = world.ask("catalog", "item", {"programme": programme, "item": item})

    assert answer["exclusions"] == exclusions


@rule("R020")
def test_acceptance_and_approval_together_stay_within_the_statutory_limit(world):
    world.imported("MD2023")
    limit = {"programme": "MD2023", "item": "MD23-04", "town": None, "unit": "working_day"}
    world.do("catalog", "set_time_limit", limit | {"step": "statutory", "value": 20})
    world.do("catalog", "set_time_limit", limit | {"step": "accept", "value": 5})

    with pytest.raises(Refused) as refused:
        world.do("catalog", "set_time_limit", limit | {"step": "approve", "value": 16})
    world.do("catalog", "set_time_limit", limit | {"step": "accept", "value": 3})
    answer = world.do("catalog", "set_time_limit", limit | {"step": "approve", "value": 12})

    assert refused.value.code == "catalog.exceeds-statutory-limit"
    assert answer["events"] == ["catalog.ItemTimeLimitSet"]


@rule("R020")
def test_a_towns_own_limit_counts_with_the_items_other_limits(world):
    world.imported("MD2023")
    limit = {"programme": "MD2023", "item": "MD23-04", "town": None, "unit": "working_day"}
    world.do("catalog", "set_time_limit", limit | {"step": "statutory", "value": 20})
    world.do("catalog", "set_time_limit", limit | {"step": "approve", "value": 12})
    own = {"step": "accept", "value": 9, "town": "MD2023-TOWN-08"}

    with pytest.raises(Refused) as refused:
        world.do("catalog", "set_time_limit", limit | own)

    assert refused.value.facts["town"] == "MD2023-TOWN-08"
    assert refused.value.facts["sum"] == 21


@rule("R046")
def test_what_the_law_forbids_to_entrust_is_recorded_with_article_rank_and_days(world):
    world.imported("MD2023")
    forbidden = {
        "programme": "MD2023", "item": "MD23-28", "kind": "entrust_forbidden",
        "norm_rank": "regulation", "article": "示例条例第十条", "valid_from": "2023-01-01",
        "valid_to": None,
    }

    world.do("catalog", "record_legal_constraint", forbidden)
    world.settle()

    item = world.ask("catalog", "item", {"programme": "MD2023", "item": "MD23-28"})
    (constraint,) = item["constraints"]
    assert (constraint["kind"], constraint["norm_rank"]) == ("entrust_forbidden", "regulation")
    assert (constraint["valid_from"], constraint["valid_to"]) == ("2023-01-01", None)


@rule("R105")
def test_a_publication_behind_the_approved_list_is_reported_as_stale(world):
    built(world)
    told(world, "TownListApproved", APPROVED)
    world.do("catalog", "publish_town_list", PUBLICATION)
    world.settle()
    told(world, "TownListRevised", REVISED)

    town = {"programme": P, "town": f"{P}-TOWN-1"}
    answer = world.ask("catalog", "published_list", town)

    assert answer["warnings"] == ["stale_publication: 示例镇 v1≠v2"]
