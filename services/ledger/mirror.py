"""The mirrored logs: read back entry by entry, measured, and held against what was signed."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg2

from services.ledger.sources import Source
from services.ledger.subtrees import tile_of, tree_of
from shared.database import Database
from shared.log.checkpoint import MAX_SIZE, Checkpoint, CheckpointError
from shared.log.keys import NoteError
from shared.log.tiles import HEIGHT, WIDTH, Tile, Tree, bundle
from shared.log.trust import open_trusted
from shared.log.verify import Bad, Recorded, verify_entries
from shared.refusal import Refused

BLOCK = 1000
ENTRIES = (
    "SELECT position, previous, type, stream, version, envelope, leaf_hash FROM mirror"
    " WHERE source = %(source)s AND position > %(above)s ORDER BY position LIMIT %(block)s"
)


@dataclass(frozen=True)
class Signed:
    """The latest checkpoint of a source, and what is to be said of its signature."""

    checkpoint: Checkpoint | None
    note: str | None
    signature: str


class Mirror:
    """Questions on the mirrored logs.

    Args:
        database: of the ledger.
        source: what the mirrored log itself has signed; None where it cannot be asked.
    """

    def __init__(self, database: Database, name: str, source: Source | None) -> None:
        self.database = database
        self.name = name
        self.source = source

    def status(self) -> dict[str, Any]:
        """How far the mirror reaches, whether it is dense, and whether its root was signed."""
        signed = self.signed()
        mirrored, parked = self._counts()
        size, at = self.dense(), signed.checkpoint
        return {
            "mirrored": mirrored,
            "parked": parked,
            "dense": size == mirrored,
            "first_missing": None if size == mirrored else size,
            "root": self.tree(size).root().hex(),
            "checkpoint": at and {"size": at.size, "root": at.root.hex(), "note": signed.note},
            "signature": signed.signature,
            "root_equal": None if at is None or at.size > size
            else self.tree(at.size).root() == at.root,
        }

    def verified(self) -> dict[str, Any]:
        """The outcome of a full check; a wrong log names the first bad position."""
        ((reached,),) = self.database.rows(
            "SELECT coalesce(max(projected), 0) FROM bus.cursor WHERE source = %s", (self.name,)
        )
        if self.source is None:
            outcome = verify_entries(self._entries(), (), origin=self.name, verifiers=())
        else:
            outcome = verify_entries(
                self._entries(), self.source.notes(reached), origin=self.source.origin,
                verifiers=self.source.verifiers(), whole=False,
            )
        if isinstance(outcome, Bad):
            return {
                "ok": False, "position": outcome.position, "reason": outcome.reason,
                "vouched": outcome.vouched,
            }
        if outcome.size < reached:
            return {
                "ok": False, "position": outcome.size, "reason": "missing",
                "vouched": outcome.vouched,
            }
        return {
            "ok": True, "size": outcome.size, "root": outcome.root.hex(),
            "vouched": outcome.vouched,
        }

    def fact(self, position: int) -> dict[str, Any]:
        """One entry's bytes, and the proof that the latest checkpoint contains it.

        Raises:
            Refused: ``ledger.unknown-fact``: nothing is mirrored at that position.
        """
        rows = self.database.rows(
            "SELECT envelope, leaf_hash FROM mirror WHERE source = %s AND position = %s",
            (self.name, position),
        )
        if not rows:
            raise Refused(
                "ledger.unknown-fact", {"source": self.name, "position": position},
                f"账本中没有{self.name}日志第{position}号记录，请核对位置或稍后再查",
            )
        ((envelope, leaf),) = rows
        told = {
            "envelope": bytes(envelope).decode(), "leaf_hash": bytes(leaf).hex(),
            "checkpoint": None, "proof": None,
        }
        signed = self.signed(most=self.dense())
        if signed.checkpoint is None or position >= signed.checkpoint.size:
            return told
        proof = [step.hex() for step in self.tree(signed.checkpoint.size).inclusion(position)]
        return told | {"checkpoint": signed.note, "proof": proof}

    def tile(self, tile: Tile) -> str:
        """The bytes of a tile or bundle, as base64.

        Raises:
            Refused: ``ledger.unknown-tile``: the mirror does not fill it.
        """
        end = (tile.index * WIDTH + tile.width) << HEIGHT * (tile.level or 0)
        rows = tile_of(self.database, self.name, tile) if end <= MAX_SIZE else []
        if len(rows) < tile.width:
            raise Refused(
                "ledger.unknown-tile", {"source": self.name, "path": tile.path},
                f"{self.name}日志尚未记满该瓦片，请先取检查点核对条数",
            )
        return b64encode(bundle(rows) if tile.level is None else b"".join(rows)).decode()

    def signed(self, most: int | None = None) -> Signed:
        """The source's latest checkpoint, of at most *most* entries.

        Returns:
            The signature is ``valid``, ``no-checkpoint``, ``source-away`` or the code of a note's
            or checkpoint's error; only a valid one gives a checkpoint.
        """
        if self.source is None:
            return Signed(None, None, "source-away")
        try:
            note = self.source.latest(most)
            if note is None:
                return Signed(None, None, "no-checkpoint")
            checkpoint = open_trusted(note, self.source.origin, self.source.terms())
        except psycopg2.OperationalError:
            return Signed(None, None, "source-away")
        except (NoteError, CheckpointError) as wrong:
            return Signed(None, note, wrong.code)
        return Signed(checkpoint, note, "valid")

    def tree(self, size: int) -> Tree:
        """The first *size* entries; no more than `dense`."""
        return tree_of(self.database, self.name, size)

    def dense(self) -> int:
        """How many entries there are up to the first hole."""
        ((count, end),) = self.database.rows(
            "SELECT count(*), coalesce(max(position) + 1, 0) FROM mirror WHERE source = %s",
            (self.name,),
        )
        if count == end:
            return int(count)
        ((hole,),) = self.database.rows(
            "SELECT min(nth) FROM (SELECT position, row_number() OVER (ORDER BY position) - 1"
            " AS nth FROM mirror WHERE source = %s) AS numbered WHERE position <> nth",
            (self.name,),
        )
        return int(hole)

    def _counts(self) -> tuple[int, int]:
        ((mirrored, parked),) = self.database.rows(
            "SELECT (SELECT count(*) FROM mirror WHERE source = %(source)s),"
            " (SELECT count(*) FROM bus.parked WHERE source = %(source)s)",
            {"source": self.name},
        )
        return mirrored, parked

    def _entries(self) -> Iterator[Recorded]:
        for position, previous, type_, stream, version, envelope, leaf in self._rows():
            yield Recorded(
                position, previous, type_, stream, version, bytes(envelope), bytes(leaf)
            )

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        above = -1
        while rows := self.database.rows(
            ENTRIES, {"source": self.name, "above": above, "block": BLOCK}
        ):
            yield from rows
            above = rows[-1][0]
