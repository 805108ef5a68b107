"""Publishing with a window of confirms: pipelined, mandatory, and sure before the cursor moves."""

import socket
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import amqp
from kombu import Producer

from shared.bus.broker import connection, stand
from shared.bus.message import CONTENT_TYPE, EVENTS

TOLD = {"content_type": CONTENT_TYPE, "content_encoding": "utf-8"}
TURN = 1.0


class Unconfirmed(RuntimeError):
    """The broker did not confirm in time, or refused; reconnect and publish from the cursor."""


class Publisher:
    """One connection to the broker that publishes to one exchange.

    `blocked` says whether the broker has told this connection that it takes nothing (an alarm).

    Args:
        url: ``amqp://…`` (each batch is confirmed) or ``memory://`` (delivery is the call itself);
            of several hosts the first that answers is taken.
        confirm_timeout: seconds to wait for the confirms of one batch.
        exchange: ``fuquan.events``, which is declared; or "": a routing key is a queue's name.
        tell: called with `blocked` as soon as the broker changes it, also while `publish` waits.
        beat: called once a second or oftener while `publish` waits for confirms; what it raises
            ends the wait.
        wait_on: asked every second while the broker has an alarm: whether to go on waiting for a
            confirm beyond its time.
    """

    def __init__(
        self, url: str, confirm_timeout: float = 10.0, exchange: str = EVENTS.name,
        tell: Callable[[bool], object] = bool, beat: Callable[[], object] = bool,
        wait_on: Callable[[], bool] = bool,
    ) -> None:
        self.blocked, self._tell, self._beat, self._wait_on = False, tell, beat, wait_on
        told = {"on_blocked": self._on_blocked, "on_unblocked": self._on_unblocked}
        self.connection = connection(
            url, heartbeat=60, transport_options=told if url.startswith("amqp") else {}
        )
        self.confirm_timeout = confirm_timeout
        self.returned = 0
        self._open: set[int] = set()
        self._tag = 0
        self._refused = False
        channel = self.connection.default_channel
        self._exchange = exchange
        if exchange == EVENTS.name:
            stand(self.connection, EVENTS)
        self._native = isinstance(channel, amqp.Channel)
        if self._native:
            channel.confirm_select()
            channel.events["basic_ack"].add(self._acked)
            channel.events["basic_nack"].add(self._nacked)
            channel.events["basic_return"].add(self._unroutable)
        self._channel: Any = channel
        self._producer = Producer(channel, exchange=EVENTS, auto_declare=False)

    def publish(
        self, messages: Iterable[tuple[str, dict[str, Any], bytes]], **told: str | None
    ) -> int:
        """Publish (routing key, headers, body) in order; returns when all are confirmed.

        Args:
            told: properties of each, by AMQP's names; without any, JSON in UTF-8.

        Raises:
            Unconfirmed: a negative confirm, a timeout, or the connection broke.
        """
        count = 0
        try:
            self._cork(on=True)
            for key, headers, body in messages:
                self._one(key, headers, body, told or TOLD)
                count += 1
            self._cork(on=False)
            self._settle()
        except (OSError, amqp.AMQPError) as broken:
            raise Unconfirmed(str(broken)) from broken
        return count

    def _one(
        self, key: str, headers: dict[str, Any], body: bytes, told: Mapping[str, str | None]
    ) -> None:
        if not self._native:
            self._producer.publish(
                body, exchange=self._exchange, routing_key=key, headers=headers, **told
            )
            return
        self._tag += 1
        self._open.add(self._tag)
        self._channel.basic_publish(
            amqp.Message(body, delivery_mode=2, application_headers=headers, **told),
            exchange=self._exchange, routing_key=key, mandatory=True,
        )

    def _cork(self, *, on: bool) -> None:
        """Let the kernel fill whole segments with the frames of a batch, where it can (Linux)."""
        if self._native and hasattr(socket, "TCP_CORK"):
            sock = self._channel.connection.transport.sock
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, on)

    def _settle(self) -> None:
        deadline = time.monotonic() + self.confirm_timeout
        while self._open:
            if self.blocked and self._wait_on():
                self.connection.heartbeat_check()
                deadline = time.monotonic() + self.confirm_timeout
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise Unconfirmed(
                    f"{len(self._open)} messages not confirmed within {self.confirm_timeout} s"
                )
            self._beat()
            with suppress(TimeoutError):
                self.connection.drain_events(timeout=min(remaining, TURN))
        if self._refused:
            raise Unconfirmed("the broker refused a message (nack)")

    def heartbeat(self) -> None:
        """Keep an idle connection alive.

        Raises:
            Unconfirmed: the connection is gone.
        """
        if self._native:
            try:
                self.connection.heartbeat_check()
                self.connection.drain_events(timeout=0.001)
            except TimeoutError:
                return
            except (OSError, amqp.AMQPError) as broken:
                raise Unconfirmed(str(broken)) from broken

    def close(self) -> None:
        """Close the connection, whatever its state."""
        self.connection.release()

    def _acked(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 - called by py-amqp
        if multiple:
            self._open = {one for one in self._open if one > tag}
        else:
            self._open.discard(tag)

    def _nacked(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 - called by py-amqp
        self._refused = True
        self._acked(tag, multiple)

    def _unroutable(self, *_: Any) -> None:
        self.returned += 1

    def _on_blocked(self, *_: Any) -> None:
        self.blocked = True
        self._tell(self.blocked)

    def _on_unblocked(self, *_: Any) -> None:
        self.blocked = False
        self._tell(self.blocked)
