"""What two relays tell of an alarm of the broker, and that nothing of it stays on."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from kombu import Connection

from shared.bus.message import EVENTS, queue_of
from shared.cli.run import Processes
from shared.log.store import Log
from shared.settings import Settings
from tests.faults.servers import Rabbit
from tests.integration.test_bus import alias_added
from tests.servers import free_port
from tests.waiting import until

HOLDS = 'fuquan_broker_blocked{service="catalog"} '
CONFIRMS = 8.0  # seconds: more than a lease, and less than the 10 for which confirms are awaited
LASTS = 20.0  # seconds: two publishes given up
STEADY = 3.0  # seconds, many turns of either relay


@pytest.fixture
def rabbit(tmp_path: Path) -> Iterator[Rabbit]:
    """A broker of its own, whose alarm troubles nobody else."""
    one = Rabbit(tmp_path / "broker")
    one.start()
    try:
        with Connection(one.url) as connection:
            EVENTS(connection.default_channel).declare()
            queue_of("cases", ("catalog",))(connection.default_channel).declare()
        yield one
    finally:
        one.kill()


@pytest.fixture
def relays(empty_log: Settings, rabbit: Rabbit) -> Iterator[Callable[[], list[float]]]:
    """Two relays as processes; what each of them tells of catalog's log."""
    doors = [f"127.0.0.1:{free_port()}" for _ in range(2)]

    def told() -> list[float]:
        texts = [requests.get(f"http://{door}/metrics", timeout=5).text for door in doors]
        return [float(text.partition(HOLDS)[2].partition("\n")[0]) for text in texts]

    with ExitStack() as stack:
        for door in doors:
            own = replace(empty_log, amqp_url=rabbit.url, ops=door)
            stack.enter_context(Processes(own, ("relay",)))
        yield told


def test_while_an_alarm_lasts_it_is_told_by_who_keeps_the_lease_and_after_it_by_none(
    log: Log, rabbit: Rabbit, relays: Callable[[], list[float]],
) -> None:
    def sent() -> int:
        ((position,),) = log.database.rows("SELECT next_position FROM log.relay")
        return int(position)

    def watched(seconds: float) -> list[float]:
        seen, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            seen.append(sum(relays()))
            time.sleep(0.25)
        return seen

    def takeovers() -> int:
        ((epoch,),) = log.database.rows("SELECT epoch FROM log.relay")
        return int(epoch)

    until(relays, lambda told: told == [0.0, 0.0], despite=requests.ConnectionError)
    alias_added(log, uuid4(), 1, "先")
    until(sent, lambda count: count == 1)

    rabbit.ctl("set_vm_memory_high_watermark", "0.00001")
    alias_added(log, uuid4(), 1, "后")
    until(lambda: sum(relays()) > 0)
    before, told = takeovers(), watched(CONFIRMS)
    after = takeovers()
    told += watched(LASTS - CONFIRMS)
    rabbit.ctl("set_vm_memory_high_watermark", "0.4")
    until(sent, lambda count: count == 2)
    until(relays, lambda told: told == [0.0, 0.0])
    time.sleep(STEADY)

    silent = sum(not one for one in told)
    assert before == after, "another relay took over from one that waited for its confirms"
    assert silent <= 2, f"silent {silent} times of {len(told)} while the alarm lasted"
    assert relays() == [0.0, 0.0]
