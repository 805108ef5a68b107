"""A log and a copy of it, read side by side: the rows as they must be, and the roots on the way."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any
from uuid import UUID

from psycopg2.extensions import cursor

from services.ledger.copies import Copy
from shared.log.checkpoint import Checkpoint, CheckpointError
from shared.log.keys import NoteError
from shared.log.note import split_note
from shared.log.tree import Range, leaf_hash
from shared.log.trust import ROTATED, Rotation, rotation_in
from shared.log.verify import Recorded

BLOCK = 500
ROWS = (
    "SELECT n.position, n.previous, e.type, e.stream, e.version, e.envelope, n.leaf_hash"
    " FROM log.entry n LEFT JOIN log.event e USING (ord) WHERE n.position > %s"
    " ORDER BY n.position LIMIT %s"
)
Keep = Callable[[Recorded], None]


class Unrestorable(RuntimeError):
    """The copy may not take the log's place; the message says why, in Chinese and English."""


@dataclass
class Difference:
    """One log against one copy.

    Args:
        copied: entries of the copy.
        size: entries of the log once it is restored.
        missing: how many of the copy's entries the log does not have.
        altered: how many it has otherwise.
        first: the first position of either.
        other_notes: sizes of the log's checkpoints that are not of the restored history, or that
            its key has not signed.
        lost_notes: checkpoints of that history which the log does not have, with their notes.
        signed: the most entries that were signed, as far as is known.
    """

    copied: int = 0
    size: int = 0
    missing: int = 0
    altered: int = 0
    first: int | None = None
    other_notes: list[int] = field(default_factory=list)
    lost_notes: list[tuple[Checkpoint, str]] = field(default_factory=list)
    signed: int = 0

    def any(self) -> bool:
        """Whether there is anything to change."""
        return bool(self.missing or self.altered or self.other_notes or self.lost_notes)


class Sides:
    """One reading of both.

    Args:
        at: on the log's database.
        keep: told each row as it must be, where the log has it otherwise.
    """

    def __init__(self, at: cursor, copy: Copy, keep: Keep) -> None:
        self.at = at
        self.copy = copy
        self.keep = keep
        self.found = Difference()
        self.roots: dict[int, bytes] = {}
        self.rotations: list[Rotation] = []
        self.handed: list[str] = []
        self._wanted_at: set[int] = set()
        self._tree = Range()
        self._last: dict[UUID, int] = {}

    def want(self, size: int) -> None:
        """Compute the root at that size on the way."""
        self._wanted_at.add(size)

    def rows(self) -> Iterator[Recorded]:
        """Each row as it must be; where the copy has ended, as the log has it.

        Raises:
            Unrestorable: an entry of the copy is no envelope, or one is in neither.
        """
        for entry, there in zip_longest(self.copy.entries(), self._dense()):
            position = self._tree.size
            row = there if entry is None else self._wanted(position, entry)
            if row is None:
                raise Unrestorable(
                    f"第{position}条副本与日志中均无 Entry {position} is neither in the copy nor in"
                    " the log. Take a longer copy."
                )
            self.found.copied += entry is not None
            self._sized()
            self._tree.append(leaf_hash(row.envelope))
            self._last[row.stream] = position
            self._rotated(row)
            if row != there:
                self._differs(row, there)
            yield row
        self._sized()
        self.found.size = self._tree.size

    def _sized(self) -> None:
        if self._tree.size in self._wanted_at:
            self.roots[self._tree.size] = self._tree.root()

    def _rotated(self, row: Recorded) -> None:
        if row.type.endswith(ROTATED) and (found := rotation_in(row.position, row.envelope)):
            self.rotations.append(found)
            note = self.copy.handover(row.position)
            if note is not None and (size := size_of(note)) is not None:
                self.handed.append(note)
                self.want(size)

    def _differs(self, row: Recorded, there: Recorded | None) -> None:
        if there is None:
            self.found.missing += 1
        else:
            self.found.altered += 1
        if self.found.first is None:
            self.found.first = row.position
        self.keep(row)

    def _wanted(self, position: int, envelope: bytes) -> Recorded:
        try:
            told = json.loads(envelope)
            stream = UUID(told["stream"])
            return Recorded(
                position, self._last.get(stream), str(told["type"]), stream, int(told["version"]),
                envelope, leaf_hash(envelope),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
            raise Unrestorable(
                f"副本第{position}条不是记录 Entry {position} of the copy is no envelope."
            ) from wrong

    def _dense(self) -> Iterator[Recorded | None]:
        """The log's rows by position, None where one is missing."""
        above = -1
        while rows := self._block(above):
            for position, previous, type_, stream, version, envelope, leaf in rows:
                yield from (None for _ in range(above + 1, position))
                above = position
                yield None if envelope is None else Recorded(
                    position, previous, type_, stream, version, bytes(envelope), bytes(leaf)
                )

    def _block(self, above: int) -> list[tuple[Any, ...]]:
        self.at.execute(ROWS, (above, BLOCK))
        return self.at.fetchall()


def size_of(note: str) -> int | None:
    """What a checkpoint says of its size, whoever wrote it; None for what is no checkpoint."""
    try:
        return Checkpoint.parse(split_note(note)[0]).size
    except (NoteError, CheckpointError):
        return None
