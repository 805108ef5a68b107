"""Connections to a real PostgreSQL, each statement a step; a crash rolls back what was open."""

import select
from collections import defaultdict
from typing import Any, Self

import psycopg2
from psycopg2.extensions import (
    POLL_OK,
    POLL_READ,
    POLL_WRITE,
    TRANSACTION_STATUS_IDLE,
    connection,
)

from shared.database import Database
from tests.simulator.scheduler import Process, Scheduler

PATIENCE = 0.002  # seconds before the server is asked whether a statement waits for a lock
# Nobody commits while the sequencer waits, so it need not wait for whoever is open.
SHORTER = ("log.integrate(%s)", "log.integrate(%s, 0)")

class Postgres:
    """Lends connections to the processes; from its server's view an ended process rolled back.

    Args:
        watcher: a connection of the administrator, to see who waits for a lock.
    """

    def __init__(self, watcher: connection) -> None:
        self.scheduler: Scheduler | None = None
        self._watcher = watcher
        self._spare: dict[tuple[str, str], list[connection]] = defaultdict(list)
        self._stepped: set[connection] = set()

    def lend(self, database: Database) -> "Lent":
        """A connection for the process at work; stands in for `Database.connect`."""
        scheduler = self.scheduler
        assert scheduler is not None
        assert scheduler.current is not None
        key = (database.dsn, database.search_path)
        spare = self._spare[key]
        if not spare:
            options = f"-c search_path={database.search_path} -c timezone=UTC"
            spare.append(psycopg2.connect(database.dsn, options=options))
            self._stepped.add(spare[0])
        return Lent(spare.pop(), spare, self, scheduler.current)

    def wait(self, raw: connection) -> None:
        """psycopg2's wait callback: a process that must wait for a lock lets the others work."""
        while (state := raw.poll()) != POLL_OK:
            writing = [raw] if state == POLL_WRITE else []
            reading = [raw] if state == POLL_READ else []
            ready = select.select(reading, writing, [], PATIENCE)
            if not any(map(bool, ready)) and raw in self._stepped and self._waits(raw):
                assert self.scheduler is not None
                self.scheduler.wait_for_lock()

    def _waits(self, raw: connection) -> bool:
        with self._watcher.cursor() as at:
            at.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", (raw.info.backend_pid,))
            ((waits,),) = at.fetchall()
        return bool(waits)

    def take_back(self, raw: connection, home: list[connection]) -> None:
        """Its server rolls back what it had open; one that waits for a lock is ended instead."""
        if raw.isexecuting():
            with self._watcher.cursor() as at:
                at.execute("SELECT pg_terminate_backend(%s, 5000)", (raw.info.backend_pid,))
            self._stepped.discard(raw)
            return
        raw.rollback()
        if raw.info.transaction_status != TRANSACTION_STATUS_IDLE:  # begun by hand, in autocommit
            with raw.cursor() as at:
                at.execute("ROLLBACK")
        home.append(raw)

    def close(self) -> None:
        """Close the connections."""
        for spare in self._spare.values():
            while spare:
                spare.pop().close()


class Lent:
    """Looks like a psycopg2 connection; belongs to one process and breaks with it."""

    def __init__(
        self, raw: connection, home: list[connection], postgres: Postgres, process: Process
    ) -> None:
        assert postgres.scheduler is not None
        self._raw: connection | None = raw
        self._home = home
        self._postgres = postgres
        self.scheduler = postgres.scheduler
        self._process = process
        process.held.append(self)

    @property
    def raw(self) -> connection:
        if self._raw is None:
            raise psycopg2.InterfaceError("connection already closed")
        return self._raw

    @property
    def closed(self) -> int:
        return int(self._raw is None)

    @property
    def info(self) -> Any:
        return self.raw.info

    @property
    def autocommit(self) -> bool:
        return self.raw.autocommit

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        self.raw.autocommit = value

    def poll(self) -> int:
        """What it tells without being asked."""
        return self.raw.poll()

    def cursor(self) -> "LentCursor":
        return LentCursor(self)

    def commit(self) -> None:
        self.before("COMMIT")
        self.raw.commit()
        self.after("COMMIT")

    def rollback(self) -> None:
        self.raw.rollback()
        self.scheduler.ends += 1

    def close(self) -> None:
        self.broken()
        if self in self._process.held:
            self._process.held.remove(self)

    def broken(self) -> None:
        """The server rolls back what this connection had open."""
        if self._raw is not None:
            raw, self._raw = self._raw, None
            self._postgres.take_back(raw, self._home)
            self.scheduler.ends += 1

    def before(self, what: str) -> None:
        """A step begins: the process may crash, its connection may break."""
        self.raw  # noqa: B018 - raises if it is broken already
        self.scheduler.step(what)
        self._maybe_cut()

    def after(self, what: str) -> None:
        """The server has done it; whether the process learns of it is another matter."""
        if self.raw.info.transaction_status == TRANSACTION_STATUS_IDLE:
            self.scheduler.ends += 1
        if "log.append" in what:
            self.scheduler.news[self.raw.info.dbname.rpartition("_")[2]] += 1
        self.scheduler.maybe_crash()
        self._maybe_cut()

    def _maybe_cut(self) -> None:
        if self.scheduler.befalls("cut"):
            self.close()
            raise psycopg2.OperationalError("the connection was cut")


class LentCursor:
    """A cursor whose `execute` is a step."""

    def __init__(self, lent: Lent) -> None:
        self._lent = lent
        self._at = lent.raw.cursor()

    def execute(self, sql: str | bytes, parameters: Any = None) -> None:
        if isinstance(sql, bytes):  # statements that were gathered
            sql = sql.decode()
        what = " ".join(sql.split())
        self._lent.before(what[:60])
        self._at.execute(sql.replace(*SHORTER), parameters)
        self._lent.after(what)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._at, name)

    def __iter__(self) -> Any:
        return iter(self._at)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._at.close()
