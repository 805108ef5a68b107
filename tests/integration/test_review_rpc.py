"""Over RPC a refusal is the refusal that was raised, and a lost answer ends nobody."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import nameko.exceptions
import pytest

from shared.entrypoints import Inbox, Queues, configuration
from shared.refusal import Refused
from shared.settings import Settings
from tests.servers import free_port
from tests.waiting import PATIENCE

DOUBLING = """
import eventlet
eventlet.monkey_patch()
import sys
import nameko.rpc
from nameko.containers import ServiceContainer
from shared import entrypoints
from shared.entrypoints import calling, configuration, rpc
from shared.logs import configure
from shared.settings import Settings

configure("doubling")
settings = Settings.from_environment()

class Doubling:
    name = sys.argv[1]

    @rpc
    def double(self, number):
        print(f"asked {number}")
        return number * 2

container = ServiceContainer(Doubling, configuration(settings))
container.start()
"""

UNANSWERED = DOUBLING + """
lost = 0
send = nameko.rpc.Responder.send_response

def losing(responder, result, exc_info):
    global lost
    if lost:
        lost -= 1
        raise ConnectionResetError("the broker cut it off")
    return send(responder, result, exc_info)

nameko.rpc.Responder.send_response = losing
with calling(settings) as call:
    lost = 1
    print(call(Doubling.name, "double", number=1))
    lost = 2
    nobody_waits = eventlet.spawn(call, Doubling.name, "double", number=2)
    while lost:
        eventlet.sleep(0.05)
    print(call(Doubling.name, "double", number=3))
    nobody_waits.kill()
container.stop()
"""

UNHEARD = DOUBLING + """
container.stop()
with calling(settings) as call:
    entrypoints.CALL_TIMEOUT = 0.5
    try:
        call(Doubling.name, "double", number=1)
    except TimeoutError:
        print("no answer")
    entrypoints.CALL_TIMEOUT = 60.0
    waits = eventlet.spawn(call, Doubling.name, "double", number=2)
    eventlet.sleep(0.5)
    container = ServiceContainer(Doubling, configuration(settings))
    container.start()
    print(waits.wait())
container.stop()
"""

FORGOTTEN = DOUBLING + """
import gc

def waited_for():
    eventlet.sleep(0)  # or the hub holds the timeout that it has just raised
    gc.collect()
    found = [one for one in gc.get_objects() if isinstance(one, entrypoints.Answers)]
    return sum(len(one._reply_events) for one in found)

with calling(settings) as call:
    for number in range(3):
        try:
            call(f"{Doubling.name}-absent", "double", number=number)
        except entrypoints.UnknownService:
            print("unknown")
    container.stop()
    entrypoints.CALL_TIMEOUT = 0.5
    try:
        call(Doubling.name, "double", number=1)
    except TimeoutError:
        print("no answer")
    print("waited for:", waited_for())
    entrypoints.CALL_TIMEOUT = 60.0
    waits = eventlet.spawn(call, Doubling.name, "double", number=2)
    eventlet.sleep(0.5)
    print("waited for:", waited_for())
    container = ServiceContainer(Doubling, configuration(settings))
    container.start()
    print(waits.wait())
    print("waited for:", waited_for())
container.stop()
"""

STRUCK = DOUBLING + """
import socket
from contextlib import suppress
from nameko.messaging import QueueConsumer

turn, struck = QueueConsumer.on_iteration, []

def found_broken(reader):
    turn(reader)
    if reader not in struck:
        struck.append(reader)
        (held,) = {one.channel.connection for one in reader._consumers.values()}
        held.transport.sock.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            held.send_heartbeat()

with calling(settings) as call:
    print(call(Doubling.name, "double", number=1))
    QueueConsumer.on_iteration = found_broken
    while len(struck) < 2:
        eventlet.sleep(0.05)
    entrypoints.CALL_TIMEOUT = 60.0
    print(call(Doubling.name, "double", number=2))
