"""An empty log, and a sequencer beside it."""

import time
from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Thread

import pytest

from shared.database import Database
from shared.log.store import Log
from shared.migrate import as_role
from shared.settings import Settings
from tests.emptied import emptied


def role_of(settings: Settings, role: str) -> Settings:
    """The settings of a process that works under one role."""
    return replace(settings, database_url=as_role(settings, role))


def integrate(settings: Settings) -> int:
    """Number what is committed in catalog's log, under the relay's role; returns how many."""
    database = Database(role_of(settings, "relay").dsn("catalog"), size=1, search_path="log")
    ((count,),) = database.rows("SELECT log.integrate(1000)")
    database.close()
    return int(count)


@pytest.fixture
def empty_log(migrated: Settings) -> Settings:
    """Catalog's log with nothing in it."""
    emptied(migrated, "catalog", ())
    return migrated


@pytest.fixture
def log(empty_log: Settings) -> Iterator[Log]:
    """Catalog's log under catalog's own role."""
    database = Database(role_of(empty_log, "catalog").dsn("catalog"), size=20)
    yield Log(database)
    database.close()


class Sequencing:
    """A sequencer in a thread, under the relay's role."""

    def __init__(self, settings: Settings) -> None:
        self.database = Database(role_of(settings, "relay").dsn("catalog"), size=1,
                                 search_path="log")
        self.stop = Event()
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.stop.is_set():
            if self.database.rows("SELECT log.integrate(1000)")[0][0] <= 0:
                time.sleep(0.001)


@pytest.fixture
def sequencing(empty_log: Settings) -> Iterator[Sequencing]:
    """A sequencer at work until the test ends."""
    at_work = Sequencing(empty_log)
    yield at_work
    at_work.stop.set()
    at_work.thread.join()
    at_work.database.close()
