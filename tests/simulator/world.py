"""One seed from its first step to rest, on databases that are emptied before."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from unittest.mock import patch

import psycopg2
from psycopg2.extensions import connection, set_wait_callback

from shared.bus import reaction
from shared.bus import relay as relaying
from shared.contracts.envelope import open_fact
from shared.database import Database
from shared.settings import Settings
from tests.simulator import invariants
from tests.simulator.broker import Broker, Publishing
from tests.simulator.postgres import Postgres
from tests.simulator.processes import SOURCES, Code, Deployment, client, consumer, operator, relay
from tests.simulator.scheduler import HOUR, Rates, Scheduler
from tests.simulator.services import POISONS, TABLE, Release, register, stream_of

STEPS = 60_000  # far above what any seed needs to come to rest

EMPTY = """
DELETE FROM log.entry; DELETE FROM log.event; DELETE FROM log.command; DELETE FROM log.checkpoint;
DELETE FROM log.sm3; DELETE FROM bus.cursor; DELETE FROM bus.parked;
UPDATE log.sequence SET next_position = 0, last_ord = 0;
UPDATE log.relay SET next_position = 0, holder = NULL, epoch = 0, until = 'epoch';
SELECT setval('log.event_ord_seq', 1, false), setval('bus.parked_id_seq', 1, false)
"""
SETTLED = """
SELECT (SELECT count(*) FROM log.event) = next_position
   AND (SELECT count(*) FROM log.entry) = next_position, next_position FROM log.relay
"""
# A relay in the middle of signing has its row locked, and its lease runs on.
AN_HOUR = """
UPDATE log.relay SET until = until - interval '3601 s'
 WHERE one IN (SELECT one FROM log.relay FOR UPDATE SKIP LOCKED)
