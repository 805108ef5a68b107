"""Three nodes of RabbitMQ: each is killed in turn under load; nothing is lost or out of order."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID

import amqp
import psycopg2
import pytest
from kombu.exceptions import OperationalError as BrokerAway

from shared.bus.broker import connection, stand
from shared.bus.message import EVENTS
from shared.bus.publisher import Unconfirmed
from shared.bus.relay import Relay
from shared.log.store import Log
from shared.settings import Settings
from tests.brokers import INFRA, Node, folder_of_brokers, readers, running
from tests.integration.conftest import role_of
from tests.integration.test_bus import alias_added, at_work
from tests.integration.test_partitions import EACH, FOUR, STREAMS, positions
from tests.partitioned import Told, furnished, homes, interleaved, sent
from tests.partitioned import taken as partitions_taken
from tests.waiting import until

WHILE_DOWN = 50  # facts that go out while a node is away
WATCH = "facts.watch.all"
TABLE = "CREATE TABLE readmodel.named (nth bigserial, position bigint, alias text)"


@pytest.fixture(scope="module")
def cluster() -> Iterator[list[Node]]:
    """Three nodes from our own files, with a copy of every queue on each."""
    with folder_of_brokers() as folder:
        cookie = secrets.token_hex(10)
        nodes = [
            Node(folder / name, (), ["rabbitmq_consistent_hash_exchange"], cookie)
            for name in ("one", "two", "three")
        ]
        lines = (INFRA / "rabbitmq-cluster.conf").read_text("utf-8")
        for number, node in enumerate(nodes, 1):
            lines = lines.replace(f"rabbit@rabbitmq{number}", node.name)
        for node in nodes:
            node.configuration = (
                *lines.splitlines(),
                "definitions.import_backend = local_filesystem",
                f"definitions.local.path = {INFRA}/definitions.json",
            )
        with running(*nodes):
            nodes[0].run("sh", str(INFRA / "grow.sh"), *(node.name for node in nodes))
            yield nodes


@pytest.fixture(scope="module")
def urls(cluster: list[Node]) -> list[str]:
    """The nodes' URLs of one user."""
    password = cluster[0].administrator().split(":")[2].split("@")[0]
    return [node.url("fuquan", password) for node in cluster]


class Load:
    """Appends to catalog's log, without a pause worth mentioning, until it is stopped."""

    def __init__(self, log: Log) -> None:
        self.log, self.appended, self.stopping = log, 0, Event()
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.stopping.wait(0.01):
            stream, version = self.appended % 3, self.appended // 3 + 1
            alias_added(self.log, UUID(int=stream), version, f"名{self.appended}")
            self.appended += 1

    def stop(self) -> int:
        self.stopping.set()
        self.thread.join()
        return self.appended


class Watch:
    """Another platform's reader: the positions that the broker brings it, as they come.

    It is back at once, before the nodes know that its connection is gone. The queue has one active
    reader, as the guide for platforms asks: else this one would get what comes after the facts
    that the lost connection had in hand.
    """

    def __init__(self, url: str) -> None:
        self.url, self.positions, self.stopping = url, [], Event()
        with connection(url) as broker:
            stand(broker, EVENTS)
            channel = broker.default_channel
            channel.queue_declare(WATCH, durable=True, auto_delete=False,
                                  arguments={"x-queue-type": "quorum",
                                             "x-single-active-consumer": True})
            channel.queue_bind(WATCH, EVENTS.name, "*.catalog.*")
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.stopping.is_set():
            with suppress(OSError, amqp.AMQPError, BrokerAway):
                self._read()
            self.stopping.wait(0.05)

    def _read(self) -> None:
        with connection(self.url, heartbeat=10) as broker:
            channel = broker.default_channel
            channel.basic_consume(WATCH, callback=self._arrived)
            while not self.stopping.is_set():
                try:
                    broker.drain_events(timeout=1)
                except TimeoutError:
                    broker.heartbeat_check()

    def _arrived(self, message: Any) -> None:
        self.positions.append(message.headers["ce-position"])
        message.channel.basic_ack(message.delivery_tag)

    def first_seen(self) -> list[int]:
        return list(dict.fromkeys(self.positions))


