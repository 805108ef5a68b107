"""The mirrored logs: read back entry by entry, measured, and held against what was signed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg2

from services.ledger.sources import Source
from shared.database import Database
from shared.log.checkpoint import Checkpoint, CheckpointError, open_checkpoint
from shared.log.note import NoteError
from shared.log.tree import Range, inclusion_proof
from shared.log.verify import Bad, Recorded, verify_entries
from shared.refusal import Refused

BLOCK = 1000
LEAVES = (
    "SELECT position, leaf_hash FROM mirror WHERE source = %(source)s AND position > %(above)s"
    " AND (%(below)s::bigint IS NULL OR position < %(below)s) ORDER BY position LIMIT %(block)s"
)
ENTRIES = (
    "SELECT position, previous, type, stream, version, envelope, leaf_hash FROM mirror"
    " WHERE source = %(source)s AND position > %(above)s ORDER BY position LIMIT %(block)s"
)


@dataclass(frozen=True)
class Measured:
    """A mirrored log up to its first hole.

    Args:
        root_then: the root at the size that was asked for, or None where the mirror is shorter.
    """

    size: int
    root: bytes
    root_then: bytes | None


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
        found = self.measured(signed.checkpoint.size if signed.checkpoint else 0)
        return {
            "mirrored": mirrored,
            "parked": parked,
            "dense": found.size == mirrored,
            "first_missing": None if found.size == mirrored else found.size,
            "root": found.root.hex(),
            "checkpoint": signed.checkpoint
            and {
                "size": signed.checkpoint.size,
                "root": signed.checkpoint.root.hex(),
                "note": signed.note,
            },
            "signature": signed.signature,
            "root_equal": None
            if signed.checkpoint is None or found.root_then is None
            else found.root_then == signed.checkpoint.root,
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
                self._entries(), self.source.notes(reached),
                origin=self.source.origin, verifiers=self.source.verifiers(),
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
        signed = self.signed(most=self.measured(0).size)
        if signed.checkpoint is None or position >= signed.checkpoint.size:
            return told
        leaves = [leaf for _, leaf in self._leaves(signed.checkpoint.size)]
        proof = [step.hex() for step in inclusion_proof(position, leaves)]
        return told | {"checkpoint": signed.note, "proof": proof}

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
            checkpoint = open_checkpoint(note, self.source.origin, self.source.verifiers())
        except psycopg2.OperationalError:
            return Signed(None, None, "source-away")
        except (NoteError, CheckpointError) as wrong:
            return Signed(None, note, wrong.code)
        return Signed(checkpoint, note, "valid")

    def measured(self, then: int) -> Measured:
        """The mirror's size and root up to its first hole, and its root at size *then*."""
        tree = Range()
        root_then = tree.root() if then == 0 else None
        for position, leaf in self._leaves():
            if position != tree.size:
                break
            tree.append(leaf)
            if tree.size == then:
                root_then = tree.root()
        return Measured(tree.size, tree.root(), root_then)

    def _counts(self) -> tuple[int, int]:
        ((mirrored, parked),) = self.database.rows(
            "SELECT (SELECT count(*) FROM mirror WHERE source = %(source)s),"
            " (SELECT count(*) FROM bus.parked WHERE source = %(source)s)",
            {"source": self.name},
        )
        return mirrored, parked

    def _leaves(self, below: int | None = None) -> Iterator[tuple[int, bytes]]:
        for position, leaf in self._rows(LEAVES, below):
            yield position, bytes(leaf)

    def _entries(self) -> Iterator[Recorded]:
        for position, previous, type_, stream, version, envelope, leaf in self._rows(ENTRIES):
            yield Recorded(
                position, previous, type_, stream, version, bytes(envelope), bytes(leaf)
            )

    def _rows(self, query: str, below: int | None = None) -> Iterator[tuple[Any, ...]]:
        above = -1
        while rows := self.database.rows(
            query, {"source": self.name, "above": above, "below": below, "block": BLOCK}
        ):
            yield from rows
            above = rows[-1][0]
