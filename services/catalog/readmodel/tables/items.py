"""An item catalogue read line by line: what each line would list, and what stands against it."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from services.catalog.domain import item_words as words
from services.catalog.domain.folder_tables import POWER_TYPES
from services.catalog.domain.item import ALWAYS_REQUIRED, missing_columns
from services.catalog.readmodel.tables.columns import COLUMNS, Columns
from services.catalog.readmodel.tables.known import Known, Row
from shared.sheets.finding import finding
from shared.sheets.headers import HEADERS
from shared.sheets.lines import Cells, Line, Table, table
from shared.sheets.sheet import Sheet
from shared.sheets.words import key

NUMBERED = re.compile(r"(.*?)(\d+)")
COMPARED = ("name", "code", "power_type", "granting_org_id", "supervising_org_id")


@dataclass(slots=True)
class Entry:
    """One item of the table.

    Args:
        change: ``added``, ``changed`` or ``unchanged`` against the catalogue.
        item: as the door ``list_item`` asks for it, without programme and catalogue.
    """

    line: Line
    change: str
    item: dict[str, Any]

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {"row": self.line.row, "change": self.change} | self.item


@dataclass(slots=True)
class Reading:
    """A table of items against what is known."""

    known: Known
    table: Table
    entries: list[Entry] = field(default_factory=list)
    seen: dict[str, dict[Any, int]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    columns: Columns = field(init=False)

    def __post_init__(self) -> None:
        self.columns = Columns(self.known, self.table)

    def read(self) -> None:
        """Every line, then the table as a whole."""
        for nth, line in enumerate(self.table.lines, 1):
            self._entry(line, nth)
        if self.table.header is not None:
            self._whole()

    def added(self) -> list[dict[str, Any]]:
        """The items that an import would list."""
        return [entry.item for entry in self.entries if entry.change == "added"]

    def plain(self) -> dict[str, Any]:
        """The preview as JSON values: ready, counts, findings, items."""
        changes = Counter(entry.change for entry in self.entries)
        return {
            "ready": not self.table.broken,
            "counts": {change: changes[change] for change in ("added", "changed", "unchanged")},
            "findings": [found.plain() for found in self.table.findings],
            "items": [entry.plain() for entry in self.entries],
        }

    def _entry(self, line: Line, nth: int) -> None:
        item = self.columns.item(line, nth)
        known = self._match(line, item)
        self._once(line, "seq", item["seq"], "duplicate_seq", item["seq"])
        if item["code"]:
            self._once(line, "code", item["code"], "duplicate_code", item["code"])
        name = known["item_id"] if known else (key(item["name"]), item["code"])
        self._once(line, "name", name, "duplicate_item")
        if known:
            differs = self._differs(line, item, known)
            entry = Entry(line, "changed" if differs else "unchanged", item)
            item["item_id"] = known["item_id"]
        else:
            self._complete(line, item)
            item["item_id"] = line.cells.get("item") or self._new_id(item["seq"])
            entry = Entry(line, "added", item)
        self.taken.add(item["item_id"])
        self.entries.append(entry)

    def _match(self, line: Line, item: Row) -> Row | None:
        """The item of the catalogue that a line means: by code, by id, by name (R012)."""
        for of, found in (
            ("code", self.known.by_code.get(item["code"] or "")),
            ("item", self.known.by_id.get(line.cells.get("item", ""))),
        ):
            if found is not None:
                if key(found["name"]) != key(item["name"]):
                    self.table.find(line, of, "code_of_other", found["name"], found["name"])
                return found
        named = self.known.by_name.get(key(item["name"]), [])
        fits = [row for row in named if not (row["code"] and item["code"])]
        if len(fits) > 1:
            self.table.find(line, "name", "ambiguous_name", item["name"])
        return fits[0] if fits else None

    def _once(
        self, line: Line, of: str, value: object, code: str, told: object | None = None
    ) -> None:
        first = self.seen.setdefault(of, {}).setdefault(value, line.row)
        if first != line.row:
            self.table.find(line, of, code, first if told is None else told)

    def _differs(self, line: Line, item: Row, known: Row) -> list[str]:
        """What the line says otherwise than the catalogue, of the columns that the table has."""
        header = self.table.header
        has = header.fields if header else {}
        columns = [one for one in COMPARED if COLUMNS[one] in has]
        columns += ["mode"] if self.known.mode_is_of_item else []
        columns += ["subitems"] if item["subitems"] else []
        wrong = {(one.row, one.column) for one in self.table.findings if one.severity == "error"}
        differs = [
            one for one in columns if not _same(item[one], known[one])
            and header and (line.row, header.column(COLUMNS[one])) not in wrong
        ]
        for column in differs:
            was = self._shown(column, known[column])
            self.table.find(line, COLUMNS[column], "listed_differently", was, was)
        if item["seq"] != known["seq"] and "seq" in has:
            self.table.find(line, "seq", "seq_differs", known["seq"], str(known["seq"]))
        return differs

    def _shown(self, column: str, value: Any) -> str:
        """A registered value as a table would show it."""
        if column.endswith("_org_id"):
            return self.known.names.name(value) or "—"
        if column == "mode" and value:
            return self.known.names.modes[value]
        return "；".join(value) if isinstance(value, list) else str(value or "—")

    def _complete(self, line: Line, item: dict[str, Any]) -> None:
        """What a new item must have (R011), and what its words say."""
        if item["outcome_kind"] is None or item["domain"] == "enforcement":
            item["outcome_kind"] = words.outcome(item["name"], item["power_type"])
            if item["outcome_kind"] and item["power_type"] != words.LICENCE:
                self.table.find(line, "outcome", "outcome_inferred", item["outcome_kind"])
        fields = self.table.header.fields if self.table.header else {}
        for column in missing_columns(item, self.known.catalogue["required_columns"]):
            of = COLUMNS.get(column, column)
            if of not in line.cells and (of in fields or of == "outcome"):
                self.table.find(line, of, "required_cell")
        if item["exclusions"]:
            self.table.find(line, "name", "exclusions_read", "、".join(item["exclusions"]))
        if item["subitems"]:
            self.table.find(line, "remark", "scope_read", "；".join(item["subitems"]))
        mode_zh = self.known.names.modes.get(item["mode"])
        if item["verb"] and mode_zh and item["verb"] not in mode_zh:
            self.table.find(line, "remark", "verb_disagrees", item["verb"], mode_zh)

    def _new_id(self, seq: int) -> str:
        """An id like those there are, numbered as the table is; the next free one where taken."""
        numbered = [m for row in self.known.by_id if (m := NUMBERED.fullmatch(row))]
        before = numbered[-1][1] if numbered else f"{self.known.programme['programme_id']}-"
        wide = len(numbered[-1][2]) if numbered else 3
        used = self.taken | self.known.by_id.keys()
        wanted = f"{before}{seq:0{wide}d}"
        if wanted not in used:
            return wanted
        last = max(int(m[2]) for name in used if (m := NUMBERED.fullmatch(name)))
        return f"{before}{last + 1:0{wide}d}"

    def _whole(self) -> None:
        """Columns that are missing, items that are, and how many the notice states."""
        assert self.table.header is not None
        if any(entry.change == "added" for entry in self.entries):
            demanded = dict.fromkeys([*ALWAYS_REQUIRED, *self.known.catalogue["required_columns"]])
            has = {*self.table.header.fields, "outcome"}
            has |= {"mode"} if any(line.section for line in self.table.lines) else set()
            for column in demanded:
                if (of := COLUMNS.get(column)) and of not in has:
                    name = HEADERS[of][0]
                    self.table.findings.append(finding("required_column", None, name))
        met = {entry.item["item_id"] for entry in self.entries if entry.change != "added"}
        if rest := len(self.known.items) - len(met):
            self.table.find(None, None, "not_in_file", rest)
        size, there = self.known.catalogue["size"], len(self.known.items)
        added = sum(entry.change == "added" for entry in self.entries)
        if size is not None and not there and added and added != size:
            self.table.find(None, None, "wrong_size", added, str(size))


def read(sheet: Sheet, known: Known) -> Reading:
    """The items of a sheet, each with what it would change."""
    reading = Reading(known, table(sheet, _stands_alone))
    reading.read()
    return reading


def _stands_alone(cells: Cells) -> bool:
    return "name" in cells and cells.get("power_type") in POWER_TYPES


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return key(one) == key(other)
    return bool(one == other)
