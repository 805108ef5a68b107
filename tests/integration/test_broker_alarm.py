"""What a caller over HTTP is told while RabbitMQ has a memory alarm, and what comes of it after."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
import requests

from services.catalog.domain.steps import steps
from services.gateway.intake import Intake
from services.gateway.operating import PATIENCE
from services.gateway.tokens import issue
from shared.bus.cloudevents import STRUCTURED
from shared.bus.inbound import ARRIVALS
from shared.bus.publisher import Publisher, Unconfirmed
from shared.cli.run import Processes
from shared.settings import Settings
from tests.emptied import emptied
from tests.faults.servers import Rabbit
from tests.platform import Platform
from tests.servers import free_port
from tests.waiting import until
from tests.world import programme_content

BOUND = 12.0  # seconds; the broker is given 8
LIST = "published_list?programme=MD2023&town=MD2023-TOWN-01"
AWAY = (503, 504)
MESSAGES = 5
STORED = "SELECT count(*) FROM log.event WHERE command_id = %s"


@dataclass
class Edge:
    """The gateway as a caller sees it."""

    settings: Settings
    rabbit: Rabbit

    def __post_init__(self) -> None:
        self.token = issue(self.settings, "MD2023-ORG-02", "registrar", "op-1", 1)

    def ask(self, path: str) -> requests.Response:
        """A question, or a probe."""
        return requests.get(
            f"http://127.0.0.1:{self.settings.http_port}{path}", timeout=30,
            headers={"Authorization": f"Bearer {self.token}"},
        )

    def do(self, door: str, request: Mapping[str, Any], key: str) -> requests.Response:
        """A command."""
        return requests.post(
            f"http://127.0.0.1:{self.settings.http_port}/api/catalog/{door}", json=request,
            timeout=30,
            headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": key},
        )

    def alarm(self) -> None:
        """Memory alarm: every connection that publishes is blocked."""
        self.rabbit.ctl("set_vm_memory_high_watermark", "0.00001")

    def calm(self) -> None:
        """The alarm is over."""
        self.rabbit.ctl("set_vm_memory_high_watermark", "0.4")

    def stored(self, key: str) -> int:
        """How many events a command has left."""
        held = psycopg2.connect(self.settings.dsn("catalog"))
        try:
            with held.cursor() as at:
                at.execute(STORED, (key,))
                return int(at.fetchall()[0][0])
        finally:
            held.close()


@pytest.fixture
def edge(migrated: Settings, tmp_path: Path) -> Iterator[Edge]:
    """Gateway and catalog as processes at a broker of their own."""
    emptied(migrated, "catalog", ())
    rabbit = Rabbit(tmp_path / "broker")
    rabbit.start()
    try:
        own = replace(migrated, amqp_url=rabbit.url, http_port=free_port(), ops="")
        with Processes(own, ("catalog", "gateway")):
            one = Edge(own, rabbit)
            until(
                lambda: one.ask(f"/api/catalog/{LIST}").status_code not in AWAY,
                despite=requests.ConnectionError,
            )
            yield one
    finally:
        rabbit.kill()


@pytest.fixture
def rabbit(tmp_path: Path) -> Iterator[Rabbit]:
    """A broker of its own."""
    one = Rabbit(tmp_path / "broker")
    one.start()
    yield one
    one.kill()


def test_during_an_alarm_the_edge_answers_in_time_and_a_repetition_is_safe(edge):
    first = next(iter(steps(programme_content("MD2023"))))
    request, key = {"programme": "MD2023"} | first.request, str(uuid4())

    edge.alarm()
    begun = time.monotonic()
    refused = [edge.do(first.door, request, key) for _ in range(2)]
    question = edge.ask(f"/api/catalog/{LIST}")
    took = time.monotonic() - begun
    alive, counted = edge.ask("/healthz"), edge.ask("/metrics").text
    edge.calm()
    until(lambda: edge.do(first.door, request, key).status_code == 200)
    answers = [edge.do(first.door, request, key).json() for _ in range(2)]

    for one in (*refused, question):
        assert (one.status_code, one.headers["Content-Type"], one.headers["Retry-After"]) == (
            503, "application/problem+json", "10"
        )
        assert one.json()["code"] == "gateway.broker-holds"
        assert one.json()["detail"].startswith("消息代理暂停接收")
    assert took < 3 * BOUND
    assert alive.status_code == 200
    assert 'fuquan_calls_not_taken_total{service="gateway"} 3.0' in counted
    assert answers[0] == answers[1]
    assert edge.stored(key) == len(answers[0]["events"]) > 0


def test_without_its_broker_the_operators_page_says_so_soon(edge):
    edge.rabbit.kill()
    headers = {"Authorization": f"Bearer {edge.token}", "Accept": "application/json"}
    url = f"http://127.0.0.1:{edge.settings.http_port}/ops"

    begun = time.monotonic()
    found = requests.get(url, timeout=30, headers=headers).json()
    took = time.monotonic() - begun

    assert took < 2 * PATIENCE
    assert found["broker"] is False
    assert all(one["away"] for one in found["services"].values())
    assert {one["cause"] for one in found["stuck"]} == {"broker", "away"}


def test_an_alarm_holds_answers_to_other_platforms_up_and_brings_no_message_again(rabbit, tmp_path):
    sender = Platform(rabbit.url)
    settings = Settings(database_url="", amqp_url=rabbit.url, keys=tmp_path)
    intake = Intake(lambda *_, **__: None, settings)
    for number in range(MESSAGES):
        sender.put(b"{}", content_type=STRUCTURED, correlation_id=str(number))

    rabbit.ctl("set_vm_memory_high_watermark", "0.00001")
    thread = Thread(target=intake.run, daemon=True)
    thread.start()
    time.sleep(12)  # longer than a confirm is waited for
    during = sender.waiting(sender.replies)
    rabbit.ctl("set_vm_memory_high_watermark", "0.4")
    got = sender.take(sender.replies, MESSAGES)
    until(lambda: sender.waiting(ARRIVALS.name) == 0)
    time.sleep(2)
    doubled = sender.waiting(sender.replies)
    intake.stop()
    thread.join()
    sender.close()

    assert during < MESSAGES
    assert [one.properties["correlation_id"] for one in got] == [
        str(number) for number in range(MESSAGES)
    ]
    assert doubled == 0


def test_a_publisher_knows_that_the_broker_takes_nothing(edge):
    publisher = Publisher(edge.rabbit.url, confirm_timeout=3.0)
    fact = ("MD2023.catalog.Nothing", {}, b"{}")

    publisher.publish([fact])
    before = publisher.blocked
    edge.alarm()
    with pytest.raises(Unconfirmed):
        publisher.publish([fact])
    during = publisher.blocked
    edge.calm()
    until(lambda: publisher.heartbeat() or not publisher.blocked)
    publisher.close()

    assert (before, during) == (False, True)
