"""Item catalogues imported from tables as people keep them: R007, R010, R011, R013, R014."""

from collections import Counter
from uuid import UUID

import pytest

from shared.refusal import Refused
from tests.annexes import book, printed
from tests.tables import HEADER, WEIGHT, errors, imported, previewed, rows_of, without_items
from tests.world import World

rule = pytest.mark.rule


@pytest.fixture
def empty(world: World) -> World:
    """Mudan without a catalogue."""
    request = {"programme": "MD2023", "content": without_items("MD2023")}
    world.do("catalog", "import_programme", request)
    world.settle()
    return world


@pytest.fixture
def mudan(world: World) -> World:
    return world.imported("MD2023")


@rule("R010")
@rule("R011")
def test_the_printed_annex_of_mudan_makes_the_catalogue_of_fifty_items(empty):
    imported(empty, "MD2023", book(printed("MD2023-2")))

    listed = empty.facts("catalog", "ItemListed")
    (issued,) = empty.facts("catalog", "GuidanceCatalogueIssued")
    assert Counter(fact.data["power_type"] for fact in listed) == {
        "行政许可": 32, "其他行政权力": 3, "行政确认": 1, "公共服务": 14,
    }
    assert (issued.data["version"], issued.data["size"]) == (1, 50)


@rule("R011")
def test_row_six_without_a_supervising_department_rejects_the_whole_table(empty):
    rows = rows_of("MD2023")
    rows[6][4] = None

    with pytest.raises(Refused) as refused:
        imported(empty, "MD2023", book(rows))

    assert refused.value.code == "catalog.table-refused"
    assert errors(refused.value.facts) == [(7, "监管部门", "required_cell", None)]
    assert empty.facts("catalog", "ItemListed") == []


@rule("R011")
@pytest.mark.parametrize(("programme", "annex", "size"), [("MD2023", "MD2023-2", 50),
                                                         ("ST2021", "ST2021", 13)])
def test_an_annex_as_printed_says_what_the_folder_says(world, programme, annex, size):
    world.imported(programme)

    preview = previewed(world, programme, book(printed(annex)))

    assert errors(preview) == []
    assert preview["counts"] == {"added": 0, "changed": 0, "unchanged": size}


@rule("R011")
def test_further_items_join_the_catalogue_in_its_next_version(mudan):
    imported(mudan, "MD2023", book([HEADER, WEIGHT]))

    issued = mudan.facts("catalog", "GuidanceCatalogueIssued")[-1]
    assert (issued.data["version"], issued.data["size"]) == (2, 51)
    assert issued.data["item_ids"][-1] == "MD23-51"


@rule("R011")
def test_what_is_registered_is_not_rewritten_by_a_table(mudan):
    rows = rows_of("MD2023")
    rows[1][4] = "区卫健局"

    with pytest.raises(Refused) as refused:
        imported(mudan, "MD2023", book([*rows, WEIGHT]))

    preview = previewed(mudan, "MD2023", book([*rows, WEIGHT]))
    assert refused.value.code == "catalog.table-refused"
    assert preview["counts"] == {"added": 1, "changed": 1, "unchanged": 49}
    assert [one[:3] for one in errors(preview)] == [(2, "监管部门", "listed_differently")]


def test_the_same_import_a_second_time_gets_the_same_answer_and_records_nothing(empty):
    data, command = book(printed("MD2023-2")), UUID(int=11)
    first = imported(empty, "MD2023", data, command=command)
    before = len(empty.facts("catalog"))

    again = imported(empty, "MD2023", data, command=command)

    assert again == first
    assert len(empty.facts("catalog")) == before


def test_the_id_of_an_import_cannot_stand_for_another_table(empty):
    imported(empty, "MD2023", book(printed("MD2023-2")), command=UUID(int=11))

    with pytest.raises(Refused) as refused:
        imported(empty, "MD2023", book([HEADER, WEIGHT]), command=UUID(int=11))

    assert refused.value.code == "log.command-id-reused"


def test_a_folder_imported_again_takes_no_item_of_a_table_away(mudan):
    imported(mudan, "MD2023", book([HEADER, WEIGHT]))

    mudan.imported("MD2023")

    assert mudan.facts("catalog", "GuidanceCatalogueIssued")[-1].data["size"] == 51


@rule("R007")
def test_the_short_name_of_a_department_is_the_department(empty):
    imported(empty, "MD2023", book(printed("MD2023-2")))

    (hygiene,) = [
        fact for fact in empty.facts("catalog", "ItemListed") if fact.data["seq"] == 23
    ]
    named = {"jurisdiction": "371702", "alias": "区卫生健康局"}
    assert hygiene.data["name"] == "公共场所卫生许可"
    assert hygiene.data["supervising_org_id"] == empty.ask("catalog", "resolve", named)["org_id"]


@rule("R013")
def test_the_remarks_of_shanting_name_the_sub_items_that_move(world):
    content = without_items("ST2021")
    world.do("catalog", "import_programme", {"programme": "ST2021", "content": content})
    world.settle()

    imported(world, "ST2021", book(printed("ST2021")))

    scopes = {
        fact.data["item_id"]: (fact.data["verb"], fact.data["subitems"])
        for fact in world.facts("catalog", "ItemScopeDefined") if fact.data["subitems"]
    }
    assert scopes == {
        "ST2021-002": ("下放", ["转外就医备案"]),
        "ST2021-005": ("下放", ["个人参保缴费证明查询打印", "待遇领取证明查询打印"]),
        "ST2021-007": ("下放", ["个人申请创业担保贷款资格审核", "一次性创业补贴申领"]),
        "ST2021-009": ("前移", ["个人独资企业及分支机构设立、变更、注销登记"]),
    }


@rule("R014")
def test_an_exclusion_written_into_the_name_is_recorded_with_the_item(empty):
    imported(empty, "MD2023", book(printed("MD2023-2")))

    (scope,) = empty.facts("catalog", "ItemScopeDefined")
    assert (scope.data["item_id"], scope.data["exclusions"]) == ("MD2023-011", ["限制农药"])
