"""The SM3 root that a relay keeps beside the first: its range goes with each checkpoint."""

from collections.abc import Callable, Iterator, Mapping

from psycopg2.extensions import connection, cursor

from shared.bus.stopped import Forked
from shared.log.checkpoint import Checkpoint
from shared.log.note import split_note
from shared.log.sm3 import sm3_leaf, sm3_range, sm3_root
from shared.log.tree import Range

BLOCK = 2000


def caught_up(
    held: connection, size: int, signed: Mapping[int, bytes], beat: Callable[[], object] = bool
) -> Range:
    """The SM3 range of the log's first *size* entries: the one kept, and what came after it.

    One that was not kept, or is not the one signed, is built from the stored bytes.

    Args:
        signed: SM3 roots of checkpoints that are known from elsewhere, by size.
        beat: called between blocks; what it raises ends the reading.

    Raises:
        Forked: the stored bytes do not give a signed root.
    """
    found = _kept(held)
    known = {**_told(held, found.size), **signed}
    if found.size > size or known.get(found.size) != found.root():
        found = sm3_range()
    for envelope in _envelopes(held, found.size, size, beat):
        found.append(sm3_leaf(envelope))
        if known.get(found.size, found.root()) != found.root():
            raise Forked(f"the SM3 root at size {found.size} is not the one signed before")
    return found


def keep(at: cursor, found: Range) -> None:
    """Keep the range, in the transaction of the checkpoint that it belongs to."""
    at.execute(
        "INSERT INTO log.sm3 (size, hashes) VALUES (%s, %s)"
        " ON CONFLICT (one) DO UPDATE SET size = excluded.size, hashes = excluded.hashes",
        (found.size, list(found.hashes)),
    )


def _kept(held: connection) -> Range:
    with held.cursor() as at:
        at.execute("SELECT size, hashes FROM log.sm3")
        for size, hashes in at:
            return sm3_range(size, tuple(bytes(one) for one in hashes))
    return sm3_range()


def _told(held: connection, size: int) -> dict[int, bytes]:
    """The SM3 root of the checkpoint of *size*, if it has one."""
    with held.cursor() as at:
        at.execute("SELECT note FROM log.checkpoint WHERE size = %s", (size,))
        for (note,) in at:
            root = sm3_root(Checkpoint.parse(split_note(note)[0]))
            return {} if root is None else {size: root}
    return {}


def _envelopes(
    held: connection, first: int, end: int, beat: Callable[[], object]
) -> Iterator[bytes]:
    while first < end:
        beat()
        with held.cursor() as at:
            at.execute(
                "SELECT e.envelope FROM log.entry n JOIN log.event e USING (ord)"
                " WHERE n.position >= %s AND n.position < %s ORDER BY n.position",
                (first, min(end, first + BLOCK)),
            )
            rows = at.fetchall()
        yield from (bytes(envelope) for (envelope,) in rows)
        first += BLOCK
