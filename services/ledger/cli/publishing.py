"""`fuquan ledger tiles`, `check`, `keys`: the logs for any web server, and how to check them."""

from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from services.ledger.cli.app import ledger
from services.ledger.cli.words import Keys, auditors
from services.ledger.folder import Folder, Mismatched
from services.ledger.offline import entries_of
from services.ledger.published import checked
from services.ledger.sources import sources_of
from shared.cli.client import REFUSED, WRONG_OR_AWAY, tell
from shared.cli.run import told
from shared.cli.tables import show, yes
from shared.log.checkpoint import Checkpoint
from shared.log.note import Verifier, split_note
from shared.settings import SERVICES, Settings


@ledger.command()
@told
def tiles(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made if it is not there.")],
    *,
    keys: Keys = Settings.keys,
) -> None:
    """Write each log as tiles, entry bundles and checkpoint (C2SP tlog-tiles), a folder per log.

    What is there already is continued, and full tiles never change; serve DIR with any web server.

    Example: FUQUAN_DATABASE_URL=postgresql://… fuquan ledger tiles public/log
    """
    sources, written = sources_of(auditors(keys)), []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for service, source in sources.items():
            if (note := source.latest()) is None:
                continue
            out = Folder(folder / service)
            size, before = Checkpoint.parse(split_note(note)[0]).size, out.size()
            if size > before:
                bar = progress.add_task(f"{service:12}", total=size, completed=before)
                fresh = islice(entries_of(source.database, before), size - before)
                try:
                    out.extend(
                        (entry.envelope for entry in fresh), note, partial(progress.advance, bar)
                    )
                except Mismatched as wrong:
                    tell(f"{wrong}. Run `fuquan log verify {service} --database`.")
                    raise typer.Exit(REFUSED) from wrong
            out.hand_over(source.handovers(source.verifiers()))
            written.append((service, before, size, out.tree().root().hex()))
    show(("日志 log", "原有 before", "现有 entries", "根 root"), written)


@ledger.command()
@told
def check(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="As `tiles` wrote.")
    ],
    *,
    keys: Keys = Settings.keys,
) -> None:
    """Check the folders that `tiles` wrote, offline: every entry, every tile, the signed root.

    Example: fuquan ledger check public/log --keys county-keys
    """
    rows, bad = [], []
    for service in SERVICES:
        if not (folder / service).is_dir():
            continue
        verifiers = _keys_of(keys / f"{service}.vkey")
        origin = verifiers[0].name if verifiers else ""
        found = checked(folder / service, origin, verifiers)
        sound = isinstance(found, Checkpoint)
        rows.append((service, yes(sound), *(
            (found.size, None, None, found.root.hex()) if isinstance(found, Checkpoint)
            else (None, found.path, found.reason, None)
        )))
        if not sound:
            bad.append(service)
    show(("日志 log", "", "条数 entries", "首错 first bad", "原因 reason", "根 root"), rows)
    if bad or not rows:
        tell(f"Does not hold: {', '.join(bad)}. Fetch it again, or from a mirror." if bad
             else f"There is no log in {folder}.")
        raise typer.Exit(REFUSED)


def _keys_of(path: Path) -> list[Verifier]:
    if not path.is_file():
        return []
    return [Verifier.parse(line) for line in path.read_text("utf-8").splitlines() if line]


@ledger.command("keys")
@told
def keys_(*, keys: Keys = Settings.keys) -> None:
    """Print the verifier keys, one per line: of the logs, then of the witness.

    Example: fuquan ledger keys > county.vkeys
    """
    paths = [keys / f"{service}.vkey" for service in SERVICES]
    paths.append((auditors(keys).witness or keys) / "ledger.vkey")
    found = [
        line for path in paths if path.is_file()
        for line in path.read_text("utf-8").splitlines() if line
    ]
    if not found:
        tell(f"There is no .vkey in {keys}; set FUQUAN_KEYS to the folder with the public keys.")
        raise typer.Exit(WRONG_OR_AWAY)
    typer.echo("\n".join(found))
