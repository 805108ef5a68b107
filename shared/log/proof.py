"""Inclusion proofs as C2SP ``tlog-proof`` has them: index, path and checkpoint in one text."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from shared.log.checkpoint import Checkpoint
from shared.log.note import Verifier, strict_base64
from shared.log.note import open_note as open_signed
from shared.log.tree import HASH_BYTES, verify_inclusion

FIRST = "c2sp.org/tlog-proof@v1"
INDEX = "index "
MAX_PATH = 63


class ProofError(ValueError):
    """A text that is no proof, or one that does not hold.

    Args:
        code: ``malformed``, ``wrong-origin``, ``wrong-size`` (the index is beyond what was signed)
            or ``not-included``.
        message: for the log; never branch on it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Proof:
    """That an entry stands in a log, for whoever trusts a key under the checkpoint.

    Args:
        index: place of the entry, counted from 0.
        path: at most 63 hashes of 32 bytes, from the leaf up.
        checkpoint: the signed note, cosignatures included.

    Source:
        https://c2sp.org/tlog-proof
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: str

    def text(self) -> str:
        """The proof as it is handed out; ``parse`` reads it back."""
        hashes = [b64encode(step).decode() for step in self.path]
        return "\n".join([FIRST, f"{INDEX}{self.index}", *hashes, "", self.checkpoint])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a proof; extra data, which this project never writes, is not taken.

        Raises:
            ProofError: ``malformed``, also for another spelling of the same values.
        """
        head, blank, note = text.partition("\n\n")
        first, _, rest = head.partition("\n")
        index, *hashes = rest.split("\n")
        if not blank or first != FIRST or len(hashes) > MAX_PATH:
            raise ProofError("malformed", "a proof is a head, a blank line and a checkpoint")
        try:
            found = cls(_index(index), tuple(_hash(one) for one in hashes), note)
        except ValueError as wrong:
            raise ProofError("malformed", str(wrong)) from wrong
        return found

    def holds(self, leaf: bytes, origin: str, verifiers: Sequence[Verifier]) -> Checkpoint:
        """The checkpoint, if it is of *origin*, well signed, and contains *leaf*.

        Args:
            leaf: 32 bytes, ``leaf_hash`` of the envelope's stored bytes.
            verifiers: the trusted keys of that log.

        Raises:
            NoteError: the note is malformed or not well signed.
            CheckpointError: its text is no checkpoint.
            ProofError: ``wrong-origin``, ``wrong-size`` or ``not-included``.
        """
        found = Checkpoint.parse(open_signed(self.checkpoint, verifiers).text)
        if found.origin != origin:
            raise ProofError("wrong-origin", f"a checkpoint of {found.origin!r}")
        if self.index >= found.size:
            raise ProofError("wrong-size", f"no entry {self.index} in a log of {found.size}")
        if not verify_inclusion(self.index, found.size, leaf, self.path, found.root):
            raise ProofError("not-included", f"not entry {self.index} of what was signed")
        return found


def _index(line: str) -> int:
    digits = line.removeprefix(INDEX)
    if line == digits or not digits.isascii() or not digits.isdigit() or str(int(digits)) != digits:
        raise ValueError(f"no index: {line!r}")
    return int(digits)


def _hash(text: str) -> bytes:
    found = strict_base64(text)
    if len(found) != HASH_BYTES:
        raise ValueError(f"a hash has {HASH_BYTES} bytes")
    return found
