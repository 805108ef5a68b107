"""The reader of `fuquan.inbound`: each message to its lane, its answer out, then acknowledged."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any, NamedTuple, TypeVar

import amqp
import structlog
from kombu import Connection
from kombu.exceptions import OperationalError as BrokerAway

from services.gateway.api import Call
from services.gateway.desk import Desk, Interrupted, Message
from services.gateway.inbound_answers import Answers
from services.gateway.letters import Answer, Asked, Letter, failed, opened
from services.gateway.platforms import Platforms
from shared.bus.broker import connection
from shared.bus.inbound import ARRIVALS, INBOUND, REFUSED
from shared.bus.message import EVENTS
from shared.bus.publisher import Publisher, Unconfirmed
from shared.ops import counters
from shared.settings import Settings

PREFETCH = 100
TURN = 0.05
AGAIN = 1.0  # seconds between two tries to reach the broker
PATIENCE = 300.0  # for the broker to take one answer; an alarm does not count
IDLE = 30.0  # a connection for answers that has had none for so long is closed
CALM = 60.0  # one message at a time for so long, after one that could not be read off the wire
FAULT = "gateway.fault"
BROKEN = (amqp.AMQPError, BrokerAway, Unconfirmed, OSError)

T = TypeVar("T")

log = structlog.get_logger()


class Work(NamedTuple):
    """A letter in a lane, as read, and its number on the channel that brought it."""

    tag: int
    letter: Letter
    found: Asked | Answer


class Done(NamedTuple):
    """What has become of the message with that number; not settled: nobody could be told."""

    tag: int
    settled: bool


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
        window = PREFETCH
        while not self.stopping.is_set() and not self.url.startswith("memory:"):
            try:
                Session(self, window).run()
                window = PREFETCH
                continue
            except BROKEN as broken:
                log.warning("inbound.reconnect", error=str(broken).strip())
            except Exception:
                log.exception("inbound.unread")
                window = 1  # so that the next such message takes no other back with it
            counters.RECONNECTS.labels("gateway", "inbound").inc()
            self.stopping.wait(AGAIN)

    def stop(self) -> None:
        """End; what is at hand stays in the queue unless it is answered already."""
        self.stopping.set()


class Session:
    """One connection's worth of taking in.

    Args:
        intake: whose it is.
        window: messages at hand at a time; with 1 the session ends by itself after `CALM`.
    """

    def __init__(self, intake: Intake, window: int = PREFETCH) -> None:
        self.intake = intake
        self.window = window
        self.lanes: dict[str, Queue[Work | None]] = {}
        self.done: Queue[Done] = Queue()
        self.last = 0
        self.over = Event()

    def run(self) -> None:
        """Read, hand out, acknowledge; until the end or a broken connection.

        Raises:
            Exception: a message could not be read off the wire; it is with the refused.
        """
        with connection(self.intake.url, heartbeat=60) as broker:
            channel = broker.default_channel
            channel.auto_decode = False  # the bytes as they came
            for declared in (INBOUND, REFUSED, ARRIVALS):
                declared(channel).declare()
            channel.basic_qos(0, self.window, False)  # noqa: FBT003 - as AMQP has it
            channel.basic_consume(ARRIVALS.name, callback=self._arrived)
            try:
                self._turn(broker, channel)
            except BROKEN:
                raise
            except Exception:
                # py-amqp failed of the message after the last: e.g. properties not in UTF-8
                channel.basic_reject(self.last + 1, requeue=False)
                raise
            finally:
                self.over.set()
                for lane in self.lanes.values():
                    lane.put(None)

    def _turn(self, broker: Connection, channel: Any) -> None:
        begun = beat = time.monotonic()
        while not self.intake.stopping.is_set():
            with suppress(TimeoutError):
                broker.drain_events(timeout=TURN)
            self._acknowledge(channel)
            if (now := time.monotonic()) - beat > 1.0:
                broker.heartbeat_check()
                beat = now
            if self.window == 1 and now - begun > CALM:
                return

    def _acknowledge(self, channel: Any) -> None:
        with suppress(Empty):
            while True:
                done = self.done.get_nowait()
                if done.settled:
                    channel.basic_ack(done.tag)
                else:
                    channel.basic_reject(done.tag, requeue=False)  # to the refused, by the broker

    def _arrived(self, message: Any) -> None:
        self.last = message.delivery_tag
        if message.delivery_info["exchange"] == EVENTS.name:
            self._strayed(message)
            return
        told = message.properties
        letter = Letter(
            body=bytes(message.body), headers=message.headers or {},
            content_type=told.get("content_type"), content_encoding=told.get("content_encoding"),
            user=told.get("user_id"), reply_to=told.get("reply_to"),
            correlation=told.get("correlation_id"),
        )
        found = self._opened(letter)
        lane = found.lane if isinstance(found, Asked) else "unreadable"
        if lane not in self.lanes:
            self.lanes[lane] = Queue()
            name = f"inbound-{lane}"
            Thread(target=self._work, args=(self.lanes[lane],), name=name, daemon=True).start()
        self.lanes[lane].put(Work(message.delivery_tag, letter, found))

    def _strayed(self, message: Any) -> None:
        """Pass over a fact that a platform's binding brought here: a copy, the log has it."""
        counters.STRAYED.labels("gateway").inc()
        log.warning("inbound.stray", routing_key=message.delivery_info["routing_key"])
        self.done.put(Done(message.delivery_tag, settled=True))

    def _opened(self, letter: Letter) -> Asked | Answer:
        """What the letter asks; whatever goes wrong with one is its own answer."""
        try:
            return opened(letter, self.intake.platforms)
        except Exception:
            log.exception("inbound.fault", user=letter.user)
            return failed({}, FAULT)

    def _work(self, lane: "Queue[Work | None]") -> None:
        answers = Answers(self.intake.url, self._waits)
        try:
            while (work := self._next(lane, answers)) is not None and self._waits():
                self.done.put(Done(work.tag, self._settled(work, answers)))
        except Interrupted:
            return
        finally:
            answers.close()

    def _next(self, lane: "Queue[Work | None]", answers: Answers) -> Work | None:
        while True:
            try:
                return lane.get(timeout=IDLE)
            except Empty:
                answers.close()

    def _waits(self) -> bool:
        return not self.over.is_set() and not self.intake.stopping.is_set()

    def _settled(self, work: Work, answers: Answers) -> bool:
        """Whether a message is answered; a fault of one is told or kept, and ends nothing else.

        Raises:
            Interrupted: the session is over; the message stays in the queue.
        """
        fault = failed(told_of(work.found), FAULT)
        answer = self._answer(work, answers, fault)
        deadline = time.monotonic() + PATIENCE  # from now on: the desk may have waited long
        for attempt in (
            lambda: answers.send(work.letter, answer),
            lambda: answers.send(work.letter, fault),
            lambda: answers.keep(work.letter, fault),
        ):
            try:
                self._until(deadline, attempt, answers.close)
            except Interrupted:
                raise
            except Exception:
                log.exception("inbound.fault", user=work.letter.user, id=fault["id"])
            else:
                return True
        return False

    def _until(self, deadline: float, attempt: Callable[[], T], anew: Callable[[], None]) -> T:
        """Do it, again and again while the broker is away: done twice, it has one effect."""
        while True:
            try:
                return attempt()
            except BROKEN as broken:
                anew()
                if time.monotonic() > deadline:
                    raise
                log.warning("inbound.again", error=str(broken).strip())
            self.over.wait(AGAIN)
            if not self._waits():
                raise Interrupted

    def _answer(self, work: Work, answers: Answers, fault: Answer) -> Answer:
        found, desk = work.found, self.intake.desk
        if not isinstance(found, Asked):
            return found
        deadline = time.monotonic() + desk.hold + PATIENCE
        try:
            return self._until(deadline, lambda: desk.answer(found, self._send), answers.close)
        except Interrupted:
            raise
        except Exception:
            log.exception("inbound.fault", user=work.letter.user, id=fault["id"])
            return fault

    def _send(self, messages: Iterable[Message]) -> bool:
        """Publish facts that were asked for again; False where their queue is not there."""
        publisher = Publisher(self.intake.url, exchange="", wait_on=self._waits)
        try:
            publisher.publish(messages)
            return publisher.returned == 0
        finally:
            publisher.close()


def told_of(found: Asked | Answer) -> dict[str, Any]:
    """Of which message something is, as far as that could be read."""
    return {"id": found.id, "type": found.type} if isinstance(found, Asked) else found
