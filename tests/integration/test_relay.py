"""The relay when it slept, was fenced, has no broker, or meets what is no envelope."""

import json
import time
from dataclasses import replace
from threading import Event, Thread
from uuid import uuid4

import pytest
from psycopg2.extensions import connection

from shared.bus.relay import Relay
from shared.database import Database
from shared.log.openssl import OpenSslAway
from shared.log.store import Append, Log, request_hash
from shared.log.tree import Range
from shared.settings import Settings
from tests.integration.test_bus import alias_added, at_work, queue, settings
from tests.integration.test_counters import grown
from tests.waiting import until

__all__ = ["queue", "settings"]


class Sleeper(Relay):
    """A relay that stops before a lease or a checkpoint, as a suspended process would."""

    def __init__(self, settings: Settings, before: str) -> None:
        super().__init__(settings, "catalog")
        self.before = before
        self.awake = Event()
        self.awake.set()

    def _lease(self, held: connection) -> bool:
        self._sleep("lease")
        return super()._lease(held)

    def _checkpoint(self, held: connection, *, now: bool = False) -> None:
        self._sleep("checkpoint")
        super()._checkpoint(held, now=now)

    def _sleep(self, point: str) -> None:
        if self.before == point:
            self.awake.wait()


def last_signed(settings: Settings) -> int:
    return int(json.loads((settings.keys / "catalog.last").read_text("utf-8"))["size"])


def test_a_relay_that_slept_through_another_signs_on_from_there(
    log: Log, settings: Settings, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.bus.relay.LEASE", 0.4)
    monkeypatch.setattr("shared.bus.relay.CHECKPOINT_EVERY", 0.05)
    sleeper, other = Sleeper(settings, "lease"), Relay(settings, "catalog")
    with at_work(sleeper):
        alias_added(log, uuid4(), 1, "先")
        until(lambda: sleeper.progress.published == 1)
        sleeper.awake.clear()
        with at_work(other):
            for number in range(5):
                alias_added(log, uuid4(), 1, f"中{number}")
            until(lambda: other.progress.published == 5)

        sleeper.awake.set()
        alias_added(log, uuid4(), 1, "后")

        until(lambda: log.database.rows("SELECT max(size) FROM log.checkpoint") == [(7,)])


def test_a_fenced_relay_does_not_take_back_what_was_signed_after_it(
    log: Log, settings: Settings, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.bus.relay.LEASE", 60.0)
    sleeper, other = Sleeper(settings, "checkpoint"), Relay(settings, "catalog")
    sleeper.awake.clear()
    with at_work(sleeper):
        alias_added(log, uuid4(), 1, "先")
        until(lambda: sleeper.progress.published == 1)
        lease = Database(settings.dsn("catalog"), size=1, search_path="log")
        lease.rows("UPDATE log.relay SET until = 'epoch' RETURNING 1")
        with at_work(other):
            for number in range(5):
                alias_added(log, uuid4(), 1, f"后{number}")
            until(lambda: other.progress.published == 5)

        sleeper.awake.set()
        time.sleep(0.5)

        assert last_signed(settings) == 6


@pytest.mark.parametrize("broken", ["amqp://a:b@127.0.0.1:1//", "wrong password"])
def test_a_relay_without_a_broker_keeps_trying(
    log: Log, settings: Settings, queue: str, broken: str
) -> None:
    wrong = settings.amqp_url.replace("fuquan:", "fuquan:x")
    relay = Relay(
        replace(settings, amqp_url=broken if broken.startswith("amqp") else wrong), "catalog"
    )
    thread = Thread(target=relay.run, daemon=True)
    thread.start()

    thread.join(8)

    assert thread.is_alive()
    relay.stopping.set()


def test_a_relay_that_alone_has_no_broker_leaves_the_log_to_another(
    log: Log, settings: Settings, queue: str
) -> None:
    without = Relay(replace(settings, amqp_url="amqp://a:b@127.0.0.1:1//"), "catalog")
    lost = grown("fuquan_reconnects_total", service="catalog", part="relay")
    with at_work(without):
        alias_added(log, uuid4(), 1, "先")
        until(lambda: lost() >= 1)

        with at_work(Relay(settings, "catalog")) as other:
            until(lambda: other.progress.published == 1)


class Weighty(Range):
    """Takes as long for each leaf as a long log does for many."""

    def append(self, leaf: bytes) -> None:
        time.sleep(0.05)
        super().append(leaf)


def test_two_relays_that_start_on_a_long_log_do_not_take_it_from_each_other(
    log: Log, settings: Settings, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing the log takes many leases; whoever has begun keeps its lease meanwhile."""
    for number in range(40):
        alias_added(log, uuid4(), 1, f"先{number}")
    with at_work(Relay(settings, "catalog")) as before:
        until(lambda: before.progress.published == 40)
    monkeypatch.setattr("shared.bus.relay.LEASE", 0.4)
    monkeypatch.setattr("shared.bus.relay.BLOCK", 2)
    monkeypatch.setattr("shared.bus.relay.Range", Weighty)
    alias_added(log, uuid4(), 1, "后")

    one, other = Relay(settings, "catalog"), Relay(settings, "catalog")
    with at_work(one), at_work(other):
        until(lambda: one.progress.published + other.progress.published == 1)


def test_what_nobody_foresaw_is_told_and_the_relay_starts_over(
    log: Log, settings: Settings, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """openssl ran out of memory, a file was half there: the log must not be left to nobody."""
    faults = [OpenSslAway("cannot allocate memory"), ValueError("half a file")]

    class Faulty(Relay):
        def _checkpoint(self, held: connection, *, now: bool = False) -> None:
            if faults:
                raise faults.pop()
            super()._checkpoint(held, now=now)

    with at_work(Faulty(settings, "catalog")):
        alias_added(log, uuid4(), 1, "先")

        until(lambda: log.database.rows("SELECT 1 FROM log.checkpoint WHERE size = 1"))


@pytest.mark.parametrize(
    "envelope",
    [
        b"garbage",
        b"[" * 60_000,
        b'{"jurisdiction": null, "id": 3, "stream": [], "occurred_at": {}}',
        b'{"jurisdiction": "\\ud800", "id": "", "stream": "", "occurred_at": ""}',
        f'{{"jurisdiction": "{"区" * 200}"}}'.encode(),
        f'{{"id": "{"x" * 60_000}"}}'.encode(),
    ],
    ids=["no JSON", "deep", "no texts", "half a pair", "longer than a routing key", "long"],
)
def test_what_is_no_envelope_is_published_all_the_same_and_blocks_nothing(
    log: Log, settings: Settings, queue: str, envelope: bytes
) -> None:
    garbage = Append(uuid4(), uuid4(), 0, "op", request_hash(b""), ["catalog.X"], [envelope])
    log.append(garbage)
    alias_added(log, uuid4(), 1, "后")

    with at_work(Relay(settings, "catalog")) as relay:
        until(lambda: relay.progress.published == 2)


def test_a_relay_whose_messages_came_back_on_an_earlier_connection_goes_on(
    log: Log, settings: Settings, queue: str
) -> None:
    relay = Relay(settings, "catalog")
    relay.progress.returned = 3

    with at_work(relay):
        alias_added(log, uuid4(), 1, "后")

        until(lambda: relay.progress.published == 1)
        assert relay.progress.returned == 3
