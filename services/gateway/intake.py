"""The reader of `fuquan.inbound`: each message to its lane, its answer out, then acknowledged."""

import time
from collections.abc import Iterable
from contextlib import suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any, NamedTuple

import amqp
import structlog
from kombu import Connection
from kombu.exceptions import OperationalError as BrokerAway

from services.gateway.api import Call
from services.gateway.desk import Desk, Interrupted, Message
from services.gateway.inbound_answers import Answers
from services.gateway.letters import Answer, Asked, Letter, opened
from services.gateway.platforms import Platforms
from shared.bus.broker import connection
from shared.bus.inbound import ARRIVALS, INBOUND, REFUSED
from shared.bus.publisher import Publisher, Unconfirmed
from shared.settings import Settings

PREFETCH = 100
TURN = 0.05
BROKEN = (amqp.AMQPError, BrokerAway, Unconfirmed, OSError)

log = structlog.get_logger()


class Work(NamedTuple):
    """A letter in a lane, as read, and its number on the channel that brought it."""

    tag: int
    letter: Letter
    found: Asked | Answer


class Intake:
    """Takes in what other platforms send.

    Some lanes per service: one that is away holds up none but its own. A message is acknowledged
    when its answer is with the broker; after a crash it comes again, and the command's id makes
    it the same answer.

    Args:
        call: ``call(service, method, **arguments)``, an RPC to a service's door.
        settings: with the broker, and the folder of ``platforms.toml``.
        hold: seconds for which a service that is away is waited for.
    """

    def __init__(self, call: Call, settings: Settings, hold: float = 300.0) -> None:
        self.url = settings.amqp_url
        self.platforms = Platforms(settings.keys)
        self.stopping = Event()
        self.desk = Desk(call, self.stopping, hold)

    def run(self) -> None:
        """Take in until `stop`; after a loss of the broker it starts over.

        Over ``memory://`` there is nobody else who could send.
        """
        while not self.stopping.is_set() and not self.url.startswith("memory:"):
            try:
                Session(self).run()
            except BROKEN as broken:
                log.warning("inbound.reconnect", error=str(broken).strip())
                self.stopping.wait(1.0)

    def stop(self) -> None:
        """End; what is at hand stays in the queue unless it is answered already."""
        self.stopping.set()


class Session:
    """One connection's worth of taking in."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.lanes: dict[str, Queue[Work | None]] = {}
        self.done: Queue[int | BaseException] = Queue()
        self.over = Event()

    def run(self) -> None:
        """Read, hand out, acknowledge; until the end or a broken connection."""
        with connection(self.intake.url, heartbeat=60) as broker:
            channel = broker.default_channel
            channel.auto_decode = False  # the bytes as they came
            for declared in (INBOUND, REFUSED, ARRIVALS):
                declared(channel).declare()
            channel.basic_qos(0, PREFETCH, False)  # noqa: FBT003 - as AMQP has it
            channel.basic_consume(ARRIVALS.name, callback=self._arrived)
            try:
                self._turn(broker, channel)
            finally:
                self.over.set()
                for lane in self.lanes.values():
                    lane.put(None)

    def _turn(self, broker: Connection, channel: Any) -> None:
        beat = time.monotonic()
        while not self.intake.stopping.is_set():
            with suppress(TimeoutError):
                broker.drain_events(timeout=TURN)
            self._acknowledge(channel)
            if time.monotonic() - beat > 1.0:
                broker.heartbeat_check()
                beat = time.monotonic()

    def _acknowledge(self, channel: Any) -> None:
        while True:
            try:
                done = self.done.get_nowait()
            except Empty:
                return
            if isinstance(done, BaseException):
                raise done
            channel.basic_ack(done)

    def _arrived(self, message: Any) -> None:
        told = message.properties
        letter = Letter(
            body=bytes(message.body), headers=message.headers or {},
            content_type=told.get("content_type"), content_encoding=told.get("content_encoding"),
            user=told.get("user_id"), reply_to=told.get("reply_to"),
            correlation=told.get("correlation_id"),
        )
        found = opened(letter, self.intake.platforms)
        lane = found.lane if isinstance(found, Asked) else "unreadable"
        if lane not in self.lanes:
            self.lanes[lane] = Queue()
            name = f"inbound-{lane}"
            Thread(target=self._work, args=(self.lanes[lane],), name=name, daemon=True).start()
        self.lanes[lane].put(Work(message.delivery_tag, letter, found))

    def _work(self, lane: "Queue[Work | None]") -> None:
        answers: Answers | None = None
        try:
            while (work := lane.get()) is not None and not self.over.is_set():
                if answers is None:
                    answers = Answers(self.intake.url)
                answer = work.found
                if isinstance(answer, Asked):
                    answer = self.intake.desk.answer(answer, self._send)
                answers.send(work.letter, answer)
                self.done.put(work.tag)
        except Interrupted:
            return
        except BROKEN as broken:
            self.done.put(broken)
        except Exception as fault:
            log.exception("inbound.lane-ended")
            self.done.put(Unconfirmed(repr(fault)))
        finally:
            if answers is not None:
                answers.close()

    def _send(self, messages: Iterable[Message]) -> bool:
        """Publish facts that were asked for again; False where their queue is not there."""
        publisher = Publisher(self.intake.url, exchange="")
        try:
            publisher.publish(messages)
            return publisher.returned == 0
        finally:
            publisher.close()
