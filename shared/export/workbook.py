"""Exports as .xlsx: the answer, its proof for people, its proof for the check."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from shutil import copyfileobj
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from shared.export.answer import NOT_PROVEN, Answer
from shared.export.tables import question_of
from shared.export.text import entry, heading
from shared.log.checkpoint import Checkpoint
from shared.log.note import split_note
from shared.log.tree import leaf_hash

ANSWER, PROOF, DATA = "答案", "证明", "证明数据"
AS_TEXT = "@"  # a text that begins with = stays a text, also when it is edited
CHUNK = 30_000  # a cell holds 32,767 characters
FACTS = (
    "日志 source", "位置 position", "事实 fact", "登记 recorded_at", "叶哈希 leaf", "已签 signed"
)
NARROW, WIDE = 10, 60
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def write_xlsx(answer: Answer, into: BinaryIO) -> None:
    """A workbook of three sheets; the same answer gives the same bytes."""
    book = Workbook(write_only=True)
    book.properties.creator = "fuquan"
    book.properties.created = answer.made_at.replace(tzinfo=None)
    sheet = book.create_sheet(ANSWER)
    sheet.freeze_panes = "A2"
    for at, column in enumerate(answer.table.columns, 1):
        width = min(WIDE, max(NARROW, 2 * column.wide))
        sheet.column_dimensions[get_column_letter(at)].width = width
    _add(sheet, [heading(one) for one in answer.table.columns], bold=True)
    for row in answer.texts():
        _add(sheet, row)
    sheet = book.create_sheet(PROOF)
    for at, width in enumerate((14, 10, 30, 20, 66, 8), 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    for line in told(answer):
        _add(sheet, line)
    sheet = book.create_sheet(DATA)
    data = json.dumps(answer.proof(), ensure_ascii=False)
    for at in range(0, len(data), CHUNK):
        _add(sheet, [data[at:at + CHUNK]])
    made = BytesIO()
    book.save(made)
    _dated(made, answer, into)


def told(answer: Answer) -> Iterator[list[str]]:
    """The proof for people, as lines of cells."""
    yield ["问题", answer.door, answer.table.title]
    for zh, name, value in question_of(answer.asked):
        yield ["条件", name, value, zh]
    yield ["制作时间", "made_at", answer.made_at.isoformat()]
    yield ["行数", "rows", str(len(answer.rows))]
    yield ["摘要", "sha256", answer.digest()]
    yield ["链接", "link", answer.link]
    for line in answer.proven():
        yield ["已证明", "", line]
    for line in NOT_PROVEN:
        yield ["未证明", "", line]
    yield ["检查点 checkpoint", "条数 size", "日志 origin", "", "根 root"]
    for note in answer.checkpoints.values():
        signed = Checkpoint.parse(split_note(note)[0])
        yield ["", str(signed.size), signed.origin, "", signed.root.hex()]
    yield [*FACTS]
    for fact in answer.facts:
        recorded = json.loads(fact["envelope"])
        yield [
            fact["source"], str(fact["position"]), recorded["type"], recorded["recorded_at"],
            leaf_hash(fact["envelope"].encode()).hex(), "否" if fact["path"] is None else "是",
        ]


def _add(sheet: Any, texts: list[str], *, bold: bool = False) -> None:
    cells = []
    for text in texts:
        cell = WriteOnlyCell(sheet, text or None)
        cell.data_type, cell.number_format = "s", AS_TEXT
        cell.alignment, cell.font = Alignment(wrap_text=True, vertical="top"), Font(bold=bold)
        cells.append(cell)
    sheet.append(cells)


def _dated(made: BytesIO, answer: Answer, into: BinaryIO) -> None:
    """The workbook with the answer's date in the place of the clock's."""
    stamp = rb"\g<1>" + f"{answer.made_at:%Y-%m-%dT%H:%M:%SZ}".encode()
    with ZipFile(made) as book, ZipFile(into, "w", ZIP_DEFLATED) as archive:
        for part in book.infolist():
            with book.open(part) as source, archive.open(entry(answer, part.filename), "w") as to:
                if part.filename == "docProps/core.xml":
                    to.write(MODIFIED.sub(stamp, source.read()))
                else:
                    copyfileobj(source, to)
