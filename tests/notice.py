"""A programme's rows as the register answers them, from its folder: for tests of the domain."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from services.catalog.domain.steps import steps
from tests.world import programme_content


class Notice:
    """One of the five notices.

    Args:
        code: of the programme, e.g. ``MD2023``.
    """

    def __init__(self, code: str) -> None:
        self.content = programme_content(code)
        self.requests = list(steps(self.content))
        self.programme = {
            "programme_id": code,
            "issued_on": date.fromisoformat(self.content["programme"]["issued_on"]),
            "settings": self.content["programme"] | {"handover": self.content["handover"]},
            "modes": {
                step.request["mode"]: {"policy": step.request["policy"]}
                for step in self.requests if step.door == "enable_mode"
            },
        }

    def town(self, code: str) -> dict[str, Any]:
        return next(row for row in self.content["towns"] if row["town_id"] == code)

    def organ(self, code: str) -> dict[str, Any]:
        return next(row for row in self.content["organs"] if row["org_id"] == code)

    def item(self, code: str, constraints: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
        row = next(row for row in self.content["items"] if row["item_id"] == code)
        subitems = [s["subitem"] for s in self.content["scopes"] if s["item_id"] == code]
        supervisor = row["supervising_org_id"] or row["granting_org_id"]  # assigned before use
        return row | {
            "subitems": subitems, "constraints": list(constraints),
            "supervising_org_id": supervisor,
        }

    def policy(self, mode: str) -> dict[str, Any]:
        return self.programme["modes"][mode]["policy"]


@cache
def notice(code: str) -> Notice:
    return Notice(code)
