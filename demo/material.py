"""What the demo knows of the programmes: their folders, as the catalog service ships them."""

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
