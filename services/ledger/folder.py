"""A log as a static folder that any web server can serve (C2SP tlog-tiles)."""

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from shared.log.checkpoint import Checkpoint
from shared.log.tiles import WIDTH, Tile, Tree, bundle, hashes, unbundle
from shared.log.tree import leaf_hash, root_of
from shared.log.trust import Rotation


class Mismatched(RuntimeError):
    """What was written does not have the signed root: the folder keeps its older checkpoint."""


class Folder:
    """One log's tiles, entry bundles and checkpoint.

    A full tile never changes; partial ones are written for each checkpoint, and go when full.

    Args:
        root: the folder; made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._entries: list[bytes] = []
        self._rows: list[list[bytes]] = []
        self._size = 0

    def size(self) -> int:
        """How many entries the folder's checkpoint is over; 0 without one."""
        note = self.root / "checkpoint"
        return int(note.read_text("utf-8").split("\n")[1]) if note.exists() else 0

    def extend(
        self, entries: Iterable[bytes], note: str, seen: Callable[[], object] = lambda: None
    ) -> None:
        """Write what a larger checkpoint commits to.

        Args:
            entries: from `size` on, as many as the checkpoint is over, in order.
            note: the signed checkpoint, written last.
            seen: told after each entry.

        Raises:
            Mismatched: the entries do not give the checkpoint's root.
        """
        promised = Checkpoint.parse(note.partition("\n\n")[0] + "\n")
        self._resume()
        for entry in entries:
            self._append(entry)
            seen()
        self._write_partial()
        if (self._size, self.tree().root()) != (promised.size, promised.root):
            raise Mismatched(f"{self.root}: not the {promised.size} entries that were signed")
        _write(self.root / "checkpoint", note.encode())

    def hand_over(self, handovers: Iterable[tuple[Rotation, str]]) -> None:
        """Write the checkpoints that two keys have signed: a follower learns the new one there.

        ``handover/<position of the rotation>``; C2SP has no place for them.
        """
        for rotation, note in handovers:
            path = self.root / "handover" / str(rotation.position)
            if not path.exists():
                _write(path, note.encode())

    def tree(self) -> Tree:
        """The log as the folder has it, read tile by tile."""
        return Tree(self._size, lambda tile: hashes((self.root / tile.path).read_bytes()))

    def _resume(self) -> None:
        self._size = self.size()
        self._rows, count, level = [], self._size, 0
        self._entries = unbundle(self._partial(None, count))
        while count:
            self._rows.append(hashes(self._partial(level, count)))
            count, level = count // WIDTH, level + 1

    def _partial(self, level: int | None, count: int) -> bytes:
        width = count % WIDTH
        return (self.root / Tile(level, count // WIDTH, width).path).read_bytes() if width else b""

    def _append(self, entry: bytes) -> None:
        self._entries.append(entry)
        self._size += 1
        if len(self._entries) == WIDTH:
            self._full(Tile(None, self._size // WIDTH - 1), bundle(self._entries))
            self._entries = []
        found, level, count = leaf_hash(entry), 0, self._size
        while True:
            if level == len(self._rows):
                self._rows.append([])
            row = self._rows[level]
            row.append(found)
            if len(row) < WIDTH:
                return
            self._full(Tile(level, count // WIDTH - 1), b"".join(row))
            self._rows[level], found = [], root_of(row)
            level, count = level + 1, count // WIDTH

    def _full(self, tile: Tile, data: bytes) -> None:
        path = self.root / tile.path
        _write(path, data)
        shutil.rmtree(path.with_name(f"{path.name}.p"), ignore_errors=True)

    def _write_partial(self) -> None:
        if self._entries:
            tile = Tile(None, self._size // WIDTH, len(self._entries))
            _write(self.root / tile.path, bundle(self._entries))
        count = self._size
        for level, row in enumerate(self._rows):
            if row:
                _write(self.root / Tile(level, count // WIDTH, len(row)).path, b"".join(row))
            count //= WIDTH


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".new")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
