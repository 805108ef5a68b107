"""Promises about events that are recorded and not signed yet: given where the logs' keys are."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from uuid import UUID

import psycopg2
import structlog

from shared.clock import Clock, system_clock
from shared.database import Database
from shared.log.keyring import Held
from shared.log.note import NoteError
from shared.log.promise import Promise, sign_promise
from shared.settings import SERVICES, Settings

WITHIN = timedelta(hours=24)  # an outage of the broker or the sequencer is over by then
EVERY = 0.05
BATCH = 100

ASKED = (
    "SELECT source, stream, version FROM promise.asked WHERE source = ANY(%s)"
    " ORDER BY asked_at LIMIT %s"
)
LEAF = "SELECT leaf_hash FROM log.event WHERE stream = %s AND version = %s"
GIVE = (
    "WITH given AS (INSERT INTO promise.given VALUES (%(source)s, %(stream)s, %(version)s,"
    " %(leaf)s, %(note)s) ON CONFLICT DO NOTHING) DELETE FROM promise.asked"
    " WHERE (source, stream, version) = (%(source)s, %(stream)s, %(version)s) RETURNING 1"
)

log = structlog.get_logger()


class Promiser:
    """Answers what the ledger asks to have promised, in the process that signs the checkpoints.

    The log's key promises, no other: only who signs the log can keep it. What is promised is read
    in the log itself, never taken from the question. One that has not kept its last signed root
    (see `relay.Forked`) promises nothing.

    Args:
        settings: of the relay: its role, and the folder of keys.
        may: whether the log of a service may still be signed.
    """

    def __init__(
        self, settings: Settings, may: Callable[[str], bool], clock: Clock = system_clock
    ) -> None:
        self.settings = settings
        self.may = may
        self.clock = clock
        self.stopping = Event()
        self._asked = Database(settings.dsn("ledger"), size=1, search_path="promise")
        self._logs: dict[str, Database] = {}

    def run(self) -> None:
        """Answer until `stopping` is set; after a loss of the database it starts over."""
        pause = EVERY
        while not self.stopping.wait(pause):
            try:
                self.turn()
                pause = EVERY
            except (psycopg2.Error, NoteError, OSError) as broken:
                log.warning("promiser.retry", error=str(broken).strip())
                pause = 1.0
            except Exception:
                log.exception("promiser.fault")
                pause = 1.0
        for database in (self._asked, *self._logs.values()):
            database.close()

    def turn(self) -> int:
        """Give every promise that is asked for and can be given; returns how many."""
        able = [
            source for source in SERVICES if self.may(source) and self._key(source).path.exists()
        ]
        return sum(self._give(*asked) for asked in self._asked.rows(ASKED, (able, BATCH)))

    def _give(self, source: str, stream: UUID, version: int) -> bool:
        origin = self.settings.origin(source)
        if source not in self._logs:
            self._logs[source] = Database(
                self.settings.dsn(source), size=1, search_path="log"
            )
        found = self._logs[source].rows(LEAF, (stream, version))
        if not found:
            return False
        leaf = bytes(found[0][0])
        promise = Promise(origin, stream, version, leaf, self._by())
        self._asked.rows(GIVE, {
            "source": source, "stream": stream, "version": version, "leaf": leaf,
            "note": sign_promise(promise, self._key(source).loaded()),
        })
        return True

    def _key(self, source: str) -> Held:
        return Held(self.settings.keys, source, self.settings.origin(source))

    def _by(self) -> datetime:
        return (self.clock() + WITHIN).replace(microsecond=0)
