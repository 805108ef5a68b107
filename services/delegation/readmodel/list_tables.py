"""Towns' lists as tables: a preview of what a file would draft, and the current list's lines."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from services.delegation.domain import list_refusals
from services.delegation.domain.list_entries import entries
from services.delegation.readmodel.list_lines import Lines
from services.delegation.readmodel.lookups import Lookups
from shared.database import Database
from shared.plain import plain
from shared.register.questions import Register
from shared.sheets.lines import Cells, Whole, table
from shared.sheets.resolve import Names
from shared.sheets.sheet import Sheet

ITEMS = (
    "SELECT i.*, coalesce(s.subitems, '{}') AS subitems FROM item i"
    " LEFT JOIN item_scope s USING (item_id) WHERE i.programme_id = %s ORDER BY i.seq, i.item_id"
)


class ListTableQuestions:
    """Questions about lists as people keep them."""

    database: Database
    register: Register
    lookups: Lookups

    def preview_list(self, *, programme: str, town: str, sheet: dict[str, Any]) -> Any:
        """What is wrong with a table, and what its draft would change (R021, R022).

        Returns:
            ``{ready, counts, findings, entries, removed, draft}``; *draft* is the request that
            the door ``draft_list`` wants, None while there is an error or nothing to change.
        """
        rules = self.register.programme(programme)
        items = self.database.dicts(ITEMS, (programme,))
        modes = {mode: row["mode_zh"] for mode, row in rules["modes"].items()}
        names = Names(self.register.aliases(rules["jurisdiction_id"]), modes)
        found = table(Sheet.of(sheet), _stands_alone(items, modes))
        asked = Lines(found, rules, items, names).entries()
        current = self.lookups.current_list(programme, town)
        changes: list[str] = []
        removed: list[str] = []
        if not found.broken:
            changes, removed = self._changes(rules, items, asked, current)
        counts = Counter(changes) | Counter(removed=len(removed))
        if asked and not found.broken and not counts.keys() - {"unchanged"}:
            found.find(None, None, "unchanged")
        changed = bool(counts.keys() - {"unchanged"})
        return plain({
            "ready": not found.broken,
            "counts": {one: counts[one] for one in ("added", "changed", "unchanged", "removed")},
            "findings": [one.plain() for one in found.findings],
            "entries": [
                {"row": line.row, "change": change} | entry
                for line, change, entry in zip(found.lines, changes, asked, strict=False)
            ],
            "removed": removed,
            "draft": {
                "programme": programme, "town": town, "entries": asked,
                "replaces": current["version"] if current else None,
            } if changed and not found.broken else None,
        })

    def list_lines(self, *, town: str) -> Any:
        """The current list with the names that people read (R021)."""
        found = self.lookups.town_list(town, None)
        if found is None:
            raise list_refusals.no_current_list(town)
        rules = self.register.programme(found["programme_id"])
        rows = self.database.dicts(ITEMS, (found["programme_id"],))
        items = {row["item_id"]: row for row in rows}
        organs = [
            entry[of] for entry in found["entries"]
            for of in ("granting_org_id", "supervising_org_id")
        ]
        names = self.register.names([*organs, town])
        return plain({
            "town": names.get(town), "version": found["version"],
            "entries": [
                {
                    "item_id": entry["item_id"], "scope": entry["scope"],
                    "code": items.get(entry["item_id"], {}).get("code"),
                    "name": items.get(entry["item_id"], {}).get("name"),
                    "mode_zh": rules["modes"][entry["mode"]]["mode_zh"],
                    "power_type": entry["power_type"],
                    "granting_name": names.get(entry["granting_org_id"]),
                    "supervising_name": names.get(entry["supervising_org_id"]),
                    "override_reason": entry["override_reason"],
                }
                for entry in found["entries"]
            ],
        })

    def _changes(
        self, rules: dict[str, Any], items: Sequence[dict[str, Any]],
        asked: Sequence[dict[str, Any]], current: dict[str, Any] | None,
    ) -> tuple[list[str], list[str]]:
        """What each entry is against the current list, and which items leave it."""
        listed = {entry["item_id"]: entry for entry in current["entries"]} if current else {}
        drawn = entries(rules, asked, {row["item_id"]: row for row in items})
        changes = [
            "added" if entry["item_id"] not in listed
            else "unchanged" if listed[entry["item_id"]] == entry else "changed"
            for entry in drawn
        ]
        kept = {entry["item_id"] for entry in drawn}
        return changes, [item for item in listed if item not in kept]


def _stands_alone(items: Sequence[dict[str, Any]], modes: dict[str, str]) -> Whole:
    """Cells are an entry even without a number, where they name an item and say something whole."""
    words = {row["power_type"] for row in items} | set(modes.values())

    def stands_alone(cells: Cells) -> bool:
        named = {"item", "code", "name"} & cells.keys()
        return bool(named and words & {cells.get("mode"), cells.get("power_type")})

    return stands_alone
