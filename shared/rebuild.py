"""Replays the logs into empty tables and compares them with the live read model."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import NamedTuple

from psycopg2 import sql
from psycopg2.extensions import (
    ISOLATION_LEVEL_READ_COMMITTED,
    ISOLATION_LEVEL_REPEATABLE_READ,
    connection,
    cursor,
)

from shared.contracts.envelope import Fact, open_fact
from shared.database import Database, gathered
from shared.log.store import Log
from shared.projection import Projection

BLOCK = 500
TOGETHER = 50

# Independent of the order of rows, and of their number in memory: two sums of 64-bit halves.
HASH = sql.SQL(
    "SELECT count(*), coalesce(sum(('x' || left(h, 16))::bit(64)::bigint), 0) || ':' ||"
    " coalesce(sum(('x' || right(h, 16))::bit(64)::bigint), 0)"
    " FROM (SELECT md5(t::text) AS h FROM {} t) hashed"
)


# Rows as text in the order of their bytes, so that both sides can be read side by side.
ROWS = sql.SQL('SELECT t::text FROM {} t ORDER BY t::text COLLATE "C"')


class Compared(NamedTuple):
    """One table, live and rebuilt; equal hashes mean the same rows, in whatever order.

    Args:
        first: where they differ, the first row that only one of them has, as text.
    """

    live: str
    rebuilt: str
    rows: int
    first: "Difference | None" = None


class Difference(NamedTuple):
    """A row that only one side has; the other is None."""

    live: str | None
    rebuilt: str | None


def rebuild(
    database: Database, projection: Projection, logs: Mapping[str, Log], sources: Iterable[str]
) -> dict[str, Compared]:
    """Compare every table of the read model with what the logs say, as far as it has come.

    The live tables are read as of one instant, without a write. Then temporary tables shadow them,
    a short transaction for some facts at a time: the sequencers wait for every open writer of the
    cluster, so one long transaction would hold up all logs; one that only reads holds up nothing.
    Parked facts are left out, as they are out of the live tables.

    Returns:
        By table name; `Compared.live` and `Compared.rebuilt` differ where the read model is wrong.

    Raises:
        ValueError, psycopg2.Error: a fact that is not parked can no longer be read or projected,
            or a handler names the live table.
    """
    with closing(database.connect()) as kept, closing(database.connect()) as held:
        kept.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with kept.cursor() as at:  # one instant, to which the rows are compared at the end
            live = {table: _hash(at, "readmodel", table) for table in _tables(at)}
            reached = {source: _reached(at, source) for source in sources}
        held.set_session(isolation_level=ISOLATION_LEVEL_READ_COMMITTED)
        with held, held.cursor() as at:
            _shadow(at, live)
        held.set_session(readonly=True)  # of which temporary tables are exempt
        for source, (end, parked) in reached.items():
            facts = _facts(logs[source], end, parked, projection)
            while some := list(islice(facts, TOGETHER)):
                with held, held.cursor() as at, gathered(at) as together:
                    for fact in some:
                        projection.apply(together, fact)
        with held, held.cursor() as at:
            rebuilt = {table: _hash(at, "pg_temp", table)[1] for table in live}
        return {
            table: Compared(
                now, rebuilt[table], rows,
                None if now == rebuilt[table] else _difference(kept, held, table),
            )
            for table, (rows, now) in live.items()
        }


def _tables(at: cursor) -> list[str]:
    at.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'readmodel'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
    )
    return [name for (name,) in at.fetchall()]


def _reached(at: cursor, source: str) -> tuple[int, set[int]]:
    """The next position of a source, and those before it that are parked."""
    at.execute("SELECT projected FROM bus.cursor WHERE source = %s", (source,))
    end = next((projected for (projected,) in at.fetchall()), 0)
    at.execute(
        "SELECT position FROM bus.parked WHERE source = %s AND stage IN ('read', 'project')",
        (source,),
    )
    return end, {position for (position,) in at.fetchall()}


def _shadow(at: cursor, tables: Iterable[str]) -> None:
    """Empty temporary tables like the live ones; PostgreSQL looks for names in pg_temp first."""
    for table in tables:
        at.execute(
            sql.SQL("CREATE TEMP TABLE {} (LIKE {} INCLUDING ALL)").format(
                sql.Identifier(table), sql.Identifier("readmodel", table)
            )
        )


def _facts(log: Log, end: int, without: set[int], projection: Projection) -> Iterator[Fact]:
    """Those that some handler takes in."""
    first = 0
    while first < end:
        entries = log.entries(first, BLOCK, last=end - 1)
        if not entries:
            raise ValueError(f"{end} entries were projected, the log ends before {first}")
        for entry in entries:
            if entry.position not in without and projection.handles(entry.type):
                yield open_fact(entry.envelope, entry.position, entry.previous)
        first = entries[-1].position + 1


def _hash(at: cursor, schema: str, table: str) -> tuple[int, str]:
    at.execute(HASH.format(sql.Identifier(schema, table)))
    ((rows, found),) = at.fetchall()
    return rows, found


def _difference(kept: connection, held: connection, table: str) -> Difference | None:
    """The first row, in the order of the bytes, that is on one side and not on the other."""
    with _rows(kept, "readmodel", table) as lived, held, _rows(held, "pg_temp", table) as made:
        live, rebuilt = next(lived, None), next(made, None)
        while live is not None and live == rebuilt:
            live, rebuilt = next(lived, None), next(made, None)
    if rebuilt is None:
        return None if live is None else Difference(live[0], None)
    alone = live is not None and live[0].encode() < rebuilt[0].encode()
    return Difference(live[0], None) if live and alone else Difference(None, rebuilt[0])


def _rows(held: connection, schema: str, table: str) -> cursor:
    """The rows of a table, fetched as they are read."""
    at = held.cursor("rows")
    at.execute(ROWS.format(sql.Identifier(schema, table)))
    return at
