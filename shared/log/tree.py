"""The Merkle tree over a log: hashes, compact range, proofs and their verification (RFC 9162)."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Protocol

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


class Digest(Protocol):
    """What a hash function gives: 32 bytes, when asked."""

    def digest(self) -> bytes: ...


Hash = Callable[[bytes], Digest]


def leaf_hash(entry: bytes, hashed: Hash = sha256) -> bytes:
    """The 32-byte hash of an entry's stored bytes. Source: RFC 9162, section 2.1.1."""
    return hashed(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes, hashed: Hash = sha256) -> bytes:
    """The 32-byte hash of an inner node over its two children. Source: RFC 9162, section 2.1.1."""
    return hashed(b"\x01" + left + right).digest()


class Range:
    """The compact range of a growing log: all that must be kept to go on and to know the root.

    Args:
        size: number of leaves already in the log.
        hashes: roots of the perfect subtrees that cover them, widest first; one of 32 bytes
            for each bit set in *size*.
        hashed: the hash function, of 32 bytes.

    Raises:
        ValueError: *hashes* cannot belong to a log of *size* leaves.
    """

    __slots__ = ("_hashed", "_hashes", "_size")

    def __init__(
        self, size: int = 0, hashes: Iterable[bytes] = (), hashed: Hash = sha256
    ) -> None:
        self._size, self._hashes, self._hashed = size, list(hashes), hashed
        if size < 0 or len(self._hashes) != size.bit_count() or not _are_hashes(self._hashes):
            raise ValueError(f"not a range of {size} leaves")

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The subtree roots, widest first: with ``size``, what ``Range(size, hashes)`` restores."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash; ValueError where it is not of 32 bytes."""
        if len(leaf) != HASH_BYTES:
            raise ValueError(f"leaf {self._size} is not a hash of {HASH_BYTES} bytes")
        top, carry = leaf, self._size
        while carry & 1:
            top = self._hashed(b"\x01" + self._hashes.pop() + top).digest()
            carry >>= 1
        self._hashes.append(top)
        self._size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order, all or none; ValueError where one is not of 32 bytes."""
        grown = Range(self._size, self._hashes, self._hashed)
        for leaf in leaves:
            grown.append(leaf)
        self._size, self._hashes = grown._size, grown._hashes

    def root(self) -> bytes:
        """The 32-byte root of the log as it stands; of an empty log, the hash of nothing."""
        if not self._hashes:
            return self._hashed(b"").digest()
        *wider, root = self._hashes
        for left in reversed(wider):
            root = node_hash(left, root, self._hashed)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The 32-byte root over leaf hashes of 32 bytes each."""
    log = Range()
    log.extend(leaves)
    return log.root()


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes that lead from the leaf at *index*, counted from 0, up to the root.

    Returns:
        At most ``ceil(log2(len(leaves)))`` hashes of 32 bytes, from the leaf up.

    Raises:
        ValueError: *index* is outside the log.

    Source:
        RFC 9162, section 2.1.3.1.
    """
    if not 0 <= index < len(leaves):
        raise ValueError(f"no leaf {index} in a log of {len(leaves)}")
    proof, start, end = [], 0, len(leaves)
    while end - start > 1:
        sibling, start, end = _halve(index, leaves, start, end)
        proof.append(sibling)
    return proof[::-1]


def consistency_proof(old_size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes that show the first *old_size* leaves to be a prefix of all *leaves*.

    Returns:
        At most ``ceil(log2(len(leaves))) + 1`` hashes of 32 bytes; none from an empty log or
        between equal sizes.

    Raises:
        ValueError: *old_size* is outside the log.

    Source:
        RFC 9162, section 2.1.4.1.
    """
    if not 0 <= old_size <= len(leaves):
        raise ValueError(f"no first {old_size} of {len(leaves)}")
    proof, start, end = [], 0, len(leaves)
    while end != old_size > 0:
        sibling, start, end = _halve(old_size - 1, leaves, start, end)
        proof.append(sibling)
    if start:  # the older root does not itself stand in the newer tree
        proof.append(root_of(leaves[start:end]))
    return proof[::-1]


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether *leaf* stands at *index* in the log that *root* commits to.

    Args:
        index: place of the entry, counted from 0; ``0 <= index < size``.
        size: number of entries under *root*.
        leaf: 32 bytes, ``leaf_hash`` of the envelope's stored bytes.
        proof: at most ``ceil(log2(size))`` hashes of 32 bytes, from the leaf up.
        root: 32 bytes, taken from a signed checkpoint and never from the log itself.

    Returns:
        False for any wrong proof, also one of the wrong length.

    Raises:
        ValueError: *index* is outside the log.

    Source:
        RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a log of {size}")
    climbed = _climb(index, size - 1, [leaf, *proof])
    return climbed is not None and climbed[1] == root


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the log under *new_root* begins with the whole log under *old_root*.

    Args:
        old_size: number of entries under *old_root*.
        new_size: number of entries under *new_root*; ``0 <= old_size <= new_size``.
        old_root: 32 bytes, from the checkpoint already trusted.
        new_root: 32 bytes, from the signed checkpoint on trial.
        proof: at most ``ceil(log2(new_size)) + 1`` hashes of 32 bytes.

    Returns:
        False for any wrong proof, also one of the wrong length. From an empty log, or between
        equal sizes, only the empty proof is right.

    Raises:
        ValueError: the sizes are negative or the older is the larger.

    Source:
        RFC 9162, section 2.1.4.2.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError(f"no first {old_size} of {new_size}")
    if old_size == 0 and old_root != EMPTY_ROOT:
        return False
    if old_size in {0, new_size}:
        return not proof and (old_root == new_root or old_size != new_size)
    level = (old_size & -old_size).bit_length() - 1  # of the last perfect subtree under old_root
    path = [old_root, *proof] if old_size.bit_count() == 1 else proof
    return _climb((old_size - 1) >> level, (new_size - 1) >> level, path) == (old_root, new_root)


def _climb(first: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Fold *path* from node *first* of a level whose last node is *last*, up to the top.

    Returns:
        The root of all that lies left of and under the node, and the root of everything; None
        if *path* is not of hashes or not of the right length.
    """
    if not path or not _are_hashes(path):
        return None
    left = whole = path[0]
    for step in path[1:]:
        if last == 0:
            return None
        if first & 1 or first == last:
            left, whole = node_hash(step, left), node_hash(step, whole)
            while first and not first & 1:  # an odd node out is carried up without a sibling
                first, last = first >> 1, last >> 1
        else:
            whole = node_hash(whole, step)
        first, last = first >> 1, last >> 1
    return (left, whole) if last == 0 else None


def _halve(place: int, leaves: Sequence[bytes], start: int, end: int) -> tuple[bytes, int, int]:
    """The root of the half of ``leaves[start:end]`` without *place*, and the bounds with it."""
    middle = start + (1 << ((end - start - 1).bit_length() - 1))
    if place < middle:
        return root_of(leaves[middle:end]), start, middle
    return root_of(leaves[start:middle]), middle, end


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
