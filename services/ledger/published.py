"""Checks a log's static folder alone: every bundle, every tile, and the root that was signed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.log.checkpoint import Checkpoint, CheckpointError, open_checkpoint
from shared.log.note import NoteError, Verifier
from shared.log.tiles import WIDTH, Tile, Tree, hashes, tiles_of, unbundle
from shared.log.tree import leaf_hash, root_of


@dataclass(frozen=True)
class Unsound:
    """The folder does not hold.

    Args:
        path: the first file found wrong, within the folder.
        reason: ``missing``, ``cut-off``, ``other-hashes`` (a tile is not over the entries or tiles
            under it), ``root`` (the tiles do not give the signed root), ``checkpoint-<code of the
            note's error>``.
    """

    path: str
    reason: str


def checked(root: Path, origin: str, verifiers: Sequence[Verifier]) -> Checkpoint | Unsound:
    """The checkpoint of the folder *root*, if all that it commits to is there and unchanged.

    Args:
        origin: the log's name, ``fuquan/<deployment>/<service>``.
        verifiers: the keys trusted to sign for it.

    Source:
        https://c2sp.org/tlog-tiles
    """
    try:
        found = open_checkpoint((root / "checkpoint").read_bytes(), origin, verifiers)
    except FileNotFoundError:
        return Unsound("checkpoint", "missing")
    except (NoteError, CheckpointError) as wrong:
        return Unsound("checkpoint", f"checkpoint-{wrong.code}")
    for tile in tiles_of(found.size):
        try:
            have = _hashes(root, tile)
            want = _under(root, tile)
        except _Unreadable as wrong:
            return wrong.what
        if have != want:
            return Unsound(tile.path, "other-hashes")
    tree = Tree(found.size, lambda tile: _hashes(root, tile))
    return found if tree.root() == found.root else Unsound("checkpoint", "root")


class _Unreadable(Exception):
    def __init__(self, tile: Tile, reason: str) -> None:
        super().__init__(tile.path)
        self.what = Unsound(tile.path, reason)


def _under(root: Path, tile: Tile) -> list[bytes]:
    """What *tile* must hold: hashes of its entries, or roots of the full tiles under it."""
    if tile.level == 0:
        return [leaf_hash(entry) for entry in _entries(root, Tile(None, tile.index, tile.width))]
    below = (Tile((tile.level or 0) - 1, tile.index * WIDTH + nth) for nth in range(tile.width))
    return [root_of(_hashes(root, one)) for one in below]


def _entries(root: Path, tile: Tile) -> list[bytes]:
    return _read(root, tile, unbundle)


def _hashes(root: Path, tile: Tile) -> list[bytes]:
    return _read(root, tile, hashes)


def _read(root: Path, tile: Tile, parse: Callable[[bytes], list[bytes]]) -> list[bytes]:
    try:
        found = parse((root / tile.path).read_bytes())
    except FileNotFoundError as wrong:
        raise _Unreadable(tile, "missing") from wrong
    except ValueError as wrong:
        raise _Unreadable(tile, "cut-off") from wrong
    if len(found) != tile.width:
        raise _Unreadable(tile, "cut-off")
    return found
