"""What another platform's message asks, and what an answer tells, whatever it is made of."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from amqp.serialization import dumps

from services.gateway.inbound_answers import ROOM, fitting, fitting_text, headers, text_of
from services.gateway.letters import ERRORS, LONGEST, Answer, Asked, Letter, opened, rejected
from services.gateway.platforms import FILE, Platforms
from shared.bus.cloudevents import STRUCTURED
from shared.contracts.inbound import REPLAY
from shared.refusal import Refused
from tests.platform import CENTRE, application, message

HALF = "\ud800"
NO_TEXTS = {
    "half a character": f"2023-{HALF}", "a NUL": "2023\x00", "bytes": b"\xff\xfe",
    "text in bytes": b"2023-17", "a number": 17, "a fraction": 1.5, "a decimal": Decimal("1.5"),
    "a table": {"a": {}}, "a list": ["2023"], "an instant": datetime(2023, 7, 3, tzinfo=UTC),
    "true": True, "too long": "牡" * 501, "a mebibyte": "x" * 2**20,
}
TEXTS = ("id", "source", "type", "org", "operator", "time", "instrument", "after", "correlation")


@pytest.fixture
def platforms(tmp_path: Path) -> Platforms:
    (tmp_path / FILE).write_text(f'[xt]\norgs = ["{CENTRE}"]\n', "utf-8")
    return Platforms(tmp_path)


def letter(body: bytes, given: Mapping[Any, Any] = {}, media: str = STRUCTURED) -> Letter:
    return Letter(
        body=body, headers=given, content_type=media, content_encoding=None, user="xt",
        reply_to=None, correlation=None,
    )


def binary(**changed: Any) -> Letter:
    """An application in binary mode, some attributes of which are others."""
    told = message(application())
    data = json.dumps(told.pop("data")).encode()
    given = {f"ce-{name}": value for name, value in (told | changed).items()}
    return letter(data, given, "application/json")


def fields(answer: Asked | Answer) -> list[str]:
    assert isinstance(answer, dict)
    assert answer["outcome"] == "invalid"
    return [error["field"] for error in answer["errors"]]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("kind", NO_TEXTS)
def test_an_attribute_that_is_no_text_is_told_by_its_name(
    name: str, kind: str, platforms: Platforms
):
    answer = opened(binary(**{name: NO_TEXTS[kind]}), platforms)

    assert fields(answer) == [name]
    json.loads(text_of(answer).encode())


def test_half_a_character_in_the_json_format_is_told_too(platforms: Platforms):
    told = message(application(), id=f"2023-{HALF}", operator=HALF)

    answer = opened(letter(json.dumps(told).encode()), platforms)

    assert fields(answer) == ["id", "operator"]
    assert isinstance(answer, dict)
    assert answer["id"] is None


@pytest.mark.parametrize("value", [1.5, 2**60, 2**31, "3.5", "9" * 10, -1, True, b"3", {}, HALF])
def test_a_version_seen_is_a_whole_number(value: Any, platforms: Platforms):
    assert fields(opened(binary(expected=value), platforms)) == ["expected"]


def test_nothing_is_what_an_attribute_that_may_be_left_out_may_be(platforms: Platforms):
    optional = dict.fromkeys(("org", "operator", "time", "instrument", "expected", "after"))

    assert isinstance(opened(binary(**optional), platforms), Asked)


def test_attributes_of_others_pass_unread(platforms: Platforms):
    given = binary(subject=HALF, traceparent=b"\xff", weight=1.5, since=datetime.now(UTC))

    assert isinstance(opened(given, platforms), Asked)


def test_a_header_whose_name_is_no_text_is_no_attribute(platforms: Platforms):
    given = binary()
    odd = {b"ce-\xff": "1", **given.headers}

    assert isinstance(opened(letter(given.body, odd, "application/json"), platforms), Asked)


def test_a_queue_for_facts_again_has_a_name_that_amqp_can_say(platforms: Platforms):
    wanted = {"source": "cases", "queue": f"facts.xt.{'牡' * 100}"}

    answer = opened(letter(json.dumps(message(wanted, REPLAY)).encode()), platforms)

    assert fields(answer) == ["data.queue"]


def test_of_thousands_of_errors_the_first_are_told_and_how_many_there_are_more(
    platforms: Platforms,
):
    unknown = {f"{number}{'x' * 300}": 1 for number in range(3000)}

    answer = opened(letter(json.dumps(message(application(**unknown))).encode()), platforms)

    told = fields(answer)
    assert len(told) == ERRORS + 1
    assert all(len(one) <= LONGEST for one in told)
    assert isinstance(answer, dict)
    assert answer["errors"][-1]["reason"] == "and 2950 more"
    assert len(text_of(answer).encode()) < ROOM


def test_an_answer_to_a_message_without_id_has_an_id_of_its_own(platforms: Platforms):
    first, second = letter(b"{"), letter(b"[")

    told = [headers(one, opened(one, platforms))["ce-id"] for one in (first, second, first)]

    assert told[0] == told[2] != told[1]


def test_of_a_senders_headers_as_many_are_kept_as_a_frame_has_room_for():
    given = {f"x-{number}": "y" * 1000 for number in range(120)} | {"ce-id": "1"}

    found = fitting(given | {"fuquan-answer": "forged"})

    assert found["ce-id"] == "1"
    assert "fuquan-answer" not in found
    assert found["fuquan-headers-left-out"] == 121 - (len(found) - 1)
    assert len(dumps("F", [found])) <= ROOM + 100


def test_a_refusal_too_long_for_a_header_tells_its_code_there():
    told = {"id": "1", "type": "cases.ApplicationSubmitted"}
    answer = rejected(told, Refused("cases.too-many", {"cases": ["牡" * 100] * 1000}, "过多"))

    assert json.loads(fitting_text(answer)) == told | {
        "outcome": "refused", "code": "cases.too-many",
    }
    assert json.loads(fitting_text(rejected(told, Refused("cases.one", {}, "一")))) == (
        told | {"outcome": "refused", "code": "cases.one", "facts": {}, "zh": "一"}
    )
