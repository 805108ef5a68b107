"""What the catalogue knows when a table is looked at."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.sheets.resolve import Names
from shared.sheets.words import key

Row = Mapping[str, Any]


@dataclass(slots=True)
class Known:
    """A programme with its items and the names of its jurisdiction.

    Args:
        programme: row of the register, with ``settings`` and ``modes``.
        items: rows as `CatalogQuestions.items` gives them.
        organs: ids by every name that is registered in the jurisdiction (R007).
    """

    programme: Row
    items: Sequence[Row]
    organs: Mapping[str, str]
    by_id: dict[str, Row] = field(init=False)
    by_code: dict[str, Row] = field(init=False)
    by_name: dict[str, list[Row]] = field(init=False)
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        self.by_id = {row["item_id"]: row for row in self.items}
        self.by_code = {row["code"]: row for row in self.items if row["code"]}
        self.by_name = {}
        for row in self.items:
            self.by_name.setdefault(key(row["name"]), []).append(row)
        modes = {mode: row["mode_zh"] for mode, row in self.programme["modes"].items()}
        self.names = Names(self.organs, modes)

    @property
    def catalogue(self) -> Row:
        """The settings of the catalogue."""
        found: Row = self.programme["settings"]["catalogue"]
        return found

    @property
    def mode_is_of_item(self) -> bool:
        """Whether the mode is set item by item, and not by a town's list (R062)."""
        return bool(self.programme["settings"]["list"]["mode_set_per"] == "item")

    def level(self) -> str:
        """The level of power that most items have; the programme's own where there is none."""
        levels = Counter(row["power_level"] for row in self.items if row["power_level"])
        return str(levels.most_common(1)[0][0] if levels else self.programme["settings"]["level"])
