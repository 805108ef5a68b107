"""Where a wrong log begins to differ: told by the mirror, once the mirror has a signed root."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest

import psycopg2

from shared.database import Database
from shared.log.checkpoint import CheckpointError, open_checkpoint
from shared.log.note import NoteError, Verifier
from shared.log.tree import Range
from shared.log.verify import Bad

BLOCK = 10_000
LEAVES = (
    "SELECT position, leaf_hash FROM mirror WHERE source = %s AND position >= %s"
    " ORDER BY position LIMIT %s"
)


def pinpointed(bad: Bad, log: Iterable[bytes], mirror: "Copy", signed: Mapping[int, bytes]) -> Bad:
    """*bad* at the very first entry that differs, where the mirror can prove which that is.

    A wrong root alone says only between which two checkpoints to look.

    Args:
        log: the leaf hashes of the log's entries, from position ``bad.vouched`` on.
        signed: by size, the roots that were signed for the log.
    """
    reach = mirror.proven({size: root for size, root in signed.items() if size > bad.vouched})
    pairs = zip_longest(log, mirror.leaves(bad.vouched, reach))
    for position, (have, recorded) in enumerate(pairs, bad.vouched):
        if position >= reach or (position > bad.position and bad.reason != "root"):
            break
        if have != recorded:
            found = position == bad.position and bad.reason != "root"
            return bad if found else replace(bad, position=position, reason="not-as-mirrored")
    return bad


class Copy:
    """The ledger's leaf hashes of one log.

    Args:
        database: of the ledger, as a role that may read the mirror.
    """

    def __init__(self, database: Database, source: str) -> None:
        self.database = database
        self.source = source

    def proven(self, signed: Mapping[int, bytes]) -> int:
        """The smallest of the signed sizes up to which the mirror has the signed root; else 0."""
        tree, wanted = Range(), sorted(signed)
        try:
            for leaf in self.leaves(0, max(wanted, default=0)):
                tree.append(leaf)
                if tree.size in signed:
                    return tree.size if tree.root() == signed[tree.size] else 0
        except (psycopg2.OperationalError, psycopg2.ProgrammingError):
            return 0  # no ledger here, or not for this role's eyes
        return 0

    def leaves(self, first: int, end: int) -> Iterator[bytes]:
        """The hashes from position *first* to before *end*, up to the first hole."""
        while first < end and (
            rows := self.database.rows(LEAVES, (self.source, first, min(BLOCK, end - first)))
        ):
            for position, leaf in rows:
                if position != first:
                    return
                yield bytes(leaf)
                first += 1


def signed_roots(
    notes: Iterable[str], origin: str, verifiers: Iterable[Verifier]
) -> dict[int, bytes]:
    """The roots by size, of those *notes* that are well signed."""
    known, found = list(verifiers), {}
    for note in notes:
        try:
            checkpoint = open_checkpoint(note, origin, known)
        except (NoteError, CheckpointError):
            continue
        found[checkpoint.size] = checkpoint.root
    return found
