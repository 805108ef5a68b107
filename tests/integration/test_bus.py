"""Relay and ordered consumer on a real PostgreSQL and a real RabbitMQ."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from kombu import Connection
from kombu import Consumer as Reader
from psycopg2.extensions import cursor

from shared.bus.consumer import Consumer
from shared.bus.message import CONTENT_TYPE, EVENTS, queue_of
from shared.bus.relay import Relay
from shared.clock import system_clock
from shared.contracts.envelope import Fact, Given, seal
from shared.database import Database
from shared.log.checkpoint import open_checkpoint
from shared.log.note import Verifier
from shared.log.store import Append, Log, request_hash
from shared.log.tree import leaf_hash, root_of
from shared.projection import Projection
from shared.settings import Settings
from tests.integration.conftest import integrate, role_of
from tests.waiting import PATIENCE, until


def alias_added(log: Log, stream: UUID, version: int, alias: str) -> None:
    """Append one real event, a name given to an organ."""
    given = Given(command=uuid4(), actor={"org": "o", "role": "r", "operator": "op"},
                  at=system_clock())
    envelope = seal(
        source="catalog", type_="catalog.DepartmentAliasAdded",
        stream=stream, version=version, index=0,
        data={"org_id": "MD2023-ORG-05", "alias": alias, "basis": "abbreviation"}, given=given,
        programme="MD2023", jurisdiction="371702", recorded_at=system_clock(),
    )
    log.append(
        Append(given.command, stream, version - 1, "op", request_hash(envelope),
               ["catalog.DepartmentAliasAdded"], [envelope])
    )


@pytest.fixture
def settings(empty_log: Settings, amqp_url: str, tmp_path: Any) -> Settings:
    return replace(role_of(empty_log, "relay"), amqp_url=amqp_url, keys=tmp_path)


@pytest.fixture
def relay(settings: Settings, queue: str) -> Iterator[Relay]:
    with at_work(Relay(settings, "catalog")) as one:
        yield one


class at_work:  # noqa: N801 - reads as a phrase
    """A relay in a thread until the block ends."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.thread = Thread(target=relay.run, daemon=True)

    def __enter__(self) -> Relay:
        self.thread.start()
        return self.relay

    def __exit__(self, *_: object) -> None:
        self.relay.stopping.set()
        self.thread.join(PATIENCE)


@pytest.fixture
def queue(amqp_url: str) -> Iterator[str]:
    """An ordered queue of its own on the broker, bound to catalog's facts."""
    name = f"test-{uuid4().hex[:8]}"
    with Connection(amqp_url) as connection:
        channel = connection.default_channel
        EVENTS(channel).declare()
        bound = queue_of(name, ("catalog",))(channel)
        bound.declare()
        yield name
        bound.delete()


def taken(amqp_url: str, name: str, count: int) -> list[tuple[bytes, dict[str, Any], str | None]]:
    """The next *count* messages of a queue, acknowledged."""
    arrived: list[Any] = []
    deadline = time.monotonic() + PATIENCE
    with Connection(amqp_url) as connection:
        bound = queue_of(name, ("catalog",))
        with Reader(connection.default_channel, [bound], on_message=arrived.append, no_ack=True):
            while len(arrived) < count and time.monotonic() < deadline:
                with suppress(TimeoutError):
                    connection.drain_events(timeout=0.1)
    return [
        (bytes(m.body, "utf-8") if isinstance(m.body, str) else m.body, m.headers, m.content_type)
        for m in arrived
    ]


def test_the_relay_publishes_the_stored_bytes_in_order_with_cloudevents_headers(
    log: Log, relay: Relay, amqp_url: str, queue: str
) -> None:
    stream = uuid4()
    for version, alias in enumerate(("区行政审批服务局", "区审批局", "审批局"), 1):
        alias_added(log, stream, version, alias)

    messages = taken(amqp_url, queue, 3)

    assert [body for body, _, _ in messages] == [envelope for _, _, envelope in log.events(stream)]
    places = [(h["ce-position"], h["ce-previous"]) for _, h, _ in messages]
    assert places == [(0, -1), (1, 0), (2, 1)]
    assert {h["ce-specversion"] for _, h, _ in messages} == {"1.0"}
    assert {content_type for _, _, content_type in messages} == {CONTENT_TYPE}


