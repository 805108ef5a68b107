"""Reads .xlsx; a workbook comes from outside, so its sizes are known before it is unpacked."""

import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, LargeZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from shared.sheets.headers import header_of
from shared.sheets.sheet import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    Fault,
    Row,
    Sheet,
    letter,
    position,
    unread,
)
from shared.sheets.words import control_character, visible

MOST_UNPACKED = 20 * 2**20
MOST_PARTS = 1_000
ENCRYPTED = 1  # flag of a part of an archive
LONGEST_NUMBER = 10**15  # a spreadsheet keeps fifteen digits of a number
SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml")
ROW, CELL = (re.compile(rb"<(?:\w+:)?%b[\s/>]" % tag) for tag in (b"row", b"c"))
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*ref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")
CANNOT_TELL = {"f": "formula", "e": "error_value"}  # by the library's type of the cell
# What the library raises on parts that are not as they should be.
BROKEN = (
    BadZipFile, LargeZipFile, zlib.error, InvalidFileException, OSError, EOFError, KeyError,
    IndexError, ValueError, TypeError, AttributeError, SyntaxError, NotImplementedError,
    RuntimeError,
)


def read(data: bytes) -> Sheet:
    """The rows of the first visible sheet that has a header line."""
    try:
        if fault := _guard(data):
            return Sheet([], [fault])
        found = [(sheet.title, _sheet(sheet)) for sheet in _sheets(data, values=False)]
        if any(fault.code == "formula" for _, sheet in found for fault in sheet.faults):
            kept = [_sheet(sheet) for sheet in _sheets(data, values=True)]
            found = [
                (title, _computed(sheet, last))
                for (title, sheet), last in zip(found, kept, strict=True)
            ]
    except BROKEN as wrong:
        return unread("broken_workbook", f"{type(wrong).__name__}")
    return _chosen(found)


def _guard(data: bytes) -> Fault | None:
    """Why the archive should not be unpacked, or is none of a workbook."""
    with ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
        if any(part.flag_bits & ENCRYPTED for part in parts):
            return Fault("password")
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            return Fault("too_much_unpacked", value=str(MOST_UNPACKED))
        if "xl/workbook.xml" not in archive.namelist():
            return Fault("no_workbook")
        rows = cells = 0
        for part in parts:
            if SHEETS.fullmatch(part.filename):
                xml = archive.read(part)
                rows = max(rows, sum(1 for _ in ROW.finditer(xml)))
                cells += sum(1 for _ in CELL.finditer(xml)) + sum(_areas(xml))
    if rows > MOST_ROWS:
        return Fault("too_many_rows", value=str(MOST_ROWS))
    return Fault("too_many_cells", value=str(MOST_CELLS)) if cells > MOST_CELLS else None


def _areas(xml: bytes) -> Iterator[int]:
    """How many cells each merged range spans: it is filled cell by cell."""
    for left, top, right, bottom in MERGED.findall(xml):
        wide = position(right.decode()) - position(left.decode()) + 1
        yield abs(wide * (int(bottom) - int(top) + 1))


def _sheets(data: bytes, *, values: bool) -> list[Any]:
    """The visible sheets; with *values* a formula's last result in its place."""
    book = load_workbook(BytesIO(data), data_only=values, keep_links=False)
    return [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]


def _sheet(sheet: Any) -> Sheet:
    if sheet.max_row > MOST_ROWS:
        return unread("too_many_rows", MOST_ROWS)
    if sheet.max_column > MOST_COLUMNS:
        return unread("too_many_cells", MOST_CELLS)
    merged = {
        (row, column): (spread.min_row, spread.min_col)
        for spread in sheet.merged_cells.ranges
        for row, column in spread.cells if (row, column) != (spread.min_row, spread.min_col)
    }
    texts: dict[tuple[int, int], str | None] = {}
    found = Sheet([], [])
    for line in sheet.iter_rows():
        for cell in line:
            if (cell.row, cell.column) not in merged:
                texts[cell.row, cell.column] = _text(cell, found.faults)
    for line in sheet.iter_rows():
        places = [(cell.row, cell.column) for cell in line]
        cells = [texts.get(merged.get(place, place)) for place in places]
        if any(cell is not None for cell in cells):
            carried = [at for at, place in enumerate(places) if place in merged]
            found.rows.append(Row(places[0][0], cells, carried))
    return found


def _text(cell: Any, faults: list[Fault]) -> str | None:
    """What the cell shows, as text; a fault where that cannot be told."""
    code, text = _shown(cell)
    if code:
        faults.append(Fault(code, cell.row, letter(cell.column - 1), text))
    return text if not code and text.strip() else None


def _shown(cell: Any) -> tuple[str | None, str]:
    """The text of a cell, or the code of a fault with what it is about."""
    value, text = cell.value, ""
    match value:
        case None:
            return None, ""
        case _ if cell.data_type in CANNOT_TELL:
            return CANNOT_TELL[cell.data_type], str(getattr(value, "text", value))
        case bool():
            text = "是" if value else "否"
        case int() | float() if abs(value) >= LONGEST_NUMBER:
            return "long_number", f"{value:.0f}"
        case float() if value.is_integer():
            text = str(int(value))
        case datetime():
            text = value.date().isoformat()
        case _:
            text = visible(str(value))
    sign = control_character(text)
    return ("control_character", sign) if sign else (None, text)


def _computed(sheet: Sheet, kept: Sheet) -> Sheet:
    """The sheet with the last results of its formulas where the file has kept them."""
    known = {row.row: row for row in kept.rows}
    places = {(fault.row, fault.column) for fault in sheet.faults if fault.code == "formula"}
    has = {
        (number, letter(at))
        for number, row in known.items() for at, cell in enumerate(row.cells) if cell is not None
    }
    faults = [
        Fault("formula_result", fault.row, fault.column, fault.value)
        if (fault.row, fault.column) in places & has and fault.code == "formula" else fault
        for fault in sheet.faults
    ]
    told = {(fault.row, fault.column, fault.code) for fault in faults}
    more = [one for one in kept.faults if (one.row, one.column, one.code) not in told]
    return Sheet(kept.rows, [*faults, *more])


def _chosen(found: list[tuple[str, Sheet]]) -> Sheet:
    """The first with a header; that others have one too is told, for they are not read."""
    with_header = [(title, sheet) for title, sheet in found if header_of(sheet.rows)]
    if not with_header:
        return next((sheet for _, sheet in found if sheet.rows or sheet.faults), Sheet([], []))
    (_, chosen), *others = with_header
    return Sheet(
        chosen.rows, [*chosen.faults, *(Fault("other_sheet", value=title) for title, _ in others)]
    )