"""
VACUUM_EVERY = 200


@dataclass
class Outcome:
    """What became of one seed."""

    seed: int
    wrong: list[str]
    trace: list[str] = field(repr=False)
    faults: dict[str, int]
    attempted: int
    acknowledged: int
    events: int
    published: int
    steps: int

    @property
    def digest(self) -> str:
        """SHA-256 of the steps, by which two runs are compared."""
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()


class Simulator:
    """Runs seeds, one after the other, on the databases of *admin*; see `installed`."""

    def __init__(self, admin: Settings, postgres: Postgres, held: dict[str, connection]) -> None:
        self.admin = admin
        self._postgres = postgres
        self._held = held
        self._runs = 0
        self.scheduler: Scheduler | None = None
        self.broker: Broker | None = None

    def run(self, seed: int, code: Code | None = None) -> Outcome:
        """One seed: a rough time, a release that digests everything, and rest."""
        self._empty()
        scheduler = self.scheduler = self._postgres.scheduler = Scheduler(seed, self._an_hour)
        self.broker = Broker(scheduler)
        world = Deployment(seed, self.admin, self.admin.keys, scheduler, self.broker,
                           code or Code())
        Release.mended = False
        Release.consuming = lambda: bool(
            scheduler.current and scheduler.current.name.startswith("consumer")
        )
        self._populate(world)
        try:
            self._live(world)
        except Exception as failure:  # noqa: BLE001 - the seed has failed, the next one runs
            world.wrong.append(repr(failure))
        finally:
            scheduler.close()
        return Outcome(
            seed, world.wrong, scheduler.trace, scheduler.faults, len(world.notes),
            len(world.acknowledged), self._events(), self.broker.published,
            len(scheduler.trace),
        )

    def monotonic(self) -> float:
        """The clock of the processes."""
        assert self.scheduler is not None
        return self.scheduler.now

    def sleep(self, _: float) -> None:
        """The others go first."""
        assert self.scheduler is not None
        self.scheduler.step("sleep")

    def _populate(self, world: Deployment) -> None:
        rng = world.scheduler.rng
        streams = rng.randint(1, 3)
        poisonous = rng.choice((0.0, 0.0, 0.2))
        for number in range(rng.randint(3, 12)):
            poison = rng.choice(POISONS) if rng.random() < poisonous else ""
            on = stream_of(world.seed, rng.randrange(streams))
            world.notes.append((
                world.command("note", number), {"on": str(on), "number": number, "poison": poison},
            ))
        clients = rng.randint(1, 2)
        for n in range(clients):
            mine = world.notes[n::clients]
            world.scheduler.add(f"client-{n}", lambda mine=mine: client(world, mine))
        for source in SOURCES:
            for n in range(rng.choice((1, 1, 2))):
                world.scheduler.add(
                    f"relay-{source}-{n}", lambda source=source: relay(world, source), source
                )
        for n in range(rng.choice((1, 2))):
            world.scheduler.add(f"consumer-{n}", lambda: consumer(world), "bus")
        world.scheduler.add("operator", lambda: operator(world))

    def _live(self, world: Deployment) -> None:
        scheduler = world.scheduler
        scheduler.rates = Rates.drawn(scheduler.rng)
        scheduler.run(lambda: True, most=scheduler.rng.randint(50, 1500))
        if scheduler.rng.random() < 0.5:  # the mending, too, has a rough time
            self._mend(scheduler)
            scheduler.run(lambda: True, most=scheduler.rng.randint(50, 800))
        scheduler.rates = Rates()
        scheduler.note("quiet")
        for release in ("this", "next"):
            if not scheduler.run(lambda: self._settled(world), most=STEPS):
                world.wrong.append(f"does not come to rest with {release} release")
                return
            world.wrong += invariants.violated(world, self._held)
            self._mend(scheduler)

    def _mend(self, scheduler: Scheduler) -> None:
        Release.mended = True
        scheduler.note("the next release is here")

    def _settled(self, world: Deployment) -> bool:
        """Whether nothing is under way; what is parked may be, before the next release."""
        if len(world.acknowledged) < len(world.notes) or not world.broker.rest():
            return False
        ends = {}
        for source in SOURCES:
            ((relayed, ends[source]),) = self._rows(source, SETTLED)
            if not relayed:
                return False
        cursors = "SELECT source, projected, reacted FROM bus.cursor"
        at = {source: (p, r) for source, p, r in self._rows("cases", cursors)}
        if at != {source: (end, end) for source, end in ends.items()}:
            return False
        parked = "SELECT 1 FROM bus.parked WHERE %s OR source IS NULL LIMIT 1"
        return not Release.mended or not self._rows("cases", parked, True)

    def _an_hour(self) -> None:
        for source in SOURCES:
            with self._held[source].cursor() as at:
                at.execute(AN_HOUR)

    def _rows(self, service: str, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        with self._held[service].cursor() as at:
            at.execute(sql, parameters)
            return at.fetchall()

    def _events(self) -> int:
        return sum(
            int(str(self._rows(source, "SELECT count(*) FROM log.entry")[0][0]))
            for source in SOURCES
        )

    def _empty(self) -> None:
        open_fact.cache_clear()
        for source in SOURCES:
            with self._held[source].cursor() as at:
                at.execute(EMPTY)
                (self.admin.keys / f"{source}.last").unlink(missing_ok=True)
                if source == "cases":
                    at.execute("DELETE FROM readmodel.simulated")
                    at.execute("SELECT setval('readmodel.simulated_n_seq', 1, false)")
                if self._runs % VACUUM_EVERY == 0:
                    at.execute("VACUUM")
        self._runs += 1


@contextmanager
def installed(admin: Settings) -> Iterator[Simulator]:
    """The simulator in the place of network, broker and clock, until the block ends.

    Args:
        admin: with the administrator's URL of a server that nobody else writes to: the sequencer
            waits for every open transaction of the cluster. It is migrated.
    """
    register()
    with ExitStack() as stack:
        held = {}
        for source in SOURCES:
            one = held[source] = psycopg2.connect(admin.dsn(source))
            stack.callback(one.close)
            one.autocommit = True
            with one.cursor() as at:
                at.execute("SET session_replication_role = replica; SET synchronous_commit = off")
                for role in ("catalog", "cases", "relay"):
                    at.execute(f'ALTER ROLE "{admin.prefix}{role}" SET synchronous_commit = off')
        with held["cases"].cursor() as at:
            at.execute(f'SET ROLE "{admin.prefix}owner"; DROP TABLE IF EXISTS readmodel.simulated;'
                       f" {TABLE}; RESET ROLE")
        postgres = Postgres(held["catalog"])
        simulator = Simulator(admin, postgres, held)
        clock = SimpleNamespace(
            monotonic=simulator.monotonic, sleep=simulator.sleep,
        )
        stack.enter_context(patch.object(
            Database, "connect", lambda one: postgres.lend(one)))  # noqa: PLW0108 - it gets `self`
        stack.enter_context(patch.object(
            relaying, "Publisher",
            lambda *_, **__: Publishing(simulator.broker)))  # type: ignore[arg-type]
        stack.enter_context(patch.object(relaying, "LEASE", HOUR))
        # a writer that has the next turn does not get on while the sequencer waits for it
        stack.enter_context(patch.object(relaying, "WRITERS", 0))
        stack.enter_context(patch.object(relaying, "time", clock))
        stack.enter_context(patch.object(reaction, "time", clock))
        stack.callback(set_wait_callback, None)
        set_wait_callback(postgres.wait)
        stack.callback(postgres.close)
        yield simulator
