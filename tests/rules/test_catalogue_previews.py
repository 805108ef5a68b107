"""Tables of items looked at before anything is recorded: R007, R011 to R014, R062."""

from collections import Counter
from collections.abc import Iterator

import pytest

from shared.settings import Settings
from tests.annexes import book, printed, text
from tests.tables import (
    HEADER,
    WEIGHT,
    another,
    errors,
    previewed,
    rows_of,
    warnings,
    without_items,
)
from tests.world import World

rule = pytest.mark.rule
CODED = ["序号", "实施部门", "事项编码", "事项名称", "事项类型", "备注"]


@pytest.fixture(scope="module")
def known(migrated: Settings) -> Iterator[World]:
    """Mudan and Shanting, and a county like Mudan without a catalogue; no test changes them."""
    world = World(migrated)
    world.empty()
    content = another(without_items("MD2023"), "MD2023", "XX2024", "990002")
    world.do("catalog", "import_programme", {"programme": "XX2024", "content": content})
    world.imported("MD2023", "ST2021")
    yield world
    world.close()


def coded(*rows: list[str | None]) -> bytes:
    """A table of Shanting with codes."""
    return book([CODED, *rows])


def filed(code: str | None, *, name: str = "示例许可", kind: str = "行政许可", seq: str = "14",
          remark: str | None = None) -> list[str | None]:
    return [seq, "区行政审批服务局", code, name, kind, remark]


@rule("R011")
def test_a_preview_records_nothing(known):
    before = len(known.facts("catalog"))

    preview = previewed(known, "XX2024", book(printed("MD2023-2")))

    assert (preview["ready"], preview["counts"]["added"]) == (True, 50)
    assert len(known.facts("catalog")) == before


@rule("R011")
def test_a_table_without_the_column_of_supervisors_is_told_so_once(known):
    preview = previewed(known, "XX2024", book([row[:4] for row in rows_of("MD2023")]))

    assert errors(preview) == [(None, "监管部门", "required_column", None)]


@rule("R011")
def test_forty_nine_rows_are_not_the_fifty_that_the_notice_states(known):
    preview = previewed(known, "XX2024", book(rows_of("MD2023")[:-1]))

    assert errors(preview) == [(None, None, "wrong_size", "50")]


@rule("R011")
def test_merged_cells_of_a_department_stand_for_every_row_they_span(known):
    rows = rows_of("MD2023")
    for row in rows[2:9]:
        row[3] = None

    preview = previewed(known, "MD2023", book(rows, merged=["D2:D9"]))

    assert preview["counts"]["unchanged"] == 50


@rule("R011")
def test_a_text_table_has_no_merged_cells_and_an_empty_one_is_a_finding(known):
    rows = rows_of("MD2023")
    rows[2][3] = None

    preview = previewed(known, "XX2024", text(rows, "gb18030"))

    assert errors(preview) == [(3, "赋权部门", "required_cell", None)]


@rule("R011")
def test_items_that_a_table_does_not_name_stay_and_are_counted(known):
    preview = previewed(known, "MD2023", book([HEADER, WEIGHT]))

    assert warnings(preview, "not_in_file") == ["文件：目录中另有 50 项不在本表，继续有效"]


@rule("R007")
def test_a_name_nobody_bears_is_a_finding_with_the_nearest_one_and_no_new_organ(known):
    preview = previewed(known, "MD2023", book([HEADER, [*WEIGHT[:3], "区卫生建康局", "区卫健局"]]))

    assert errors(preview) == [(2, "赋权部门", "unknown_organ", "区卫生健康局")]
    assert known.ask("catalog", "resolve", {"jurisdiction": "371702", "alias": "区卫健局"})


@rule("R012")
@pytest.mark.parametrize(("code", "finding"), [
    ("370000013100", "bad_code"), ("37000001310012", "bad_code"), ("370000013100A", "bad_code"),
    ("3.70000E+12", "scientific_code"), (None, "required_cell"),
])
def test_a_code_has_thirteen_digits(known, code, finding):
    preview = previewed(known, "ST2021", coded(filed(code)))

    assert (2, "事项编码", finding) in [one[:3] for one in errors(preview)]


@rule("R012")
def test_a_code_in_full_width_digits_is_the_same_code(known):
    preview = previewed(known, "ST2021", coded(
        filed("３７００００ ０７１５００６", name="不动产登记", kind="行政确认", seq="13")
    ))

    assert preview["items"][0]["code"] == "3700000715006"
    assert preview["items"][0]["item_id"] == "ST21-13"


