"""A consumer's partitions at the newest RabbitMQ, with the files Compose gives it.

Most of the tests are those that run at the oldest, tests/integration/test_partitions.py.
"""

from collections.abc import Iterator

import pytest

from tests.containers.test_broker import Contained
from tests.integration.test_partitions import (
    FOUR,
    test_a_platform_of_another_name_has_no_right_to_the_partitions,
    test_a_platform_reads_its_partitions_and_does_not_change_the_hash,
    test_after_kill_minus_nine_of_a_reader_its_streams_go_on_in_order,
    test_each_stream_comes_through_one_partition_in_order_and_nothing_is_lost_or_doubled,
    test_of_two_readers_of_a_partition_one_is_active_and_the_other_takes_over,
    test_what_ends_its_reader_again_and_again_lies_in_the_consumers_own_dead_letters,
)
from tests.partitioned import (
    NAME,
    OWN,
    SCRIPT,
    Broker,
    furnished,
    homes,
    interleaved,
    sent,
    taken,
)

__all__ = [
    "test_a_platform_of_another_name_has_no_right_to_the_partitions",
    "test_a_platform_reads_its_partitions_and_does_not_change_the_hash",
    "test_after_kill_minus_nine_of_a_reader_its_streams_go_on_in_order",
    "test_each_stream_comes_through_one_partition_in_order_and_nothing_is_lost_or_doubled",
    "test_of_two_readers_of_a_partition_one_is_active_and_the_other_takes_over",
    "test_what_ends_its_reader_again_and_again_lies_in_the_consumers_own_dead_letters",
]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A platform with four partitions, and another platform."""
    with Contained(tmp_path_factory.mktemp("secrets")) as node:
        yield furnished(node, node.administrator(), FOUR)


def test_another_number_of_partitions_moves_streams_to_the_new_one_alone(broker: Broker) -> None:
    streams = interleaved(200, 1, "more")
    sent(broker.administrator, streams)
    before = homes(taken(broker, FOUR))

    broker.node.run(*SCRIPT, NAME, str(FOUR + 1), OWN)
    sent(broker.administrator, streams)
    after = homes(taken(broker, FOUR + 1))

    moved = [where for stream, where in after.items() if where != before[stream]]
    assert set(map(frozenset, moved)) == {frozenset({FOUR})}
    assert 20 <= len(moved) <= 60
