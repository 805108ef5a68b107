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
from services.ledger.folder import Folder, Mismatched, Spoilt
from services.ledger.offline import entries_of
from services.ledger.published import checked
from services.ledger.sources import Source, sources_of
from shared.cli.client import REFUSED, WRONG_OR_AWAY, tell
from shared.cli.run import told
from shared.cli.tables import show, yes
from shared.log.checkpoint import Checkpoint
from shared.log.keys import Verifier, verifiers_in
from shared.log.note import split_note
from shared.settings import SERVICES, NotConfigured, Settings


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
    written = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for service, source in sources_of(auditors(keys)).items():
            try:
                if row := _continued(service, source, Folder(folder / service), progress):
                    written.append(row)
            except Mismatched as wrong:
                tell(f"{wrong}. Run `fuquan log verify {service} --database`.")
                raise typer.Exit(REFUSED) from wrong
            except Spoilt as wrong:
                tell(f"Damaged: {wrong}. Move {folder / service} away and repeat the command: it"
                     " is written anew from the log.")
                raise typer.Exit(REFUSED) from wrong
    show(("日志 log", "原有 before", "现有 entries", "根 root"), written)


def _continued(
    service: str, source: Source, out: Folder, progress: Progress
) -> tuple[str, int, int, str] | None:
    """Service, entries before and now, root; None where nothing has been signed yet."""
    if (note := source.latest()) is None:
        return None
    size, before = Checkpoint.parse(split_note(note)[0]).size, out.size()
    if size > before:
        bar = progress.add_task(f"{service:12}", total=size, completed=before)
        fresh = islice(entries_of(source.database, before), size - before)
        out.extend((entry.envelope for entry in fresh), note, partial(progress.advance, bar))
    out.hand_over(source.handovers(source.verifiers()))
    return service, before, size, out.tree().root().hex()


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
    there = [service for service in SERVICES if (folder / service).is_dir()]
    known = {service: _keys_of(keys / f"{service}.vkey") for service in there}
    for service, verifiers in known.items():
        found = checked(folder / service, verifiers[0].name, verifiers)
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
    """The keys of a log, at least one; NotConfigured says what there is instead."""
    try:
        found = verifiers_in(path.read_text("utf-8"))
    except OSError as gone:
        raise NotConfigured(
            f"There is no {path.name} in {path.parent}; give the folder of public keys with --keys."
        ) from gone
    except ValueError as wrong:
        raise NotConfigured(f"{path} holds no public key of a log; fetch it again.") from wrong
    if not found:
        raise NotConfigured(f"{path} holds no key that this release can use; install a newer one.")
    return found


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
