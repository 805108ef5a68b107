"""Answers as files: every format has the same rows, read back by other programs, and its proof."""

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import duckdb
import openpyxl
import pytest
from marshmallow import ValidationError
from pypdf import PdfReader

from shared.export.answer import Answer
from shared.export.files import FORMS, download, save
from shared.export.gather import gathered
from shared.export.tables import TABLES
from shared.refusal import Refused
from tests.exporting import MADE_AT, answer, asking, planted
from tests.unit.ledger.books import CENTRE, DEPARTMENT, TOWN, Books
from tests.unit.ledger.planted import county, delegated, id_of, recalled

HEADS = [f"{column.zh} {column.key}" for column in TABLES["holders"].columns]
ROW = {
    "事项编码 item_id": "MD23-04", "事项 item_name": "食品经营许可", "镇街编码 town_id": TOWN,
    "镇街 town_name": "沙土镇", "权能 facet": "决定 decide", "单位编码 org_id": CENTRE,
    "单位 org_name": "沙土镇便民服务中心",
    "受理层级 filed_at": "镇街 town", "方式 mode": "entrusted_handling",
    "授权编号 grant_id": str(id_of("grant")),
    "生效自（北京时间） effective_from": "2023-07-01 00:00", "生效至（不含） effective_to": "",
    "起因位置 opened_by": "0", "终止位置 closed_by": "",
}


@pytest.fixture
def granted(books: Books) -> Books:
    """MD23-04 in 沙土镇 from 2023-07-01 on, recorded on 2023-06-28."""
    county(books)
    delegated(books, "grant", "2023-07-01", at="2023-06-28")
    return books


@pytest.fixture
def signed(granted: Books) -> Books:
    for source in ("catalog", "delegation"):
        granted.sign(source)
    return granted


@pytest.fixture
def made(signed: Books) -> Answer:
    return answer(signed)


def decides(rows: list[dict[str, str]]) -> dict[str, str]:
    """The row of the town's own cases, as far as this test knows it."""
    (row,) = (
        row for row in rows
        if row["权能 facet"] == "决定 decide" and row["跨镇街 cross_town"] == "不跨镇街 no"
    )
    return {name: row[name] for name in ROW}


def test_a_workbook_has_the_rows_as_text_and_its_proof_on_a_second_sheet(
    made: Answer, tmp_path: Path
):
    save(made, tmp_path / "who.xlsx")

    book = openpyxl.load_workbook(tmp_path / "who.xlsx")
    heads, *rows = book["答案"].iter_rows(values_only=True)
    told = [dict(zip(heads, ["" if cell is None else cell for cell in row], strict=True))
            for row in rows]
    proof = list(book["证明"].iter_rows(values_only=True))
    assert book.sheetnames == ["答案", "证明", "证明数据"]
    assert list(heads) == HEADS
    assert decides(told) == ROW
    assert ("摘要", "sha256", made.digest()) == proof[7][:3]
    assert any(row[:3] == ("delegation", "0", "delegation.ItemDelegated") for row in proof)


def test_text_with_commas_is_marked_as_utf8_and_its_proof_stands_beside(
    made: Answer, tmp_path: Path
):
    written = save(made, tmp_path / "who.csv")

    raw = (tmp_path / "who.csv").read_bytes()
    told = list(csv.DictReader(StringIO(raw.decode("utf-8-sig"), newline="")))
    proof = json.loads((tmp_path / "who.csv.proof.json").read_text("utf-8"))
    assert raw.startswith(b"\xef\xbb\xbf")
    assert decides(told) == ROW
    assert [path.name for path in written] == ["who.csv", "who.csv.proof.json"]
    assert (proof["format"], proof["rows"]) == ("fuquan-export/v1", len(told))


def test_json_lines_have_values_by_stable_keys(made: Answer, tmp_path: Path):
    save(made, tmp_path / "who.jsonl")

    rows = [json.loads(line) for line in (tmp_path / "who.jsonl").read_text("utf-8").splitlines()]
    (row,) = (row for row in rows if row["facet"] == "decide" and row["cross_town"] == "no")
    assert list(row) == [column.key for column in TABLES["holders"].columns]
    assert (row["org_id"], row["scope"], row["opened_by"], row["effective_to"]) == (
        CENTRE, [], 0, None
    )
    assert row["effective_from"] == "2023-06-30T16:00:00+00:00"


def test_parquet_has_types_and_the_proof_in_its_metadata(made: Answer, tmp_path: Path):
    save(made, tmp_path / "who.parquet")

    file = str(tmp_path / "who.parquet")
    rows = duckdb.sql(
        "SELECT org_id, opened_by, epoch(effective_from) FROM read_parquet($file)"
        " WHERE facet = 'decide' AND cross_town = 'no'", params={"file": file},
    ).fetchall()
    ((proof,),) = duckdb.sql(
        "SELECT value FROM parquet_kv_metadata($file) WHERE key = 'fuquan_proof'",
        params={"file": file},
    ).fetchall()
    assert rows == [(CENTRE, 0, 1_688_140_800.0)]
    assert json.loads(proof) == made.proof()


