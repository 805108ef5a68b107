"""The logs that the ledger watches: what each has signed, and the key that must have signed it."""

from collections.abc import Iterator
from pathlib import Path

from shared.database import Database
from shared.log.checkpoint import MAX_SIZE
from shared.log.note import Verifier
from shared.settings import SERVICES, Settings

BLOCK = 1000


class Source:
    """One service's log as an outsider sees it.

    Args:
        database: of that service; the reader role may SELECT its checkpoints.
        origin: the log's name, ``fuquan/<deployment>/<service>``.
        key: file with the verifier key, as `name+hash+key` (C2SP signed-note).
    """

    def __init__(self, database: Database, origin: str, key: Path) -> None:
        self.database = database
        self.origin = origin
        self.key = key

    def verifiers(self) -> list[Verifier]:
        """The trusted key; none where the log has not been signed yet.

        Raises:
            NoteError: the file holds no verifier key.
        """
        return [Verifier.parse(self.key.read_text("utf-8").strip())] if self.key.exists() else []

    def latest(self, most: int | None = None) -> str | None:
        """The signed note of the largest checkpoint, of at most *most* entries; or None."""
        rows = self.database.rows(
            "SELECT note FROM log.checkpoint WHERE %(most)s::bigint IS NULL OR size <= %(most)s"
            " ORDER BY size DESC LIMIT 1",
            {"most": most},
        )
        return str(rows[0][0]) if rows else None

    def notes(self, most: int = MAX_SIZE, above: int = -1) -> Iterator[str]:
        """Every signed note of more than *above* and at most *most* entries, smallest first."""
        while rows := self.database.rows(
            "SELECT size, note FROM log.checkpoint WHERE size > %s AND size <= %s"
            " ORDER BY size LIMIT %s",
            (above, most, BLOCK),
        ):
            yield from (note for _, note in rows)
            above = rows[-1][0]

    def leaves(self) -> Iterator[bytes]:
        """The leaf hashes, 32 bytes each, as the log itself shows them, in its order."""
        above = -1
        while rows := self.database.rows(
            "SELECT position, leaf_hash FROM log.entry WHERE position > %s"
            " ORDER BY position LIMIT %s",
            (above, BLOCK),
        ):
            yield from (bytes(leaf) for _, leaf in rows)
            above = rows[-1][0]


def sources_of(settings: Settings) -> dict[str, Source]:
    """Every service's log, by name."""
    return {
        service: Source(
            Database(settings.dsn(service), size=1, search_path="log"),
            settings.origin(service),
            settings.keys / f"{service}.vkey",
        )
        for service in SERVICES
    }
