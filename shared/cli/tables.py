"""Tables on the screen, and in files and pipes."""

from datetime import datetime
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.clock import SHANGHAI

WIDE = 240  # where no terminal is
NOTHING = "—"


def show(headings: tuple[str, ...], rows: list[tuple[Any, ...]], title: str | None = None) -> None:
    """Print a table: fitted to the terminal, or as wide as it is where there is none."""
    table = Table(title=title, title_justify="left", box=SIMPLE)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(NOTHING if value is None else str(value)) for value in row))
    console = Console()
    (console if console.is_terminal else Console(width=WIDE)).print(table)


def yes(value: bool | None) -> str:  # noqa: FBT001 - it is about this very value
    """A sign for it; None is neither."""
    return NOTHING if value is None else "✓" if value else "✗"


def shanghai(instant: str | None) -> str | None:
    """An ISO instant as clocks in China show it, to the second where it has one."""
    if instant is None:
        return None
    local = datetime.fromisoformat(instant).astimezone(SHANGHAI)
    return local.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")
