"""A caller that keeps its own history, and sends a command again until it has an answer."""

import json
import random
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, TextIO
from uuid import UUID, uuid4

import amqp
from kombu import Connection, Consumer, Exchange, Producer, Queue
from kombu.exceptions import OperationalError as BrokerAway

PROGRAMME = "MD2023"
AGAIN = 3.0  # seconds without an answer: then a call leaves its queue, and is sent again
CALLS = Exchange("nameko-rpc", type="topic", durable=True)
LATER = frozenset({"log.contended", "log.not-yet"})
ACTOR = {"org": "MD2023-ORG-02", "role": "registrar", "operator": "op-1"}


@dataclass
class Sent:
    """One command in the caller's own history.

    Args:
        given: circumstances beside the usual ones.
        may: codes with which it may be refused.
    """

    id: UUID
    door: str
    request: dict[str, Any]
    first: float
    service: str = "catalog"
    expected: int | None = None
    role: str = "registrar"
    patience: float = AGAIN
    given: dict[str, Any] = field(default_factory=dict)
    may: frozenset[str] = frozenset()
    refused: str | None = None
    last: float = 0.0
    times: int = 0
    acked: float | None = None
    answer: dict[str, Any] | None = None


@dataclass
class History:
    """What was sent and what was answered, in memory and in a file outside the system.

    Args:
        told: faults, by name: those answered, and those of the way to the broker.
    """

    file: TextIO
    sent: dict[UUID, Sent] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    refused: int = 0
    lock: Lock = field(default_factory=Lock)

    def send(self, one: Sent) -> None:
        with self.lock:
            self.sent[one.id] = one
            self._keep(sent=str(one.id), door=one.door, request=one.request)

    def answer(self, one: Sent, answer: dict[str, Any]) -> None:
        """Keep an answer; a second one that differs is unexpected."""
        with self.lock:
            if one.answer is None:
                one.answer, one.acked = answer, time.monotonic()
                self.answered += 1
                self._keep(acked=str(one.id), answer=answer)
            elif one.answer != answer:
                self.unexpected.append(f"{one.id}: {answer} after {one.answer}")

    def refuse(self, one: Sent, code: str, error: object) -> None:
        """Keep a refusal; one that was not to be expected of the command is kept as such."""
        with self.lock:
            if one.answer is not None:  # of a copy of the command that was still on its way
                if one.answer:
                    self.unexpected.append(f"{one.id}: {code} after {one.answer}")
                return
            if code not in one.may:
                self.unexpected.append(f"{one.door} {one.request}: {code} {error}")
            self.refused += 1
            one.acked, one.answer, one.refused = time.monotonic(), {}, code
            self._keep(refused=str(one.id), error=str(error))

    def acknowledged(self) -> list[Sent]:
        """The commands that were answered with what they did."""
        with self.lock:
            return [one for one in self.sent.values() if one.answer]

    def _keep(self, **line: Any) -> None:
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()