def test_the_checkpoint_commits_to_the_published_leaves_under_the_logs_key(
    log: Log, relay: Relay, settings: Settings
) -> None:
    stream = uuid4()
    for version in range(1, 6):
        alias_added(log, stream, version, f"别名{version}")

    until(lambda: log.database.rows("SELECT 1 FROM log.checkpoint WHERE size = 5"))

    ((note,),) = log.database.rows("SELECT note FROM log.checkpoint WHERE size = 5")
    verifier = Verifier.parse((settings.keys / "catalog.vkey").read_text().strip())
    opened = open_checkpoint(note, settings.origin("catalog"), [verifier])
    assert opened.root == root_of(leaf_hash(e.envelope) for e in log.entries(0, 5))


def test_a_stand_by_takes_over_and_the_first_is_fenced(
    log: Log, settings: Settings, queue: str
) -> None:
    ((before,),) = log.database.rows("SELECT epoch FROM log.relay")
    first, second = Relay(settings, "catalog"), Relay(settings, "catalog")
    with at_work(first):
        until(lambda: first.progress.active)
        with at_work(second):
            alias_added(log, uuid4(), 1, "先")
            until(lambda: first.progress.published == 1)
            first.stopping.set()
            until(lambda: second.progress.active)
            alias_added(log, uuid4(), 1, "后")
            until(lambda: second.progress.published == 1)

    ((epoch,),) = log.database.rows("SELECT epoch FROM log.relay")
    assert epoch == before + 2


def test_a_restored_older_log_is_not_signed_again(
    log: Log, settings: Settings, queue: str, empty_log: Settings
) -> None:
    stream = uuid4()
    with at_work(Relay(settings, "catalog")):
        for version in (1, 2, 3):
            alias_added(log, stream, version, f"别名{version}")
        last = settings.keys / "catalog.last"
        until(lambda: last.exists() and '"size": 3' in last.read_text())
    cut = psycopg2.connect(empty_log.dsn("catalog"))
    with cut, cut.cursor() as at:
        at.execute("SET session_replication_role = replica")
        at.execute("DELETE FROM log.checkpoint; DELETE FROM log.entry WHERE position = 2")
        at.execute("UPDATE log.relay SET next_position = 2")
    cut.close()

    restored = Relay(settings, "catalog")
    restored.run()

    assert "3 entries were signed, only 2 are here" in restored.progress.failed


@pytest.fixture
def consumer(empty_log: Settings, log: Log) -> Iterator[tuple[Consumer, Database]]:
    """Cases' database as a consumer of catalog, with a table of names and a policy that counts."""
    admin = psycopg2.connect(empty_log.dsn("cases"))
    with admin, admin.cursor() as at:
        at.execute(f'SET ROLE "{empty_log.prefix}owner"')
        at.execute(
            "DROP TABLE IF EXISTS readmodel.named;"
            " CREATE TABLE readmodel.named (position bigint, alias text)"
        )
        at.execute("DELETE FROM bus.cursor; DELETE FROM bus.parked")
    admin.close()
    named = Projection()

    @named.on("catalog.DepartmentAliasAdded")
    def write(at: cursor, fact: Fact) -> None:
        if fact.data["alias"] == "毒":
            raise ValueError("cannot digest")
        at.execute("INSERT INTO named VALUES (%s, %s)", (fact.position, fact.data["alias"]))

    database = Database(role_of(empty_log, "cases").dsn("cases"), size=2)
    source = Log(Database(role_of(empty_log, "cases").dsn("catalog"), size=1))
    reacted: list[int] = []
    one = Consumer("cases", database, {"catalog": source}, named,
                   {"catalog.DepartmentAliasAdded": [lambda f: reacted.append(f.position)]})
    one.start()
    one.reacted = reacted  # type: ignore[attr-defined]
    yield one, database
    database.close()
    source.database.close()


def names(database: Database) -> list[str]:
    return [alias for (alias,) in database.rows("SELECT alias FROM named ORDER BY position")]


def test_doubled_reordered_and_dropped_deliveries_end_like_the_ordered_run(
    log: Log, relay: Relay, amqp_url: str, queue: str, consumer: tuple[Consumer, Database]
) -> None:
    one, database = consumer
    for version in range(1, 9):
        alias_added(log, UUID(int=1), version, f"名{version}")
    messages = taken(amqp_url, queue, 8)

    one.deliver([messages[5], messages[1]])
    one.deliver([messages[0], messages[7], messages[7]])
    one.deliver(messages)

    assert names(database) == [f"名{n}" for n in range(1, 9)]
    assert one.reacted == list(range(8))  # type: ignore[attr-defined]


