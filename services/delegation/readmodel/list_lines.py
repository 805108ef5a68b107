"""A town's list read line by line: what each line would enter, and what stands against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.delegation.domain.list_entries import COLUMNS
from services.delegation.domain.programme import Row, setting
from shared.sheets.lines import Line, Table
from shared.sheets.resolve import Names
from shared.sheets.scope import named_parts
from shared.sheets.words import key, nearest

OF = {"power_type": "power_type", "granting_org_id": "granting",
      "supervising_org_id": "supervising"}
LONGEST = 200


@dataclass(slots=True)
class Lines:
    """The lines of a table against the catalogue.

    Args:
        programme: row of the register.
        items: rows of the programme's items.
    """

    table: Table
    programme: Row
    items: Sequence[Row]
    names: Names
    by_key: dict[str, list[Row]] = field(init=False)
    seen: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_key = {}
        for row in self.items:
            for told in {row["item_id"], row["code"], key(row["name"])} - {None}:
                self.by_key.setdefault(told, []).append(row)

    def entries(self) -> list[dict[str, Any]]:
        """Every line as `draft_list` asks for it; what cannot be is a finding of the table."""
        return [self._entry(line) for line in self.table.lines]

    def _entry(self, line: Line) -> dict[str, Any]:
        item = self._item(line)
        asked: dict[str, Any] = {
            "item": item["item_id"] if item else line.cells.get("item", ""),
            "mode": self._mode(line), "scope": self._scope(line, item),
            "override_reason": None, "power_type": None, "granting_org": None,
            "supervising_org": None,
        }
        given = {
            "power_type": line.cells.get("power_type"),
            "granting_org_id": self.names.organ(self.table, line, "granting"),
            "supervising_org_id": self.names.organ(self.table, line, "supervising"),
        }
        if item:
            self._agrees(line, item, given)
        else:
            asked |= self._outside(line, given)
        if asked["item"] and (first := self.seen.setdefault(asked["item"], line.row)) != line.row:
            self.table.find(line, "item", "duplicate_item", first)
        return asked

    def _item(self, line: Line) -> Row | None:
        """The item that a line means: by id, by code, by a name that only one item has (R012)."""
        name = line.cells.get("name")
        for of in ("item", "code"):
            for found in self.by_key.get(line.cells.get(of, ""), ()):
                if name and key(found["name"]) != key(name):
                    self.table.find(line, of, "code_of_other", found["name"], found["name"])
                return found
        named = self.by_key.get(key(name), []) if name else []
        if len(named) > 1:
            self.table.find(line, "name", "ambiguous_name", name)
        return named[0] if named and not line.cells.get("item") else None

    def _mode(self, line: Line) -> str | None:
        mode = self.names.mode(self.table, line)
        if mode is None and "mode" not in line.cells and len(self.names.modes) > 1:
            names = " / ".join(self.names.modes.values())
            self.table.find(line, "mode", "mode_required", suggestion=names)
        return mode

    def _scope(self, line: Line, item: Row | None) -> list[str]:
        """R013: of the sub-items that the catalogue names."""
        parts = named_parts(line.cells)
        if item is None:
            return parts
        known = {key(part): part for part in item["subitems"]}
        for part in parts:
            if key(part) not in known:
                self.table.find(line, "scope", "scope_not_of_item", part,
                                nearest(part, item["subitems"]))
        return [known[key(part)] for part in parts if key(part) in known]

    def _agrees(self, line: Line, item: Row, given: Mapping[str, Any]) -> None:
        """The columns of an item are the catalogue's (R021)."""
        for column, of in OF.items():
            if given[column] is not None and given[column] != item[column]:
                is_organ = column != "power_type"
                right = self.names.name(item[column]) if is_organ else item[column]
                self.table.find(line, of, "differs_from_catalogue", right or "—", right)
        if "reason" in line.cells:
            self.table.find(line, "reason", "reason_not_needed")

    def _outside(self, line: Line, given: Mapping[str, Any]) -> dict[str, Any]:
        """R022: outside the catalogue only where the programme lets it, and with a reason."""
        told = line.cells.get("name") or line.cells.get("item") or line.cells.get("code") or ""
        hint = nearest(told, (row["name"] for row in self.items))
        reason = line.cells.get("reason")
        if setting(self.programme, "list", "outside_catalogue") != "override":
            self.table.find(line, "name", "outside_catalogue", told, hint)
        elif not (reason and line.cells.get("item")):
            self.table.find(line, "reason", "override_reason_required", told, hint)
        else:
            self._complete(line, given)
        for of in ("reason", "item", "power_type"):
            if len(line.cells.get(of, "")) > LONGEST:
                self.table.find(line, of, "too_long", LONGEST)
        return {
            "override_reason": reason, "power_type": given["power_type"],
            "granting_org": given["granting_org_id"],
            "supervising_org": given["supervising_org_id"],
        }

    def _complete(self, line: Line, given: Mapping[str, Any]) -> None:
        required = setting(self.programme, "catalogue", "required_columns") or ()
        due = {"power_type", "granting_org_id"} | set(COLUMNS) & set(required)
        for column in sorted(due):
            if given[column] is None and OF[column] not in line.cells:
                self.table.find(line, OF[column], "required_cell")
