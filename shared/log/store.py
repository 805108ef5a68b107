"""The log of one service: append commands' events, read streams and the dense order."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg2.errors
from psycopg2.extensions import cursor

from shared.database import Database


@dataclass(frozen=True)
class Append:
    """One command's events for one stream.

    Args:
        expected: version of the stream before them; -1 or 0 for none.
        types: of the events; empty for a command that changes nothing and is remembered.
        request: 32 bytes, SHA-256 of the request, which tells a retry from a reused id.
    """

    command: UUID
    stream: UUID
    expected: int
    actor: str
    request: bytes
    types: Sequence[str]
    envelopes: Sequence[bytes]


@dataclass(frozen=True)
class Outcome:
    """What became of an append: ``ok``, ``duplicate``, ``key-reused`` or ``conflict``.

    Args:
        version: last version that the command wrote, for ``ok`` and ``duplicate``.
    """

    status: str
    version: int | None


@dataclass(frozen=True)
class Seen:
    """A command that was accepted before."""

    stream: UUID
    version: int
    request: bytes
    types: list[str]


@dataclass(frozen=True)
class Entry:
    """One event in the dense order."""

    position: int
    previous: int | None
    type: str
    stream: UUID
    version: int
    envelope: bytes


def request_hash(canonical_body: bytes) -> bytes:
    """32 bytes by which a repeated command is compared with the first."""
    return hashlib.sha256(canonical_body).digest()


APPEND = "SELECT * FROM log.append(%s, %s, %s, %s, %s, %s, %s)"


class Log:
    """One service's log over one database; every method is one round trip."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def append(self, append: Append) -> Outcome:
        """Record one command's events, all or none, unless seen before or overtaken."""
        ((status, version),) = self._call(APPEND, _told(append))
        return Outcome(status, version)

    def append_in(self, at: cursor, append: Append) -> Outcome:
        """The same within a transaction of the caller, who writes more in it; it is to be short."""
        at.execute(APPEND, _told(append))
        ((status, version),) = at.fetchall()
        return Outcome(status, version)

    def remember(self, command: UUID, request: bytes) -> str:
        """Keep which request a command of many steps stands for: ok, duplicate or key-reused."""
        ((status,),) = self.database.rows("SELECT log.remember(%s, %s)", (command, request))
        return str(status)

    def append_batch(self, appends: Sequence[Append]) -> list[Outcome]:
        """Record many independent commands in one transaction, with an outcome each.

        Args:
            appends: no two of one stream, no command twice; see ``shared.log.together``.
        """
        owners = [place for place, one in enumerate(appends, 1) for _ in one.types]
        rows = self._call(
            "SELECT * FROM log.append_batch(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                [a.command for a in appends], [a.stream for a in appends],
                [a.expected for a in appends], [len(a.types) for a in appends],
                [a.actor for a in appends], [a.request for a in appends], owners,
                [t for a in appends for t in a.types],
                [e for a in appends for e in a.envelopes],
            ),
        )
        return [Outcome(status, version) for _, status, version in rows]

    def _call(self, sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        for _ in range(5):
            try:
                return self.database.rows(sql, parameters)
            except psycopg2.errors.DeadlockDetected:
                continue
        return self.database.rows(sql, parameters)

    def seen(self, command: UUID) -> Seen | None:
        """The stream, last version and event types of a command accepted before, or None."""
        rows = self.database.rows(
            "SELECT c.stream, c.from_version + c.n - 1, c.request,"
            " array_remove(array_agg(e.type ORDER BY e.version), NULL)"
            " FROM log.command c LEFT JOIN log.event e ON e.stream = c.stream"
            " AND e.version BETWEEN c.from_version AND c.from_version + c.n - 1"
            " WHERE c.command_id = %s GROUP BY c.command_id", (command,),
        )
        return Seen(rows[0][0], rows[0][1], bytes(rows[0][2]), rows[0][3]) if rows else None

    def events(
        self, stream: UUID, *, gt: int | None = None, lte: int | None = None,
        desc: bool = False, limit: int | None = None,
    ) -> list[tuple[int, str, bytes]]:
        """(version, type, envelope) of a stream's events with ``gt < version <= lte``, in order."""
        sql = "SELECT version, type, envelope FROM log.event WHERE stream = %s"
        parameters: list[Any] = [stream]
        if gt is not None:
            sql, parameters = sql + " AND version > %s", [*parameters, gt]
        if lte is not None:
            sql, parameters = sql + " AND version <= %s", [*parameters, lte]
        sql += f" ORDER BY version {'DESC' if desc else 'ASC'}"
        if limit is not None:
            sql, parameters = sql + " LIMIT %s", [*parameters, limit]
        return [(v, t, bytes(e)) for v, t, e in self.database.rows(sql, parameters)]

    def entries(
        self, first: int, limit: int, last: int | None = None, types: Sequence[str] = ()
    ) -> list[Entry]:
        """Up to *limit* entries with ``first <= position <= last``, in dense order."""
        rows = self.database.rows(
            "SELECT n.position, n.previous, e.type, e.stream, e.version, e.envelope"
            " FROM log.entry n JOIN log.event e USING (ord)"
            " WHERE n.position >= %s AND (%s::bigint IS NULL OR n.position <= %s)"
            " AND (%s OR e.type = ANY(%s)) ORDER BY n.position LIMIT %s",
            (first, last, last, not types, list(types), limit),
        )
        return [Entry(p, q, t, s, v, bytes(envelope)) for p, q, t, s, v, envelope in rows]

    def leaves(self, first: int, last: int) -> dict[int, bytes]:
        """The recorded leaf hash of each position from *first* to *last* that there is."""
        rows = self.database.rows(
            "SELECT position, leaf_hash FROM log.entry WHERE position BETWEEN %s AND %s",
            (first, last),
        )
        return {position: bytes(leaf) for position, leaf in rows}

    def size(self) -> int:
        """How many entries the dense order has; the next position."""
        ((size,),) = self.database.rows("SELECT coalesce(max(position) + 1, 0) FROM log.entry")
        return int(size)

    def positions(self, stream: UUID, first: int, last: int) -> list[int]:
        """Positions of a stream's versions *first* … *last*, those already sequenced."""
        rows = self.database.rows(
            "SELECT n.position FROM log.event e JOIN log.entry n USING (ord)"
            " WHERE e.stream = %s AND e.version BETWEEN %s AND %s ORDER BY e.version",
            (stream, first, last),
        )
        return [position for (position,) in rows]


def _told(append: Append) -> tuple[Any, ...]:
    return (
        append.command, append.stream, append.expected, append.actor, append.request,
        list(append.types), list(append.envelopes),
    )
