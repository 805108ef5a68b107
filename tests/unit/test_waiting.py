"""What waits at the broker, as a scrape shows it: soon, and nothing that is long ago."""

import socket
import time
from collections.abc import Iterator
from threading import Thread

import pytest

from shared.ops import gauges
from shared.ops.gauges import Waiting
from shared.ops.queues import WATCHED, WITHIN

SEEN = {queue.name: {"waiting": 7, "readers": 1} for queue in WATCHED}


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a broker that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"amqp://127.0.0.1:{server.getsockname()[1]}//"


def shown(waiting: Waiting) -> dict[tuple[str, str], float]:
    return {
        (family.name, sample.labels["queue"]): sample.value
        for family in waiting.collect() for sample in family.samples
    }


def test_a_scrape_waits_for_no_broker(silent: str):
    waiting = Waiting("gateway", silent)
    Thread(target=waiting.run, daemon=True).start()

    begun = time.monotonic()
    found = shown(waiting)

    assert (found, time.monotonic() - begun < WITHIN) == ({}, True)
    waiting.stop()


def test_what_the_broker_told_is_shown_until_it_is_old(monkeypatch: pytest.MonkeyPatch):
    waiting = Waiting("gateway", "amqp://nowhere")
    told = [SEEN]

    def tell(url: str) -> dict[str, dict[str, int]]:
        waiting.stop()
        return told.pop()

    monkeypatch.setattr(gauges, "queues", tell)
    waiting.run()
    fresh = shown(waiting)
    monkeypatch.setattr(gauges, "FRESH", 0.0)

    assert fresh == {
        (name, queue.name): value for queue in WATCHED
        for name, value in (("fuquan_messages_waiting", 7), ("fuquan_queue_readers", 1))
    }
    assert shown(waiting) == {}
