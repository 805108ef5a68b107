"""What other platforms send: validated, done once, answered, never dropped; on real servers."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import amqp
import pytest

from shared.bus.cloudevents import STRUCTURED
from shared.bus.inbound import ARRIVALS, REFUSED
from shared.contracts.inbound import ANSWERS
from shared.entrypoints import RemoteError, UnknownService
from shared.settings import Settings
from tests.platform import (
    CENTRE,
    House,
    Platform,
    application,
    empty_queues,
    house,
    message,
    nothing,
)
from tests.waiting import until
from tests.world import World

Facts = Callable[[], list[Any]]


@pytest.fixture(scope="module")
def district(
    migrated: Settings, amqp_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """牡丹区's services, with their relays."""
    world = World(migrated)
    world.empty()
    world.imported("MD2023")
    keys = tmp_path_factory.mktemp("intake")
    settings = replace(migrated, amqp_url=amqp_url, keys=keys)
    with house(world, settings, ("cases", "supervision")) as one:
        yield one
    world.close()


@pytest.fixture
def county(district: House, amqp_url: str) -> Iterator[House]:
    """The same, with empty queues and without faults."""
    empty_queues(amqp_url)
    district.after = nothing
    yield district
    empty_queues(amqp_url)


@pytest.fixture
def desk(county: House, amqp_url: str) -> Iterator[Platform]:
    """The system of a town's centre, entered for that centre alone."""
    platform = Platform(amqp_url)
    county.knows(user=platform.user)
    yield platform
    platform.close()


@pytest.fixture
def submitted(county: House) -> Facts:
    """The applications recorded during this test."""
    before = len(county.world.facts("cases", "ApplicationSubmitted"))
    return lambda: county.world.facts("cases", "ApplicationSubmitted")[before:]


def test_an_application_is_recorded_for_the_organ_and_the_answer_says_where(
    county: House, desk: Platform, submitted: Facts
):
    told = message(application(), operator="op-31")

    with county.open():
        answer = desk.ask(told)

    (fact,) = submitted()
    assert answer == {
        "id": told["id"], "type": "cases.ApplicationSubmitted", "outcome": "accepted",
        "stream": str(fact.stream), "version": 1, "events": ["cases.ApplicationSubmitted"],
        "positions": {"cases": fact.position},
    }
    assert fact.actor == {"org": CENTRE, "role": "platform", "operator": "op-31"}
    assert fact.occurred_at.isoformat() == "2023-07-03T01:00:00+00:00"
    assert ANSWERS["accepted"]().validate(answer) == {}


def test_binary_mode_does_as_well(county: House, desk: Platform, submitted: Facts):
    told = message(application())
    headers = {f"ce-{name}": value for name, value in told.items() if name != "data"}

    with county.open():
        desk.put(
            json.dumps(told["data"]).encode(), content_type="application/json", headers=headers,
            correlation_id="mine",
        )
        (got,) = desk.take(desk.replies, 1)

    assert json.loads(got.body)["outcome"] == "accepted"
    assert got.properties["correlation_id"] == "mine"
    assert got.headers["ce-type"] == "fuquan.inbound.accepted"
    assert got.headers["ce-subject"] == told["id"]
    assert len(submitted()) == 1


def test_what_is_not_as_agreed_is_told_field_by_field_and_nothing_is_recorded(
    county: House, desk: Platform, submitted: Facts
):
    wrong = application(channel="by pigeon", colour="red")
    del wrong["item"]

    with county.open():
        answer = desk.ask(message(wrong))

    assert (answer["outcome"], answer["code"]) == ("invalid", "request.invalid")
    assert {error["field"] for error in answer["errors"]} == {
        "data.channel", "data.colour", "data.item",
    }
    assert ANSWERS["invalid"]().validate(answer) == {}
    assert submitted() == []


def test_a_refusal_tells_its_code_its_facts_and_a_sentence(county: House, desk: Platform):
    case = str(uuid4())

    with county.open():
        desk.ask(message(application(case)))
        answer = desk.ask(message(application(case)))

    assert (answer["outcome"], answer["code"]) == ("refused", "cases.already-submitted")
    assert answer["facts"] == {"case": case}
    assert answer["zh"]
    assert ANSWERS["refused"]().validate(answer) == {}


def test_a_message_that_is_sent_again_has_one_effect_and_the_same_answer(
    county: House, desk: Platform, submitted: Facts
):
    told = message(application())

    with county.open():
        answers = [desk.ask(told) for _ in range(3)]

    assert answers == [answers[0]] * 3
    assert answers[0]["outcome"] == "accepted"
    assert len(submitted()) == 1


