"""Connections to PostgreSQL: a small pool that waits instead of failing, green under eventlet."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore
from typing import Any, cast

import psycopg2
import psycopg2.extras
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, connection, cursor

psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]

GATHERED = 1_000_000  # bytes of statements in one round trip


class Database:
    """One database, shared by the threads (or green threads) of a process.

    Args:
        dsn: of the database, with the role of this process.
        size: how many connections at most; a further caller waits.
        search_path: schema of unqualified names.
    """

    def __init__(self, dsn: str, size: int = 8, search_path: str = "readmodel") -> None:
        self.dsn = dsn
        self.search_path = search_path
        self._free: list[connection] = []
        self._slots = BoundedSemaphore(size)

    def connect(self) -> connection:
        """A connection of its own, outside the pool; the caller closes it."""
        return psycopg2.connect(
            self.dsn, options=f"-c search_path={self.search_path} -c timezone=UTC",
            connect_timeout=10, keepalives_idle=30, keepalives_interval=10, keepalives_count=3,
            tcp_user_timeout=30_000,
        )

    @contextmanager
    def transaction(self) -> Iterator[cursor]:
        """A cursor in a transaction: committed at the end, rolled back on any error."""
        with self._cursor(autocommit=False) as at:
            yield at

    @contextmanager
    def _cursor(self, *, autocommit: bool) -> Iterator[cursor]:
        with self._slots:
            held = self._taken()
            try:
                held.autocommit = autocommit
                with held.cursor() as at:
                    yield at
                if not autocommit:
                    held.commit()
            except BaseException:
                self._take_back(held)
                raise
            self._free.append(held)

    def _taken(self) -> connection:
        """An idle connection whose server has not hung up meanwhile, else a new one."""
        while self._free:
            held = self._free.pop()
            if not _hung_up(held):
                return held
            held.close()
        return self.connect()

    def _take_back(self, held: connection) -> None:
        """After an error; the idle connections to a server that is gone go with it."""
        with suppress(psycopg2.Error):
            held.rollback()
        if held.closed:
            self.close()
        elif held.info.transaction_status == TRANSACTION_STATUS_IDLE:
            self._free.append(held)
        else:
            held.close()

    def rows(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """All rows of one statement, in one round trip: it is a transaction of its own."""
        with self._cursor(autocommit=True) as at:
            at.execute(sql, parameters)
            return at.fetchall()

    def dicts(self, sql: str, parameters: Any = None) -> list[dict[str, Any]]:
        """All rows of one statement, each by column name."""
        with self._cursor(autocommit=True) as at:
            return fetch_dicts(at, sql, parameters)

    def close(self) -> None:
        """Close the idle connections."""
        while self._free:
            self._free.pop().close()


def _hung_up(held: connection) -> bool:
    """Whether the server has closed an idle connection; nothing is sent to find out."""
    try:
        held.poll()  # reads the server's last words, where there are any
        held.poll()  # and behind them the end
    except psycopg2.Error:
        return True
    return False


@contextmanager
def gathered(at: cursor) -> Iterator[cursor]:
    """A cursor whose statements go to the server together: hundreds of them in one round trip.

    They are sent in their order when a result is asked for, when there are many, and at the end of
    the block. A statement that fails may so be told of at a later one, or at the end.
    """
    one = _Gathered(at)
    yield cast("cursor", one)
    one.send()


class _Gathered:
    def __init__(self, at: cursor) -> None:
        self._at = at
        self._statements: list[bytes] = []
        self._bytes = 0

    def execute(self, sql: str, parameters: Any = None) -> None:
        statement = self._at.mogrify(sql, parameters)
        self._statements.append(statement)
        self._bytes += len(statement)
        if self._bytes > GATHERED:
            self.send()

    def send(self) -> None:
        if self._statements:
            together = b";\n".join(self._statements)
            self._statements, self._bytes = [], 0
            self._at.execute(together)

    def __getattr__(self, name: str) -> Any:
        self.send()
        return getattr(self._at, name)


def fetch_dicts(at: cursor, sql: str, parameters: Any = None) -> list[dict[str, Any]]:
    """All rows of a query on an open cursor, each by column name."""
    at.execute(sql, parameters)
    names = [column.name for column in at.description or ()]
    return [dict(zip(names, row, strict=True)) for row in at.fetchall()]
