"""The lines of a table: rows put together that belong together, sections and notes told apart."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from shared.sheets.finding import Finding, finding
from shared.sheets.headers import HEADERS, Header, header_of, heads
from shared.sheets.sheet import Row, Sheet, position
from shared.sheets.words import key, narrow, whole

CODES = {"seq", "item", "code", "granting_credit", "supervising_credit"}
FREE = {"scope", "remark", "reason"}
DITTO = {key(sign) for sign in ("同上", "〃", "″", "”", '"')}
SECTION = re.compile(r"[（(]?[一二三四五六七八九十百]+[）)]?[、.．](?P<title>.+)")

NOTE = re.compile(r"(?:合计|总计|小计|共计|注|备注|说明|填报|填表|制表|审核|联系|附)[:\d]?")
NUMBER = re.compile(r"[(]?\d+[).、]?")
NAMES = ("seq", "item", "code", "name")

Cells = dict[str, str]
Whole = Callable[[Cells], bool]


@dataclass(slots=True)
class Line:
    """One entry of a table: what it says by field, and the section it stands in."""

    row: int
    cells: Cells
    section: str | None = None


@dataclass(slots=True)
class Table:
    """The lines of a sheet and what was found on the way."""

    header: Header | None
    lines: list[Line] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def find(
        self, line: Line | None, of: str | None, code: str, value: object = "",
        suggestion: str | None = None,
    ) -> None:
        """Add a finding at a field of a line."""
        column = self.header.column(of) if self.header and of else None
        column = column or (HEADERS[of][0] if of else None)
        row = line.row if line else None
        self.findings.append(finding(code, row, column, value=value, suggestion=suggestion))

    @property
    def broken(self) -> bool:
        """Whether an error has been found."""
        return any(one.severity == "error" for one in self.findings)


def table(sheet: Sheet, stands_alone: Whole) -> Table:
    """The lines of a sheet.

    Args:
        stands_alone: whether cells are an entry of their own, even without a number.
    """
    header = header_of(sheet.rows)
    found = Table(header, findings=list(_faults(sheet, header)))
    if header is None:
        if not found.broken:
            found.find(None, None, "no_header" if sheet.rows else "empty_sheet")
        return found
    for name in header.unknown.values():
        found.findings.append(finding("unknown_column", header.rows[-1], name))
    section: str | None = None
    for row in sheet.rows:
        if row.row > header.rows[-1] and not heads(row):
            section = _take(found, header, row, section, stands_alone)
    if not found.lines and not found.broken:
        found.find(None, None, "empty_sheet")
    return found


def _take(
    found: Table, header: Header, row: Row, section: str | None, stands_alone: Whole
) -> str | None:
    """Take in one row; returns the section that holds after it."""
    cells = _cells(row, header, found)
    alone = _alone(row, cells, header, stands_alone)
    if alone is not None:
        if match := SECTION.fullmatch(key(alone)):
            return match["title"]
        found.findings.append(finding("row_left_out", row.row, value=alone))
    elif found.lines and _continues(row, cells, header, found.lines, stands_alone):
        _join(found.lines[-1], row, cells, header)
    elif cells:
        found.lines.append(Line(row.row, cells, section))
    return section


def _faults(sheet: Sheet, header: Header | None) -> Iterator[Finding]:
    """The faults of reading that concern the table: not those beside or above it."""
    for fault in sheet.faults:
        column = fault.column
        if header is not None and column is not None:
            at = position(column)
            column = header.names.get(at, column)
            if at not in header.fields.values() or (fault.row or 0) < header.rows[0]:
                continue
        yield finding(fault.code, fault.row, column, value=fault.value)


def _cells(row: Row, header: Header, found: Table) -> Cells:
    """What the row says by field; a ditto mark says what stands above it."""
    above: Mapping[str, str] = found.lines[-1].cells if found.lines else {}
    cells: Cells = {}
    for name, at in header.fields.items():
        cell = row.cells[at] if at < len(row.cells) else None
        if cell is None:
            continue
        text = _clean(name, cell)
        if key(text) in DITTO and name not in FREE:
            text = above.get(name, "")
        if text:
            cells[name] = text
    return cells


def _clean(name: str, cell: str) -> str:
    if name in CODES:
        return narrow(cell)
    return cell.strip() if name in FREE else whole(cell)


def _alone(row: Row, cells: Cells, header: Header, stands_alone: Whole) -> str | None:
    """The text of a section line or of a note; None where the row is one of the table."""
    own = row.own()
    if not own:
        return None
    first = row.cells[own[0]] or ""
    if len(own) == 1:
        spread = row.carried and all(row.cells[at] == first for at in row.carried)
        told = own[0] == 0 and (SECTION.fullmatch(key(first)) or NOTE.match(key(first)))
        no_number = own[0] == header.fields.get("seq") and not NUMBER.fullmatch(narrow(first))
        return first if spread or told or (no_number and key(first) not in DITTO) else None
    if own[0] == 0 and NOTE.match(key(first)) and not stands_alone(cells):
        return " ".join(cell for at in own if (cell := row.cells[at]))
    return None


def _continues(
    row: Row, cells: Cells, header: Header, lines: list[Line], stands_alone: Whole
) -> bool:
    """Whether a row goes on with the entry above: its own cell goes on, or it has no number.

    A number broken by a page, ``2`` and ``4``, is taken together where 24 is the next one.
    """
    carried = {name for name in NAMES if header.fields.get(name) in row.carried}
    own = {name for name in NAMES if name in cells} - carried
    if carried:
        return "seq" in carried or not own
    if own <= {"seq"}:
        return not own or _is_next(lines, cells["seq"])
    return "seq" in header.fields and "seq" not in own and not stands_alone(cells)


def _is_next(lines: list[Line], rest: str) -> bool:
    joined = lines[-1].cells.get("seq", "") + rest
    before = lines[-2].cells.get("seq", "") if len(lines) > 1 else "0"
    return joined.isdigit() and before.isdigit() and int(joined) == int(before) + 1


def _join(line: Line, row: Row, cells: Cells, header: Header) -> None:
    for name, text in cells.items():
        if header.fields[name] in row.carried:
            continue
        before = line.cells.get(name, "")
        between = "\n" if name in FREE and before else ""
        line.cells[name] = before + between + text
