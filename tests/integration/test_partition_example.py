"""A partition's reader and the log: what is lost or elsewhere is noticed by `ce-previous`."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread, Timer
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from kombu import Connection
from werkzeug.serving import make_server

from services.gateway.app import make_app
from services.gateway.tokens import issue
from tests.integration.test_inbound import county, desk, district
from tests.partitioned import Broker, Reading, partition, partitioned
from tests.platform import House, Platform, application, message
from tests.waiting import PATIENCE

__all__ = ["county", "desk", "district"]

ROOT = Path(__file__).parents[2]
TWO = 2
Start = Callable[[int], "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """A platform with two partitions."""
    with partitioned(TWO) as one:
        yield one


@pytest.fixture(scope="module")
def amqp_url(broker: Broker) -> str:
    """The relay and the intake are on that broker."""
    return broker.administrator


@pytest.fixture
def start(county: House, broker: Broker, tmp_path: Path) -> Iterator[Start]:
    """Start the example on a partition; all of them share one file of positions."""
    server = make_server("127.0.0.1", 0, make_app(county.call, county.settings), threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    token = issue(county.settings, "MD2023-ORG-02", "auditor", "op-1", 1)
    with ExitStack() as ending:
        ending.callback(server.shutdown)

        def one(number: int) -> "subprocess.Popen[str]":
            process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "examples/partition.py", broker.own,
                 partition(number), f"http://127.0.0.1:{server.server_port}",
                 str(tmp_path / "seen.db")],
                cwd=ROOT, text=True, stdout=subprocess.PIPE,
                env={**os.environ, "FUQUAN_TOKEN": token},
            )
            ending.callback(process.wait)
            ending.callback(process.kill)
            return process

        yield one


class Recorded(NamedTuple):
    """A case that was submitted and withdrawn: its facts in the log and, by partition, as sent."""

    stream: str
    positions: list[int]
    home: int
    messages: list[Any]


def recorded(county: House, desk: Platform, broker: Broker) -> Recorded:
    """Record a case; what the relay has sent of it, and of others, is taken out of the queues."""
    case = str(uuid4())
    acts = [
        message(application(case)),
        message({"programme": "MD2023", "case": case}, "cases.CaseWithdrawn"),
    ]
    with county.open():
        stream, _ = (desk.ask(one)["stream"] for one in acts)
    county.world.settle()
    positions = [one.position for one in county.world.facts("cases") if str(one.stream) == stream]
    sent: dict[int, list[Any]] = {0: [], 1: []}
    deadline = time.monotonic() + PATIENCE
    while len(sent[0] + sent[1]) < len(positions):
        assert time.monotonic() < deadline, f"{positions} of {stream} were not sent"
        for number, found in sent.items():
            with Reading(broker.own, partition(number)) as reading:
                reading.told()
                reading.acknowledge()
            found += [one for one in reading.arrived if one.headers["ce-subject"] == stream]
    home = 0 if sent[0] else 1
    return Recorded(stream, positions, home, sent[home])


def put(broker: Broker, number: int, *messages: Any) -> None:
    """Put messages into a partition, past the hash."""
    with Connection(broker.administrator) as connection:
        for one in messages:
            connection.default_channel.basic_publish(one, routing_key=partition(number))


def printed(process: "subprocess.Popen[str]", count: int) -> list[int]:
    """The positions of the next facts that the example takes in."""
    assert process.stdout is not None
    patience = Timer(PATIENCE, process.kill)
    patience.start()
    lines = [process.stdout.readline() for _ in range(count)]
    patience.cancel()
    return [int(line.split()[1]) for line in lines if line]


def test_a_lost_fact_is_noticed_by_the_next_of_its_stream_and_read_from_the_log(
    county: House, desk: Platform, broker: Broker, start: Start
) -> None:
    case = recorded(county, desk, broker)
    reader = start(case.home)

    put(broker, case.home, case.messages[-1])

    assert len(case.messages) == len(case.positions) >= 2
    assert printed(reader, len(case.positions)) == case.positions


def test_a_stream_that_moved_to_another_partition_is_in_order_and_in_effect_once(
    county: House, desk: Platform, broker: Broker, start: Start
) -> None:
    first, second = recorded(county, desk, broker), recorded(county, desk, broker)
    put(broker, 0, *first.messages[:-1])
    put(broker, 1, first.messages[-1])

    ahead = printed(start(1), len(first.positions))
    put(broker, 0, *second.messages)
    behind = printed(start(0), len(second.positions))

    assert ahead == first.positions
    assert behind == second.positions
