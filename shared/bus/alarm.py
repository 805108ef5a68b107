"""Calls while the broker has an alarm: it takes nothing, so a caller is told so, and soon."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar
from uuid import uuid4

import amqp
import eventlet
import structlog
from kombu.exceptions import OperationalError as BrokerAway

from shared.bus.broker import connection

EVERY = 2.0
SEND_TIMEOUT = 8.0  # for the broker to take a call
GRACE = 3.0  # for an answer that is on its way when an alarm begins

T = TypeVar("T")

log = structlog.get_logger()


class NotTaken(TimeoutError):
    """The broker takes no calls or no answers: an alarm, or it is away. It may take them yet."""


class Alarm:
    """Asks the broker every 2 s whether it has an alarm, until told to stop.

    RabbitMQ tells only who publishes, and takes one more message of each connection before it
    blocks it. So it is asked by a connection of its own, with a message that nobody reads.

    Args:
        url: of the broker; over ``memory://`` there are no alarms.
        exchange: a topic exchange where a UUID is a routing key that the process may use.

    Source:
        RabbitMQ, "Blocked Connection Notifications" (connection.blocked).
    """

    def __init__(self, url: str, exchange: str) -> None:
        self.url, self._exchange = url, exchange
        self.since: float | None = None
        self.stopping = Event()

    def held(self) -> float:
        """Seconds since it is known that the broker takes nothing; 0 where it takes messages."""
        since = self.since
        return 0.0 if since is None else time.monotonic() - since

    def run(self) -> None:
        """Ask until `stopping` is set."""
        while self.url.startswith("amqp") and not self.stopping.is_set():
            try:
                self._session()
            except (amqp.AMQPError, BrokerAway, OSError) as away:
                log.info("alarm.reconnect", error=str(away).strip())
            self.since = None  # another connection is told anew
            self.stopping.wait(EVERY)

    def _session(self) -> None:
        told = {"on_blocked": self._blocked, "on_unblocked": self._unblocked}
        with connection(self.url, heartbeat=60, transport_options=told) as broker:
            channel = broker.default_channel
            while not self.stopping.is_set():
                if self.since is None:
                    channel.basic_publish(
                        amqp.Message(b""), exchange=self._exchange, routing_key=str(uuid4())
                    )
                broker.heartbeat_check()
                try:
                    broker.drain_events(timeout=EVERY)
                except TimeoutError:
                    continue

    def _blocked(self, *_: object) -> None:
        self.since = time.monotonic()

    def _unblocked(self, *_: object) -> None:
        self.since = None


def taken(alarm: Alarm, send: Callable[[], T]) -> T:
    """Send a call, beside: a send that is broken off may leave half a frame on its connection.

    Raises:
        NotTaken: the broker has an alarm, or does not take it within `SEND_TIMEOUT`.
    """
    if alarm.held():
        raise NotTaken("the broker has an alarm")
    sending = eventlet.spawn(send)
    late = NotTaken(f"the broker took no call in {SEND_TIMEOUT} s")
    with eventlet.Timeout(SEND_TIMEOUT, late):
        try:
            sent: T = sending.wait()
        except (BrokerAway, OSError) as away:
            raise NotTaken(str(away) or type(away).__name__) from away
    return sent


def answered(alarm: Alarm, result: Callable[[], T]) -> T:
    """Wait for the answer to a call.

    Raises:
        NotTaken: the broker has an alarm, so the answer cannot come.
    """
    while True:
        with eventlet.Timeout(1.0, False):  # noqa: FBT003 - eventlet's own way: no exception
            return result()
        if alarm.held() > GRACE:
            raise NotTaken("the broker has an alarm")
