"""Writes a table as .xlsx and .csv, so that `read` reads it again cell by cell."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from shared.sheets.headers import HEADERS
from shared.sheets.scope import written
from shared.sheets.text import escaped
from shared.sheets.words import visible

LIST = {  # the columns of a town's list, with their width
    "seq": 6, "item": 14, "code": 16, "name": 40, "mode": 14, "scope": 30, "power_type": 14,
    "granting": 24, "supervising": 24, "reason": 24,
}
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
AS_TEXT = "@"
FORMATS = ("xlsx", "csv")

Rows = Iterable[Sequence[str]]


def list_rows(entries: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    """The entries of a town's list as rows in the order of `LIST`."""
    return [
        [_plain(cell) for cell in (
            str(nth), entry["item_id"], entry["code"], entry["name"], entry["mode_zh"],
            written(entry["scope"]), entry["power_type"], entry["granting_name"],
            entry["supervising_name"], entry["override_reason"],
        )]
        for nth, entry in enumerate(entries, 1)
    ]


def list_file(title: str, entries: Iterable[Mapping[str, Any]], form: str) -> bytes:
    """A town's list as a file, ``xlsx`` or ``csv``."""
    return WRITERS[form](title, list_rows(entries))


def workbook(title: str, rows: Rows) -> bytes:
    """A workbook of one sheet: the title over the whole width, the header, the rows as text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([title])
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(LIST))
    sheet["A1"].font, sheet["A1"].alignment = Font(bold=True, size=14), Alignment("center")
    for number, row in enumerate([_headers(), *rows], 2):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column)
            # a text that begins with = is a text, and a long number keeps its digits
            cell.value, cell.data_type, cell.number_format = text or None, "s", AS_TEXT
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 2)  # noqa: PLR2004 - the header, below the title
    for column, width in enumerate(LIST.values(), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A3"
    into = BytesIO()
    book.save(into)
    return into.getvalue()


def text(_: str, rows: Rows) -> bytes:
    """Text with commas, marked as UTF-8 for the office programs that would guess otherwise."""
    into = StringIO(newline="")
    lines = csv.writer(into)
    lines.writerow(_headers())
    lines.writerows([escaped(cell) for cell in row] for row in rows)
    return into.getvalue().encode("utf-8-sig")


def _headers() -> list[str]:
    return [HEADERS[field][0] for field in LIST]


def _plain(cell: str | None) -> str:
    return UNWRITABLE.sub("", visible(cell or ""))


WRITERS: Mapping[str, Callable[[str, Rows], bytes]] = {"xlsx": workbook, "csv": text}
