"""nameko at the edge: doors by RPC, facts from the bus, the web. Imported by service.py alone."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import entry_points
from typing import Any, cast
from uuid import uuid4
from weakref import WeakValueDictionary

import amqp
import eventlet
import eventlet.wsgi
import nameko.exceptions
import psycopg2
import structlog
from kombu.exceptions import OperationalError as BrokerAway
from kombu.transport import memory
from marshmallow import ValidationError
from nameko.containers import ServiceContainer, WorkerContext
from nameko.extensions import DependencyProvider, Entrypoint, SharedExtension
from nameko.messaging import QueueConsumer
from nameko.rpc import ReplyListener, Rpc, RpcConsumer, ServiceProxy

from shared.bus.alarm import Alarm, NotTaken, answered, taken
from shared.bus.broker import address
from shared.bus.consumer import Consumer
from shared.bus.message import queue_of
from shared.bus.reaction import Policy
from shared.bus.reading import read
from shared.clock import system_clock
from shared.commands import Commands
from shared.database import Database
from shared.due import Asked, Timer
from shared.log.store import Log
from shared.ops import counters
from shared.projection import Projection
from shared.refusal import Refused
from shared.settings import Settings

CALL_TIMEOUT = 60.0
AGAIN = 1.0  # seconds between two tries to reach the broker

log = structlog.get_logger()

memory.Transport.polling_interval = 0.004
# Input errors, and refusals as `Told`, cross RPC as themselves; all else is the service's fault.
nameko.exceptions.registry["marshmallow.exceptions.ValidationError"] = ValidationError

# What a caller sees of another service's fault, and of a service that is not there.
RemoteError = nameko.exceptions.RemoteError
UnknownService = nameko.exceptions.UnknownService


def configuration(settings: Settings) -> dict[str, Any]:
    """What nameko's containers want to know."""
    at = address(settings.amqp_url)
    return {
        "AMQP_URI": at["hostname"],
        "AMQP_SSL": at["ssl"],
        "LOGIN_METHOD": at["login_method"],
        "serializer": "json",
        "max_workers": 32,
        "HEARTBEAT": 60,
        "settings": settings,
    }


class Told(Exception):
    """A refusal on its way: nameko makes texts of what an exception holds, of None and 3 too."""


def _refusal(told: str) -> Refused:
    return Refused(*json.loads(told))


nameko.exceptions.registry[f"{__name__}.{Told.__name__}"] = _refusal


def _on_every_node(one: Any) -> None:
    """In a cluster calls and answers have a copy on each node; nameko's queues live on one."""
    if ";" in one.container.config["AMQP_URI"]:
        one.queue.queue_arguments = {**(one.queue.queue_arguments or {}), "x-queue-type": "quorum"}


class Queues(QueueConsumer):
    """Nameko's reader of calls and answers, back soon after its connection is lost.

    The tries of its own come to lie half a minute apart. And where a worker finds the connection
    broken before the reader does, kombu opens another in silence, on which nobody reads the queues.
    """

    def on_consume_ready(self, connection: Any, channel: Any, consumers: Any, **told: Any) -> None:
        self._reads = connection.transport, channel
        super().on_consume_ready(connection, channel, consumers, **told)

    def on_iteration(self) -> None:
        transport, channel = self._reads
        if not (channel.connection and transport.verify_connection(channel.connection)):
            raise ConnectionResetError("the queues' connection was found broken")
        super().on_iteration()

    @contextmanager
    def establish_connection(self) -> Iterator[Any]:
        with self.create_connection() as held:
            yield held.ensure_connection(
                self.on_connection_error, interval_start=AGAIN, interval_step=0, interval_max=AGAIN
            )


