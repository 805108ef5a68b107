"""Logs as C2SP ``tlog-tiles`` lays them out: paths, tiles of hashes, bundles of entries, proofs."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from shared.log.tree import HASH_BYTES, Range, node_hash, root_of

WIDTH = 256  # hashes in a full tile, entries in a full bundle: trees of height 8
HEIGHT = 8
ENTRIES = "entries"
MAX_ENTRY = 65_535

_PATH = re.compile(
    r"tile/(entries|0|[1-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True)
class Tile:
    """Coordinates of a tile of hashes, or of a bundle of entries.

    Args:
        level: from 0, the leaves, up to 7; None for a bundle of entries.
        index: place within its level, counted from 0.
        width: hashes or entries in it, from 1 to 256; less than 256 is a partial one.
    """

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """``tile/<L>/<N>[.p/<W>]``, or ``tile/entries/…`` for a bundle."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-len(digits) // 3 * -3)
        *first, last = (digits[at:at + 3] for at in range(0, len(digits), 3))
        level = ENTRIES if self.level is None else self.level
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{''.join(f'x{part}/' for part in first)}{last}{partial}"

    @classmethod
    def parse(cls, path: str) -> Self:
        """Read a path; it is exactly what ``path`` of the result gives. Else ValueError."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise ValueError(f"no tile: {path!r}")
        level, index, width = match.groups()
        found = cls(
            None if level == ENTRIES else int(level),
            int(index.replace("x", "").replace("/", "")), int(width or WIDTH),
        )
        if found.path != path or found.width > WIDTH:
            raise ValueError(f"no tile: {path!r}")
        return found


Read = Callable[[Tile], Sequence[bytes]]


def tiles_of(size: int, after: int = 0) -> Iterator[Tile]:
    """The tiles of hashes of a log of *size* entries, leaves first, that differ from *after*'s.

    Args:
        after: an earlier size, whose tiles are there already; 0 for all.
    """
    level, count, before = 0, size, after
    while count:
        for index in range(before // WIDTH, -(-count // WIDTH)):
            width = min(WIDTH, count - index * WIDTH)
            if index * WIDTH + width > before:
                yield Tile(level, index, width)
        level, count, before = level + 1, count // WIDTH, before // WIDTH


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries, each after its length in two bytes; ValueError for one over 65,535 bytes."""
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise ValueError(f"an entry has at most {MAX_ENTRY} bytes")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def unbundle(data: bytes) -> list[bytes]:
    """The entries of a bundle; ValueError where it is cut off."""
    found: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at:at + 2], "big")
        if end > len(data) or at + 2 > len(data):
            raise ValueError(f"the bundle is cut off in entry {len(found)}")
        found.append(data[at + 2:end])
        at = end
    return found


def hashes(data: bytes) -> list[bytes]:
    """The hashes of a tile; ValueError where it is cut off."""
    if len(data) % HASH_BYTES:
        raise ValueError("a tile holds whole hashes")
    return [data[at:at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


class Tree:
    """A log of *size* entries, read tile by tile: its root, and proofs in few reads.

    Args:
        read: the hashes of a tile, as many as its width.
    """

    def __init__(self, size: int, read: Read) -> None:
        self.size = size
        self._read = read
        self._kept: dict[tuple[int, int], Sequence[bytes]] = {}

    def root(self) -> bytes:
        """The 32-byte root; it costs one tile per level and 256-fold size."""
        return Range(self.size, self._cover(0, self.size)).root()

    def inclusion(self, index: int) -> list[bytes]:
        """The path of the entry at *index* to the root (RFC 9162, section 2.1.3.1).

        Raises:
            ValueError: *index* is outside the log.
        """
        if not 0 <= index < self.size:
            raise ValueError(f"no leaf {index} in a log of {self.size}")
        return self._path(index, index + 1)

    def consistency(self, old_size: int) -> list[bytes]:
        """The proof that the first *old_size* entries are a prefix (RFC 9162, 2.1.4.1).

        Raises:
            ValueError: *old_size* is outside the log.
        """
        if not 0 <= old_size <= self.size:
            raise ValueError(f"no first {old_size} of {self.size}")
        if old_size in {0, self.size}:
            return []
        start = old_size & (old_size - 1)
        path = self._path(start, old_size)
        return path if start == 0 else [self._subtree(start, old_size), *path]

    def _path(self, start: int, end: int) -> list[bytes]:
        """Siblings from the perfect subtree over [start, end) up to the root."""
        path, low, high = [], 0, self.size
        while (low, high) != (start, end):
            middle = low + (1 << ((high - low - 1).bit_length() - 1))
            if start < middle:
                path.append(self._subtree(middle, high))
                high = middle
            else:
                path.append(self._subtree(low, middle))
                low = middle
        return path[::-1]

    def _subtree(self, start: int, end: int) -> bytes:
        *wider, root = self._cover(start, end)
        for left in reversed(wider):
            root = node_hash(left, root)
        return root

    def _cover(self, start: int, end: int) -> list[bytes]:
        """The perfect subtrees over [start, end), widest first; *start* is a multiple of all."""
        found = []
        while start < end:
            depth = (end - start).bit_length() - 1
            found.append(self._node(depth, start >> depth))
            start += 1 << depth
        return found

    def _node(self, depth: int, index: int) -> bytes:
        """The root of the perfect subtree of 2**depth leaves, the *index*-th of its kind."""
        level, above = divmod(depth, HEIGHT)
        first = index << above
        row = self._tile(level, first // WIDTH)
        at = first % WIDTH
        return root_of(row[at:at + (1 << above)])

    def _tile(self, level: int, index: int) -> Sequence[bytes]:
        if (level, index) not in self._kept:
            count = self.size >> (level * HEIGHT)
            width = min(WIDTH, count - index * WIDTH)
            row = self._read(Tile(level, index, width))
            if len(row) != width:
                raise ValueError(f"{Tile(level, index, width).path} holds {len(row)} hashes")
            self._kept[level, index] = row
        return self._kept[level, index]
