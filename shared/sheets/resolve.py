"""Names in a table resolved to what is registered: organs by every name, modes by theirs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.sheets import credit
from shared.sheets.lines import Line, Table
from shared.sheets.words import key, nearest


@dataclass(slots=True)
class Names:
    """What names mean in one programme.

    Args:
        organs: ids by every name that is registered in the jurisdiction (R007).
        modes: names of the programme's modes by mode (R002).
    """

    organs: Mapping[str, str]
    modes: Mapping[str, str]
    by_key: dict[str, str] = field(init=False)
    credits: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_key = {key(name): org for name, org in self.organs.items()}

    def name(self, org: str | None) -> str | None:
        """A name of an organ."""
        return next((name for name, holder in self.organs.items() if holder == org), org)

    def organ(self, table: Table, line: Line, of: str) -> str | None:
        """The organ that a line names; an unknown name is an error, never a new organ (R007)."""
        text = line.cells.get(of)
        org = self.by_key.get(key(text)) if text else None
        if text and org is None:
            table.find(line, of, "unknown_organ", text, nearest(text, self.organs))
        self._check_credit(table, line, f"{of}_credit", org)
        return org

    def _check_credit(self, table: Table, line: Line, of: str, org: str | None) -> None:
        """A credit code is right in itself, and one organ's throughout the table."""
        code = line.cells.get(of, "").upper()
        if not code:
            return
        if fault := credit.fault(code):
            table.find(line, of, fault, code)
        elif org and (self.organs.get(code) or self.credits.setdefault(code, org)) != org:
            table.find(line, of, "credit_of_other", code)

    def mode(self, table: Table, line: Line) -> str | None:
        """The mode that a line names, or the title of the section it stands in (R002)."""
        text = line.cells.get("mode")
        if text is None:
            return self._of_section(line.section) if line.section else None
        found = next((mode for mode, name in self.modes.items() if key(name) == key(text)), None)
        if found is None:
            table.find(line, "mode", "unknown_mode", text, nearest(text, self.modes.values()))
        return found

    def _of_section(self, title: str) -> str | None:
        """``直接下放事项（5项）`` is the section of 直接下放; of two names the longer one."""
        named = [mode for mode, name in self.modes.items() if key(name) in key(title)]
        return max(named, key=lambda mode: len(self.modes[mode]), default=None)