class Inbox(RpcConsumer):
    """The calls of a service; one that names nobody to answer is dropped, with a line in the log.

    A call whose answer the broker does not take goes back into its queue, once: a command that is
    done again gets its first answer. Over ``memory://`` messages lack the content type property.
    """

    queue_consumer = Queues()

    def setup(self) -> None:
        super().setup()
        _on_every_node(self)

    def handle_message(self, body: Any, message: Any) -> None:
        message.properties.setdefault("content_type", message.content_type)
        if message.properties.get("reply_to"):
            super().handle_message(body, message)
        else:
            log.error("call.unanswerable", call=message.delivery_info["routing_key"])
            self.queue_consumer.ack_message(message)

    def handle_result(self, message: Any, result: Any, exc_info: Any) -> Any:
        answer = exc_info
        if exc_info is not None and isinstance(exc_info[1], Refused):
            told = Told(json.dumps(exc_info[1].args, ensure_ascii=False, default=str))
            answer = (Told, told, exc_info[2])
        try:
            result, answered = super().handle_result(message, result, answer)
        except (amqp.AMQPError, BrokerAway, OSError) as broken:
            self._unanswered(message, broken)
            return result, exc_info
        return result, exc_info if answered is answer else answered

    def _unanswered(self, message: Any, broken: Exception) -> None:
        told = message.delivery_info
        log.warning(
            "call.unanswered", call=told["routing_key"], again=not told["redelivered"],
            error=str(broken).strip(),
        )
        with suppress(OSError):  # a connection that breaks gives it back by itself
            if told["redelivered"]:
                self.queue_consumer.ack_message(message)
            else:
                self.queue_consumer.requeue_message(message)


class Answers(ReplyListener):
    """The answers to the calls of this process, for as long as somebody waits for them."""

    queue_consumer = Queues()

    def setup(self) -> None:
        super().setup()
        self._reply_events: Any = WeakValueDictionary()  # nameko's own forgets no call
        _on_every_node(self)


class Alarms(SharedExtension):
    """Whether the broker has an alarm, for the calls of this process."""

    def setup(self) -> None:
        self.asked = Alarm(self.container.config["settings"].amqp_url, "nameko-rpc")

    def start(self) -> None:
        self._thread = self.container.spawn_managed_thread(self.asked.run)

    def stop(self) -> None:
        self.asked.stopping.set()
        self._thread.wait()


class Door(Rpc):
    """RPC that lives on after a message that is no call."""

    rpc_consumer = Inbox()


rpc = Door.decorator


class App(DependencyProvider):
    """The service's `Commands`, one for the process."""

    def __init__(self, kind: type[Commands]) -> None:
        self.kind = kind

    def setup(self) -> None:
        settings: Settings = self.container.config["settings"]
        database = Database(settings.dsn(self.kind.service), size=8)
        self.commands = self.kind(database, None if settings.driven_clock else system_clock)

    def get_dependency(self, worker_ctx: WorkerContext) -> Commands:
        return self.commands


class Due(DependencyProvider):
    """The timer of a service: asks its `Commands` what is due by the wall clock (R224).

    It is off where the commands bring the time.
    """

    def start(self) -> None:
        (app,) = (one for one in self.container.dependencies if isinstance(one, App))
        every = self.container.config["settings"].due_every
        self._timer = Timer(cast("Asked", app.commands), every)
        self._thread = self.container.spawn_managed_thread(self._timer.run)

    def stop(self) -> None:
        self._timer.stopping.set()
        self._thread.wait()