@contextmanager
def running_module(name: str, settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A process of the tests with these settings."""
    process = subprocess.Popen(
        [sys.executable, "-m", name], cwd=Path(__file__).parents[2], text=True,
        env={**os.environ, **settings.environment()},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def answer(caller: "subprocess.Popen[str]", number: int) -> int:
    assert caller.stdin is not None
    assert caller.stdout is not None
    caller.stdin.write(f"{number}\n")
    caller.stdin.flush()
    return int(caller.stdout.readline())


def names_of(settings: Settings) -> None:
    """The reader's table, and cases' cursors at nothing."""
    held = psycopg2.connect(settings.dsn("cases"))
    with held, held.cursor() as at:
        at.execute(f'SET ROLE "{settings.prefix}owner"')
        at.execute("DROP TABLE IF EXISTS readmodel.named")
        at.execute(TABLE)
        at.execute("DELETE FROM bus.cursor; DELETE FROM bus.parked")
    held.close()


def taken(settings: Settings) -> list[tuple[int, str]]:
    held = psycopg2.connect(settings.dsn("cases"))
    with held, held.cursor() as at:
        at.execute("SELECT position, alias FROM readmodel.named ORDER BY nth")
        found = at.fetchall()
    held.close()
    return found


def test_every_queue_has_a_copy_on_every_node(cluster: list[Node]) -> None:
    told = cluster[0].ctl("-q", "list_queues", "name", "members", "--formatter", "json")

    copies = {one["name"]: set(one["members"]) for one in json.loads(told)}

    assert copies
    assert all(found == {node.name for node in cluster} for found in copies.values())


def test_calls_are_answered_after_the_node_with_their_queues_is_gone(
    cluster: list[Node], urls: list[str], empty_log: Settings
) -> None:
    names_of(empty_log)
    settings = replace(role_of(empty_log, "cases"), amqp_url=";".join(urls))
    with (
        running_module("tests.cluster_reader", settings),
        running_module("tests.cluster_caller", settings) as caller,
    ):
        until(lambda: readers(urls[0], "rpc-cases"))
        before = answer(caller, 2)

        cluster[0].kill()
        after = answer(caller, 4)

        cluster[0].start()
        cluster[0].await_up()
    assert (before, after) == (4, 8)


def test_any_node_may_be_killed_and_every_fact_takes_effect_once_and_in_order(
    cluster: list[Node], urls: list[str], log: Log, empty_log: Settings, tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    one, two, three = urls
    names_of(empty_log)
    relay = Relay(
        replace(role_of(empty_log, "relay"), amqp_url=f"{one};{two};{three}", keys=tmp_path),
        "catalog",
    )
    reader = replace(role_of(empty_log, "cases"), amqp_url=f"{two};{three};{one}")
    watch = Watch(f"{three};{one};{two}")
    took = []
    with at_work(relay), running_module("tests.cluster_reader", reader):
        load = Load(log)
        until(lambda: len(watch.positions) > WHILE_DOWN)

        for node in cluster:
            seen = len(set(watch.positions))
            node.kill()
            killed = time.monotonic()
            until(lambda seen=seen: len(set(watch.positions)) > seen + WHILE_DOWN)
            took.append(time.monotonic() - killed)
            node.start()
            node.await_up()

        count = load.stop()
        until(lambda: len(set(watch.positions)) == count)
        until(lambda: len(taken(empty_log)) >= count)
    watch.stopping.set()

    assert count > 3 * WHILE_DOWN
    assert watch.first_seen() == list(range(count))
    assert taken(empty_log) == [(n, f"名{n}") for n in range(count)]
    record_property("facts", count)
    record_property("delivered twice", len(watch.positions) - count)
    record_property("seconds to go on without a node", took)


def sent_again(url: str, messages: list[Any]) -> None:
    """Publish as the relay does: until all is confirmed, from the start again if it was not."""
    def confirmed() -> bool:
        with suppress(amqp.AMQPError, BrokerAway, Unconfirmed, OSError):
            sent(url, messages)
            return True
        return False

    until(confirmed)


def missed(found: list[Told], messages: list[Any]) -> list[int]:
    """What a reader has not got who takes each stream's facts in their turn, and drops others."""
    due = positions([Told(one["ce-subject"], one["ce-position"]) for _, one, _ in messages])
    for one in found:
        if due[one.stream][:1] == [one.position]:
            del due[one.stream][0]
    return [position for left in due.values() for position in left]


def test_partitions_lose_nothing_and_keep_each_stream_in_its_place_while_any_node_is_away(
    cluster: list[Node], urls: list[str]
) -> None:
    first = furnished(cluster[0], urls[0], FOUR)
    for away, node in enumerate(cluster):
        messages = interleaved(STREAMS, EACH, node.name)
        half = len(messages) // 2
        sent_again(urls[away - 1], messages[:half])

        node.kill()
        sent_again(urls[away - 1], messages[half:])
        own = first.own.replace(f":{cluster[0].port}/", f":{cluster[away - 1].port}/")
        found = partitions_taken(first._replace(own=own), FOUR)

        node.start()
        node.await_up()
        assert {len(where) for where in homes(found).values()} == {1}
        assert missed([one for told in found.values() for one in told], messages) == []
