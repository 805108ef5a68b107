"""Another platform on a real broker, and the intake before real services in this process."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from kombu import Connection, Producer, Queue

from services.gateway.intake import Intake
from shared.bus.inbound import ARRIVALS, INBOUND, REFUSED
from shared.bus.relay import Relay
from shared.migrate import as_role
from shared.settings import Settings
from tests.waiting import PATIENCE, until
from tests.world import World

CENTRE = "MD2023-TOWN-11-CENTRE"
MARKET = "MD2023-ORG-09"
Call = Callable[..., Any]


def application(case: str | None = None, **changed: Any) -> dict[str, Any]:
    """What the desk of a town sends of an application."""
    return {
        "programme": "MD2023", "case": case or str(uuid4()), "item": "MD23-04", "subitem": None,
        "applicant_ref": "ref-1", "applicant_key": "key-1", "subject_key": "subject-1",
        "towns_concerned": ["MD2023-TOWN-11"], "channel": "online", "chosen_org": CENTRE,
    } | changed


def message(data: Any, type_: str = "cases.ApplicationSubmitted", **more: Any) -> dict[str, Any]:
    """A CloudEvent in the JSON format."""
    return {
        "specversion": "1.0", "id": str(uuid4()), "source": "urn:mudan:xt", "type": type_,
        "time": "2023-07-03T09:00:00+08:00", "data": data,
    } | more


class Platform:
    """A user of the broker with an answer queue of its own."""

    def __init__(self, url: str) -> None:
        self.user = unquote(urlsplit(url).username or "")
        self.connection = Connection(url, transport_options={"confirm_publish": True})
        self.channel = self.connection.default_channel
        self.replies = f"answers.{self.user}.{uuid4()}"
        Queue(self.replies, exclusive=True, durable=False, auto_delete=True)(
            self.channel
        ).queue_declare()

    def send(self, told: Mapping[str, Any], **properties: Any) -> None:
        """Send a CloudEvent in structured mode."""
        self.put(
            json.dumps(told, ensure_ascii=False).encode(),
            content_type="application/cloudevents+json",
            **{"correlation_id": str(told.get("id"))} | properties,
        )

    def put(self, body: bytes, **properties: Any) -> None:
        """Publish a message just so."""
        given = {"user_id": self.user, "reply_to": self.replies, "content_encoding": "binary"}
        told = {k: v for k, v in {**given, **properties}.items() if v is not None}
        Producer(self.channel).publish(
            body, exchange=INBOUND, routing_key="from.outside", serializer=None, mandatory=True,
            declare=[INBOUND, REFUSED, ARRIVALS], **told,
        )

    def answer(self) -> dict[str, Any]:
        """The next answer."""
        (got,) = self.take(self.replies, 1)
        told: dict[str, Any] = json.loads(got.body)
        return told

    def ask(self, told: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
        """Send, and wait for the answer."""
        self.send(told, **properties)
        return self.answer()

    def take(self, queue: str, count: int) -> list[Any]:
        """The next *count* messages of a queue, acknowledged."""
        named = Queue(queue, no_declare=True)(self.channel)
        return [until(lambda: named.get(no_ack=True)) for _ in range(count)]

    def queue(self, *, bound: str | None = None) -> str:
        """A queue for facts of its own."""
        name = f"facts.{self.user}.{uuid4()}"
        queue = Queue(name, exclusive=True, durable=False, auto_delete=True)(self.channel)
        queue.queue_declare()
        if bound is not None:
            queue.bind_to("fuquan.events", routing_key=bound)
        return name

    def waiting(self, queue: str) -> int:
        """How many messages wait in a queue."""
        count: int = self.channel.queue_declare(queue, passive=True).message_count
        return count

    def close(self) -> None:
        self.connection.release()


def nothing(service: str, door: str) -> None:
    """No fault."""


class House:
    """The services of a `World`, the relay of cases, and the intake before them."""

    def __init__(self, world: World, settings: Settings) -> None:
        self.world = world
        self.settings = settings
        self.after: Callable[[str, str], None] = nothing

    def call(
        self, service: str, method: str, *, door: str, request: Mapping[str, Any],
        given: Mapping[str, Any] | None = None,
    ) -> Any:
        """As the gateway calls, without a broker between; `after` may then go wrong."""
        one = self.world.services[service]
        done = one.ask(door, request) if method == "ask" else one.do(door, request, given)
        self.after(service, door)
        return done

    def knows(self, *, user: str, **entry: Any) -> None:
        """Enter a platform."""
        told = {"orgs": [CENTRE]} | entry
        lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in told.items())
        (self.settings.keys / "platforms.toml").write_text(f"[{user}]\n{lines}\n", "utf-8")

    @contextmanager
    def open(self, hold: float = 5.0) -> Iterator[Intake]:
        """Take in until the block ends."""
        intake = Intake(self.call, self.settings, hold)
        thread = Thread(target=intake.run, daemon=True)
        thread.start()
        try:
            yield intake
        finally:
            intake.stop()
            thread.join(PATIENCE)
            assert not thread.is_alive()


@contextmanager
def house(world: World, settings: Settings, sources: tuple[str, ...]) -> Iterator[House]:
    """Relays at work for *sources*, until the block ends."""
    relays = [
        Relay(replace(settings, database_url=as_role(world.settings, "relay")), source)
        for source in sources
    ]
    threads = [Thread(target=relay.run, daemon=True) for relay in relays]
    for thread in threads:
        thread.start()
    try:
        yield House(world, settings)
    finally:
        for relay in relays:
            relay.stopping.set()
        for thread in threads:
            thread.join(PATIENCE)


def empty_queues(url: str) -> None:
    """Make the queues of arrivals and of the refused anew, without what was in them.

    Before anybody uses them: of two who declare a queue at once, the second may find its binding
    told and not yet routed by (RabbitMQ 4.0), and gets its message back.
    """
    with Connection(url) as connection:
        for queue in (ARRIVALS, REFUSED):
            with suppress(connection.channel_errors):
                queue(connection.default_channel).delete()
        for declared in (INBOUND, REFUSED, ARRIVALS):
            declared(connection.default_channel).declare()
