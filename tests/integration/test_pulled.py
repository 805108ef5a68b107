"""What the bus does not bring is taken in from the log, and that is counted and told."""

import logging
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.bus.consumer import Consumer
from shared.bus.relay import Relay
from shared.database import Database
from shared.log.store import Log
from shared.logs import configure
from shared.settings import Settings
from tests.integration.conftest import integrate
from tests.integration.test_bus import (
    alias_added,
    consumer,
    names,
    queue,
    relay,
    settings,
    taken,
    until,
)

__all__ = ["consumer", "queue", "relay", "settings"]

LABELS = {"service": "cases", "source": "catalog"}
Grown = Callable[[], tuple[float, float]]


@pytest.fixture
def grown(consumer: tuple[Consumer, Database]) -> Grown:
    """How far the two counters have grown in this test: pulled, late."""

    def counted(name: str) -> float:
        return REGISTRY.get_sample_value(f"fuquan_facts_{name}_total", LABELS) or 0.0

    before = counted("pulled"), counted("late")
    return lambda: (counted("pulled") - before[0], counted("late") - before[1])


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """What is told, as by a process; tests are quieter."""
    configure("tests", logging.INFO)
    with capture_logs() as told:
        yield told
    configure("tests", logging.WARNING)


def named(log: Log, count: int) -> None:
    for version in range(1, count + 1):
        alias_added(log, UUID(int=1), version, f"名{version}")


def test_what_a_lost_binding_withholds_is_counted_and_told_once(
    log: Log, relay: Relay, amqp_url: str, queue: str, consumer: tuple[Consumer, Database],
    grown: Grown, lines: list[Any],
) -> None:
    one, database = consumer
    named(log, 6)
    one.deliver(taken(amqp_url, queue, 6)[:2])

    one.catch_up()
    one.catch_up()

    assert names(database) == [f"名{n}" for n in range(1, 7)]
    assert grown() == (4, 0)
    assert [line for line in lines if line["event"] == "facts.pulled"] == [{
        "event": "facts.pulled", "log_level": "info", "consumer": "cases", "source": "catalog",
        "from": 2, "to": 6, "count": 4,
    }]


def test_a_hole_before_a_message_is_counted_and_the_message_is_not(
    log: Log, relay: Relay, amqp_url: str, queue: str, consumer: tuple[Consumer, Database],
    grown: Grown,
) -> None:
    one, _ = consumer
    named(log, 5)
    messages = taken(amqp_url, queue, 5)

    one.deliver([messages[0], messages[4]])

    assert grown() == (3, 0)


@pytest.mark.parametrize("pulled_by", ["itself", "another process of the service"])
def test_what_the_bus_brings_after_it_was_pulled_is_late(
    log: Log, relay: Relay, amqp_url: str, queue: str, consumer: tuple[Consumer, Database],
    grown: Grown, pulled_by: str,
) -> None:
    one, database = consumer
    another = Consumer("cases", database, one.logs, one.projection, {})
    named(log, 5)
    messages = taken(amqp_url, queue, 5)
    one.deliver(messages[:2])
    (one if pulled_by == "itself" else another).catch_up()

    one.deliver(messages[2:])

    assert grown() == (3, 3)


def test_the_past_of_a_log_that_a_service_begins_with_is_told_and_not_counted(
    log: Log, empty_log: Settings, consumer: tuple[Consumer, Database], grown: Grown,
    lines: list[Any],
) -> None:
    one, _ = consumer
    named(log, 3)
    until(lambda: integrate(empty_log) >= 0 and one.logs["catalog"].size() == 3)

    one.catch_up()

    assert grown() == (0, 0)
    assert [(line["from"], line["to"]) for line in lines if line["event"] == "facts.pulled"] == [
        (0, 3)
    ]
