"""What is no fact, on the bus of a running service: parked with its reason, and life goes on."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from kombu import Connection, Producer

from shared.bus.message import CONTENT_TYPE, EVENTS, headers, queue_of
from shared.cli.run import Processes
from shared.migrate import migrate
from shared.settings import Settings
from tests.brokers import readers
from tests.conftest import drop
from tests.waiting import PATIENCE, until
from tests.world import programme_content

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
NEWER = "catalog.WindowOpened"  # a contract that there is, in a version that there is not yet
CALLS = "nameko-rpc"
NO_CALLS = (
    ("catalog.do", b"garbage"), ("catalog.do", b"{}"), ("catalog.do", b"[]"),
    ("catalog.do", b'{"args": 7}'), ("catalog.do", b"[" * 100_000),
    ("catalog.abolish", b'{"args": [], "kwargs": {}}'),
)
CALL = """
import eventlet
eventlet.monkey_patch()
import json, sys
from shared.entrypoints import calling
from shared.settings import Settings
with calling(Settings.from_environment()) as call:
    print(json.dumps(call("catalog", "do", **json.load(sys.stdin))))
"""
BAD: tuple[tuple[bytes, dict[str, Any], str | None, str], ...] = (
    (b"garbage", TOLD, CONTENT_TYPE, "Expecting value"),
    (b"garbage", {}, CONTENT_TYPE, "ce-position"),
    (b"garbage", TOLD, None, "content type"),
    (b"\xff\xfe\x00", TOLD, CONTENT_TYPE, "decode"),
    (b"[" * 100_000, TOLD, CONTENT_TYPE, "recursion"),
    (json.dumps(FUTURE | {"occurred_at": "0001-01-01T00:00:00+14:00"}).encode(), TOLD, CONTENT_TYPE,
     "not an envelope"),
    (b"9" * 10_000, TOLD, CONTENT_TYPE, "digits"),
    (b"garbage", TOLD | {"compression": "application/x-gzip"}, CONTENT_TYPE, "Expecting value"),
    (b"garbage", TOLD | {"compression": "unheard-of"}, CONTENT_TYPE, "Expecting value"),
    (json.dumps(FUTURE).encode(), TOLD, CONTENT_TYPE, "catalog.FromTheFuture"),
    (json.dumps(FUTURE | {"type": NEWER, "schema": 99}).encode(), TOLD | {"ce-type": NEWER},
     CONTENT_TYPE, f"{NEWER} v99: known up to v"),
    (b'{"id":"' + b"x" * 10_000_000 + b'"}', TOLD, CONTENT_TYPE, "UUID"),
)


@pytest.fixture
def settings(database_url: str, amqp_url: str, tmp_path: Any) -> Iterator[Settings]:
    """Databases of this test alone; the queue is as new before and gone after it."""
    own = Settings(
        database_url=database_url, amqp_url=amqp_url, prefix=f"m{uuid4().hex[:8]}_",
        deployment="test", keys=tmp_path / "keys", driven_clock=True,
    )
    with Connection(amqp_url) as connection:
        queue = queue_of("catalog", ("catalog", "delegation"))(connection.default_channel)
        queue.delete()
        yield own
        queue.delete()
    drop(own)


def rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(settings.dsn("catalog"))) as held, held.cursor() as at:
        at.execute(query)
        return at.fetchall()


def test_a_running_service_parks_what_is_no_fact_and_takes_in_the_next_good_one(
    settings: Settings,
) -> None:
    migrate(settings)
    names, confirmed = ("catalog", "relay"), {"confirm_publish": True}
    with (
        Processes(settings, names) as processes,
        Connection(settings.amqp_url, transport_options=confirmed) as bus,
    ):
        until(lambda: rows(settings, "SELECT 1 FROM bus.cursor WHERE source = 'delegation'"))
        until(lambda: readers(settings.amqp_url, "fuquan.catalog"))
        producer = Producer(bus.default_channel)
        for door, body in NO_CALLS:
            producer.publish(
                body, exchange=CALLS, routing_key=door, content_type=CONTENT_TYPE,
                content_encoding="utf-8", serializer=None,
            )
        for body, told, content_type, _ in BAD:
            producer.publish(
                body, exchange=EVENTS, routing_key="371702.catalog.Nothing", headers=told,
                content_type=content_type, content_encoding="binary", serializer=None,
            )
        until(lambda: rows(settings, "SELECT count(*) FROM bus.parked")[0][0] == len(BAD))

        answer = imported(settings, "MD2023")
        until(lambda: rows(settings, "SELECT 1 FROM readmodel.programme"))

        assert answer == {"stream": None, "version": None, "events": []}
        assert living(processes) == set(names)
    errors = [error for (error,) in rows(settings, "SELECT error FROM bus.parked ORDER BY id")]
    named = [reason in error for error, (*_, reason) in zip(errors, BAD, strict=True)]
    assert named == [True] * len(BAD), errors


def imported(settings: Settings, programme: str) -> Any:
    """Import a programme through the service's own door, from a process of its own."""
    asked = {
        "door": "import_programme",
        "request": {"programme": programme, "content": programme_content(programme)},
        "given": {
            "command": str(uuid4()), "at": "2023-04-01T00:00:00+00:00",
            "actor": {"org": "MD2023-ORG-02", "role": "officer", "operator": "op-1"},
        },
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CALL], input=json.dumps(asked), text=True,
        env=os.environ | settings.environment(), capture_output=True, timeout=PATIENCE, check=True,
    )
    return json.loads(done.stdout)


def living(processes: Processes) -> set[str]:
    """The processes that have not ended."""
    found: dict[str, subprocess.Popen[bytes]] = processes.running
    return {name for name, process in found.items() if process.poll() is None}
