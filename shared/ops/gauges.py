"""How far logs and consumers are, read from the database when asked: never stale, never cached.

What waits at the broker is asked for beside: a scrape waits for no broker.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import psycopg2
import structlog
from cryptography import x509
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.bus.broker import WrongAddress, address
from shared.clock import day_of, system_clock
from shared.database import Database
from shared.holidays import china
from shared.ops.queues import NO_BROKER, WATCHED, queues

EVERY = 5.0  # seconds between two looks at the broker
FRESH = 30.0  # what is older is not shown

log = structlog.get_logger()

LOG = (
    "WITH here AS (SELECT (SELECT next_position FROM log.sequence) AS size,"
    "  (SELECT next_position FROM log.relay) AS sent,"
    "  (SELECT coalesce(max(size), 0) FROM log.checkpoint) AS signed)"
    " SELECT size, size - sent, size - signed,"
    "  coalesce(extract(epoch FROM clock_timestamp() - (SELECT received_at FROM log.command"
    "   WHERE command_id = (SELECT command_id FROM log.event"
    "    WHERE ord > (SELECT last_ord FROM log.sequence) ORDER BY ord LIMIT 1))), 0),"
    "  coalesce(extract(epoch FROM clock_timestamp()"
    "   - (SELECT integrated_at FROM log.entry WHERE position = sent)), 0),"
    "  coalesce(extract(epoch FROM clock_timestamp()"
    "   - (SELECT integrated_at FROM log.entry WHERE position = signed)), 0),"
    "  (SELECT until > clock_timestamp() FROM log.relay)::int"
    " FROM here"
)
OF_LOG = (
    ("fuquan_log_size", "Facts with a position."),
    ("fuquan_log_unsent", "Facts not yet confirmed by the broker."),
    ("fuquan_log_unsigned", "Facts not yet under a signed checkpoint."),
    ("fuquan_log_barrier_age_seconds", "How long the oldest recorded fact waits for a position."),
    ("fuquan_log_unsent_age_seconds", "Age of the oldest fact not confirmed by the broker."),
    ("fuquan_log_unsigned_age_seconds", "Age of the oldest fact not under a checkpoint."),
    ("fuquan_relay_active", "1 where some relay holds the lease of this log."),
)
PLACE = (
    "SELECT size - %(projected)s, size - %(reacted)s,"
    " coalesce(extract(epoch FROM clock_timestamp()"
    "  - (SELECT integrated_at FROM log.entry WHERE position = %(reacted)s)), 0)"
    " FROM (SELECT coalesce(max(position) + 1, 0) AS size FROM log.entry) here"
)
OF_CONSUMER = (
    ("fuquan_consumer_behind", "Facts not yet in the read model."),
    ("fuquan_consumer_unreacted", "Facts whose policies have not run yet."),
    ("fuquan_consumer_undelivered_age_seconds", "Age of the oldest fact not fully taken in."),
)
OF_PARKED = (
    ("fuquan_parked", "Facts and messages set aside and waiting for an operator."),
    ("fuquan_parked_age_seconds", "How long the oldest of them has waited."),
)
OF_DATABASE = (
    ("fuquan_database_up", "1 where the database, of a service, answers this process."),
)
OF_QUEUE = (
    ("fuquan_messages_waiting", "Messages ready in a queue, which no process has in hand."),
    ("fuquan_queue_readers", "Processes that read it."),
)
STAGES = ("read", "project", "react")
CURSORS = "SELECT source, projected, reacted FROM bus.cursor"
PARKED = (
    "SELECT stage, count(*), extract(epoch FROM clock_timestamp() - min(parked_at))"
    " FROM bus.parked GROUP BY stage"
)


class Logs(Collector):
    """The state of logs, for whoever relays them.

    Args:
        databases: of the logs, by service.
    """

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self.databases = databases

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        answers = Answers("relay")
        yield from _families(
            OF_LOG, ("service",),
            (
                ((name,), row) for name, database in self.databases.items()
                for row in answers.of(name, database, LOG)
            ),
        )
        yield answers.told()


class Consumption(Collector):
    """How far one service has taken in the logs that it follows, and what it has set aside.

    Args:
        name: of the service.
        database: its own.
        sources: databases of the logs that it follows, by service.
    """

    def __init__(self, name: str, database: Database, sources: Mapping[str, Database]) -> None:
        self.name = name
        self.database = database
        self.sources = sources

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()

    def ages(self) -> dict[str, float]:
        """Age in seconds of the oldest fact not fully taken in, by source; 0 for none."""
        return {
            source: float(age)
            for source, place in _places(self.database.rows(CURSORS)).items()
            for _, _, age in self.sources[source].rows(PLACE, place)
        }

    def collect(self) -> Iterator[GaugeMetricFamily]:
        answers = Answers(self.name)
        cursors = _places(answers.of(self.name, self.database, CURSORS))
        yield from _families(
            OF_CONSUMER, ("service", "source"),
            (
                ((self.name, source), row) for source, place in cursors.items()
                for row in answers.of(source, self.sources[source], PLACE, place)
            ),
        )
        parked = {
            stage: row for stage, *row in answers.of(self.name, self.database, PARKED)
        }
        yield from _families(
            OF_PARKED, ("service", "stage"),
            (
                ((self.name, stage), parked.get(stage, (0, 0)))
                for stage in STAGES if answers.up[self.name]
            ),
        )
        yield answers.told()


class Waiting(Collector):
    """What waits in the queues `WATCHED`, as the broker told last; nothing where that is long ago.

    Args:
        name: of the process that asks.
        url: of the broker; over ``memory://`` there is nothing to see.
    """

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.url = url
        self._stopping = Event()
        self._found: dict[str, dict[str, Any]] = {}
        self._at = float("-inf")

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()

    def run(self) -> None:
        """Ask until `stop`."""
        while not self._stopping.is_set():
            try:
                self._found, self._at = queues(self.url), time.monotonic()
            except NO_BROKER as away:
                log.warning("gauges.unread", of="broker", error=str(away).strip())
            self._stopping.wait(EVERY)

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = self._found if time.monotonic() - self._at < FRESH else {}
        yield from _families(
            OF_QUEUE, ("service", "queue"),
            (
                ((self.name, queue.name), (found[queue.name]["waiting"] or 0,
                                           found[queue.name]["readers"]))
                for queue in WATCHED if queue.name in found
            ),
        )


class Calendar(Collector):
    """How far ahead the arrangement of days off is known.

    Args:
        name: of the process.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        known = china().known_to
        family = GaugeMetricFamily(
            "fuquan_calendar_known_seconds", "How far ahead days off are known.",
            labels=("service",),
        )
        family.add_metric(
            (self.name,),
            (known - day_of(system_clock())).total_seconds() if known else 0,
        )
        yield family


