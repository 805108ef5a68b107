"""A message that is a fault: no other is lost with it, and operators find it; on real servers."""

import json
import socket
from dataclasses import replace
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from services.gateway import inbound_answers, intake
from services.gateway.intake import Intake
from services.gateway.letters import Answer, Asked, Letter
from services.gateway.platforms import Platforms
from shared.bus.cloudevents import STRUCTURED
from shared.bus.inbound import ARRIVALS, REFUSED
from shared.bus.publisher import Publisher
from shared.entrypoints import UnknownService
from tests.integration.test_inbound import Facts, county, desk, district, submitted
from tests.platform import (
    House,
    Platform,
    application,
    message,
)
from tests.servers import free_port
from tests.waiting import until

__all__ = ["county", "desk", "district", "submitted"]


def test_an_id_too_long_for_a_property_of_amqp_is_answered(
    county: House, desk: Platform, submitted: Facts
):
    told = message(application(), id="牡" * 255)

    with county.open():
        desk.send(told, correlation_id=None)
        (got,) = desk.take(desk.replies, 1)

    assert json.loads(got.body)["outcome"] == "accepted"
    assert got.headers["ce-subject"] == told["id"]
    assert got.properties["correlation_id"] == got.headers["ce-id"]
    assert len(submitted()) == 1


def test_thousands_of_errors_that_nobody_waits_for_are_kept_with_their_message(
    county: House, desk: Platform
):
    told = message(application(**{f"x{number}": 1 for number in range(50_000)}))
    theirs = {f"theirs-{number}": "x" * 10_000 for number in range(11)}

    with county.open():
        desk.send(told, reply_to=None, headers=theirs)
        (kept,) = desk.take(REFUSED.name, 1)
        good = desk.ask(message(application()))

    assert json.loads(kept.body) == told
    assert json.loads(kept.headers["fuquan-answer"])["errors"][-1]["reason"] == "and 49950 more"
    assert kept.headers["fuquan-headers-left-out"] > 0
    assert good["outcome"] == "accepted"


def test_a_fault_of_one_message_is_told_to_its_sender_and_ends_nothing_else(
    county: House, desk: Platform, submitted: Facts
):
    faults = [ZeroDivisionError("unforeseen")]

    def fail(service: str, door: str) -> None:
        if faults:
            raise faults.pop()

    county.after = fail
    told = message(application())
    before = reconnects()
    with county.open():
        first = desk.ask(told)
        again = desk.ask(told)

    assert (first["outcome"], first["code"]) == ("failed", "gateway.fault")
    assert again["outcome"] == "accepted"
    assert len(submitted()) == 1
    assert reconnects() == before


def test_a_fault_in_opening_a_message_is_that_messages_own(
    county: House, desk: Platform, monkeypatch: pytest.MonkeyPatch
):
    entries = intake.opened
    faults = [ZeroDivisionError("unforeseen")]

    def fail(letter: Letter, platforms: Platforms) -> Asked | Answer:
        if faults:
            raise faults.pop()
        return entries(letter, platforms)

    monkeypatch.setattr(intake, "opened", fail)
    with county.open():
        desk.send(message(application()))
        desk.send(message(application()))
        answers = [desk.answer() for _ in range(2)]

    assert {answer["outcome"] for answer in answers} == {"failed", "accepted"}


def test_an_answer_that_cannot_be_sent_lies_with_its_message_where_operators_find_it(
    county: House, desk: Platform, monkeypatch: pytest.MonkeyPatch
):
    def fail(letter: Letter, answer: Answer) -> dict[str, Any]:
        raise ZeroDivisionError("unforeseen")

    monkeypatch.setattr(inbound_answers, "headers", fail)
    told = message(application())
    with county.open():
        desk.send(told)
        (kept,) = desk.take(REFUSED.name, 1)
        until(lambda: desk.waiting(ARRIVALS.name) == 0)

    assert json.loads(kept.body) == told
    assert json.loads(kept.headers["fuquan-answer"])["code"] == "gateway.fault"


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> list[Publisher]:
    """The connections that the intake opens for its answers."""
    opened: list[Publisher] = []

    class Seen(Publisher):
        def __init__(self, *given: Any, **more: Any) -> None:
            super().__init__(*given, **more)
            opened.append(self)

    monkeypatch.setattr(inbound_answers, "Publisher", Seen)
    return opened


def test_an_answer_that_took_long_is_given_though_its_connection_was_lost_meanwhile(
    county: House, desk: Platform, answering: list[Publisher], monkeypatch: pytest.MonkeyPatch
):
    def absent(service: str, door: str) -> None:
        while answering:
            answering.pop().connection.connection.sock.shutdown(socket.SHUT_RDWR)
        raise UnknownService(service)

    monkeypatch.setattr(intake, "PATIENCE", 1.0)
    case = str(uuid4())  # one case, one lane
    with county.open(hold=2.0):
        first = desk.ask(message(application(case)))
        county.after = absent
        second = desk.ask(message({"programme": "MD2023", "case": case}, "cases.CaseWithdrawn"))

    assert first["outcome"] == "accepted"
    assert (second["outcome"], second["code"]) == ("failed", "gateway.service-away")


def test_what_cannot_even_be_kept_is_moved_by_the_broker(
    county: House, desk: Platform, monkeypatch: pytest.MonkeyPatch
):
    def fail(given: Any) -> dict[str, Any]:
        raise ZeroDivisionError("unforeseen")

    monkeypatch.setattr(inbound_answers, "fitting", fail)
    with county.open():
        desk.send(message("no object"), reply_to=None)
        (moved,) = desk.take(REFUSED.name, 1)

    assert moved.headers["x-death"][0]["reason"] == "rejected"


def test_messages_that_cannot_be_read_off_the_wire_take_no_other_with_them(
    county: House, desk: Platform, submitted: Facts, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(intake, "AGAIN", 0.05)
    many = 25  # more than a message may be delivered
    told = [message(application()) for _ in range(3)]
    desk.send(told[0])
    for _ in range(many):
        desk.put(b"{}", content_type=STRUCTURED, app_id="审批".encode("gbk"))
    for one in told[1:]:
        desk.send(one)

    with county.open():
        answers = [desk.answer() for _ in told]
        until(lambda: desk.waiting(REFUSED.name) == many)

    assert {answer["outcome"] for answer in answers} == {"accepted"}
    assert len(submitted()) == len(told)


def test_a_repeated_loss_of_the_broker_is_counted(county: House, amqp_url: str):
    before = reconnects()
    away = replace(county.settings, amqp_url=f"amqp://127.0.0.1:{free_port()}//")

    one = Intake(county.call, away)
    thread = Thread(target=one.run, daemon=True)
    thread.start()
    until(lambda: reconnects() > before)
    one.stop()
    thread.join()


def reconnects() -> float:
    """How often the intake has begun anew."""
    counted = REGISTRY.get_sample_value(
        "fuquan_reconnects_total", {"service": "gateway", "part": "inbound"}
    )
    return counted or 0.0