def test_what_the_bus_lost_is_pulled_from_the_log(
    log: Log, empty_log: Settings, consumer: tuple[Consumer, Database]
) -> None:
    one, database = consumer
    for version in (1, 2, 3):
        alias_added(log, UUID(int=2), version, f"名{version}")
    integrate(empty_log)

    pulled = one.catch_up()

    assert pulled == 3
    assert names(database) == ["名1", "名2", "名3"]


def test_a_poison_fact_parks_its_stream_and_no_other(
    log: Log, empty_log: Settings, consumer: tuple[Consumer, Database]
) -> None:
    one, database = consumer
    sick, well = UUID(int=3), UUID(int=4)
    alias_added(log, sick, 1, "甲")
    alias_added(log, sick, 2, "毒")
    alias_added(log, well, 1, "乙")
    alias_added(log, sick, 3, "丙")
    integrate(empty_log)

    one.catch_up()

    assert names(database) == ["甲", "乙"]
    parked = database.rows("SELECT position, stream, error FROM bus.parked ORDER BY position")
    assert parked == [
        (1, sick, "ValueError('cannot digest')"), (3, sick, "behind a parked fact of its stream"),
    ]


@pytest.mark.parametrize(
    ("body", "headers", "content_type", "reason"),
    [
        (b"{", {"ce-position": 0, "ce-previous": -1}, CONTENT_TYPE, "Expecting property name"),
        (b"{}", {"ce-position": 0, "ce-previous": -1}, CONTENT_TYPE, "not an envelope"),
        (b"{}", {}, CONTENT_TYPE, "ce-position"),
        (b"<a/>", {"ce-position": 0, "ce-previous": -1}, "text/xml", "content type"),
        (b"\xff\xfe", {"ce-position": 0, "ce-previous": -1}, CONTENT_TYPE, "decode"),
        (b'{"id":' + b"9" * 100_000 + b"}", {"ce-position": 0, "ce-previous": -1}, CONTENT_TYPE,
         ""),
    ],
)
def test_a_message_that_is_no_fact_is_parked_with_its_reason_and_the_consumer_lives_on(
    log: Log, empty_log: Settings, consumer: tuple[Consumer, Database],
    body: bytes, headers: dict[str, Any], content_type: str, reason: str,
) -> None:
    one, database = consumer
    alias_added(log, UUID(int=5), 1, "甲")
    integrate(empty_log)

    one.deliver([(body, headers, content_type)])
    one.catch_up()

    ((error,),) = database.rows("SELECT error FROM bus.parked")
    assert reason in error
    assert names(database) == ["甲"]


def test_an_unknown_event_type_parks_its_stream_and_the_next_stream_goes_on(
    log: Log, empty_log: Settings, consumer: tuple[Consumer, Database]
) -> None:
    one, database = consumer
    future = b'{"id":"x","type":"catalog.FromTheFuture"}'
    log.append(Append(uuid4(), UUID(int=6), 0, "op", request_hash(future),
                      ["catalog.FromTheFuture"], [future]))
    alias_added(log, UUID(int=7), 1, "甲")
    integrate(empty_log)

    one.catch_up()

    assert names(database) == ["甲"]
    ((stage, position),) = database.rows("SELECT stage, position FROM bus.parked")
    assert (stage, position) == ("read", 0)


def test_a_delivered_fact_of_a_later_release_is_parked_once_and_in_its_stream(
    log: Log, relay: Relay, amqp_url: str, queue: str, consumer: tuple[Consumer, Database]
) -> None:
    one, database = consumer
    future = b'{"id":"x","type":"catalog.FromTheFuture"}'
    log.append(Append(uuid4(), UUID(int=8), 0, "op", request_hash(future),
                      ["catalog.FromTheFuture"], [future]))
    alias_added(log, UUID(int=9), 1, "甲")
    messages = taken(amqp_url, queue, 2)

    one.deliver(messages)
    one.deliver(messages)

    assert names(database) == ["甲"]
    assert database.rows("SELECT stage, position, stream FROM bus.parked") == [
        ("read", 0, UUID(int=8))
    ]


def test_a_policy_that_a_crash_interrupted_runs_again_at_start(
    log: Log, empty_log: Settings, consumer: tuple[Consumer, Database]
) -> None:
    one, database = consumer
    alias_added(log, UUID(int=8), 1, "甲")
    integrate(empty_log)
    one.catch_up()
    with database.transaction() as at:
        at.execute("UPDATE bus.cursor SET reacted = 0 WHERE source = 'catalog'")

    one.start()

    assert one.reacted == [0, 0]  # type: ignore[attr-defined]
    assert names(database) == ["甲"]
