"""Checkpoints as C2SP ``tlog-checkpoint`` has them: how long a log is, and its root, signed."""

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from shared.log.keys import Verifier, strict_base64
from shared.log.note import open_note, sign
from shared.log.signer import Signer
from shared.log.tree import HASH_BYTES

MAX_SIZE = 2**63 - 1  # the largest PostgreSQL bigint

_LINE = re.compile(r"[^\x00-\x1f\ud800-\udfff]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class CheckpointError(ValueError):
    """A text that is no checkpoint, or is one of another log.

    Args:
        code: ``malformed`` or ``wrong-origin``.
        message: for the log; never branch on it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Checkpoint:
    """What a log commits to at one size.

    Args:
        origin: the log's name, ``fuquan/<deployment>/<service>``; one line, not empty.
        size: number of entries, from 0 to ``MAX_SIZE``.
        root: 32 bytes, the Merkle root over them.
        extensions: further lines, none of them empty; C2SP advises against any.

    Raises:
        CheckpointError: ``malformed``, where a value would not survive being written.

    Source:
        https://c2sp.org/tlog-checkpoint
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not all(_LINE.fullmatch(line) for line in (self.origin, *self.extensions)):
            raise CheckpointError("malformed", "origin and extensions are single, non-empty lines")
        if not 0 <= self.size <= MAX_SIZE:
            raise CheckpointError("malformed", f"no log has {self.size} entries")
        if len(self.root) != HASH_BYTES:
            raise CheckpointError("malformed", f"a root has {HASH_BYTES} bytes")

    def text(self) -> str:
        """The note text, final newline included; ``parse`` reads it back."""
        root = b64encode(self.root).decode()
        return "\n".join([self.origin, str(self.size), root, *self.extensions, ""])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a note text; it is exactly what ``text`` of the result writes.

        Raises:
            CheckpointError: ``malformed``, also for another spelling of the same values.
        """
        match text.split("\n"):
            case [origin, size, root, *extensions, ""] if _SIZE.fullmatch(size):
                return cls(origin, int(size), _root(root), tuple(extensions))
        raise CheckpointError("malformed", "a checkpoint is the lines origin, size and root")


def sign_checkpoint(checkpoint: Checkpoint, *signers: Signer) -> str:
    """The signed note of *checkpoint*; no signer may ever have signed a fork of it."""
    return sign(checkpoint.text(), *signers)


def open_checkpoint(note: bytes | str, origin: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """Check a signed checkpoint of one log and read it.

    Args:
        note: any bytes or text whatever.
        origin: the log it must be of.
        verifiers: the keys of that log. One good signature is enough, so no witness's key.

    Raises:
        NoteError: the note is malformed, or not well signed by any of *verifiers*.
        CheckpointError: ``malformed``, or ``wrong-origin`` for another log's checkpoint.
    """
    checkpoint = Checkpoint.parse(open_note(note, verifiers).text)
    if checkpoint.origin != origin:
        raise CheckpointError("wrong-origin", f"a checkpoint of {checkpoint.origin!r}")
    return checkpoint


def _root(encoded: str) -> bytes:
    try:
        return strict_base64(encoded)
    except ValueError as error:
        raise CheckpointError("malformed", "the root is not base64") from error
