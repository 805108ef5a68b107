"""`fuquan ledger replay`: every read model rebuilt from the logs, and compared row by row."""

from typing import Annotated

import psycopg2
import typer
from rich.console import Console

from services.ledger.cli.app import ledger
from services.ledger.cli.words import auditors, one_of
from services.ledger.replay import NotHere, replayed
from shared.cli.client import REFUSED, WRONG_OR_AWAY, tell
from shared.cli.run import told
from shared.cli.tables import show, yes
from shared.settings import WITH_DATABASE, Settings

SHOWN = 200  # characters of a differing row


def _service(text: str) -> str:
    return one_of(WITH_DATABASE, text)


@ledger.command()
@told
def replay(
    service: Annotated[
        str | None,
        typer.Argument(parser=_service, metavar="SERVICE",
                       help=f"One of {', '.join(WITH_DATABASE)}. Without it, all."),
    ] = None,
) -> None:
    """Rebuild the read models from the logs into empty tables, and compare them row by row.

    Nothing live is changed. Ends with 1 where a table differs; its first differing row is told.

    Example: FUQUAN_DATABASE_URL=postgresql://postgres:…@… fuquan ledger replay delegation
    """
    settings, rows, bad = auditors(Settings.keys), [], False
    names = (service,) if service else WITH_DATABASE
    for name in names:
        with Console(stderr=True).status(f"重放 replaying {name}"):
            try:
                tables = replayed(settings, name)
            except NotHere:
                tell(f"{name} is not installed here; its read model is not rebuilt.")
                raise typer.Exit(WRONG_OR_AWAY) from None
            except psycopg2.ProgrammingError as forbidden:
                tell(f"This role cannot rebuild {name}: {str(forbidden).strip()}\n"
                     "Use the administrator's.")
                raise typer.Exit(WRONG_OR_AWAY) from forbidden
        for table, found in tables.items():
            same = found.live == found.rebuilt
            bad = bad or not same
            if not same or found.rows:
                first = found.first
                rows.append((
                    name, table, yes(same), found.rows, _cut(first.live if first else None),
                    _cut(first.rebuilt if first else None),
                ))
    show(
        ("服务 service", "表 table", "一致 equal", "行数 rows", "仅现有 only live",
         "仅重放 only rebuilt"), rows,
    )
    if bad:
        tell("Differs from what the logs say. Check the logs themselves: `fuquan log verify`.")
        raise typer.Exit(REFUSED)


def _cut(row: str | None) -> str | None:
    return row if row is None or len(row) <= SHOWN else f"{row[:SHOWN]}…"
