"""A sender of messages to `fuquan.inbound`, as any platform would be one."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from kombu import Consumer, Producer, Queue

from shared.bus.broker import connection
from shared.bus.cloudevents import STRUCTURED
from shared.bus.inbound import INBOUND
from shared.contracts.inbound import ANSWERS_TO


class Unanswering(Exception):
    """Some messages were not answered in time; the message names them."""


class Broker:
    """A connection that sends and reads the answers in a queue of its own.

    Args:
        url: ``amqp://user:password@host:5672/``; the user has to be known to the gateway.
    """

    def __init__(self, url: str) -> None:
        self.user = unquote(urlsplit(url).username or "guest")
        self.connection = connection(url, transport_options={"confirm_publish": True})
        self.answers: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        channel = self.connection.default_channel
        name = f"{ANSWERS_TO.format(user=self.user)}{uuid4()}"
        self.queue = Queue(name, exclusive=True, durable=False, auto_delete=True)(channel)
        self.queue.queue_declare()
        self.consumer = Consumer(
            channel, [self.queue], on_message=self._arrived, auto_declare=False, no_ack=True
        )
        self.consumer.consume()
        self.producer = Producer(channel, exchange=INBOUND, auto_declare=False)
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.release()

    def ask(
        self, messages: Sequence[Mapping[str, Any]], timeout: float
    ) -> Iterator[dict[str, Any]]:
        """Send CloudEvents (JSON format), and give the answers in the same order.

        Raises:
            Unanswering: after *timeout* seconds without any answer.
            amqp.AMQPError, OSError: the broker does not take them.
        """
        for message in messages:
            self._send(message)
        for message in messages:
            yield self._answer(str(message["id"]), timeout)

    def _send(self, message: Mapping[str, Any]) -> None:
        self.producer.publish(
            json.dumps(message, ensure_ascii=False).encode(), routing_key=str(message.get("type")),
            content_type=STRUCTURED, content_encoding="utf-8", serializer=None, delivery_mode=2,
            user_id=self.user, reply_to=self.queue.name, correlation_id=str(message["id"]),
            mandatory=True, confirm_timeout=10,
        )

    def _answer(self, id_: str, timeout: float) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while id_ not in self.answers:
            if time.monotonic() > deadline:
                raise Unanswering(f"No answer to {id_} within {timeout:g} s.")
            with suppress(TimeoutError):
                self.connection.drain_events(timeout=min(1.0, timeout))
        return self.answers.pop(id_)

    def _arrived(self, message: Any) -> None:
        told = json.loads(message.body)
        self.answers[str(message.properties.get("correlation_id"))] = told