class Work:
    """Seeded commands: windows that open in many streams, codes, and aliases of a hot one."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def next(self) -> Sent:
        number = self._chance.getrandbits(122)
        kind = self._chance.random()
        if kind < 0.8:
            town = f"MD2023-TOWN-{self._chance.randint(1, 4):02}"
            door, request = "open_window", {
                "window_id": f"{town}-W{number:032x}", "town": town, "kind": "comprehensive",
                "opened_on": "2023-05-01",
            }
        elif kind < 0.995:
            door, request = "assign_code", {"item": "MD23-01", "code": f"{number:032x}"}
        else:
            door, request = "add_alias", {
                "org_id": "MD2023-ORG-03", "alias": f"别名{number:032x}", "basis": "abbreviation",
            }
        id_ = UUID(int=self._chance.getrandbits(128), version=4)
        return Sent(id_, door, {"programme": PROGRAMME} | request, time.monotonic())


class Caller(Thread):
    """Calls a service's doors through the broker, many at a time.

    Args:
        window: commands that wait for an answer at once.
        rate: commands a second at most.
    """

    def __init__(
        self, url: str, work: Work, history: Path, window: int = 64, rate: float = 400.0
    ) -> None:
        super().__init__(daemon=True, name="caller")
        self.url, self.work, self.window, self.pause = url, work, window, 1.0 / rate
        self.history = History(history.open("a", encoding="utf-8"))
        self.open: dict[str, Sent] = {}
        self.stopping, self.resting = Event(), Event()
        self._extra: deque[Sent] = deque()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self._session()
            except (OSError, amqp.AMQPError, BrokerAway) as away:
                self.history.told[type(away).__name__] += 1
                time.sleep(0.2)

    def call(
        self, door: str, request: dict[str, Any], *, service: str = "catalog",
        role: str = "registrar", timeout: float = 120.0,
    ) -> dict[str, Any]:
        """Send one command more and wait for its answer.

        Raises:
            TimeoutError: there was none in time.
        """
        one = Sent(
            uuid4(), door, request, time.monotonic(), service=service, role=role, patience=20.0
        )
        self.also(one)
        deadline = time.monotonic() + timeout
        while one.answer is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{door} was not answered in {timeout} s")
            time.sleep(0.01)
        return one.answer

    def also(self, *some: Sent) -> None:
        """Send these too, whatever the rate."""
        self._extra.extend(some)

    def _session(self) -> None:
        name = f"faults-{uuid4()}"
        with Connection(self.url, connect_timeout=3, heartbeat=10) as connection:
            channel = connection.default_channel
            queue = Queue(
                name, exchange=CALLS, routing_key=name, exclusive=True, auto_delete=True,
                durable=False,
            )
            producer = Producer(channel, exchange=CALLS)
            with Consumer(channel, [queue], on_message=self._answered, no_ack=True):
                for one in self.open.values():
                    one.last = 0.0
                beaten = due = time.monotonic()
                while not self.stopping.is_set():
                    now = time.monotonic()
                    if now - beaten > 2:
                        connection.heartbeat_check()
                        beaten = now
                    due = self._send_due(producer, name, now, max(due, now - 0.1))
                    try:
                        connection.drain_events(timeout=0.01)
                    except TimeoutError:
                        continue

    def _send_due(self, producer: Producer, reply: str, now: float, due: float) -> float:
        for one in list(self.open.values()):
            if now - one.last > one.patience:
                self._send(producer, reply, one)
        while self._extra:
            self._new(producer, reply, self._extra.popleft())
        while not self.resting.is_set() and due <= now and len(self.open) < self.window:
            self._new(producer, reply, self.work.next())
            due += self.pause
        return due

    def _new(self, producer: Producer, reply: str, one: Sent) -> None:
        self.history.send(one)
        self.open[str(one.id)] = one
        self._send(producer, reply, one)

    def _send(self, producer: Producer, reply: str, one: Sent) -> None:
        one.last, one.times = time.monotonic(), one.times + 1
        given = {
            "command": str(one.id), "actor": ACTOR | {"role": one.role}, "expected": one.expected,
            **one.given,
        }
        asked = {"door": one.door, "request": one.request, "given": given}
        producer.publish(
            {"args": [], "kwargs": asked}, routing_key=f"{one.service}.do", serializer="json",
            reply_to=reply, correlation_id=str(one.id), declare=[], expiration=one.patience,
        )

    def _answered(self, message: Any) -> None:
        body = message.payload
        one = self.history.sent.get(UUID(message.properties["correlation_id"]))
        if one is None:
            return
        if (error := body.get("error")) is None:
            self.history.answer(one, body["result"])
        elif error["exc_type"] == "Told":
            code = json.loads(error["exc_args"][0])[0]
            if code in LATER:
                one.last = time.monotonic() - one.patience + 0.1
                return
            self.history.refuse(one, code, error["exc_args"][0])
        else:  # a fault: whether it was done is not known, so the same command goes again
            self.history.told[error["exc_type"]] += 1
            one.last = time.monotonic() - one.patience + 0.2
            return
        self.open.pop(str(one.id), None)

    def rest(self, timeout: float = 120.0) -> None:
        """Send nothing new and wait until everything sent is answered.

        Raises:
            TimeoutError: some commands are not.
        """
        self.resting.set()
        deadline = time.monotonic() + timeout
        while self.open or self._extra:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.open)} commands are not answered")
            time.sleep(0.05)

    def go_on(self) -> None:
        """Send new commands again."""
        self.resting.clear()

    def stop(self) -> None:
        self.stopping.set()
        self.join(10)
        self.history.file.close()
