"""What is no fact, on the real bus of a running service: parked with its reason, and life goes on."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from kombu import Connection, Producer

from services.catalog.commands import Catalog
from shared.bus.message import CONTENT_TYPE, EVENTS, headers, queue_of
from shared.cli.run import Processes
from shared.contracts.envelope import Given, instant
from shared.database import Database
from shared.migrate import as_role
from shared.settings import Settings
from tests.conftest import drop
from tests.world import programme_content

LIMIT = 90.0
FUTURE = {
    "id": str(uuid4()), "type": "catalog.FromTheFuture", "schema": 1, "source": "catalog",
    "stream": str(uuid4()), "version": 1, "programme": "MD2023", "jurisdiction": "371702",
    "occurred_at": "2023-04-01T00:00:00+00:00", "recorded_at": "2023-04-01T00:00:00+00:00",
    "actor": {}, "instrument": None, "rules": [], "correlation": str(uuid4()),
    "causation": str(uuid4()), "data": {},
}
TOLD = headers(
    id_=FUTURE["id"], type_=FUTURE["type"], source="catalog", stream=FUTURE["stream"],
    time=FUTURE["occurred_at"], position=0, previous=None,
)
BAD: tuple[tuple[bytes, dict[str, Any], str | None, str], ...] = (
    (b"garbage", TOLD, CONTENT_TYPE, "Expecting value"),
    (b"garbage", {}, CONTENT_TYPE, "ce-position"),
    (b"garbage", TOLD, None, "content type"),
    (b"\xff\xfe\x00", TOLD, CONTENT_TYPE, "decode"),
    (b"[" * 100_000, TOLD, CONTENT_TYPE, "nested"),
    (b"9" * 10_000, TOLD, CONTENT_TYPE, "digits"),
    (b"garbage", TOLD | {"compression": "application/x-gzip"}, CONTENT_TYPE, "Expecting value"),
    (b"garbage", TOLD | {"compression": "unheard-of"}, CONTENT_TYPE, "Expecting value"),
    (json.dumps(FUTURE).encode(), TOLD, CONTENT_TYPE, "catalog.FromTheFuture"),
    (b'{"id":"' + b"x" * 10_000_000 + b'"}', TOLD, CONTENT_TYPE, "not an envelope"),
)


@pytest.fixture
def settings(database_url: str, amqp_url: str, tmp_path: Any) -> Iterator[Settings]:
    """Databases of this test alone; the queue is as new before and gone after it."""
    own = Settings(
        database_url=database_url, amqp_url=amqp_url, prefix=f"m{uuid4().hex[:8]}_",
        deployment="test", keys=tmp_path / "keys", driven_clock=True,
    )
    with Processes(own, ()), Connection(amqp_url) as connection:
        queue = queue_of("catalog", ("catalog", "delegation"))(connection.default_channel)
        queue.delete()
        yield own
        queue.delete()
    drop(own)


def until(condition: Callable[[], object]) -> None:
    """Wait for what another process brings about."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.1)


def rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(settings.dsn("catalog"))) as held, held.cursor() as at:
        at.execute(query)
        return at.fetchall()


def test_a_running_service_parks_what_is_no_fact_and_takes_in_the_next_good_one(
    settings: Settings,
) -> None:
    from shared.migrate import migrate

    migrate(settings)
    database = Database(replace(settings, database_url=as_role(settings, "catalog")).dsn("catalog"))
    with Processes(settings, ("catalog", "relay")) as processes, Connection(settings.amqp_url) as bus:
        until(lambda: rows(settings, "SELECT 1 FROM bus.cursor WHERE source = 'delegation'"))
        until(lambda: consumers(bus))
        producer = Producer(bus.default_channel)
        for body, told, content_type, _ in BAD:
            producer.publish(
                body, exchange=EVENTS, routing_key="371702.catalog.Nothing", headers=told,
                content_type=content_type, content_encoding="binary", serializer=None,
            )
        until(lambda: rows(settings, "SELECT count(*) FROM bus.parked")[0][0] == len(BAD))

        Catalog(database, None).do("import_programme", {
            "programme": "MD2023", "content": programme_content("MD2023"),
        }, Given(uuid4(), {"org": "o", "role": "r", "operator": "op"}, instant("2023-04-01T00:00:00Z")))

        until(lambda: rows(settings, "SELECT 1 FROM readmodel.programme WHERE programme_id = 'MD2023'"))
        assert living(processes) == {"catalog", "relay"}
    database.close()
    errors = [error for (error,) in rows(settings, "SELECT error FROM bus.parked ORDER BY id")]
    assert [reason in error for error, (*_, reason) in zip(errors, BAD, strict=True)] == [True] * len(BAD), errors


def consumers(bus: Connection) -> int:
    """How many read catalog's queue."""
    queue = queue_of("catalog", ("catalog", "delegation"))(bus.default_channel)
    count: int = queue.queue_declare(passive=True).consumer_count
    return count


def living(processes: Processes) -> set[str]:
    """The processes that have not ended."""
    found: dict[str, subprocess.Popen[bytes]] = processes.running
    return {name for name, process in found.items() if process.poll() is None}
