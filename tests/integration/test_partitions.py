"""One consumer's facts in several queues: each stream in one of them, in order, for one reader."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import amqp
import pytest
from kombu import Connection

from tests.brokers import reachable
from tests.partitioned import (
    ANOTHER,
    NAME,
    OWN,
    SCRIPT,
    Broker,
    Reading,
    Told,
    homes,
    interleaved,
    partition,
    partitioned,
    sent,
    taken,
    until_printed,
)
from tests.waiting import until

ROOT = Path(__file__).parents[2]
FOUR, STREAMS, EACH = 4, 40, 25


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """A platform with four partitions, and another platform."""
    with partitioned(FOUR) as one:
        yield one


def positions(told: list[Told]) -> dict[str, list[int]]:
    """The positions of each stream in the order in which they came."""
    by: dict[str, list[int]] = {}
    for one in told:
        by.setdefault(one.stream, []).append(one.position)
    return by


def all_of(label: str) -> dict[str, list[int]]:
    """What each stream of these messages has, in the log's order."""
    return positions([
        Told(told["ce-subject"], told["ce-position"])
        for _, told, _ in interleaved(STREAMS, EACH, label)
    ])


def test_each_stream_comes_through_one_partition_in_order_and_nothing_is_lost_or_doubled(
    broker: Broker
) -> None:
    sent(broker.administrator, interleaved(STREAMS, EACH, "order"))

    found = taken(broker, FOUR)

    assert all(found.values())
    assert {len(where) for where in homes(found).values()} == {1}
    assert positions([one for told in found.values() for one in told]) == all_of("order")


def test_after_kill_minus_nine_of_a_reader_its_streams_go_on_in_order(broker: Broker) -> None:
    sent(broker.administrator, interleaved(STREAMS, EACH, "kill"))

    first = read_and_killed(broker.own, partition(0), after=73)
    with Reading(broker.own, partition(0)) as second:
        again = second.told()
        second.acknowledge()

    others = {number: told for number, told in taken(broker, FOUR).items() if number}
    expected = {stream: all_ for stream, all_ in all_of("kill").items()
                if stream not in homes(others)}
    firsts = list(dict.fromkeys([*first, *again]))
    twice = [one for one in first if one in again]
    assert positions(firsts) == expected
    assert len(twice) >= 3
    assert again[: len(twice)] == twice
    assert all(numbers == sorted(set(numbers)) for numbers in positions(again).values())


