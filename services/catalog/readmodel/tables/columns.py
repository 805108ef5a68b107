"""What the cells of an item's line mean: types, organs, modes, codes."""

import re
from dataclasses import dataclass
from typing import Any

from services.catalog.domain import item_words as words
from services.catalog.domain.folder_tables import POWER_TYPES
from services.catalog.domain.item import code_warning
from services.catalog.readmodel.tables.known import Known
from shared.sheets.lines import Line, Table
from shared.sheets.scope import named_parts, verb
from shared.sheets.words import key, nearest, whole

NUMBER = re.compile(r"[(]?(\d{1,9})[).、]?")
SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
LONGEST = {"name": 500, "code": 50, "note": 500, "field": 100}
LEVELS = {"市级": "city", "区级": "district", "县级": "county", "县(市、区)级": "county"}
OUTCOMES = {
    "批准": "approval", "审批": "approval", "许可": "approval", "登记": "registration",
    "备案": "registration", "确认": "confirmation", "给付": "payment", "发放": "payment",
    "办结": "record", "记录": "record", "查询结果": "record", "答复": "answer",
}
COLUMNS = {  # of an item: the field of the table that gives it
    "name": "name", "code": "code", "power_type": "power_type", "granting_org_id": "granting",
    "supervising_org_id": "supervising", "mode": "mode", "outcome_kind": "outcome",
    "note": "remark", "field": "area", "subitems": "remark",
}


@dataclass(slots=True)
class Columns:
    """The columns of a table of items."""

    known: Known
    table: Table

    def item(self, line: Line, nth: int) -> dict[str, Any]:
        """The *nth* line as the door ``list_item`` asks for it; its id is found later."""
        cells, organ = line.cells, self.known.names.organ
        name, kind = cells.get("name", ""), self._power_type(line)
        parts, remark = named_parts(cells), whole(cells.get("remark", ""))
        moved = cells.get("scope") or (remark if parts else "")
        item: dict[str, Any] = {
            "item_id": None, "seq": self._seq(line, nth), "code": self._code(line, kind),
            "name": name, "power_type": kind, "domain": words.domain(kind),
            "power_level": self._level(line), "field": cells.get("area"),
            "outcome_kind": self._outcome(line),
            "granting_org_id": organ(self.table, line, "granting"),
            "supervising_org_id": organ(self.table, line, "supervising"),
            "mode": self._mode(line), "subitems": parts,
            "verb": verb(moved), "exclusions": words.exclusions(name),
            "note": remark if remark and remark != moved else None,
        }
        if not name:
            self.table.find(line, "name", "required_cell")
        for column, most in LONGEST.items():
            if len(item[column] or "") > most:
                self.table.find(line, COLUMNS[column], "too_long", most)
        return item

    def _seq(self, line: Line, nth: int) -> int:
        text = line.cells.get("seq")
        if text is None and (self.table.header and "seq" not in self.table.header.fields):
            return len(self.known.items) + nth
        match = NUMBER.fullmatch(text or "")
        if match is None or int(match[1]) < 1:
            code = "bad_number" if text else "required_cell"
            self.table.find(line, "seq", code, text, str(nth))
            return nth
        return int(match[1])

    def _code(self, line: Line, kind: str | None) -> str | None:
        """R012."""
        code = line.cells.get("code")
        if code is None:
            return None
        digits, types = self.known.catalogue["code_digits"], self.known.catalogue["code_types"]
        if SCIENTIFIC.fullmatch(code):
            self.table.find(line, "code", "scientific_code", code)
        elif digits is not None and not (
            code.isascii() and code.isdigit() and len(code) == digits
        ):
            self.table.find(line, "code", "bad_code", code, "0" * digits)
        elif kind and (warning := code_warning(code, kind, types or {})):
            self.table.find(line, "power_type", "code_type_mismatch", warning,
                            (types or {}).get(code[6:8]))
        return code

    def _power_type(self, line: Line) -> str | None:
        text = line.cells.get("power_type")
        if text is None or text in POWER_TYPES:
            return text
        hint = nearest(text, POWER_TYPES)
        self.table.find(line, "power_type", "unknown_power_type", text, hint)
        return None

    def _mode(self, line: Line) -> str | None:
        """R062: where towns' lists set the mode, the catalogue sets none."""
        if self.known.mode_is_of_item:
            return self.known.names.mode(self.table, line)
        if text := line.cells.get("mode"):
            self.table.find(line, "mode", "mode_not_of_item", text)
        return None

    def _level(self, line: Line) -> str:
        text = line.cells.get("level")
        if text and key(text) not in LEVELS:
            self.table.find(line, "level", "unknown_level", text, " / ".join(LEVELS))
        return LEVELS.get(key(text or "")) or self.known.level()

    def _outcome(self, line: Line) -> str | None:
        text = line.cells.get("outcome")
        if text and text not in OUTCOMES:
            hint = nearest(text, OUTCOMES) or " / ".join(OUTCOMES)
            self.table.find(line, "outcome", "unknown_outcome", text, hint)
        return OUTCOMES.get(text or "")
