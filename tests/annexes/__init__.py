"""Annexes of the notices as they were printed, with their broken cells, as workbooks and text."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from shared.sheets.read import read

HERE = Path(__file__).parent


def printed(annex: str) -> list[list[str | None]]:
    """The rows of an annex: cells by tabs, lines of a cell by bars."""
    lines = (HERE / f"{annex}.tsv").read_text("utf-8").splitlines()
    return [
        [cell.replace("|", "\n").strip() or None for cell in line.split("\t")] for line in lines
    ]


def book(rows: Iterable[Sequence[Any]], merged: Sequence[str] = (), title: str = "附件") -> bytes:
    """A workbook of one sheet."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for spread in merged:
        sheet.merge_cells(spread)
    return saved(made)


def saved(made: Workbook) -> bytes:
    """The bytes of a workbook."""
    into = BytesIO()
    made.save(into)
    return into.getvalue()


def text(rows: Iterable[Sequence[str | None]], encoding: str = "utf-8") -> bytes:
    """A text table."""
    into = StringIO(newline="")
    csv.writer(into).writerows([cell or "" for cell in row] for row in rows)
    return into.getvalue().encode(encoding)


def sheet(data: bytes, name: str = "附件.xlsx") -> dict[str, Any]:
    """The table in a file, as a request wants it."""
    return read(data, name).plain()
