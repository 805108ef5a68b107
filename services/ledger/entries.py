"""Facts as recorded, from any position, for platforms that catch up or begin anew."""

from typing import Any

import psycopg2

from services.ledger.mirror import Mirror
from services.ledger.sources import Source
from shared.database import Database
from shared.log.store import Entry, Log

MOST_BYTES = 4 * 2**20
MIRRORED = (
    "SELECT position, previous, type, stream, version, envelope FROM mirror"
    " WHERE source = %(source)s AND position >= %(first)s AND position < %(dense)s"
    " AND (%(all)s OR type = ANY(%(types)s)) ORDER BY position LIMIT %(limit)s"
)


class Entries:
    """One log's entries: from the log itself, from the mirror where that is away.

    Args:
        database: of the ledger.
    """

    def __init__(
        self, database: Database, name: str, source: Source | None, mirror: Mirror
    ) -> None:
        self.database = database
        self.name = name
        self.log = Log(source.database) if source else None
        self.mirror = mirror

    def page(self, first: int, limit: int, types: list[str]) -> dict[str, Any]:
        """Entries from *first* on, at most *limit*, and no more than about 4 MiB.

        Returns:
            ``entries``, each with ``source, position, previous, type, envelope``; ``next``, the
            position to go on with; ``size`` of the log, the position of its next fact.
        """
        found, size = self._found(first, limit, types)
        kept, room = [], MOST_BYTES
        for entry in found:
            room -= len(entry.envelope)
            if kept and room < 0:
                break
            kept.append(entry)
        whole = len(kept) == len(found) < limit
        return {
            "entries": [
                {
                    "source": self.name, "position": one.position, "previous": one.previous,
                    "type": one.type, "envelope": one.envelope.decode("utf-8", "replace"),
                }
                for one in kept
            ],
            "next": max(first, size) if whole else kept[-1].position + 1,
            "size": size,
        }

    def _found(self, first: int, limit: int, types: list[str]) -> tuple[list[Entry], int]:
        """The entries below the log's size as it was before they were read, and that size."""
        if self.log is not None:
            try:
                size = self.log.size()
                return self.log.entries(first, limit, size - 1, types), size
            except psycopg2.OperationalError:
                pass
        size = self.mirror.dense()
        rows = self.database.rows(MIRRORED, {
            "source": self.name, "first": first, "dense": size, "all": not types, "types": types,
            "limit": limit,
        })
        return [Entry(p, q, t, s, v, bytes(envelope)) for p, q, t, s, v, envelope in rows], size
