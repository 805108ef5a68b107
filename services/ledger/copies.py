"""Where a log's entries are kept besides the log: the ledger's mirror, a folder, a web server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.ledger.folder import Folder
from services.ledger.remote import Away, Remote
from services.ledger.vouched import Vouched
from shared.database import Database
from shared.log.checkpoint import Checkpoint
from shared.log.note import split_note
from shared.log.tiles import WIDTH, Tile
from shared.settings import Settings

MIRROR = "mirror"
BLOCK = 500
ENTRIES = (
    "SELECT position, envelope FROM mirror WHERE source = %s AND position > %s"
    " ORDER BY position LIMIT %s"
)


class NoCopy(RuntimeError):
    """There is no copy of the log there; the message says what is."""


@dataclass(frozen=True)
class Copy:
    """A copy of a log; nothing in it is trusted but what its note, once checked, commits to.

    Args:
        note: a signed checkpoint of at most its entries.
        entries: reads them all, in order, from the first on; as often as it is called.
        notes: further signed checkpoints of the same entries, smaller ones.
        handover: the checkpoint for a rotation of the key at a position, if it is not in `notes`.
    """

    note: str
    entries: Callable[[], Iterator[bytes]]
    notes: Callable[[], list[str]] = list
    handover: Callable[[int], str | None] = lambda _: None


def copy_of(settings: Settings, service: str, where: str) -> Copy:
    """The copy of a service's log that *where* names.

    Args:
        where: ``mirror``; a folder with a ``checkpoint`` in it, or in a folder named by the
            service; or the address over ``/checkpoint``.

    Raises:
        NoCopy: there is none.
    """
    if where == MIRROR:
        return _mirrored(Database(settings.dsn("ledger"), size=1), service)
    if where.startswith(("https://", "http://")):
        return _remote(Remote(where))
    return _in_folder(Path(where), service)


def _mirrored(database: Database, service: str) -> Copy:
    vouched = Vouched(database, service)
    latest = vouched.latest()
    if latest is None:
        raise NoCopy(f"The ledger has vouched for no checkpoint of {service}.")

    def entries() -> Iterator[bytes]:
        above = -1
        while rows := database.rows(ENTRIES, (service, above, BLOCK)):
            for position, envelope in rows:
                if position != above + 1:
                    return
                above = position
                yield bytes(envelope)

    return Copy(latest[1], entries, vouched.notes)


def _in_folder(path: Path, service: str) -> Copy:
    for folder in (Folder(path), Folder(path / service)):
        if note := folder.note():
            return Copy(note, folder.entries, folder.handovers)
    raise NoCopy(f"There is no checkpoint in {path}, nor in {path / service}.")


def _remote(remote: Remote) -> Copy:
    try:
        note = remote.note().decode()
    except (Away, UnicodeDecodeError) as wrong:
        raise NoCopy(str(wrong)) from wrong
    size = Checkpoint.parse(split_note(note)[0]).size

    def entries() -> Iterator[bytes]:
        for start in range(0, size, WIDTH):
            width = min(WIDTH, size - start)
            try:
                yield from remote.rows(Tile(None, start // WIDTH, width))
            except (Away, ValueError) as wrong:
                raise NoCopy(str(wrong)) from wrong

    def handover(position: int) -> str | None:
        try:
            return remote.handover(position)
        except Away as wrong:
            raise NoCopy(str(wrong)) from wrong

    return Copy(note, entries, handover=handover)
