"""The whole system as processes on servers that can be killed, with a caller beside it."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from copy import copy
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import requests

from services.catalog.domain.steps import steps
from shared.cli.run import Processes
from shared.migrate import migrate
from shared.settings import SERVICES, WITH_DATABASE, Settings
from tests.faults.client import PROGRAMME, Caller, Work
from tests.faults.proxy import Loop, Proxy, tcp, unix
from tests.faults.servers import Cluster, Rabbit
from tests.faults.wire import Wire, Within
from tests.servers import free_port
from tests.world import programme_content

FEW = ("catalog", "delegation", "relay", "relay-b")
ALL = (*WITH_DATABASE, "gateway", "relay", "relay-b")
KNOWN = ("register_programme", "register_organ", "register_town")  # all that the work names
PATIENCE = 150.0  # seconds until the system has to be whole again


class NotWhole(TimeoutError):
    """The system has not come back in time; the message says what is missing."""


@dataclass
class Unit:
    """One process and its own ways to the servers."""

    name: str
    processes: Processes
    database: Proxy
    broker: Proxy

    @property
    def pid(self) -> int:
        (process,) = self.processes.running.values()
        return process.pid

    def end(self) -> None:
        """End the process in good order, and close its ways."""
        self.processes.__exit__()
        self.database.close()
        self.broker.close()


class County:
    """Servers, processes and the caller.

    Args:
        folder: of all data.
        names: of the processes; a relay that stands by is ``relay-b``.
        database: folder of the cluster, where it is not to lie in *folder*.
        broker: folder of the broker's data, likewise.
    """

    def __init__(
        self, folder: Path, seed: int, names: Sequence[str] = FEW, database: Path | None = None,
        broker: Path | None = None, rate: float = 400.0,
    ) -> None:
        self.seed, self.names, self.folder = seed, names, folder
        self.chance = random.Random(seed)
        self.cluster = Cluster(database or folder / "database")
        self.rabbit = Rabbit(folder / "broker", broker)
        self.units: dict[str, Unit] = {}
        self.loop = Loop()
        self.faults: dict[str, int] = {}
        self._lock, self._end = RLock(), Event()
        self._paused: set[str] = set()
        self._rate = rate

    @contextmanager
    def running(self) -> Iterator["County"]:
        """Start everything; the caller calls until the block ends."""
        with ExitStack() as stack:
            stack.callback(self.loop.close)
            self.cluster.start()
            stack.callback(self.cluster.stop)
            self.rabbit.start()
            stack.callback(self.rabbit.kill)
            self.admin = Settings(
                self.cluster.url, self.rabbit.url, "faults", "faults_", self.folder / "keys",
                http_port=free_port(),
            )
            migrate(self.admin)
            for name in self.names:
                self._unit(name)
            stack.callback(self._stop)
            self.caller = Caller(
                self.rabbit.url, Work(self.seed), self.folder / "history.jsonl", rate=self._rate
            )
            self.caller.resting.set()
            self.caller.start()
            stack.callback(self.caller.stop)
            supervisor = Thread(target=self._supervise, daemon=True, name="supervisor")
            supervisor.start()
            for step in steps(programme_content(PROGRAMME)):
                if step.door in KNOWN:
                    self.caller.call(step.door, {"programme": PROGRAMME} | step.request)
            self.settled()
            yield self

    def _unit(
        self, name: str, wire: Wire | None = None, like: Processes | None = None
    ) -> None:
        host = wire.host if wire else "127.0.0.1"
        database = Proxy(self.loop, unix(lambda: self.cluster.socket), host)
        broker = Proxy(self.loop, tcp(self.rabbit.port), host)
        own = replace(
            self.admin,
            database_url=_through(self.admin.database_url, database),
            amqp_url=_through(self.admin.amqp_url, broker),
            ops=f"127.0.0.1:{free_port()}",
        )
        processes = copy(like) if like else Processes(own, (name.removesuffix("-b"),))
        processes.admin, processes.running = own, {}
        if wire:
            processes = Within(wire.namespace, processes)
        self.units[name] = Unit(name, processes, database, broker)
        processes.__enter__()

    @contextmanager
    def apart(self, name: str) -> Iterator[Wire]:
        """Run one process in a network namespace of its own until the block ends."""
        with Wire(self.loop, self.chance) as wire:
            self._move(name, wire)
            try:
                yield wire
            finally:
                wire.heal()
                self._move(name)

    def _move(self, name: str, wire: Wire | None = None) -> None:
        with self._lock:
            old = self.units[name]
            old.end()
            like = old.processes
            self._unit(name, wire, like.outside if isinstance(like, Within) else like)

    def _stop(self) -> None:
        self._end.set()
        with self._lock:
            for name in list(self._paused):
                self.resume(name)
            for unit in self.units.values():
                for process in unit.processes.running.values():
                    process.terminate()
            for unit in self.units.values():
                unit.end()

    def _supervise(self) -> None:
        """As `fuquan up`: whatever has ended starts again."""
        while not self._end.wait(0.2):
            with self._lock:
                if not self._end.is_set():
                    for unit in self.units.values():
                        unit.processes.restart_ended()

    def fault(self, kind: str, times: int = 1) -> None:
        """Count a fault."""
        self.faults[kind] = self.faults.get(kind, 0) + times

    def kill(self, name: str) -> None:
        """kill −9 a process."""
        with suppress(ProcessLookupError):
            os.kill(self.units[name].pid, signal.SIGKILL)
        self.fault(f"kill −9 {name.removesuffix('-b')}")

    def terminate(self, name: str) -> None:
        """End a process in good order; the supervisor starts it again."""
        (process,) = self.units[name].processes.running.values()
        process.terminate()
        self.fault("restart in good order")
        process.wait(60)

    def replace(self, name: str, by: Processes) -> None:
        """End a process in good order; another program starts in its place, and goes on."""
        with self._lock:
            unit = self.units[name]
            unit.processes.__exit__()
            unit.processes = by
            by.__enter__()

    def heal(self) -> None:
        """Take back what a scenario that failed may have left."""
        for name in list(self._paused):
            self.resume(name)
        for unit in self.units.values():
            unit.database.heal()
            unit.broker.heal()
        if not self.cluster.alive():
            self.cluster.kill()
            self.cluster.start()
        if not self.rabbit.alive():
            self.rabbit.restart()
        self.caller.go_on()

    def pause(self, name: str) -> None:
        """SIGSTOP."""
        os.kill(self.units[name].pid, signal.SIGSTOP)
        self._paused.add(name)
        self.fault(f"SIGSTOP {name.removesuffix('-b')}")

    def resume(self, name: str) -> None:
        """SIGCONT."""
        os.kill(self.units[name].pid, signal.SIGCONT)
        self._paused.discard(name)

    def rows(self, service: str, query: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Rows of a service's database, as the administrator, past the proxies."""
        held = psycopg2.connect(self.admin.dsn(service))
        try:
            with held, held.cursor() as at:
                at.execute(query, parameters)
                return at.fetchall()
        finally:
            held.close()

    def execute(self, service: str, statement: str) -> None:
        """Carry out a statement in a service's database, as the administrator."""
        held = psycopg2.connect(self.admin.dsn(service))
        try:
            with held, held.cursor() as at:
                at.execute(statement)
        finally:
            held.close()

    def metric(self, name: str, metric: str, label: str = "") -> float:
        """A metric's sum over the lines with this label; a process that restarts is waited for.

        Raises:
            NotWhole: it does not answer.
        """
        text: list[str] = []

        def told() -> bool:
            url = f"http://{self.units[name].processes.admin.ops}/metrics"
            with suppress(requests.RequestException):
                text[:] = requests.get(url, timeout=5).text.splitlines()
            return bool(text)

        self.until(told, f"{name} does not tell its metrics")
        return sum(
            float(line.rpartition(" ")[2]) for line in text
            if line.startswith((f"{metric}{{", f"{metric} ")) and label in line
        )

    def consumers(self) -> list[str]:
        """The services at work."""
        return [name for name in self.names if name in WITH_DATABASE]

    def active_relay(self) -> str:
        """The relay that holds the lease of catalog's log."""
        found: list[str] = []

        def held() -> bool:
            ((holder,),) = self.rows(
                "catalog", "SELECT holder FROM log.relay WHERE until > clock_timestamp()"
            ) or [(None,)]
            found[:] = [name for name in ("relay", "relay-b") if name in self.units and holder
                        and holder.startswith(f"{self.units[name].pid}-")]
            return bool(found)

        self.until(held, "no relay holds the lease")
        return found[0]

    def until(
        self, condition: Callable[[], object], missing: str, within: float = PATIENCE
    ) -> None:
        """Wait for what other processes bring about; a server that is away is waited for.

        Raises:
            NotWhole: it did not happen in time.
        """
        deadline = time.monotonic() + within
        while True:
            with suppress(psycopg2.OperationalError):
                if condition():
                    return
            if time.monotonic() > deadline:
                raise NotWhole(missing)
            time.sleep(0.05)

    def recovered(self, since: float) -> float:
        """Seconds from *since* until a command sent later is answered and its effect is everywhere.

        Raises:
            NotWhole: not in time.
        """
        def answered() -> bool:
            with self.caller.history.lock:
                later = takewhile(
                    lambda one: one.first > since, reversed(self.caller.history.sent.values())
                )
                self._probe = next((
                    one for one in later if one.service == "catalog" and one.answer
                    and one.answer.get("version")
                ), None)
            return self._probe is not None

        self.until(answered, "no command is answered")
        probe = self._probe
        assert probe is not None
        assert probe.answer is not None
        position: list[int] = []

        def sequenced() -> bool:
            position[:] = [row[0] for row in self.rows(
                "catalog", "SELECT n.position FROM log.entry n JOIN log.event e USING (ord)"
                " WHERE e.stream = %s AND e.version = %s",
                (probe.answer["stream"], probe.answer["version"]),
            )]
            return bool(position)

        self.until(sequenced, "what was answered gets no position")
        for name in self.consumers():
            self.until(
                lambda name=name: self.reached(name, "catalog") > position[0],
                f"{name} does not take in what was answered",
            )
        return time.monotonic() - since

    def reached(self, consumer: str, source: str) -> int:
        """How far a consumer's reactions are in a log."""
        rows = self.rows(consumer, "SELECT reacted FROM bus.cursor WHERE source = %s", (source,))
        return int(rows[0][0]) if rows else -1

    def settled(self) -> None:
        """Wait until every log is numbered and published, and every consumer is at its end.

        Raises:
            NotWhole: not in time.
        """
        for source in SERVICES:
            self.until(lambda source=source: self.rows(
                source, "SELECT (SELECT coalesce(max(ord), 0) FROM log.event)"
                " = (SELECT coalesce(max(ord), 0) FROM log.entry) AND (SELECT next_position"
                " FROM log.relay) = (SELECT coalesce(max(position) + 1, 0) FROM log.entry)",
            ) == [(True,)], f"the log of {source} is not sequenced and published")
        heads = {source: self.rows(
            source, "SELECT coalesce(max(position) + 1, 0) FROM log.entry"
        )[0][0] for source in SERVICES}
        for name in self.consumers():
            self.until(lambda name=name: all(
                reached >= heads[source] for source, reached in self.rows(
                    name, "SELECT source, reacted FROM bus.cursor")
            ), f"{name} has not caught up")


def _through(url: str, way: Proxy) -> str:
    """The same server, past a proxy."""
    parts = urlsplit(url)
    user = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{user}@{way.host}:{way.port}", query=""))
