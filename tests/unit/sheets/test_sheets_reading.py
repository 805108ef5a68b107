"""Files as people have them are read cell by cell; a file that cannot be read says why."""

import struct
import zipfile
from io import BytesIO

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from shared.sheets.headers import field_of
from shared.sheets.lines import Cells, Table, table
from shared.sheets.read import read
from shared.sheets.sheet import letter, position
from tests.annexes import book, printed, saved, text

HEADER = ["序号", "事项名称", "权力类型", "赋权部门", "监管部门"]
FIRST = ["1", "食品经营许可", "行政许可", "区行政审批服务局", "区市场监管局"]
SECOND = ["2", "公共场所卫生许可", "行政许可", "区行政审批服务局", "区卫健局"]
END = b"</sheetData>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def complete(cells: Cells) -> bool:
    return "name" in cells and cells.get("power_type") in ("行政许可", "公共服务")


def lines(data: bytes, name: str = "目录.xlsx") -> Table:
    return table(read(data, name), complete)


def cells(found: Table) -> list[Cells]:
    return [line.cells for line in found.lines]


def codes(found: Table) -> list[str]:
    return [one.code for one in found.findings]


def sheet_of(made: Workbook) -> Worksheet:
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    return sheet


# What is printed


def test_the_annex_of_mudan_is_read_as_printed_with_its_numbers_and_words_broken():
    found = lines(book(printed("MD2023-2")))

    assert [line["seq"] for line in cells(found)] == [str(n) for n in range(1, 51)]
    assert cells(found)[23] == {
        "seq": "24", "name": "再生育审批", "power_type": "行政许可",
        "granting": "区行政审批服务局", "supervising": "区卫健局",
    }
    assert cells(found)[30]["name"] == "经营性人力资源服务机构从事职业中介活动许可"
    assert cells(found)[10]["name"] == "农药经营许可(限制农药除外)"
    assert found.findings == []


@pytest.mark.parametrize("data", [
    book(printed("ST2021")), text(printed("ST2021")), text(printed("ST2021"), "gb18030"),
], ids=["xlsx", "csv", "csv in GB18030"])
def test_the_sections_of_shanting_stand_over_their_items_and_its_note_is_left_out(data: bytes):
    found = lines(data, "清单")

    assert [(line.cells["seq"], line.section) for line in found.lines[4:6]] == [
        ("5", "直接下放事项(5项)"), ("6", "下放实质性审核权事项(3项)"),
    ]
    assert cells(found)[7]["name"] == (
        "农村土地（不含草原、林地）承包经营以及有关合同管理和农村集体产权制度改革政策宣传咨询服务"
    )
    assert len(found.lines) == 13
    assert codes(found) == ["row_left_out", "row_left_out"]
    assert "承接单位分别为西集镇" in found.findings[0].message_zh


def test_a_merged_cell_says_the_same_in_every_row_that_it_spans():
    rows = [HEADER, FIRST, ["2", "公共场所卫生许可", "行政许可", None, "区卫健局"]]

    found = lines(book(rows, merged=["D2:D3"]))

    assert [line["granting"] for line in cells(found)] == ["区行政审批服务局"] * 2


def test_an_entry_whose_number_is_merged_over_two_rows_is_one_entry():
    rows = [
        [*HEADER, "备注"], [*FIRST, "下放“甲类”"], [None, None, None, None, None, "“乙类”"], SECOND,
    ]

    found = lines(book(rows, merged=[f"{column}2:{column}3" for column in "ABCDE"]))

    assert [line["seq"] for line in cells(found)] == ["1", "2"]
    assert cells(found)[0]["remark"] == "下放“甲类”\n“乙类”"
    assert cells(found)[0]["name"] == "食品经营许可"


def test_an_entry_broken_by_a_page_is_one_entry():
    rows = [HEADER, ["1", "经营性人力资源服务机构从事职业", "行政许", "区行政审批", "区人社"],
            [None, "中介活动许可", "可", "服务局", "局"], SECOND]

    found = lines(book(rows))

    assert cells(found)[0]["name"] == "经营性人力资源服务机构从事职业中介活动许可"
    assert [line["granting"] for line in cells(found)] == ["区行政审批服务局"] * 2


def test_an_entry_without_a_number_that_says_everything_is_an_entry():
    found = lines(book([HEADER, FIRST, [None, *SECOND[1:]]]))

    assert [line["name"] for line in cells(found)] == ["食品经营许可", "公共场所卫生许可"]


