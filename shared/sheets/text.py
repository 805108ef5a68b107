"""Reads .csv and tabulated text, in the encodings that office programs write."""

import codecs
import csv
from io import StringIO

from shared.sheets.sheet import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    Fault,
    Row,
    Sheet,
    letter,
    unread,
)
from shared.sheets.words import control_character, visible

DELIMITERS = ",\t;"
FORMULA_SIGNS = ("=", "+", "-", "@", "'")


def read(data: bytes) -> Sheet:
    """The rows of a text table; blank lines count as rows."""
    text = _decoded(data)
    if text is None:
        return unread("unknown_encoding")
    lines = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    sheet = Sheet([], [])
    cells = 0
    try:
        for number, line in enumerate(lines, 1):
            cells += len(line)
            if number > MOST_ROWS:
                return unread("too_many_rows", MOST_ROWS)
            if len(line) > MOST_COLUMNS or cells > MOST_CELLS:
                return unread("too_many_cells", MOST_CELLS)
            if any(line):
                sheet.rows.append(Row(number, _cells(number, line, sheet.faults), []))
    except csv.Error as wrong:
        return unread("broken_text", f"{lines.line_num}: {wrong}")
    return sheet


def escaped(text: str) -> str:
    """The text so that no office program takes it for a formula; `read` takes the sign away."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _decoded(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _delimiter(text: str) -> str:
    return max(DELIMITERS, key=text[:10_000].count)


def _cells(number: int, line: list[str], faults: list[Fault]) -> list[str | None]:
    cells: list[str | None] = []
    for position, cell in enumerate(line):
        value = visible(cell)
        if value.startswith("'") and value[1:].startswith(FORMULA_SIGNS):
            value = value[1:]
        if sign := control_character(value):
            faults.append(Fault("control_character", number, letter(position), sign))
            value = ""
        cells.append(value if value.strip() else None)
    return cells
