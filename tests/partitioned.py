"""A consumer's partitions on a real broker, facts that go into them, and readers."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from subprocess import Popen
from typing import Any, NamedTuple, Self
from uuid import NAMESPACE_URL, uuid5

from kombu import Connection

from shared.bus.message import headers
from shared.bus.publisher import Publisher
from tests.brokers import INFRA, Node, folder_of_brokers, running
from tests.waiting import PATIENCE

NAME, ANOTHER = "mudan-xt", "another-xt"
SCRIPT = ("sh", str(INFRA / "partitions.sh"))
OWN = "371702.#"
QUIET = 1.5


class Told(NamedTuple):
    """What a test looks at of a delivered fact."""

    stream: str
    position: int


class Broker(NamedTuple):
    """A node with our definitions, and URLs of its administrator and of two platforms."""

    node: Node
    administrator: str
    own: str
    another: str


@contextmanager
def partitioned(count: int) -> Iterator[Broker]:
    """A broker of its own with two platforms, one of which has *count* partitions."""
    defined = (
        "definitions.import_backend = local_filesystem",
        f"definitions.local.path = {INFRA}/definitions.json",
    )
    with folder_of_brokers() as folder:
        node = Node(folder / "node", defined, ["rabbitmq_consistent_hash_exchange"])
        with running(node):
            yield furnished(node, node.administrator(), count)


def furnished(node: Any, administrator: str, count: int) -> Broker:
    """Two platforms on a node with our definitions; one has *count* partitions."""
    urls = []
    for user in (NAME, ANOTHER):
        password = secrets.token_hex(10)
        node.run("sh", str(INFRA / "platform.sh"), user, "371702", given=f"{password}\n")
        urls.append(node.url(user, password))
    node.run(*SCRIPT, NAME, str(count), OWN)
    return Broker(node, administrator, *urls)


def partition(number: int) -> str:
    """The queue of a partition."""
    return f"facts.{NAME}.{number}"


def interleaved(streams: int, each: int, label: str) -> list[tuple[str, dict[str, Any], bytes]]:
    """Messages of one log as the relay sends them: one fact of each stream, *each* times over."""
    names = [str(uuid5(NAMESPACE_URL, f"{label}:{number}")) for number in range(streams)]
    told = []
    for position in range(streams * each):
        stream = names[position % streams]
        previous = None if position < streams else position - streams
        told.append(("371702.cases.CaseAccepted", headers(
            id_=str(uuid5(NAMESPACE_URL, f"{label}@{position}")), type_="cases.CaseAccepted",
            source="cases", stream=stream, time="2023-07-03T09:00:00+08:00", position=position,
            previous=previous,
        ), b"{}"))
    return told


def sent(url: str, messages: list[tuple[str, dict[str, Any], bytes]]) -> None:
    """Publish as the relay does; confirmed."""
    publisher = Publisher(url)
    publisher.publish(messages)
    publisher.close()


class Reading:
    """A reader of one partition in this process; it acknowledges when it is told to.

    Args:
        at_once: how many messages it may hold unacknowledged.
    """

    def __init__(self, url: str, queue: str, at_once: int = 5000) -> None:
        self.connection, self.queue, self.at_once = Connection(url), queue, at_once

    def __enter__(self) -> Self:
        self.arrived: list[Any] = []
        channel = self.connection.default_channel
        channel.basic_qos(0, self.at_once, False)
        channel.basic_consume(self.queue, callback=self.arrived.append)
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.release()

    def told(self, quiet: float = QUIET) -> list[Told]:
        """What has come when nothing has come for *quiet* seconds."""
        with suppress(TimeoutError):
            while True:
                self.connection.drain_events(timeout=quiet)
        return [Told(one.headers["ce-subject"], one.headers["ce-position"])
                for one in self.arrived]

    def next(self) -> Any:
        """The next message."""
        while not self.arrived:
            self.connection.drain_events(timeout=PATIENCE)
        return self.arrived.pop()

    def acknowledge(self) -> None:
        """Acknowledge all that has come."""
        if self.arrived:
            last = self.arrived[-1]
            last.channel.basic_ack(last.delivery_tag, multiple=True)


def taken(broker: Broker, count: int) -> dict[int, list[Told]]:
    """All that waits in the first *count* partitions, acknowledged."""
    found = {}
    for number in range(count):
        with Reading(broker.own, partition(number)) as reading:
            found[number] = reading.told()
            reading.acknowledge()
    return found


def homes(found: dict[int, list[Told]]) -> dict[str, set[int]]:
    """In which partitions each stream was."""
    where: dict[str, set[int]] = {}
    for number, told in found.items():
        for one in told:
            where.setdefault(one.stream, set()).add(number)
    return where


def until_printed(process: Popen[str], words: str) -> None:
    """Read a program's lines until one has these words."""
    assert process.stdout is not None
    deadline = time.monotonic() + PATIENCE
    while words not in (line := process.stdout.readline()):
        assert line, f"ended and never printed: {words}"
        assert time.monotonic() < deadline, f"not printed in time: {words}"