def test_an_entry_that_has_lost_its_name_is_not_taken_into_the_one_above():
    found = lines(book([HEADER, FIRST, ["2", None, "行政许可", "区残联", "区残联"]]))

    assert [line.get("name") for line in cells(found)] == ["食品经营许可", None]


def test_a_header_may_stand_below_a_title_and_in_two_lines_and_on_every_page():
    rows = [
        ["菏泽市牡丹区“县乡通办”事项指导目录", None, None, None, None],
        ["序号", "事项名称", "权利类型", "部门", None],
        [None, None, None, "区赋权部门", "监管部门"],
        FIRST, HEADER, SECOND,
    ]

    found = lines(book(rows, merged=["A1:E1", "A2:A3", "B2:B3", "C2:C3", "D2:E2"]))

    assert [line["supervising"] for line in cells(found)] == ["区市场监管局", "区卫健局"]
    assert found.findings == []


def test_full_width_numbers_and_codes_are_half_width_and_names_stay_as_printed():
    rows = [
        ["序号", "事项编码", "事项名称"],
        ["１", "３７００００ ０１１７０８６", "公司（企业）登记"],
    ]

    found = lines(book(rows))

    assert cells(found) == [{"seq": "1", "code": "3700000117086", "name": "公司（企业）登记"}]


def test_a_ditto_mark_says_what_stands_above_it():
    found = lines(book([HEADER, FIRST, ["2", "小餐饮登记", "〃", "同上", "区市场监管局"]]))

    assert cells(found)[1]["granting"] == "区行政审批服务局"


def test_a_column_nobody_knows_is_told_and_not_read():
    found = lines(book([[*HEADER, "联系电话"], [*FIRST, "0530-1234567"]]))

    assert [(one.code, one.column, one.severity) for one in found.findings] == [
        ("unknown_column", "联系电话", "warning")
    ]


def test_a_number_typed_as_a_number_is_the_same_number():
    found = lines(book([["序号", "事项编码", "事项名称"], [1, 3700000117086, "宣传品审批"]]))

    assert cells(found)[0] == {"seq": "1", "code": "3700000117086", "name": "宣传品审批"}


@pytest.mark.parametrize(("header", "field"), [
    ("区级实施部门", "granting"), ("区赋权部门", "granting"), ("县级赋权部门", "granting"),
    ("权利类型", "power_type"), ("事 项\n类 型", "power_type"), ("对应监管部门", "supervising"),
    ("赋权方式（必填）", "mode"), ("*事项名称", "name"), ("联系人", None), ("", None),
])
def test_a_header_is_known_by_any_of_its_names(header: str, field: str | None):
    assert field_of(header) == field