class Facts(DependencyProvider):
    """The ordered consumer of a service: one queue, its read model, its policies.

    Args:
        name: of the consuming service.
        from_: the services whose facts it follows.
        into: what facts do to its read model.
    """

    def __init__(self, name: str, *, from_: tuple[str, ...], into: Projection) -> None:
        self.name, self.from_, self.into = name, from_, into
        self.methods: dict[str, list[str]] = {}

    def on(self, *types: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
        """Mark a method of the service as the policy for these events; it gets the `Fact`."""

        def mark(method: Callable[..., object]) -> Callable[..., object]:
            for name in types:
                self.methods.setdefault(name, []).append(method.__name__)
            return method

        return mark

    def bind(self, container: Any, attr_name: str) -> "Facts":
        bound: Facts = super().bind(container, attr_name)
        bound.methods = self.methods
        return bound

    def start(self) -> None:
        self._stopping = False
        self._thread = self.container.spawn_managed_thread(self._run)

    def stop(self) -> None:
        self._stopping = True
        self._thread.wait()

    def _run(self) -> None:
        settings: Settings = self.container.config["settings"]
        database = Database(settings.dsn(self.name), size=2)
        logs = {
            source: Log(Database(settings.dsn(source), size=1, search_path="log"))
            for source in self.from_
        }
        while not self._stopping:
            try:
                consumer = Consumer(self.name, database, logs, self.into, self._policies())
                consumer.start()
                consumer.catch_up()  # a database that cannot take it in gets nothing delivered
                queue = queue_of(self.name, self.from_)
                read(settings.amqp_url, queue, consumer, lambda: self._stopping)
            except (psycopg2.Error, amqp.AMQPError, BrokerAway, OSError) as broken:
                if isinstance(broken, psycopg2.Error):  # the server has left none of them alive
                    for one in (database, *(log.database for log in logs.values())):
                        one.close()
                counters.RECONNECTS.labels(self.name, "facts").inc()
                log.warning("facts.reconnect", consumer=self.name, error=str(broken).strip())
                time.sleep(1.0)

    def _policies(self) -> dict[str, list[Policy]]:
        instance = self.container.service_cls()
        for dependency in self.container.dependencies:
            if dependency is not self:
                setattr(instance, dependency.attr_name, dependency.get_dependency(None))
        return {
            name: [getattr(instance, method) for method in methods]
            for name, methods in self.methods.items()
        }


class Calls(DependencyProvider):
    """Calls to other services' doors, with a time limit; `NotTaken` while the broker holds.

    A call that nobody waits for any more leaves its queue unheard, so that a service that was away
    long begins with those that somebody waits for.
    """

    replies = Answers()
    alarm = Alarms()

    def get_dependency(self, worker_ctx: WorkerContext | None) -> Callable[..., Any]:
        context = worker_ctx or WorkerContext(self.container, None, _Outside())
        own, alarm = self.container.service_name, self.alarm.asked

        def call(service: str, method: str, **arguments: Any) -> Any:
            proxy = ServiceProxy(context, service, self.replies, expiration=CALL_TIMEOUT)
            late = TimeoutError(f"{service}.{method} did not answer within {CALL_TIMEOUT} s")
            try:
                sent = taken(alarm, lambda: getattr(proxy, method).call_async(**arguments))
                with eventlet.Timeout(CALL_TIMEOUT, late):
                    return answered(alarm, sent.result)
            except NotTaken:
                counters.NOT_TAKEN.labels(own).inc()
                raise

        return call


class _Outside(Entrypoint):
    method_name = "call"


class Web(Calls):
    """Serves a WSGI application in the service's process.

    Args:
        make: gets `call` and the settings, returns the application.
    """

    def __init__(self, make: Callable[[Callable[..., Any], Settings], Any]) -> None:
        self.make = make

    def start(self) -> None:
        settings: Settings = self.container.config["settings"]
        application = self.make(self.get_dependency(None), settings)
        self._socket = eventlet.listen((settings.http_host, settings.http_port), reuse_port=False)
        self.container.spawn_managed_thread(
            lambda: eventlet.wsgi.server(
                self._socket, application, log_output=False, socket_timeout=60
            )
        )

    def stop(self) -> None:
        self._socket.close()


class Beside(Calls):
    """Runs something beside the doors, for as long as the process runs.

    Args:
        make: gets `call` and the settings, returns what has `run`, and `stop`, which ends it.
    """

    def __init__(self, make: Callable[[Callable[..., Any], Settings], Any]) -> None:
        self.make = make

    def start(self) -> None:
        self._one = self.make(self.get_dependency(None), self.container.config["settings"])
        self._thread = self.container.spawn_managed_thread(self._one.run)

    def stop(self) -> None:
        self._one.stop()
        self._thread.wait()


@contextmanager
def running(services: Mapping[str, Settings]) -> Iterator[list[ServiceContainer]]:
    """Run these services in this process, each with its own settings, until the block ends."""
    containers = [
        ServiceContainer(_service(name), configuration(own)) for name, own in services.items()
    ]
    started = []
    try:
        for container in containers:
            container.start()
            started.append(container)
        yield containers
    finally:
        ending = [eventlet.spawn(container.stop) for container in started]
        for one in ending:
            one.wait()


@contextmanager
def calling(settings: Settings) -> Iterator[Callable[..., Any]]:
    """A `call(service, method, **arguments)` for a process that is no service itself."""
    kind = type("Outside", (), {"name": f"outside-{uuid4().hex[:12]}", "call": Calls()})
    container = ServiceContainer(kind, configuration(settings))
    container.start()
    try:
        yield next(d for d in container.dependencies if d.attr_name == "call").get_dependency(None)
    finally:
        container.stop()


def _service(name: str) -> type:
    (found,) = entry_points(group="fuquan.services", name=name)
    return cast("type", found.load())
