"""Checks a whole log offline: bytes, density, order of every stream, signed roots."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from shared.log.checkpoint import Checkpoint, CheckpointError
from shared.log.keys import SM2, NoteError, Verifier
from shared.log.note import split_note
from shared.log.sm3 import sm3_leaf, sm3_range, sm3_root
from shared.log.tree import Range, leaf_hash
from shared.log.trust import (
    ROTATED,
    Rotation,
    open_trusted,
    rotation_in,
    trusted,
    untold,
)

VERSION_BITS = 31  # a version is a PostgreSQL int


class Entry(Protocol):
    """One entry as it was exported: what is beside the envelope must agree with it."""

    @property
    def position(self) -> int: ...
    @property
    def previous(self) -> int | None: ...
    @property
    def type(self) -> str: ...
    @property
    def stream(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def envelope(self) -> bytes: ...


@dataclass(frozen=True)
class Recorded:
    """An entry with the leaf hash recorded when it was received: 32 bytes, or none."""

    position: int
    previous: int | None
    type: str
    stream: UUID
    version: int
    envelope: bytes
    leaf_hash: bytes = b""


@dataclass(frozen=True)
class Verified:
    """The log holds.

    Args:
        vouched: how many of its entries a signed checkpoint commits to.
    """

    size: int
    root: bytes
    vouched: int


@dataclass(frozen=True)
class Bad:
    """The log does not hold; what is wrong begins at *vouched* or later, at *position* at last.

    Args:
        position: the first entry found wrong; for ``root``, the first that no checkpoint
            vouches for.
        reason: ``missing``, ``out-of-order``, ``altered`` (not the bytes of the recorded leaf
            hash), ``no-envelope``, ``mislabelled`` (source, type, stream or version differ from
            the envelope), ``stream-order``, ``root``, ``sm3-root``, ``not-as-mirrored`` (not what
            a mirror with the signed root has there), ``checkpoint-order`` (smaller than the one
            before), ``checkpoint-<code of the note's error>``.
        vouched: how many entries the last good checkpoint commits to.
    """

    position: int
    reason: str
    vouched: int


def verify_entries(
    entries: Iterable[Entry],
    notes: Iterable[bytes | str],
    *,
    origin: str,
    verifiers: Sequence[Verifier],
    last: tuple[int, bytes] | None = None,
    whole: bool = True,
) -> Verified | Bad:
    """Check a log from its first entry on, in one pass.

    Args:
        entries: the whole log in dense order; `Recorded` names an altered entry exactly.
        notes: its signed checkpoints, smallest first; each narrows down where a wrong root begins.
        origin: the log's name, ``fuquan/<deployment>/<service>``.
        verifiers: the keys handed out to sign for that origin, oldest first; the log itself
            tells until when each may (`shared.log.trust`). With an SM2 key among them, the SM3
            root is computed too, and compared where a checkpoint has one.
        last: size and root kept outside the log when it was signed last; it must reach that far.
        whole: whether the log ends here; then a later key to which no rotation leads shows that
            its end is missing.

    Source:
        RFC 9162, section 2.1; https://c2sp.org/tlog-checkpoint
    """
    log = _Log(origin, verifiers, iter(notes), last, whole=whole)
    bad = log.next_checkpoint() or log.compare()
    for entry in entries:
        bad = bad or log.take(entry) or log.compare()
        if bad:
            break
    bad = bad or log.left_over()
    return bad or Verified(log.tree.size, log.tree.root(), log.vouched)


class _Log:
    def __init__(
        self, origin: str, verifiers: Sequence[Verifier], notes: Iterator[bytes | str],
        last: tuple[int, bytes] | None, *, whole: bool,
    ) -> None:
        self.origin, self.verifiers, self.notes = origin, verifiers, notes
        self.kept, self.whole = last, whole
        self.source = origin.rpartition("/")[2]
        self.tree = Range()
        self.sm3 = sm3_range() if any(key.algorithm == SM2 for key in verifiers) else None
        self.rotations: list[Rotation] = []
        self.vouched = 0
        self.due: Checkpoint | None = None
        self.note: bytes | str = ""
        self.ends: dict[int, int] = {}  # position and version, in one number: there are many

    def next_checkpoint(self) -> Bad | None:
        """Take up the next note, as far as to see its size: its key may be told of until then."""
        note = next(self.notes, None)
        if note is None:
            self.due = None
            return None
        self.note = note
        try:
            self.due = Checkpoint.parse(split_note(note)[0])
        except (NoteError, CheckpointError) as wrong:
            return self._refused(wrong)
        if self.due.size < self.tree.size:
            return self._opened() or Bad(self.vouched, "checkpoint-order", self.vouched)
        return None

    def compare(self) -> Bad | None:
        if self.kept and self.kept[0] == self.tree.size and self.kept[1] != self.tree.root():
            return Bad(self.vouched, "root", self.vouched)
        while self.due is not None and self.due.size == self.tree.size:
            if bad := self._opened():
                return bad
            if self.due.root != self.tree.root():
                return Bad(self.vouched, "root", self.vouched)
            if self.sm3 is not None and sm3_root(self.due) not in {None, self.sm3.root()}:
                return Bad(self.vouched, "sm3-root", self.vouched)
            self.vouched = self.due.size
            if bad := self.next_checkpoint():
                return bad
        return None

    def left_over(self) -> Bad | None:
        """What was signed, or handed over to a key that is known, and is not here."""
        if self.due is not None:
            return self._opened() or Bad(self.tree.size, "missing", self.vouched)
        if self.kept is not None and self.kept[0] > self.tree.size:
            return Bad(self.tree.size, "missing", self.vouched)
        if self.whole and untold(self.verifiers, self.rotations):
            return Bad(self.tree.size, "missing", self.vouched)
        return None

    def _opened(self) -> Bad | None:
        terms = trusted(self.verifiers, self.rotations, known=self.tree.size)
        try:
            open_trusted(self.note, self.origin, terms, after=self.vouched)
        except (NoteError, CheckpointError) as wrong:
            return self._refused(wrong)
        return None

    def _refused(self, wrong: NoteError | CheckpointError) -> Bad:
        return Bad(self.vouched, f"checkpoint-{wrong.code}", self.vouched)

    def take(self, entry: Entry) -> Bad | None:
        position, leaf = self.tree.size, leaf_hash(entry.envelope)
        if reason := self._fault(entry, position, leaf):
            return Bad(position, reason, self.vouched)
        self.ends[entry.stream.int] = position << VERSION_BITS | entry.version
        self.tree.append(leaf)
        if self.sm3 is not None:
            self.sm3.append(sm3_leaf(entry.envelope))
        if entry.type == f"{self.source}.{ROTATED}" and (
            rotation := rotation_in(position, entry.envelope)
        ):
            self.rotations.append(rotation)
        return None

    def _fault(self, entry: Entry, position: int, leaf: bytes) -> str | None:
        if entry.position != position:
            return "missing" if entry.position > position else "out-of-order"
        if (recorded := getattr(entry, "leaf_hash", b"")) and recorded != leaf:
            return "altered"
        try:
            told = json.loads(entry.envelope.decode())
            label = (told["source"], told["type"], told["stream"], told["version"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return "no-envelope"
        if label != (self.source, entry.type, str(entry.stream), entry.version):
            return "mislabelled"
        end = self.ends.get(entry.stream.int)
        if end is None:
            follows = entry.version in {0, 1} and entry.previous is None
        else:
            version = end & ((1 << VERSION_BITS) - 1)
            follows = (entry.version, entry.previous) == (version + 1, end >> VERSION_BITS)
        return None if follows else "stream-order"