def read_and_killed(url: str, queue: str, after: int) -> list[Told]:
    """What a reader in its own process printed before it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.partition_reader", url, queue], cwd=ROOT, text=True,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(after)]
    process.kill()
    process.wait()
    lines += process.stdout.readlines()
    told = [line.split() for line in lines if line.endswith("\n")]
    return [Told(stream, int(position)) for stream, position in told]


def test_of_two_readers_of_a_partition_one_is_active_and_the_other_takes_over(
    broker: Broker
) -> None:
    sent(broker.administrator, interleaved(STREAMS, 2, "two"))

    with Reading(broker.own, partition(1), at_once=1) as second_to_be:
        active = second_to_be.told()
        with Reading(broker.own, partition(1)) as waiting:
            meanwhile = waiting.told()
            second_to_be.connection.collect()
            after = waiting.told()
            waiting.acknowledge()

    rest = taken(broker, FOUR)
    assert (len(active), meanwhile) == (1, [])
    assert after[0] == active[0]
    assert positions(after) == {
        stream: numbers for stream, numbers in positions([
            Told(told["ce-subject"], told["ce-position"])
            for _, told, _ in interleaved(STREAMS, 2, "two")
        ]).items() if stream not in homes(rest)
    }


def test_what_ends_its_reader_again_and_again_lies_in_the_consumers_own_dead_letters(
    broker: Broker
) -> None:
    message = interleaved(1, 1, "dead")
    sent(broker.administrator, message)
    ((stream, (home,)),) = homes(taken(broker, FOUR)).items()
    sent(broker.administrator, message)

    with Reading(broker.own, partition(home), at_once=1) as reading:
        for _ in range(21):  # the delivery limit, and the one that is too many
            got = reading.next()
            got.channel.basic_reject(got.delivery_tag, requeue=True)
        nothing_left = reading.told()
    with Reading(broker.own, f"facts.{NAME}.dead") as reading:
        dead = reading.told()
        reading.acknowledge()

    assert (nothing_left, [told.stream for told in dead]) == ([], [stream])


def refusal(url: str, act: Callable[[Any], object]) -> int:
    """What the broker says to an act: 0, or the code with which it closes the channel."""
    with Connection(url, transport_options={"confirm_publish": True}) as connection:
        try:
            act(connection.default_channel)
        except amqp.AMQPError as told:
            return int(told.code)
    return 0


HASH = f"facts.{NAME}"
ACTS: dict[str, Callable[[Any], object]] = {
    "read": lambda at: at.basic_consume(partition(0)),
    "empty": lambda at: at.queue_purge(partition(0)),
    "remove": lambda at: at.queue_delete(partition(0)),
    "bind": lambda at: at.queue_bind(partition(0), "fuquan.events", "371702.#"),
    "bind its own to the hash": lambda at: at.queue_bind(f"facts.{ANOTHER}.all", HASH, "1"),
    "read the dead letters": lambda at: at.basic_get(f"facts.{NAME}.dead"),
    "write into the hash": lambda at: at.basic_publish_confirm(amqp.Message("{}"), HASH),
    "remove the hash": lambda at: at.exchange_delete(HASH),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_platform_of_another_name_has_no_right_to_the_partitions(
    broker: Broker, act: str
) -> None:
    with Connection(broker.another) as connection:
        connection.default_channel.queue_declare(
            f"facts.{ANOTHER}.all", durable=True, auto_delete=False,
            arguments={"x-queue-type": "quorum"},
        )

    assert refusal(broker.another, ACTS[act]) == amqp.AccessRefused.code


@pytest.mark.parametrize("act", ["write into the hash", "remove the hash"])
def test_a_platform_reads_its_partitions_and_does_not_change_the_hash(
    broker: Broker, act: str
) -> None:
    reads = refusal(broker.own, ACTS["read"])
    rebinds = refusal(broker.own, lambda at: at.queue_unbind(partition(0), HASH, "1"))

    assert (reads, rebinds, refusal(broker.own, ACTS[act])) == (0, 403, 403)


@pytest.mark.parametrize(
    "asked",
    [(NAME, "4"), (NAME, "4", "360700.#"), (NAME, "11", OWN), (NAME, "4", "a b"), ("a.b", "4")],
)
def test_partitions_are_refused_for_what_a_platform_may_not_read_and_for_more_than_ten(
    broker: Broker, asked: tuple[str, ...]
) -> None:
    with pytest.raises(RuntimeError, match=" 2: "):
        broker.node.run(*SCRIPT, *asked)


def test_after_a_restart_of_the_broker_each_stream_is_again_in_one_partition(
    broker: Broker
) -> None:
    """It need not be the same one: RabbitMQ 3.10 makes the hash anew, in the order of recovery."""
    on_the_disk(broker, partition(FOUR - 1))

    broker.node.kill()
    broker.node.start()
    broker.node.await_up()
    reachable(broker.own)
    sent(broker.administrator, interleaved(STREAMS, EACH, "restart"))

    found = taken(broker, FOUR)
    assert all(found.values())
    assert {len(where) for where in homes(found).values()} == {1}
    assert positions([one for told in found.values() for one in told]) == all_of("restart")


def test_another_number_of_partitions_waits_for_the_readers_and_moves_streams_to_the_new_one(
    broker: Broker
) -> None:
    streams = interleaved(200, 1, "more")
    broker.node.run(*SCRIPT, NAME, "0")  # what was is away, whatever order a restart has given it
    sent(broker.administrator, streams)
    broker.node.run(*SCRIPT, NAME, "4", OWN)
    between = taken(broker, FOUR)
    sent(broker.administrator, streams)
    before = homes(taken(broker, FOUR))
    sent(broker.administrator, streams)

    changing = subprocess.Popen(
        [*SCRIPT, NAME, "5", OWN], env=broker.node.environment, text=True, stdout=subprocess.PIPE
    )
    until_printed(changing, "waiting for the readers")
    sent(broker.administrator, streams)
    waiting = taken(broker, FOUR)
    until_printed(changing, "going on")
    assert changing.wait(60) == 0
    sent(broker.administrator, streams)
    after = homes(taken(broker, 5))
    moved = {stream: where for stream, where in after.items() if where != before[stream]}

    assert not any(between.values())
    assert homes(waiting) == before
    assert max(Counter(one for told in waiting.values() for one in told).values()) == 1
    assert set(map(frozenset, moved.values())) == {frozenset({4})}
    assert 20 <= len(moved) <= 60


def on_the_disk(broker: Broker, queue: str) -> None:
    """Wait until RabbitMQ 3.10 has written its list of quorum queues."""
    until(lambda: any(
        queue.encode() in one.read_bytes() for one in broker.node.folder.rglob("names.dets")
    ), every=0.2)
