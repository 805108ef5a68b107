"""A log as a static folder that any web server can serve (C2SP tlog-tiles)."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from shared.log.checkpoint import Checkpoint
from shared.log.note import split_note
from shared.log.tiles import HEIGHT, WIDTH, Tile, Tree, bundle, hashes, unbundle
from shared.log.tree import leaf_hash, root_of
from shared.log.trust import Rotation, rotation_in


class Mismatched(RuntimeError):
    """What was written does not have the signed root: the folder keeps its older checkpoint."""


class Spoilt(RuntimeError):
    """The folder itself is not what its checkpoint is over."""


class Folder:
    """One log's tiles, entry bundles and checkpoint.

    A full tile never changes; partial ones are written for each checkpoint, and go when the full
    one is signed.

    Args:
        root: the folder; made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._filled: list[Path] = []
        self._entries: list[bytes] = []
        self._rows: list[list[bytes]] = []
        self._size = 0

    def size(self) -> int:
        """How many entries the folder's checkpoint is over; 0 without one.

        Raises:
            Spoilt: what lies there is no checkpoint.
        """
        checkpoint = self.checkpoint()
        return checkpoint.size if checkpoint else 0

    def checkpoint(self) -> Checkpoint | None:
        """What the folder's tiles are under; None before the first.

        Raises:
            Spoilt: what lies there is no checkpoint.
        """
        try:
            note = self.note()
            return None if note is None else Checkpoint.parse(split_note(note)[0])
        except (OSError, ValueError) as wrong:
            raise Spoilt(f"{self.root / 'checkpoint'}: {wrong}") from wrong

    def note(self) -> str | None:
        """The signed checkpoint; None before the first."""
        path = self.root / "checkpoint"
        return path.read_text("utf-8") if path.exists() else None

    def extend(
        self, entries: Iterable[bytes], note: str, seen: Callable[[], object] = lambda: None,
        proven: Callable[[Callable[[int], Tree]], object] = lambda _: None,
    ) -> None:
        """Write what a larger checkpoint commits to.

        Args:
            entries: from `size` on, as many as the checkpoint is over, in order.
            note: the signed checkpoint, written last.
            seen: told after each entry.
            proven: told that the entries give its root, before it is written; gets the tree of
                each size up to it.

        Raises:
            Mismatched: the entries do not give the checkpoint's root.
            Spoilt: what was written before is damaged or gone.
        """
        promised = Checkpoint.parse(split_note(note)[0])
        self._resume()
        for entry in entries:
            self._append(entry)
            seen()
        self._write_partial()
        if (self._size, self._tree(self._size, self._size).root()) != (
            promised.size, promised.root
        ):
            raise Mismatched(f"{self.root}: not the {promised.size} entries that were signed")
        proven(lambda size: self._tree(size, promised.size))
        write(self.root / "checkpoint", note.encode())
        for path in self._filled:
            shutil.rmtree(path.with_name(f"{path.name}.p"), ignore_errors=True)

    def hand_over(self, handovers: Iterable[tuple[Rotation, str]]) -> None:
        """Write the checkpoints that two keys have signed: a follower learns the new one there.

        ``handover/<position of the rotation>``; C2SP has no place for them. They count as soon as
        the folder's checkpoint is over that position.
        """
        for rotation, note in handovers:
            path = self.root / "handover" / str(rotation.position)
            if not path.exists():
                write(path, note.encode())

    def rotations(self) -> list[Rotation]:
        """The rotations of the log's keys in it for which there is a hand-over, in order.

        Raises:
            Spoilt: a bundle is damaged or gone.
        """
        size = self.size()
        told = [rotation_in(one, self._entry(one)) for one in self._handed_over() if one < size]
        return [rotation for rotation in told if rotation]

    def handovers(self) -> list[str]:
        """The checkpoints with which keys handed over, in order."""
        return [path.read_text("utf-8") for path in self._handed_over().values()]

    def _handed_over(self) -> dict[int, Path]:
        """By position of the rotation; what a crash has left half written is none."""
        files = (self.root / "handover").glob("*")
        return dict(sorted((int(path.name), path) for path in files if path.name.isdecimal()))

    def tree(self, size: int | None = None) -> Tree:
        """The log as the folder has it, or its first so many entries, read tile by tile.

        Raises:
            Spoilt: what lies there is no checkpoint; later, a tile that is read is damaged or gone.
        """
        whole = self.size()
        return self._tree(whole if size is None else size, whole)

    def entries(self) -> Iterator[bytes]:
        """Every entry under the checkpoint, in order.

        Raises:
            Spoilt: a bundle is damaged or gone.
        """
        for index in range(-(-self.size() // WIDTH)):
            yield from self._bundle(index)

    def _entry(self, position: int) -> bytes:
        index, nth = divmod(position, WIDTH)
        return self._bundle(index)[nth]

    def _bundle(self, index: int) -> list[bytes]:
        tile = Tile(None, index, min(WIDTH, self.size() - index * WIDTH))
        try:
            entries = unbundle((self.root / tile.path).read_bytes())
        except (OSError, ValueError) as wrong:
            raise Spoilt(f"{self.root}: {wrong}") from wrong
        if len(entries) != tile.width:
            raise Spoilt(f"{self.root / tile.path} holds {len(entries)} entries")
        return entries

    def _tree(self, size: int, whole: int) -> Tree:
        def read(tile: Tile) -> list[bytes]:
            count = whole >> HEIGHT * (tile.level or 0)
            there = replace(tile, width=min(WIDTH, count - tile.index * WIDTH))
            try:
                return hashes((self.root / there.path).read_bytes())[:tile.width]
            except (OSError, ValueError) as wrong:
                raise Spoilt(f"{self.root}: {wrong}") from wrong

        return Tree(size, read)

    def _resume(self) -> None:
        self._size, self._filled = self.size(), []
        self._rows, count, level = [], self._size, 0
        try:
            self._entries = unbundle(self._partial(None, count))
            while count:
                self._rows.append(hashes(self._partial(level, count)))
                count, level = count // WIDTH, level + 1
        except (OSError, ValueError) as wrong:
            raise Spoilt(f"{self.root}: {wrong}") from wrong
        if [leaf_hash(entry) for entry in self._entries] != (self._rows or [[]])[0]:
            raise Spoilt(f"{self.root}: the last bundle is not under its hashes")

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
        write(path, data)
        self._filled.append(path)

    def _write_partial(self) -> None:
        if self._entries:
            tile = Tile(None, self._size // WIDTH, len(self._entries))
            write(self.root / tile.path, bundle(self._entries))
        count = self._size
        for level, row in enumerate(self._rows):
            if row:
                write(self.root / Tile(level, count // WIDTH, len(row)).path, b"".join(row))
            count //= WIDTH


def write(path: Path, data: bytes) -> None:
    """Write a file, durably and whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".new")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
