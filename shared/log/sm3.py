"""The second root of a log: the same tree (RFC 6962) hashed with SM3 (GB/T 32905), beside SHA-256.

A checkpoint has it in an extension line, ``sm3 <base64 root>``; who does not know it ignores it.
"""

import hashlib
from base64 import b64encode
from functools import partial

from cryptography.hazmat.primitives import hashes

from shared.log.checkpoint import Checkpoint, CheckpointError
from shared.log.keys import strict_base64
from shared.log.tree import HASH_BYTES, Hash, Range, leaf_hash

LINE = "sm3 "


class _Sm3:
    """SM3 from the OpenSSL that `cryptography` brings along."""

    def __init__(self, data: bytes) -> None:
        self.hash = hashes.Hash(hashes.SM3())
        self.hash.update(data)

    def digest(self) -> bytes:
        return self.hash.finalize()


# Python's own OpenSSL may be built without it.
sm3: Hash = partial(hashlib.new, "sm3") if "sm3" in hashlib.algorithms_available else _Sm3


def sm3_range(size: int = 0, subtrees: tuple[bytes, ...] = ()) -> Range:
    """The compact range of a log in SM3; see `Range`."""
    return Range(size, subtrees, sm3)


def sm3_leaf(entry: bytes) -> bytes:
    """The 32-byte SM3 hash of an entry's stored bytes, after 0x00."""
    return leaf_hash(entry, sm3)


def extension(root: bytes) -> str:
    """The line of a checkpoint that carries the SM3 root, 32 bytes."""
    return LINE + b64encode(root).decode()


def sm3_root(checkpoint: Checkpoint) -> bytes | None:
    """The SM3 root that a checkpoint carries, 32 bytes, or None.

    Raises:
        CheckpointError: ``malformed``: two such lines, or one that is no root.
    """
    lines = [line for line in checkpoint.extensions if line.startswith(LINE)]
    if not lines:
        return None
    try:
        (line,) = lines
        root = strict_base64(line.removeprefix(LINE))
    except ValueError as wrong:
        raise CheckpointError("malformed", "no sm3 line, or more than one") from wrong
    if len(root) != HASH_BYTES:
        raise CheckpointError("malformed", f"an sm3 root has {HASH_BYTES} bytes")
    return root
