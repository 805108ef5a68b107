"""Roots of the mirrored logs' full tiles, kept as they fill: a proof needs a few short rows."""

from collections.abc import Callable

from psycopg2.extensions import cursor

from shared.database import Database
from shared.log.tiles import WIDTH, Tile, Tree
from shared.log.tree import root_of

LEAVES = (
    "SELECT leaf_hash FROM mirror WHERE source = %s AND position >= %s AND position < %s"
    " ORDER BY position"
)
ENTRIES = (
    "SELECT envelope FROM mirror WHERE source = %s AND position >= %s AND position < %s"
    " ORDER BY position"
)
ROOTS = (
    "SELECT index, hash FROM subtree WHERE source = %s AND level = %s AND index >= %s"
    " AND index < %s ORDER BY index"
)
Rows = Callable[[str, tuple[object, ...]], list[tuple[object, ...]]]


def keep(at: cursor, source: str, position: int) -> None:
    """Keep the root of every tile that the entry at *position* completes."""
    level, count = 0, position + 1
    while count % WIDTH == 0:
        row = _row(_fetch(at), source, level, count - WIDTH, count)
        if len(row) < WIDTH:  # an entry is parked: what is missing is computed when asked for
            return
        level, count = level + 1, count // WIDTH
        at.execute(
            "INSERT INTO subtree VALUES (%s, %s, %s, %s)", (source, level, count - 1, root_of(row))
        )


def tree_of(database: Database, source: str, size: int) -> Tree:
    """The first *size* entries of a mirrored log, which has no hole before them."""
    return Tree(size, lambda tile: tile_of(database, source, tile))


def tile_of(database: Database, source: str, tile: Tile) -> list[bytes]:
    """The hashes of a tile, or the entries of a bundle, as far as the mirror has them."""
    first = tile.index * WIDTH
    if tile.level is None:
        rows = database.rows(ENTRIES, (source, first, first + tile.width))
        return [bytes(envelope) for (envelope,) in rows]
    return _row(database.rows, source, tile.level, first, first + tile.width)


def _row(rows: Rows, source: str, level: int, first: int, end: int) -> list[bytes]:
    """Hashes *first* to *end* of a level, as far as they are there."""
    if level == 0:
        return [bytes(leaf) for (leaf,) in rows(LEAVES, (source, first, end))]
    known = {index: bytes(found) for index, found in rows(ROOTS, (source, level, first, end))}
    found = []
    for index in range(first, end):
        if index not in known:
            below = _row(rows, source, level - 1, index * WIDTH, (index + 1) * WIDTH)
            if len(below) < WIDTH:
                break
            known[index] = root_of(below)
        found.append(known[index])
    return found


def _fetch(at: cursor) -> Rows:
    def rows(query: str, given: tuple[object, ...]) -> list[tuple[object, ...]]:
        at.execute(query, given)
        return at.fetchall()

    return rows