def test_a_report_is_chinese_text_with_an_appendix_and_carries_rows_and_proof_as_files(
    made: Answer, tmp_path: Path
):
    save(made, tmp_path / "who.pdf")

    pdf = PdfReader(tmp_path / "who.pdf")
    first, *rest = (page.extract_text().replace("\0", "") for page in pdf.pages)
    for text in ("权力由谁行使", "沙土镇便民服务中心", "决定", "2023-07-01 00:00"):
        assert text in first
    for text in ("附：证明", "已证明", "未证明", "fuquan/test/delegation", "ItemDelegated"):
        assert text in "".join(rest)
    assert all(made.digest() in page for page in [first, *rest])
    assert [len(page.images) for page in pdf.pages] == [0, 1, *[0] * (len(rest) - 1)]
    (rows,) = pdf.attachments["holders.jsonl"]
    (proof,) = pdf.attachments["holders.jsonl.proof.json"]
    assert len(rows.splitlines()) == len(made.rows)
    assert json.loads(proof) == made.proof()


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "jsonl", "pdf"])
def test_the_same_answer_gives_the_same_bytes(suffix: str):
    first, second = (download(planted("区行政审批服务局"), suffix) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_download_of_text_is_an_archive_of_the_table_and_its_proof(suffix: str):
    content, name, media = download(planted("区行政审批服务局"), suffix)

    with ZipFile(BytesIO(content)) as archive:
        assert archive.namelist() == [f"holders.{suffix}", f"holders.{suffix}.proof.json"]
    assert (name, media) == (f"holders.{suffix}.zip", "application/zip")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_cell_is_taken_for_a_formula(tmp_path: Path, sign: str):
    wicked = f"{sign}cmd|' /C calc'!A0"

    save(planted(wicked), tmp_path / "who.csv")
    save(planted(wicked), tmp_path / "who.xlsx")

    _, line = csv.reader(StringIO((tmp_path / "who.csv").read_text("utf-8-sig")))
    text = line[HEADS.index("单位 org_name")]
    sheet = openpyxl.load_workbook(tmp_path / "who.xlsx")["答案"]
    cell = sheet.cell(2, HEADS.index("单位 org_name") + 1)
    assert text == f"'{wicked}"
    assert (cell.data_type, cell.value, cell.number_format) == ("s", wicked, "@")


def test_a_line_break_or_tab_cannot_begin_a_formula_either():
    (row,) = planted("\t=1+1\r\n").texts()

    assert row[HEADS.index("单位 org_name")] == " =1+1  "


def test_an_answer_that_was_asked_as_now_known_says_as_known_when(signed: Books):
    proof = answer(signed).proof()

    assert proof["question"]["asked"]["known_at"] == MADE_AT.isoformat()
    assert proof["link"].startswith("http://127.0.0.1:8080/audit/answers/holders?item=MD23-04&")


def test_the_facts_behind_a_row_are_all_that_made_its_grant_what_it_was(granted: Books):
    recalled(granted, "grant", "2024-03-01", at="2024-01-03")
    granted.sign("catalog")
    granted.sign("delegation")

    later = answer(granted)
    before = answer(granted, item="MD23-04", town=TOWN, at="2023-09-01T00:00:00+08:00",
                    known_at="2024-01-01T00:00:00+08:00")

    assert [fact["position"] for fact in later.facts if fact["source"] == "delegation"] == [0, 1]
    assert [fact["position"] for fact in before.facts if fact["source"] == "delegation"] == [0]


def test_a_fact_that_is_not_signed_yet_is_counted(granted: Books):
    granted.sign("catalog")

    made = answer(granted)

    assert made.unsigned == 1
    assert set(made.checkpoints) == {"catalog"}


@pytest.mark.parametrize(
    ("door", "asked"),
    [
        ("held_by", {"org": DEPARTMENT, "at": "2023-09-01T00:00:00+08:00"}),
        ("history", {"item": "MD23-04", "town": TOWN, "facet": "decide"}),
        ("prove", {"programme": None}), ("status", {"after": None}), ("verify", {"source": None}),
        ("authority_check", {"programme": None}),
    ],
)
def test_every_answer_can_be_written_in_every_format(
    signed: Books, door: str, asked: dict[str, str], tmp_path: Path
):
    made = answer(signed, door, **asked)

    written = [save(made, tmp_path / f"{door}.{suffix}")[0] for suffix in FORMS]

    assert [path.name for path in written if path.is_file()] == [f"{door}.{one}" for one in FORMS]


def test_an_answer_that_is_too_long_for_the_place_says_where_to_go(signed: Books):
    with pytest.raises(Refused) as refused:
        gathered(
            asking(signed), "held_by", {"org": DEPARTMENT, "at": "2023-09-01T00:00:00+08:00"},
            made_at=MADE_AT, most=1,
        )

    assert (refused.value.code, refused.value.facts) == ("export.too-long", {"most": 1})


@pytest.mark.parametrize(
    ("door", "asked"), [("fact", {"source": "cases"}), ("holders", {"itme": "MD23-04"})]
)
def test_what_is_no_table_or_no_question_is_told(
    signed: Books, door: str, asked: dict[str, str]
):
    with pytest.raises(ValidationError):
        answer(signed, door, **asked)


def test_a_departments_own_power_rests_on_the_catalogue_and_is_told_by_name(signed: Books):
    made = answer(signed, "held_by", org=DEPARTMENT, at="2023-09-01T00:00:00+08:00")

    own = [row for row in made.rows if row["grant_id"] is None]
    listed = {
        json.loads(fact["envelope"])["data"]["item_id"]
        for fact in made.facts if fact["source"] == "catalog"
    }
    assert {row["org_name"] for row in own} == {"区行政审批服务局"}
    assert {row["item_id"] for row in own} == {"MD23-04", "MD23-05"} == listed