@pytest.mark.parametrize(("place", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ")])
def test_a_column_has_the_letters_that_people_see_over_it(place: int, letters: str):
    assert letter(place) == letters
    assert position(letters) == place


# What cannot be read


def archive(**parts: bytes) -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return into.getvalue()


def with_sheet(new: bytes, old: bytes = b"</worksheet>") -> bytes:
    """A workbook of one entry in the XML of whose sheet *new* stands for *old*."""
    into = BytesIO()
    whole = zipfile.ZipFile(BytesIO(book([HEADER, [1, *FIRST[1:]]])))
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
        for part in whole.infolist():
            data = whole.read(part)
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            made.writestr(part.filename, data.replace(old, new) if is_sheet else data)
    return into.getvalue()


def protected_by_zip() -> bytes:
    """An archive with a part that is marked as encrypted."""
    data = bytearray(archive(xl__workbook_dot_xml=b"<workbook/>"))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", data, data.index(mark) + flags, 1)
    return bytes(data)


UNREADABLE = {
    "not a zip": (b"no workbook at all", "no_workbook"),
    "half a zip": (book([HEADER, FIRST])[:400], "broken_workbook"),
    "another document": (archive(word__document_dot_xml=b"<w/>"), "no_workbook"),
    "parts that are no XML": (archive(xl__workbook_dot_xml=b"\x00"), "broken_workbook"),
    "a password": (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    "a password of the archive": (protected_by_zip(), "password"),
    "an old workbook": (OLE + b"\x00" * 512, "old_workbook"),
    "no header": (book([["甲", "乙"], ["1", "2"]]), "no_header"),
    "nothing": (book([]), "empty_sheet"),
    "a header only": (book([HEADER]), "empty_sheet"),
    "a hundred thousand rows": (
        with_sheet(b'<row r="9"/>' * 100_000 + END, END), "too_many_rows"),
    "a cell at the far end": (
        with_sheet(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + END, END),
        "too_many_rows"),
    "a merged cell over everything": (
        with_sheet(END + b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>', END),
        "too_many_cells"),
    "a bomb": (archive(xl__workbook_dot_xml=b"0" * (21 * 2**20)), "too_much_unpacked"),
    "thousands of parts": (
        archive(**{f"xl__{n}": b"" for n in range(1_001)}), "too_much_unpacked"),
    "too long a file": (b"PK\x03\x04" + b"\x00" * (5 * 2**20), "too_many_bytes"),
}


@pytest.mark.parametrize(("data", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_one_clear_finding(data: bytes, code: str):
    (found,) = lines(data).findings

    assert (found.code, found.severity, found.row) == (code, "error", None)
    assert found.message_zh.startswith("文件：")
    assert found.message_en.startswith("file: ")


@pytest.mark.parametrize(("data", "code"), [
    (b"\xff\xff\xff\xff", "unknown_encoding"),
    ('序号,事项名称\n1,"没有关上的引号\n'.encode(), "broken_text"),
    (b"1,2\n" * 5_001, "too_many_rows"),
    (b"1," * 101, "too_many_cells"),
    (b"", "empty_sheet"),
])
def test_a_text_that_cannot_be_read_is_one_clear_finding(data: bytes, code: str):
    assert codes(lines(data, "清单.csv")) == [code]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_text_is_read_in_every_encoding_that_office_programs_write(
    encoding: str, separator: str
):
    data = "\n".join(separator.join(row) for row in (HEADER, FIRST)).encode(encoding)

    assert cells(lines(data, "清单.csv"))[0]["granting"] == "区行政审批服务局"


def test_a_formula_without_a_result_is_an_error_with_its_place():
    made = Workbook()
    sheet = sheet_of(made)
    for row in (HEADER, FIRST):
        sheet.append(row)
    sheet["D2"] = "=VLOOKUP(B2,单位!A:B,2,0)"

    (found,) = lines(saved(made)).findings

    assert (found.code, found.row, found.column) == ("formula", 2, "赋权部门")
    assert "第2行 赋权部门：公式“=VLOOKUP(B2,单位!A:B,2,0)”没有结果" in found.message_zh


def test_a_formula_gives_the_result_that_the_file_has_kept():
    kept = b'<c r="A2"><f>ROW()-1</f><v>1</v></c>'

    found = lines(with_sheet(kept, b'<c r="A2" t="n"><v>1</v></c>'))

    assert cells(found)[0]["seq"] == "1"
    assert [(one.code, one.severity) for one in found.findings] == [("formula_result", "warning")]


@pytest.mark.parametrize(("value", "code"), [
    (370000011708612345, "long_number"), (3.70000011708612e17, "long_number"),
    ("#N/A", "error_value"),
])
def test_a_cell_that_no_longer_says_what_it_said_is_an_error(value: object, code: str):
    found = lines(book([["序号", "统一社会信用代码", "事项名称"], ["1", value, "再生育审批"]]))

    assert [(one.code, one.row, one.column) for one in found.findings] == [
        (code, 2, "统一社会信用代码")
    ]


def test_a_control_character_is_named():
    data = text([HEADER, ["1", "食品\x07经营许可", *FIRST[2:]]])

    (found,) = lines(data, "目录.csv").findings

    assert (found.code, found.row, found.column) == ("control_character", 2, "事项名称")
    assert "U+0007" in found.message_en


def test_signs_without_width_are_left_out():
    found = lines(text([HEADER, ["1", "食品\u200b经营许可\ufeff", *FIRST[2:]]]), "目录.csv")

    assert cells(found)[0]["name"] == "食品经营许可"


def test_a_second_sheet_with_a_header_is_told_and_a_hidden_one_is_not():
    made = Workbook()
    sheet = sheet_of(made)
    for row in (HEADER, FIRST):
        sheet.append(row)
    for title in ("沙土镇", "草稿"):
        other = made.create_sheet(title)
        other.append(HEADER)
    made["草稿"].sheet_state = "hidden"

    found = lines(saved(made))

    assert [one.code for one in found.findings] == ["other_sheet"]
    assert "沙土镇" in found.findings[0].message_zh
