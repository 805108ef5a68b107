"""What the demo knows of the programmes: their folders, as the catalog service ships them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from services.catalog.domain import folder

FOLDERS = Path(folder.__file__).parents[1] / "programmes"


@cache
def content(programme: str) -> dict[str, Any]:
    """A programme folder, checked and read."""
    return folder.load(FOLDERS / programme)


def items(programme: str) -> list[dict[str, Any]]:
    """Its items, by number."""
    found: list[dict[str, Any]] = content(programme)["items"]
    return found


def towns(programme: str) -> list[dict[str, Any]]:
    """Its recipients, by number."""
    return [town for town in content(programme)["towns"] if town["recipient"]]


def acceptor(programme: str, mode: str, town: Mapping[str, Any]) -> str:
    """Who accepts in a town in this mode, by the programme's facets."""
    role = next(row["holder"] for row in content(programme)["facets"]
                if (row["mode"], row["filed_at"], row["facet"]) == (mode, "town", "accept"))
    return str({"town": town["town_id"], "town_centre": town["centre_id"],
                "town_window": town["centre_id"]}[role])