def test_an_id_of_the_senders_own_kind_stands_for_one_command_too(
    county: House, desk: Platform, submitted: Facts
):
    told = message(application(), id="2023-牡丹-000017")

    with county.open():
        answers = [desk.ask(told) for _ in range(2)]

    assert answers[0] == answers[1]
    assert answers[0]["id"] == "2023-牡丹-000017"
    assert len(submitted()) == 1


def test_the_same_id_with_another_body_is_refused(county: House, desk: Platform, submitted: Facts):
    told = message(application())

    with county.open():
        desk.ask(told)
        answer = desk.ask(told | {"data": application()})

    assert (answer["outcome"], answer["code"]) == ("refused", "log.command-id-reused")
    assert len(submitted()) == 1


def test_a_crash_between_record_and_answer_is_made_good_by_the_second_delivery(
    county: House, desk: Platform, submitted: Facts
):
    crashes = [OSError("killed"), OSError("killed again")]

    def crash(service: str, door: str) -> None:
        if crashes:
            raise crashes.pop()

    county.after = crash
    with county.open():
        answer = desk.ask(message(application()))
        until(lambda: desk.waiting(ARRIVALS.name) == 0)

    (fact,) = submitted()
    assert crashes == []
    assert answer["positions"] == {"cases": fact.position}
    assert desk.waiting(desk.replies) == 0


def test_what_arrives_while_nobody_takes_in_is_done_later_in_the_order_sent(
    county: House, desk: Platform, submitted: Facts
):
    case = str(uuid4())
    first = message(application(case))
    second = message({"programme": "MD2023", "case": case}, "cases.CaseWithdrawn")
    desk.send(first)
    desk.send(second)

    with county.open():
        answers = [desk.answer() for _ in range(2)]

    assert [answer["id"] for answer in answers] == [first["id"], second["id"]]
    assert [answer["outcome"] for answer in answers] == ["accepted", "accepted"]
    assert len(submitted()) == 1


def test_a_refusal_that_nobody_waits_for_is_kept_with_its_message(
    county: House, desk: Platform, submitted: Facts
):
    told = message(application(item="MD23-99"))

    with county.open():
        desk.send(told, reply_to=None)
        desk.send(message(application()), reply_to=None)
        (kept,) = desk.take(REFUSED.name, 1)
        until(lambda: len(submitted()) == 1)

    answer = json.loads(kept.headers["fuquan-answer"])
    assert json.loads(kept.body) == told
    assert (answer["outcome"], answer["code"]) == ("refused", "register.unknown-item")
    assert kept.headers["fuquan-user"] == desk.user
    assert desk.waiting(REFUSED.name) == 0


@pytest.mark.parametrize("reply_to", ["fuquan.cases", "answers.somebody.else", "answers.%s.gone"])
def test_an_answer_goes_to_no_queue_but_the_senders_own(
    reply_to: str, county: House, desk: Platform
):
    to = reply_to.replace("%s", desk.user)

    with county.open():
        desk.send(message("no object"), reply_to=to)
        (kept,) = desk.take(REFUSED.name, 1)

    assert json.loads(kept.headers["fuquan-answer"])["outcome"] == "invalid"


