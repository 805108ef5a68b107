"""Promises: what a log says of an entry it has taken in and not yet signed for, and by when.

The text of the note, before its signature lines::

    fuquan-promise/v1
    <origin of the log>
    <stream> <version>
    <base64 leaf hash>
    by <instant, UTC, whole seconds>

It is signed with the log's own key, since only who signs the log's checkpoints can keep it. Its
first line is no origin, so no promise is ever taken for a checkpoint, nor the other way round.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

from shared.log.note import NoteError, Verifier, open_note, sign, strict_base64
from shared.log.proof import Proof
from shared.log.signer import Signer
from shared.log.tree import HASH_BYTES

FORMAT = "fuquan-promise/v1"
BY = "by "


class PromiseError(ValueError):
    """A text that is no promise, or a promise that is not kept by what is shown.

    Args:
        code: ``malformed``, or ``wrong-origin`` for another log's promise.
        message: for the log; never branch on it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Promise:
    """That an entry will stand under a checkpoint of a log.

    Args:
        origin: of the log, ``fuquan/<deployment>/<service>``.
        stream, version: of the event.
        leaf: 32 bytes, ``leaf_hash`` of the envelope's stored bytes.
        by: when it will at the latest, aware, whole seconds.
    """

    origin: str
    stream: UUID
    version: int
    leaf: bytes
    by: datetime

    def text(self) -> str:
        """The text that is signed; ``parse`` reads it back."""
        return (
            f"{FORMAT}\n{self.origin}\n{self.stream} {self.version}\n"
            f"{b64encode(self.leaf).decode()}\n{BY}{self.by.astimezone(UTC).isoformat()}\n"
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a text; it is exactly what ``text`` of the result writes.

        Raises:
            PromiseError: ``malformed``, also for another spelling of the same values.
        """
        try:
            _, origin, event, leaf, by, _ = text.split("\n")
            stream, version = event.split(" ")
            found = cls(
                origin, UUID(stream), int(version), strict_base64(leaf),
                datetime.fromisoformat(by.removeprefix(BY)),
            )
            if len(found.leaf) == HASH_BYTES and found.text() == text:
                return found
        except (ValueError, OverflowError) as wrong:
            raise PromiseError("malformed", f"no promise: {wrong}") from wrong
        raise PromiseError("malformed", "another spelling of a promise")

    def kept_by(self, proof: Proof, verifiers: Sequence[Verifier]) -> None:
        """Let pass a proof that the promised entry stands in the promised log.

        Raises:
            NoteError, CheckpointError, ProofError: as ``Proof.holds``: it is not kept by this.
        """
        proof.holds(self.leaf, self.origin, verifiers)


def sign_promise(promise: Promise, signer: Signer) -> str:
    """The signed note of *promise*; *signer* is the log's."""
    return sign(promise.text(), signer)


def open_promise(note: bytes | str, origin: str, verifiers: Iterable[Verifier]) -> Promise:
    """Check a signed promise of one log and read it.

    Raises:
        NoteError: the note is malformed, or not well signed by any of *verifiers*.
        PromiseError: ``malformed``, or ``wrong-origin``.
    """
    opened = open_note(note, verifiers)
    promise = Promise.parse(opened.text)
    if promise.origin != origin:
        raise PromiseError("wrong-origin", f"a promise of {promise.origin!r}")
    if origin not in opened.by:
        raise NoteError("unknown-key", "the log itself has not signed the promise")
    return promise
