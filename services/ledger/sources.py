"""The logs that the ledger watches: what each has signed, and the keys that must have signed it."""

from collections.abc import Iterator
from pathlib import Path

from shared.database import Database
from shared.log.checkpoint import MAX_SIZE
from shared.log.keys import Verifier, verifiers_in
from shared.log.trust import Rotation, Term, handed_over, rotation_in, stream_of, trusted
from shared.settings import SERVICES, Settings

BLOCK = 1000
# The end of a key, and the first checkpoint that covers it.
HANDOVER = """
SELECT n.position, e.envelope,
       (SELECT c.note FROM log.checkpoint c WHERE c.size > n.position ORDER BY c.size LIMIT 1)
  FROM log.event e JOIN log.entry n USING (ord)
 WHERE e.stream = %s AND e.version = 1
"""


class Source:
    """One service's log as an outsider sees it.

    Args:
        database: of that service; the reader role may SELECT its checkpoints.
        origin: the log's name, ``fuquan/<deployment>/<service>``.
        key: file with the verifier keys, a line each as `name+hash+key` (C2SP signed-note),
            oldest first.
    """

    def __init__(self, database: Database, origin: str, key: Path) -> None:
        self.database = database
        self.origin = origin
        self.key = key

    def verifiers(self) -> list[Verifier]:
        """The keys handed out; none where the log has not been signed yet.

        Raises:
            NoteError: the file holds something else.
        """
        return verifiers_in(self.key.read_text("utf-8")) if self.key.exists() else []

    def terms(self) -> tuple[Term, ...]:
        """Which checkpoints each key may sign; to be asked after the checkpoint was read.

        Raises:
            NoteError: the file of keys holds something else.
        """
        keys = self.verifiers()
        return trusted(keys, [rotation for rotation, _ in self.handovers(keys)])

    def handovers(self, keys: list[Verifier]) -> list[tuple[Rotation, str]]:
        """The rotations that begin with these keys, each with the checkpoint both keys signed."""
        found, ahead = [], list(keys)
        for key in ahead:  # grows while it is walked
            for position, envelope, note in self.database.rows(HANDOVER, (stream_of(key),)):
                rotation = rotation_in(position, bytes(envelope))
                if rotation and note and rotation.old == key and handed_over(note, rotation):
                    found.append((rotation, note))
                    ahead += [] if rotation.new in ahead else [rotation.new]
        return sorted(found, key=lambda one: one[0].position)

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