BAD: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "no JSON": (b"garbage", {}, "body"),
    "half a character": (b'{"a":"\xe7\x89"}', {}, "body"),
    "nesting": (b"[" * 100_000, {}, "body"),
    "a list": (b"[]", {}, "body"),
    "no attributes": (b"{}", {}, "data"),
    "a media type of its own": (b"{}", {"content_type": "text/xml"}, "content_type"),
    "no media type": (b"{}", {"content_type": None}, "content_type"),
    "binary without attributes": (b"{}", {"content_type": "application/json"}, "id"),
    "too long": (b'{"data":"' + b"x" * 2**20 + b'"}', {}, "body"),
    "an unknown type": (json.dumps(message({}, "cases.Abolished")).encode(), {}, "type"),
    "a time without zone": (
        json.dumps(message({}, time="2023-07-03T09:00:00")).encode(), {}, "time",
    ),
    "data that are no object": (json.dumps(message([1])).encode(), {}, "data"),
    "a fraction": (json.dumps(message(application(subitem=1.5))).encode(), {}, "data"),
    "an instrument that is no JSON": (
        json.dumps(message(application(), instrument="鲁政发〔2020〕1号")).encode(), {},
        "instrument",
    ),
    "an id with half a character": (
        json.dumps(message(application(), id="2023-\ud800")).encode(), {}, "id",
    ),
    "an id of a mebibyte": (
        json.dumps(message(application(), id="x" * 900_000)).encode(), {}, "id",
    ),
    "an unknown type of a mebibyte": (
        json.dumps(message({}, "x" * 900_000)).encode(), {}, "type",
    ),
    "binary with odd bytes for an id": (
        b"{}",
        {"content_type": "application/json", "headers": {"ce-id": b"\xff", b"ce-\xfe": b"\xfd"}},
        "id",
    ),
    "thousands of errors": (
        json.dumps(message(application(**{f"x{n}": 1 for n in range(50_000)}))).encode(), {},
        "data.x0",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_whatever_is_sent_is_answered_and_the_next_message_is_taken_in(
    case: str, county: House, desk: Platform
):
    body, properties, field = BAD[case]

    with county.open():
        desk.put(body, **{"content_type": STRUCTURED, **properties})
        answer = desk.answer()
        good = desk.ask(message(application()))

    assert answer["outcome"] == "invalid"
    assert field in {error["field"] for error in answer["errors"]}
    assert good["outcome"] == "accepted"


def test_a_platform_speaks_for_its_own_organs_alone(
    county: House, desk: Platform, submitted: Facts
):
    with county.open():
        answer = desk.ask(message(application(), org="MD2023-ORG-05"))

    assert (answer["outcome"], answer["code"]) == ("refused", "inbound.not-your-organ")
    assert answer["facts"] == {"user": desk.user, "org": "MD2023-ORG-05"}
    assert submitted() == []


def test_who_speaks_for_several_organs_names_one(county: House, desk: Platform):
    county.knows(user=desk.user, orgs=[CENTRE, "MD2023-TOWN-12-CENTRE"])

    with county.open():
        unnamed = desk.ask(message(application()))
        named = desk.ask(message(application(), org=CENTRE))

    assert unnamed["errors"] == [
        {"field": "org", "reason": "Missing: this user speaks for several organs."}
    ]
    assert named["outcome"] == "accepted"


def test_a_sender_whom_nobody_entered_is_refused(county: House, desk: Platform, submitted: Facts):
    county.knows(user="another")

    with county.open():
        stranger = desk.ask(message(application()))
        desk.send(message(application()), user_id=None)
        (nameless,) = desk.take(REFUSED.name, 1)

    assert (stranger["outcome"], stranger["code"]) == ("refused", "inbound.sender-unknown")
    assert stranger["facts"] == {"user": desk.user}
    assert json.loads(nameless.headers["fuquan-answer"])["code"] == "inbound.sender-unknown"
    assert submitted() == []


def test_a_type_that_a_platform_may_not_send_is_refused(county: House, desk: Platform):
    county.knows(user=desk.user, types=["supervision.TaskReported"])

    with county.open():
        answer = desk.ask(message(application()))

    assert (answer["outcome"], answer["code"]) == ("refused", "inbound.type-not-yours")


def test_the_broker_lets_nobody_send_under_another_name(county: House, desk: Platform):
    with county.open(), pytest.raises(amqp.exceptions.PreconditionFailed, match="user_id"):
        desk.send(message(application()), user_id="another")


def test_a_service_that_is_away_is_waited_for_and_holds_up_no_other(
    county: House, desk: Platform
):
    full = RemoteError("DiskFull", "could not extend file: No space left on device")
    away = [UnknownService("cases"), full] * 2

    def absent(service: str, door: str) -> None:
        if service == "cases" and away:
            raise away.pop()

    county.after = absent
    told = message(application())
    report = {"programme": "MD2023", "obligation": str(uuid4()), "text_ref": "ref-1"}
    other = message(report, "supervision.TaskReported")
    with county.open():
        desk.send(told)
        desk.send(other)
        answers = [desk.answer() for _ in range(2)]

    assert [answer["id"] for answer in answers] == [other["id"], told["id"]]
    assert answers[1]["outcome"] == "accepted"


def test_a_service_that_stays_away_is_told_and_the_message_may_be_sent_again(
    county: House, desk: Platform, submitted: Facts
):
    def absent(service: str, door: str) -> None:
        raise UnknownService("cases")

    told = message(application())
    county.after = absent
    with county.open(hold=0.2):
        answer = desk.ask(told)
        county.after = nothing
        again = desk.ask(told)

    assert (answer["outcome"], answer["code"]) == ("failed", "gateway.service-away")
    assert ANSWERS["failed"]().validate(answer) == {}
    assert again["outcome"] == "accepted"
    assert len(submitted()) == 1