class Certificate(Collector):
    """For how long the process's own certificate at the broker is valid; nothing without one.

    Args:
        name: of the process.
        url: of the broker.
    """

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.url = url

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "fuquan_certificate_valid_seconds",
            "For how long the certificate at the broker is valid; negative when it is over.",
            labels=("service",),
        )
        if (left := self._left()) is not None:
            family.add_metric((self.name,), left)
        yield family

    def _left(self) -> float | None:
        """Seconds, from the file as it is now; None where there is none, or it cannot be read."""
        try:
            file = (address(self.url)["ssl"] or {}).get("certfile")
            if file is None:
                return None
            own = x509.load_pem_x509_certificate(Path(file).read_bytes())
            return (own.not_valid_after_utc - system_clock()).total_seconds()
        except (OSError, ValueError, x509.InvalidVersion, WrongAddress) as wrong:
            log.warning("gauges.unread", of="certificate", error=str(wrong).strip())
            return None


class Answers:
    """What the databases answer to one process, and which of them do not.

    `up` says of each database, by its service, whether it has answered every question.

    Args:
        service: the process that asks.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self.up: dict[str, bool] = {}

    def of(
        self, name: str, database: Database, sql: str, parameters: object = None
    ) -> list[tuple[Any, ...]]:
        """The rows; none where the database, that of the service *name*, is away."""
        try:
            rows = database.rows(sql, parameters)
        except psycopg2.Error as away:
            log.warning("gauges.unread", of=name, error=str(away).strip())
            self.up[name] = False
            return []
        self.up.setdefault(name, True)
        return rows

    def told(self) -> GaugeMetricFamily:
        """The gauge of what has been asked."""
        (family,) = _families(
            OF_DATABASE, ("service", "database"),
            (((self.service, name), (up,)) for name, up in self.up.items()),
        )
        return family


def _places(cursors: Iterable[Sequence[Any]]) -> dict[str, dict[str, int]]:
    return {
        source: {"projected": projected, "reacted": reacted}
        for source, projected, reacted in cursors
    }


def _families(
    names: Sequence[tuple[str, str]], labels: Sequence[str],
    samples: Iterable[tuple[tuple[str, ...], Sequence[float]]],
) -> Iterator[GaugeMetricFamily]:
    """One family per name; of each sample its labels and a value for every name."""
    families = [GaugeMetricFamily(name, told, labels=labels) for name, told in names]
    for of, values in samples:
        for family, value in zip(families, values, strict=True):
            family.add_metric(of, float(value))
    yield from families