@rule("R012")
def test_a_code_stands_once_in_a_table(known):
    preview = previewed(known, "ST2021", coded(
        filed("3700000199001"), filed("3700000199001", name="另一许可", seq="15"),
    ))

    assert (3, "事项编码", "duplicate_code", None) in errors(preview)


@rule("R012")
def test_the_code_of_another_item_is_a_finding(known):
    preview = previewed(known, "ST2021", coded(filed("3700000715006")))

    assert (2, "事项编码", "code_of_other", "不动产登记") in errors(preview)


@rule("R012")
def test_digits_seven_and_eight_against_the_power_type_are_a_warning(known):
    preview = previewed(known, "ST2021", coded(filed("3700000799001")))

    assert warnings(preview, "code_type_mismatch") == [
        "第2行 事项类型：编码第7、8位与权力类型不符（code_type_mismatch(07≠01)）"
    ]


@rule("R012")
def test_two_spellings_of_one_name_are_one_item(known):
    name, bureau = "农药经营许可（限制农药除外）", "区行政审批服务局"

    preview = previewed(known, "MD2023", book([
        HEADER, ["11", name, "行政许可", bureau, "区农业农村局"],
    ]))

    assert [(one["item_id"], one["change"]) for one in preview["items"]] == [
        ("MD23-11", "unchanged")
    ]


@rule("R013")
def test_a_remark_whose_verb_disagrees_with_the_section_is_a_finding(known):
    row = filed("3700000199001", remark="前移“个体工商户登记”")

    preview = previewed(known, "ST2021", book([CODED, ["一、直接下放事项（1项）"], row]))

    assert errors(preview) == [(3, "备注", "verb_disagrees", "直接下放")]


@rule("R062")
def test_the_sections_of_shanting_give_each_item_its_mode(known):
    preview = previewed(known, "ST2021", book(printed("ST2021")))

    assert Counter(one["mode"] for one in preview["items"]) == {
        "direct": 5, "substantive_review": 3, "window_forward": 5,
    }


@rule("R062")
def test_a_column_of_modes_in_the_catalogue_of_mudan_is_not_taken(known):
    preview = previewed(known, "MD2023", book([[*HEADER, "赋权方式"], [*WEIGHT, "委托办理"]]))

    assert preview["items"][0]["mode"] is None
    assert len(warnings(preview, "mode_not_of_item")) == 1


@rule("R007")
@pytest.mark.parametrize(("code", "finding"), [
    ("91110000600037341L", None), ("9111 0000 6000 3734 1L", None),
    ("91110000600037341M", "credit_check"), ("9111000060003734", "credit_length"),
    ("9111000060003734IL", "credit_sign"), ("911100O0600037341L", "credit_sign"),
])
def test_a_credit_code_is_right_in_itself(known, code, finding):
    header = [*HEADER, "赋权部门统一社会信用代码"]

    preview = previewed(known, "MD2023", book([header, [*WEIGHT, code]]))

    assert [one[2] for one in errors(preview)] == ([finding] if finding else [])


@rule("R007")
def test_one_credit_code_is_one_organs_throughout_a_table(known):
    header, code = [*HEADER, "赋权部门统一社会信用代码"], "91110000600037341L"
    other = ["52", "另一许可", "行政许可", "区残联", "区残联", code]

    preview = previewed(known, "MD2023", book([header, [*WEIGHT, code], other]))

    assert [one[:3] for one in errors(preview)] == [
        (3, "赋权部门统一社会信用代码", "credit_of_other")
    ]


@pytest.mark.parametrize(("row", "finding"), [
    (["51", None, "行政许可", "区卫健局", "区卫健局"], (2, "事项名称", "required_cell", None)),
    (["甲", "示例许可", "行政许可", "区卫健局", "区卫健局"], (2, "序号", "bad_number", "1")),
    (["51", "示例许可", "行政许司", "区卫健局", "区卫健局"],
     (2, "权利类型", "unknown_power_type", "行政许可")),
    (["51", "许" * 501, "行政许可", "区卫健局", "区卫健局"], (2, "事项名称", "too_long", None)),
])
def test_a_row_that_cannot_be_listed_says_where_and_what_to_write_instead(known, row, finding):
    preview = previewed(known, "MD2023", book([HEADER, row]))

    assert errors(preview) == [finding]
    assert preview["ready"] is False


def test_one_item_stands_once_in_a_table(known):
    preview = previewed(known, "MD2023", book([HEADER, WEIGHT, ["52", *WEIGHT[1:]]]))

    assert errors(preview) == [(3, "事项名称", "duplicate_item", None)]
