"""Words of the command line: instants and names out of a list."""

import os
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from shared.clock import SHANGHAI, start_of
from shared.settings import Settings


def instant(text: str) -> datetime:
    """A day is its first instant in Asia/Shanghai; so is a time without zone a time there."""
    try:
        if len(text) == len("YYYY-MM-DD"):
            return start_of(date.fromisoformat(text))
        found = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise typer.BadParameter(
            f"{text!r} is no day or time; write 2023-07-01 or 2023-07-01T09:30:00+08:00"
        ) from wrong
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def auditors(keys: Path) -> Settings:
    """What an auditor reads the logs' databases with; no broker and no service is needed."""
    return Settings(
        database_url=os.environ.get("FUQUAN_DATABASE_URL", ""), keys=keys,
        deployment=os.environ.get("FUQUAN_DEPLOYMENT", Settings.deployment),
        prefix=os.environ.get("FUQUAN_PREFIX", Settings.prefix),
        witness=Path(own) if (own := os.environ.get("FUQUAN_WITNESS")) else None,
    )


def one_of(known: Iterable[str], text: str) -> str:
    """*text*, if it is one of *known*.

    Raises:
        typer.BadParameter: it is none.
    """
    if text not in known:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(known)}")
    return text


At = Annotated[
    datetime,
    typer.Option(parser=instant, metavar="WHEN", help="生效时点 A day is 00:00 in China."),
]
KnownAt = Annotated[
    datetime | None,
    typer.Option(parser=instant, metavar="WHEN", help="已知时点 Without it, as known now."),
]
Keys = Annotated[
    Path, typer.Option(envvar="FUQUAN_KEYS", help="Folder with the public keys, <service>.vkey.")
]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]
