"""A log held against a copy of it: what differs, and whether the copy may take its place."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, NamedTuple
from uuid import UUID

from psycopg2.extensions import cursor

from services.ledger.copies import Copy
from shared.log.checkpoint import Checkpoint, CheckpointError, open_checkpoint
from shared.log.note import NoteError, Verifier
from shared.log.tree import Range, leaf_hash
from shared.log.verify import Bad, Recorded, verify_entries

BLOCK = 500
ROWS = (
    "SELECT n.position, n.previous, e.type, e.stream, e.version, e.envelope, n.leaf_hash"
    " FROM log.entry n LEFT JOIN log.event e USING (ord) WHERE n.position > %s"
    " ORDER BY n.position LIMIT %s"
)
Keep = Callable[[Recorded], None]


class Unrestorable(RuntimeError):
    """The copy may not take the log's place; the message says why, in Chinese and English."""


class Signed(NamedTuple):
    """A size, and the root of 32 bytes that was signed for it."""

    size: int
    root: bytes


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
        lost_note: whether the log does not have the copy's checkpoint.
        signed: the most entries that were signed, as far as is known.
    """

    copied: int = 0
    size: int = 0
    missing: int = 0
    altered: int = 0
    first: int | None = None
    other_notes: list[int] = field(default_factory=list)
    lost_note: bool = False
    signed: int = 0

    def any(self) -> bool:
        """Whether there is anything to change."""
        return bool(self.missing or self.altered or self.other_notes or self.lost_note)


def compared(
    at: cursor, copy: Copy, origin: str, verifiers: Sequence[Verifier], last: Signed | None,
    keep: Keep = lambda _: None,
) -> Difference:
    """Hold a log against a copy, entry by entry, in one pass.

    Behind the copy's end the log's own entries stand, if they go on from it.

    Args:
        at: on the log's database.
        origin: of the log.
        verifiers: its trusted keys.
        last: what was signed last, as the relay keeps it outside the database.
        keep: told each row as it must be, where the log has it otherwise.

    Raises:
        Unrestorable: the copy is not what was signed, or does not reach as far.
    """
    promised = _promised(copy, origin, verifiers)
    notes = _notes(at, origin, verifiers)
    side = _Sides(at, copy, keep, {promised.size, *notes, *([last.size] if last else [])})
    outcome = verify_entries(side.rows(), (), origin=origin, verifiers=())
    if isinstance(outcome, Bad):
        raise Unrestorable(
            f"第{outcome.position}条不成立 With this copy the log would not hold at"
            f" {outcome.position}: {outcome.reason}."
        )
    roots, found = side.finished(), side.found
    if promised.size > found.copied or roots.get(promised.size) != promised.root:
        raise Unrestorable(
            f"副本与其签名不符 The copy is not the {promised.size} entries that were signed."
        )
    believed = [Signed(size, root) for size, root in notes.items() if root is not None]
    _reaches(at, found, roots, believed, last)
    found.other_notes = sorted(
        size for size, root in notes.items() if root is None or roots.get(size) != root
    )
    found.lost_note = promised.size not in notes or promised.size in found.other_notes
    kept = [size for size in notes if size not in found.other_notes]
    found.signed = max([promised.size, *kept, *([last.size] if last else [])])
    return found


def _promised(copy: Copy, origin: str, verifiers: Sequence[Verifier]) -> Checkpoint:
    try:
        return open_checkpoint(copy.note, origin, verifiers)
    except (NoteError, CheckpointError) as wrong:
        raise Unrestorable(
            f"副本的检查点不可信 The copy's checkpoint is not to be trusted: {wrong.code}."
        ) from wrong


def _notes(at: cursor, origin: str, verifiers: Sequence[Verifier]) -> dict[int, bytes | None]:
    """The root that the log's key has signed, by size of each checkpoint; None where it has not."""
    at.execute("SELECT size, note FROM log.checkpoint ORDER BY size")
    found: dict[int, bytes | None] = {}
    for size, note in at.fetchall():
        try:
            checkpoint = open_checkpoint(note, origin, verifiers)
        except (NoteError, CheckpointError):
            found[size] = None
        else:
            found[size] = checkpoint.root if checkpoint.size == size else None
    return found


def _reaches(
    at: cursor, found: Difference, roots: dict[int, bytes], believed: list[Signed],
    last: Signed | None,
) -> None:
    """Nothing that was signed or numbered may be missing after.

    A checkpoint of another root within the copy is another history, which the log's key has signed
    too; behind the copy's end nobody can say which of them is right.
    """
    most = max((one.size for one in believed), default=0)
    at.execute("SELECT next_position FROM log.sequence")
    ((numbered,),) = at.fetchall()
    for size, what in ((last.size if last else 0, "signed (.last)"), (most, "signed"),
                       (numbered, "numbered")):
        if size > found.size:
            raise Unrestorable(
                f"副本只有{found.copied}条 The copy has {found.copied} entries, and {size} were"
                f" {what}: entries {found.size} to {size - 1} are in neither. Take a longer copy."
            )
    if any(one.size > found.copied and roots[one.size] != one.root for one in believed):
        raise Unrestorable(
            f"副本之后的记录不可信 Behind the copy's {found.copied} entries the log is not what"
            " was signed. Take a longer copy."
        )
    if last and roots[last.size] != last.root:
        raise Unrestorable(
            f"与最后一次签名不符 The relay signed another root at {last.size} last (.last). Compare"
            " `evidence` and the city's copy first; only if the copy is right, move .last aside."
        )


class _Sides:
    """Log and copy side by side."""

    def __init__(self, at: cursor, copy: Copy, keep: Keep, sizes: set[int]) -> None:
        self.at = at
        self.copy = copy
        self.keep = keep
        self.sizes = sizes
        self.found = Difference()
        self._tree = Range()
        self._roots: dict[int, bytes] = {}
        self._last: dict[UUID, int] = {}

    def rows(self) -> Iterator[Recorded]:
        """Each row as it must be; where the copy has ended, as the log has it."""
        for entry, there in zip_longest(self.copy.entries(), self._dense()):
            position = self._tree.size
            if entry is not None:
                self.found.copied += 1
                row = self._wanted(position, entry)
            elif there is not None:
                row = there
            else:
                raise Unrestorable(
                    f"第{position}条副本与日志中均无 Entry {position} is neither in the copy nor in"
                    " the log. Take a longer copy."
                )
            self._sized()
            self._tree.append(leaf_hash(row.envelope))
            self._last[row.stream] = position
            if row != there:
                self._differs(position, row, there)
            yield row

    def finished(self) -> dict[int, bytes]:
        """The roots at the sizes asked for, as far as there are entries."""
        self._sized()
        self.found.size = self._tree.size
        return self._roots

    def _sized(self) -> None:
        if self._tree.size in self.sizes:
            self._roots[self._tree.size] = self._tree.root()

    def _differs(self, position: int, row: Recorded, there: Recorded | None) -> None:
        if there is None:
            self.found.missing += 1
        else:
            self.found.altered += 1
        if self.found.first is None:
            self.found.first = position
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
