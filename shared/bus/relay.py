"""Sequencer and publisher of one log: numbers what is committed, signs it, tells the bus."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread
from uuid import uuid4

import amqp
import psycopg2
import structlog
from kombu.exceptions import OperationalError as BrokerAway
from psycopg2.extensions import connection

from shared.bus.message import message_of
from shared.bus.promiser import Promiser
from shared.bus.publisher import Publisher, Unconfirmed
from shared.bus.second_root import caught_up, keep
from shared.bus.signing import Signing
from shared.bus.stopped import Forked, Stopped
from shared.database import Database
from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.keyring import written
from shared.log.sm3 import extension, sm3_leaf
from shared.log.tree import Range
from shared.log.trust import ROTATED
from shared.ops import counters
from shared.settings import SERVICES, Settings

LEASE = 5.0
BATCH = 500
BLOCK = 50_000  # leaves at a time, some tenths of a second's work
WRITERS = 1000  # milliseconds for which the sequencer waits for the writers before it
IDLE = (0.002, 0.02)
CHECKPOINT_EVERY = 1.0

log = structlog.get_logger()


@dataclass
class Progress:
    """What one relay has done, for operators and tests."""

    sequenced: int = 0
    published: int = 0
    returned: int = 0
    active: bool = False
    failed: str = ""


class Relay:
    """Relays one service's log.

    Args:
        settings: with the database URL of the relay's role.
        source: the service whose log it is.
    """

    def __init__(self, settings: Settings, source: str) -> None:
        self.settings = settings
        self.source = source
        self.holder = f"{os.getpid()}-{uuid4()}"
        self.progress = Progress()
        self.stopping = Event()
        self._tree = Range()
        self._sm3: Range | None = None
        self._signed = 0
        self._signed_at = 0.0
        self._epoch = -1
        self._leased_at = -LEASE
        self._signing = Signing(settings, source)
        self._last_file = settings.keys / f"{source}.last"
        self._blocked = counters.BLOCKED.labels(source)

    def run(self) -> None:
        """Relay until `stopping` is set; after a loss of database or broker it starts over."""
        while not self.stopping.is_set():
            try:
                self._session()
            except (psycopg2.Error, amqp.AMQPError, BrokerAway, Unconfirmed, OSError) as broken:
                log.warning("relay.reconnect", source=self.source, error=str(broken).strip())
            except Stopped as why:
                self._stand_by()
                self.progress.failed = str(why)
                log.error(  # noqa: TRY400 - the message says all; a trace would only frighten
                    "relay.stopped", source=self.source, why=type(why).__name__, error=str(why)
                )
                return
            except Exception:
                log.exception("relay.fault", source=self.source)
            else:
                return
            self.progress.active, self._leased_at = False, -LEASE
            counters.RECONNECTS.labels(self.source, "relay").inc()
            self.stopping.wait(1.0)

    def _session(self) -> None:
        held = Database(self.settings.dsn(self.source), search_path="log").connect()
        held.autocommit = True
        publisher: Publisher | None = None
        try:
            publisher = Publisher(  # first of all: who cannot reach the broker takes no lease
                self.settings.amqp_url, tell=self._tell, beat=partial(self._keep_lease, held)
            )
            idle, caught_up = IDLE[0], -1
            while not self.stopping.is_set():
                if not self._lease(held):
                    self._stand_by()
                    publisher.heartbeat()
                    self.stopping.wait(0.5)
                    continue
                if caught_up != self._epoch:  # meanwhile another may have published and signed
                    self._catch_up_tree(held)
                    caught_up = self._epoch
                self.progress.active = True
                self._blocked.set(publisher.blocked)  # it may have been told while standing by
                sequenced = self._sequence(held)
                published = self._publish(held, publisher)
                self._checkpoint(held)
                returned, publisher.returned = publisher.returned, 0
                counters.RETURNED.labels(self.source).inc(returned)
                self.progress.returned += returned
                if sequenced > 0 or published:
                    idle = IDLE[0]
                else:
                    publisher.heartbeat()
                    self.stopping.wait(idle)
                    idle = min(idle * 2, IDLE[1])
            if self.progress.active:
                self._checkpoint(held, now=True)
                self._release(held)
        finally:
            self.progress.active = False
            if publisher is not None:
                publisher.close()
            held.close()

    def _stand_by(self) -> None:
        """Another one publishes, and tells whether the broker lets it."""
        self.progress.active = False
        self._blocked.set(0)

    def _lease(self, held: connection) -> bool:
        """Whether this relay is the active one; renews its lease, or takes over one run out."""
        if time.monotonic() - self._leased_at < LEASE / 4:
            return True
        with held.cursor() as at:
            at.execute(
                "UPDATE log.relay SET holder = %(me)s,"
                " until = clock_timestamp() + %(lease)s * interval '1 second',"
                " epoch = epoch + (holder IS DISTINCT FROM %(me)s)::int"
                " WHERE holder = %(me)s OR until < clock_timestamp() RETURNING epoch",
                {"me": self.holder, "lease": LEASE},
            )
            row = at.fetchone()
        if row is None:
            return False
        (self._epoch,) = row
        self._leased_at = time.monotonic()
        return True

    def _keep_lease(self, held: connection) -> None:
        """Renew the lease in the middle of something long.

        Raises:
            Unconfirmed: another relay has taken over.
        """
        if not self._lease(held):
            raise Unconfirmed("another relay has taken over")

    def _tell(self, blocked: bool) -> None:  # noqa: FBT001 - called by the publisher
        self._blocked.set(blocked and self.progress.active)

    def _release(self, held: connection) -> None:
        with held.cursor() as at:
            at.execute("UPDATE log.relay SET until = 'epoch' WHERE holder = %s", (self.holder,))

    def _sequence(self, held: connection) -> int:
        with held.cursor() as at:
            at.execute("SELECT log.integrate(%s, %s)", (BATCH * 4, WRITERS))
            ((count,),) = at.fetchall()
        self.progress.sequenced += max(count, 0)
        return int(count)

    def _publish(self, held: connection, publisher: Publisher) -> int:
        with held.cursor() as at:
            at.execute(
                "SELECT n.position, n.previous, n.leaf_hash, e.type, e.envelope"
                " FROM log.entry n JOIN log.event e USING (ord)"
                " WHERE n.position >= (SELECT next_position FROM log.relay)"
                " ORDER BY n.position LIMIT %s", (BATCH,),
            )
            rows = at.fetchall()
        if not rows:
            return 0
        publisher.publish(self._message(*row) for row in rows)
        with held.cursor() as at:
            at.execute(
                "UPDATE log.relay SET next_position = %s WHERE epoch = %s AND holder = %s",
                (rows[-1][0] + 1, self._epoch, self.holder),
            )
            if at.rowcount != 1:
                raise Unconfirmed(
                    "another relay has taken over; what was published twice, consumers drop"
                )
        for position, _, leaf, _, envelope in rows:
            if position == self._tree.size:
                self._tree.append(bytes(leaf))
                if self._sm3 is not None:
                    self._sm3.append(sm3_leaf(bytes(envelope)))
        if any(type_ == f"{self.source}.{ROTATED}" for *_, type_, _ in rows):
            self._signing.look(held, self._tree.size, self._signed)
        self.progress.published += len(rows)
        counters.CONFIRMED.labels(self.source).inc(len(rows))
        return len(rows)

    def _message(
        self, position: int, previous: int | None, _: bytes, type_: str, envelope: memoryview
    ) -> tuple[str, dict[str, object], bytes]:
        # what was written past the contracts goes out too: consumers park it
        return message_of(self.source, position, previous, type_, bytes(envelope))

    def _catch_up_tree(self, held: connection) -> None:
        """Hash the published prefix anew; compare it with what was signed last, here and outside.

        Raises:
            Forked: the recorded leaves do not give the signed root.
            Unconfirmed: another relay has taken over meanwhile.
        """
        signed = (
            [json.loads(self._last_file.read_text("utf-8"))] if self._last_file.exists() else []
        )
        with held.cursor() as at:
            at.execute(
                "SELECT size, encode(root, 'hex') FROM log.checkpoint ORDER BY size DESC LIMIT 1"
            )
            told = [{"size": size, "root": root} for size, root in at.fetchall()]
        signed += told
        expected = {one["size"]: one["root"] for one in signed}
        self._signed = max((one["size"] for one in told), default=0)
        self._tree = Range()
        for leaf in self._published(held):
            self._tree.append(leaf)
            size = self._tree.size
            if size in expected and expected[size] != self._tree.root().hex():
                raise Forked(
                    f"{self.source}: the root at size {size} is not the one signed before:"
                    f" an entry was altered. {self._way_back()}"
                )
        if self._tree.size < (most := max(expected, default=0)):
            raise Forked(
                f"{self.source}: {most} entries were signed,"
                f" only {self._tree.size} are here: entries {self._tree.size} to {most - 1} are"
                f" missing, as after a restored backup. {self._way_back()}"
            )
        if self.settings.sm:
            second = {
                one["size"]: bytes.fromhex(one["sm3"]) for one in signed if one.get("sm3")
            }
            self._sm3 = caught_up(
                held, self._tree.size, second, partial(self._keep_lease, held)
            )
        self._signing.look(held, self._tree.size, self._signed)

    def _published(self, held: connection) -> Iterator[bytes]:
        """The published leaves in order; the lease is renewed meanwhile, however long the log."""
        with held.cursor() as at:
            at.execute("SELECT next_position FROM log.relay")
            ((end,),) = at.fetchall()
            for first in range(0, end, BLOCK):
                self._keep_lease(held)
                at.execute(
                    "SELECT leaf_hash FROM log.entry WHERE position >= %s AND position < %s"
                    " ORDER BY position", (first, min(end, first + BLOCK)),
                )
                yield from (bytes(leaf) for (leaf,) in at.fetchall())

    def _way_back(self) -> str:
        return (
            f"See what is wrong: fuquan log verify {self.source} --database. Get it back from the"
            f" mirror, or from the city's copy: fuquan ledger restore {self.source}"
        )

    def _checkpoint(self, held: connection, *, now: bool = False) -> None:
        if self._tree.size == self._signed or not (
            now or time.monotonic() - self._signed_at > CHECKPOINT_EVERY
        ):
            return
        size, root = self._tree.size, self._tree.root()
        second = None if self._sm3 is None else self._sm3.root()
        note = sign_checkpoint(
            Checkpoint(
                self.settings.origin(self.source), size, root,
                () if second is None else (extension(second),),
            ),
            *self._signing.signers(),
        )
        with held.cursor() as at:
            # the row is locked until the file is written: who takes over signs, and writes, after
            at.execute("BEGIN")
            at.execute(
                "SELECT 1 FROM log.relay WHERE epoch = %s AND holder = %s FOR UPDATE",
                (self._epoch, self.holder),
            )
            if at.fetchone() is None:
                raise Unconfirmed("another relay has taken over; it signs")
            self._signing.hand_out()
            last = {"size": size, "root": root.hex()}
            last |= {} if second is None else {"sm3": second.hex()}
            written(self._last_file, json.dumps(last))
            at.execute(
                "INSERT INTO log.checkpoint (size, root, note) VALUES (%s, %s, %s)"
                " ON CONFLICT DO NOTHING", (size, root, note),
            )
            if self._sm3 is not None:
                keep(at, self._sm3)
            at.execute("COMMIT")
        self._signing.signed()
        self._signed, self._signed_at = size, time.monotonic()


class Relays:
    """The relays of all logs, a thread each, and one that promises: what `fuquan relay` runs."""

    def __init__(self, settings: Settings) -> None:
        self.relays = [Relay(settings, source) for source in SERVICES]
        self._threads = [
            Thread(target=relay.run, daemon=True, name=f"relay-{relay.source}")
            for relay in self.relays
        ]
        self._promiser = Promiser(settings, self._may_sign)
        self._promising = Thread(target=self._promiser.run, daemon=True, name="promiser")

    def start(self) -> None:
        """Start the threads."""
        for thread in (*self._threads, self._promising):
            thread.start()

    def _may_sign(self, source: str) -> bool:
        return not any(
            relay.progress.failed for relay in self.relays if relay.source == source
        )

    def failures(self) -> set[str]:
        """Why relays have ended by themselves; empty while all are at work or standing by."""
        return {
            relay.progress.failed or f"{relay.source}: the relay has ended, see the trace"
            for relay, thread in zip(self.relays, self._threads, strict=True)
            if relay.progress.failed or not (thread.is_alive() or relay.stopping.is_set())
        }

    def stop(self) -> None:
        """Finish the turn at hand, sign, release the leases, end."""
        for relay in self.relays:
            relay.stopping.set()
        self._promiser.stopping.set()
        for thread in (*self._threads, self._promising):
            thread.join(timeout=10)