container.stop()
"""


class Enough(Exception):
    """The test has seen what it wanted to."""


def said(script: str, amqp_url: str) -> subprocess.CompletedProcess[str]:
    """What a service of its own name and its caller said, in a process of their own."""
    settings = Settings(database_url="", amqp_url=amqp_url, prefix="", deployment="test")
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, f"doubling-{uuid4().hex[:8]}"],
        env=os.environ | settings.environment(), capture_output=True, text=True, timeout=PATIENCE,
        check=True,
    )


@pytest.mark.parametrize("of_record", [True, False])
def test_a_refusal_keeps_the_kinds_of_its_facts_over_rpc(
    of_record: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"expected": 3, "since": None, "late": False, "days": [1, 2.5], "of": {"n": 1}}
    refused = Refused("cases.outside-scope", facts, "不在范围", of_record)
    sent: list[str] = []

    def send(_: Any, message: Any, result: Any, exc_info: Any) -> Any:
        sent.append(json.dumps(nameko.exceptions.serialize(exc_info[1])))
        return result, exc_info

    monkeypatch.setattr("nameko.rpc.RpcConsumer.handle_result", send)
    Inbox().handle_result(None, None, (Refused, refused, None))
    arrived = nameko.exceptions.deserialize(json.loads(sent[0]))

    assert isinstance(arrived, Refused)
    assert (arrived.code, arrived.facts) == (refused.code, facts)
    assert (arrived.zh, arrived.of_record) == (refused.zh, of_record)


def test_an_answer_that_the_broker_does_not_take_is_given_at_a_second_try_and_ends_no_service(
    amqp_url: str
) -> None:
    done = said(UNANSWERED, amqp_url)

    assert done.stdout.splitlines() == [
        "asked 1", "asked 1", "2", "asked 2", "asked 2", "asked 3", "6",
    ]
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(one["event"], one["again"]) for one in told] == [
        ("call.unanswered", True), ("call.unanswered", True), ("call.unanswered", False),
    ]


def test_a_call_that_nobody_waits_for_any_more_is_not_carried_out_when_the_service_is_back(
    amqp_url: str
) -> None:
    done = said(UNHEARD, amqp_url)

    assert done.stdout.splitlines() == ["no answer", "asked 2", "4"]


def test_a_call_without_an_answer_is_forgotten_by_its_caller_and_one_that_is_waited_for_is_not(
    amqp_url: str
) -> None:
    done = said(FORGOTTEN, amqp_url)

    assert done.stdout.splitlines() == [
        "unknown", "unknown", "unknown", "no answer", "waited for: 0",
        "waited for: 1", "asked 2", "4", "waited for: 0",
    ]


def test_who_reads_calls_and_who_reads_answers_go_on_when_a_worker_finds_their_connection_broken(
    amqp_url: str
) -> None:
    done = said(STRUCK, amqp_url)

    assert done.stdout.splitlines() == ["asked 1", "2", "asked 2", "4"]


def test_a_connection_that_breaks_while_a_call_is_given_back_ends_no_service(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back: list[object] = []

    def broken(*told: object) -> None:
        given_back.extend(told[-1:])
        raise BrokenPipeError

    monkeypatch.setattr("nameko.rpc.RpcConsumer.handle_result", broken)
    inbox = Inbox()
    inbox.queue_consumer = SimpleNamespace(requeue_message=broken)
    message = SimpleNamespace(delivery_info={"routing_key": "catalog.do", "redelivered": False})

    assert inbox.handle_result(message, "done", None) == ("done", None)
    assert given_back[-1] is message


def test_a_broker_that_is_long_away_is_tried_every_second(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kombu.utils.functional.sleep", lambda _: None)
    waits: list[float] = []

    def away(_: Exception, wait: float) -> None:
        waits.append(wait)
        if len(waits) == 20:
            raise Enough

    settings = Settings("", amqp_url=f"amqp://127.0.0.1:{free_port()}//", deployment="test")
    queues = Queues()
    queues.container = SimpleNamespace(config=configuration(settings))
    queues.on_connection_error = away

    with pytest.raises(Enough), queues.establish_connection():
        pass

    assert waits == [1.0] * 20
