"""A broker in memory with one queue: it drops, doubles and shifts messages, and loses the queue."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.bus.message import CONTENT_TYPE
from shared.bus.relay import Unconfirmed
from tests.simulator.scheduler import Scheduler

WINDOW = 50  # a message overtakes at most so many

GARBAGE: tuple[tuple[bytes, str | None], ...] = (
    (b"{", CONTENT_TYPE), (b"\x00\xff", "text/plain"), (b'{"id": 1}', CONTENT_TYPE), (b"", None),
)


@dataclass(eq=False)
class Message:
    """One message in the queue."""

    body: bytes
    headers: dict[str, Any]
    content_type: str | None
    told: str  # for the trace


class Broker:
    """The queue of the one consuming service; one active consumer, the others stand by."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.queue: list[Message] = []
        self.readers: list[Channel] = []
        self.confirmed: set[tuple[str, int]] = set()
        self.garbage_taken: list[bytes] = []  # acknowledged by the consumer
        self.published = 0

    def accept(self, key: str, headers: dict[str, Any], body: bytes) -> None:
        """Put a message into the queue, or not, or twice, or before others."""
        scheduler, rng = self.scheduler, self.scheduler.rng
        self.published += 1
        if scheduler.befalls("garbage"):
            wrong, content_type = rng.choice(GARBAGE)
            self.queue.append(Message(wrong, dict(headers), content_type, "garbage"))
        if scheduler.befalls("drop"):
            return
        place = f"{headers['ce-source']}@{headers['ce-position']}"
        for _ in range(2 if scheduler.befalls("double") else 1):
            back = rng.randint(1, WINDOW) if scheduler.befalls("shift") else 0
            at = max(0, len(self.queue) - back)
            self.queue.insert(at, Message(body, dict(headers), CONTENT_TYPE, place))
        scheduler.news["bus"] += 1

    def rest(self) -> bool:
        """Whether every message was taken and acknowledged."""
        return not self.queue and not any(one.unacknowledged for one in self.readers)


class Publishing:
    """Stands in for `shared.bus.publisher.Publisher`: a window, then its confirms."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.blocked, self.returned = False, 0

    def publish(self, messages: Iterable[tuple[str, dict[str, Any], bytes]]) -> int:
        sent = []
        for key, headers, body in messages:
            place = headers["ce-source"], headers["ce-position"]
            self.broker.scheduler.step(f"publish {place[0]}@{place[1]}")
            if self.broker.scheduler.befalls("cut"):
                raise Unconfirmed("the connection was cut")
            self.broker.accept(key, headers, body)
            sent.append(place)
        self.broker.scheduler.step("confirms")
        if self.broker.scheduler.befalls("cut"):
            raise Unconfirmed("the connection was cut before the confirms")
        self.broker.confirmed.update(sent)
        return len(sent)

    def heartbeat(self) -> None:
        """An idle connection stays."""

    def close(self) -> None:
        """Nothing is open."""


class Channel:
    """A consumer's connection; what it did not acknowledge goes back to the head of the queue."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.unacknowledged: list[Message] = []
        broker.readers.append(self)
        assert broker.scheduler.current is not None
        broker.scheduler.current.held.append(self)

    def take(self, most: int) -> list[Message]:
        """The next messages, if this is the active consumer.

        Raises:
            OSError: the connection is cut.
        """
        self.broker.scheduler.step("take messages")
        self._maybe_cut()
        if self.broker.scheduler.befalls("purge"):
            self.broker.queue.clear()
        if self.broker.readers[0] is not self:
            return []
        queue = self.broker.queue
        taken, queue[:] = queue[:most], queue[most:]
        self.unacknowledged += taken
        if taken:
            self.broker.scheduler.note("taken " + " ".join(one.told for one in taken))
        return taken

    def acknowledge(self, message: Message) -> None:
        """Raises: OSError: the connection is cut."""
        self.broker.scheduler.step(f"acknowledge {message.told}")
        self._maybe_cut()
        self.unacknowledged.remove(message)
        if message.told == "garbage":
            self.broker.garbage_taken.append(message.body)

    def broken(self) -> None:
        """The broker notices, and gives to the next consumer what this one had not settled."""
        if self in self.broker.readers:
            self.broker.readers.remove(self)
            self.broker.queue[:0] = self.unacknowledged
            self.unacknowledged = []
            self.broker.scheduler.news["bus"] += 1

    def _maybe_cut(self) -> None:
        if self.broker.scheduler.befalls("cut"):
            self.broken()
            raise OSError("the connection to the broker was cut")
