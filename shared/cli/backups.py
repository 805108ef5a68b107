"""`fuquan backup`, `restore`: all databases into a folder and back, and what is missing then."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shared import backup as copies
from shared.cli.client import REFUSED, WRONG_OR_AWAY, tell
from shared.cli.run import told
from shared.cli.tables import show
from shared.settings import Settings

Folder = Annotated[Path, typer.Argument(metavar="DIR", file_okay=False, show_default=False)]


@told
def backup(folder: Folder) -> None:
    """Dump every database into a new folder, while the system runs. Keys are backed up apart.

    Example: FUQUAN_DATABASE_URL=postgresql://postgres:…@localhost/ fuquan backup /backup/2024-03-01
    """
    with _told_steps("备份 dumping") as step:
        files = copies.backup(Settings.from_environment(broker=False), folder, step)
    show(("文件 file", "字节 bytes"), list(files.items()))
    typer.echo("The keys are not in it: back up the folder FUQUAN_KEYS apart, and encrypted.")


@told
def restore(folder: Folder) -> None:
    """Bring a backup into a new cluster, and say what each log lacks; 1 if one lacks something.

    Put the folder of keys back first: it remembers what was signed last.

    Example: FUQUAN_DATABASE_URL=postgresql://postgres:…@new/ fuquan restore /backup/2024-03-01
    """
    with _told_steps("恢复 restoring") as step:
        found = copies.restore(Settings.from_environment(broker=False), folder, step)
    show(
        ("日志 log", "现有 here", "曾签 signed", "曾用 taken in", "缺失 missing"),
        [(one.service, one.size, one.signed, one.taken, one.missing) for one in found],
    )
    if lacking := [one.service for one in found if one.missing]:
        tell(
            "Entries that had been signed or taken in are missing; nothing will be signed until"
            " they are back:\n"
            + "\n".join(f"  fuquan ledger restore {service} --from …" for service in lacking)
        )
        raise typer.Exit(REFUSED)


@contextmanager
def _told_steps(what: str) -> Iterator[Callable[[str], None]]:
    """Show which file is being worked on; a failure ends the command with its reason."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(what, total=None)
            yield lambda name: progress.update(task, description=f"{what} {name}")
    except copies.BackupError as wrong:
        tell(str(wrong))
        raise typer.Exit(WRONG_OR_AWAY) from wrong
