"""Facts with their proofs out of a service's own log, for who asks no ledger."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from services.ledger.sources import Source
from shared.log.checkpoint import Checkpoint, CheckpointError
from shared.log.keys import NoteError
from shared.log.tiles import WIDTH, Tile, Tree
from shared.log.tree import root_of
from shared.log.trust import open_trusted

ENVELOPES = (
    "SELECT n.position, e.envelope FROM log.entry n JOIN log.event e USING (ord)"
    " WHERE n.position = ANY(%s) ORDER BY n.position"
)
LEAVES = "SELECT leaf_hash FROM log.entry WHERE position >= %s AND position < %s ORDER BY position"


def own_proofs(source: Source, positions: Sequence[int]) -> dict[str, Any]:
    """Facts with their proofs under the latest checkpoint, as the ledger's ``proofs`` tells them.

    It reads every leaf hash once: no roots of tiles are kept there.
    """
    signed = _signed(source)
    tree = tree_of(source, 0 if signed is None else signed[0].size)
    return {
        "checkpoint": signed and signed[1], "size": signed and signed[0].size,
        "facts": [
            {
                "position": position, "envelope": bytes(envelope).decode(errors="replace"),
                "path": [b64encode(step).decode() for step in tree.inclusion(position)]
                if position < tree.size else None,
            }
            for position, envelope in source.database.rows(ENVELOPES, (list(positions),))
        ],
    }


def tree_of(source: Source, size: int) -> Tree:
    """The first *size* entries of a service's log."""

    def read(tile: Tile) -> list[bytes]:
        first = tile.index * WIDTH
        return _row(source, tile.level or 0, first, first + tile.width)

    return Tree(size, read)


def _row(source: Source, level: int, first: int, end: int) -> list[bytes]:
    """Hashes *first* to *end* of a level."""
    if level == 0:
        return [bytes(leaf) for (leaf,) in source.database.rows(LEAVES, (first, end))]
    return [
        root_of(_row(source, level - 1, index * WIDTH, (index + 1) * WIDTH))
        for index in range(first, end)
    ]


def _signed(source: Source) -> tuple[Checkpoint, str] | None:
    """The latest checkpoint and its note; None where there is none that is well signed."""
    try:
        note = source.latest()
        if note is None:
            return None
        return open_trusted(note, source.origin, source.terms()), note
    except (NoteError, CheckpointError):
        return None
