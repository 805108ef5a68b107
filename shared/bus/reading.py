"""Reading a service's queue: what arrives is delivered to its consumer, then confirmed."""

import time
from collections.abc import Callable
from typing import Any

from kombu import Connection, Queue
from kombu import Consumer as Reader

from shared.bus.broker import connection, stand
from shared.bus.consumer import Consumer
from shared.bus.message import DEAD, DEAD_LETTERS, EVENTS

PREFETCH = 200
CATCH_UP_EVERY = 1.0


def read(url: str, queue: Queue, consumer: Consumer, stopping: Callable[[], bool]) -> None:
    """Deliver what arrives in the queue, as much at a time as is there, until `stopping`.

    What the queue does not bring, the consumer fetches from the logs every second.

    Raises:
        amqp.AMQPError, kombu.exceptions.OperationalError, OSError: the broker is away.
        psycopg2.Error: the database is.
    """
    with connection(url, heartbeat=60) as broker:
        channel = broker.default_channel
        stand(broker, EVENTS, DEAD, DEAD_LETTERS)
        arrived: list[Any] = []
        reader = Reader(
            channel, [queue], on_message=arrived.append, prefetch_count=PREFETCH,
            # a body that kombu cannot unpack is parked like any other that is no fact
            on_decode_error=lambda message, _: arrived.append(message),
        )
        with reader:
            caught_up = 0.0
            while not stopping():
                _drain(broker, arrived)
                if arrived:
                    consumer.deliver(
                        (_body(m), dict(m.headers or {}), m.content_type) for m in arrived
                    )
                    for message in arrived:
                        message.ack()
                    arrived.clear()
                if time.monotonic() - caught_up > CATCH_UP_EVERY:
                    broker.heartbeat_check()
                    consumer.catch_up()
                    caught_up = time.monotonic()


def _drain(broker: Connection, arrived: list[Any]) -> None:
    """Wait a moment for a first message, then take what is there, up to the prefetch."""
    timeout = 0.25
    while len(arrived) < PREFETCH:
        try:
            broker.drain_events(timeout=timeout)
        except TimeoutError:
            return
        timeout = 0.001


def _body(message: Any) -> bytes:
    body = message.body
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)
