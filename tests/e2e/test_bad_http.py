"""Whatever comes over HTTP: headers, body, size, door, token get a clear answer; it lives on."""

import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.e2e.bad_input_caller import GOOD, LIMIT, Running, changed, problem
from tests.waiting import until


@pytest.mark.parametrize("door", [
    "catalog/set_time_limit", "delegation/delegate", "cases/submit", "supervision/assign_task",
])
def test_a_stale_expected_version_is_refused(unchanged: Running, door: str) -> None:
    answer = unchanged.post(door, GOOD[door], If_Match='"7"')

    assert problem(answer) == (412, "log.stale-version")


@pytest.mark.parametrize(("door", "other"), [
    ("catalog/set_time_limit", {"value": 6}),
    ("delegation/claim", {"item": "MD23-05"}),
    ("cases/submit", {"subject_key": "s-2"}),
    ("supervision/collect_record", {"ref": "检查〔2021〕2号"}),
])
def test_a_repeated_command_id_gets_the_same_answer_and_another_body_a_refusal(
    system: Running, door: str, other: dict[str, Any]
) -> None:
    key = str(uuid4())
    first = system.post(door, GOOD[door], Idempotency_Key=key)
    recorded = system.recorded()

    again = system.post(door, GOOD[door], Idempotency_Key=key)
    reused = system.post(door, GOOD[door] | other, Idempotency_Key=key)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert problem(reused) == (409, "log.command-id-reused")
    assert system.recorded() == recorded


NESTED = b'{"programme":"ST2021","content":{"programme":' + b'{"a":' * 800 + b"1" + b"}" * 802
NOT_JSON, NOT_PLAIN = "request.malformed-json", "request.not-plain-json"


@pytest.mark.parametrize(
    "door", ["catalog/import_programme", "cases/submit", "supervision/run_due"]
)
@pytest.mark.parametrize(("body", "code"), [
    (b"", NOT_JSON), (b"{", NOT_JSON), (b"\xff\xfe{}", NOT_JSON), (b"\x1f\x8b\x08", NOT_JSON),
    (b"programme=ST2021", NOT_JSON), (b"[" * 100_000, NOT_JSON),
    (b'{"programme":' + b"9" * 5000 + b"}", NOT_JSON),
    (b'{"programme":' + b"9" * 50 + b"}", NOT_PLAIN), (b'{"programme":1.5}', NOT_PLAIN),
    (b'{"programme":NaN}', NOT_PLAIN), (b'{"programme":-1e400}', NOT_PLAIN),
    (b'{"programme":"\\ud800"}', NOT_PLAIN), (b'{"\\udfff":"ST2021"}', NOT_PLAIN),
    (b'{"programme":"ST\\u00002021"}', NOT_PLAIN), (b'{"\\u0000":1}', NOT_PLAIN),
    (b"null", "request.invalid"), (b"[]", "request.invalid"), (b'"ST2021"', "request.invalid"),
    (b"7", "request.invalid"), (NESTED, "request.invalid"),
], ids=lambda one: one[:24].decode("latin-1") if isinstance(one, bytes) else one)
def test_a_malformed_body_is_an_error(
    unchanged: Running, door: str, body: bytes, code: str
) -> None:
    assert problem(unchanged.post(door, body)) == (400, code)


def test_another_content_type_is_an_error(unchanged: Running) -> None:
    body = GOOD["delegation/delegate"]

    answer = unchanged.post("delegation/delegate", body, Content_Type="text/xml")

    assert problem(answer) == (415, "request.not-json-type")


@pytest.mark.parametrize(("header", "value"), [
    ("Idempotency-Key", ""), ("Idempotency-Key", "x" * 256), ("If-Match", "latest"),
    ("If-Match", 'W/"1"'), ("If-Match", '"99999999999"'), ("Correlation-Id", "no-uuid"),
    ("Occurred-At", "2023-02-30T00:00:00+08:00"), ("Occurred-At", "2021-08-01T09:00:00"),
    ("Occurred-At", "0001-01-01T00:00:00+14:00"), ("Occurred-At", "9999-12-31T23:59:59-12:00"),
    ("Instrument", "{"), ("Instrument", "[]"),
])
def test_a_wrong_header_is_named(unchanged: Running, header: str, value: str) -> None:
    answer = unchanged.post("delegation/delegate", GOOD["delegation/delegate"], **{header: value})

    assert problem(answer) == (400, "request.invalid")
    assert answer.json()["errors"].keys() == {header}


def test_an_act_in_the_future_is_refused(unchanged: Running) -> None:
    answer = unchanged.post(
        "delegation/delegate", GOOD["delegation/delegate"], Occurred_At="2999-01-01T00:00:00+08:00"
    )

    assert problem(answer) == (409, "log.occurred-in-future")


@pytest.mark.parametrize(("door", "fields", "code"), [
    ("delegation/delegate", {"scope": ["x" * 2**20]}, "request.too-large"),
    ("delegation/survey_needs", {"needs": ["需" * 200] * 200}, "log.event-too-large"),
    ("cases/submit", {"towns_concerned": ["ST2021-TOWN-03"] * 5000, "case": str(uuid4())},
     "log.event-too-large"),
])
def test_what_is_too_large_is_an_error(
    unchanged: Running, door: str, fields: dict[str, Any], code: str
) -> None:
    assert problem(unchanged.post(*changed(door, **fields))) == (413, code)


@pytest.mark.parametrize(("method", "path", "expected"), [
    ("POST", "/api/delegation/abolish", (404, "http.not-found")),
    ("POST", "/api/nobody/delegate", (404, "http.not-found")),
    ("GET", "/api/delegation/delegate", (405, "http.method-not-allowed")),
    ("DELETE", "/api/delegation/grant", (405, "http.method-not-allowed")),
])
def test_an_unknown_door_is_an_error(
    unchanged: Running, method: str, path: str, expected: tuple[int, str]
) -> None:
    answer = unchanged.session.request(
        method, unchanged.ready["url"] + path, headers=unchanged.headers(), data=b"{}"
    )

    assert problem(answer) == expected


@pytest.mark.parametrize(("authorization", "expected"), [
    ("", (401, "auth.token-missing")), ("Bearer a.b.c", (401, "auth.token-invalid")),
    ("Bearer {auditor}", (403, "auth.read-only")),
])
def test_without_an_officers_token_nothing_is_done(
    unchanged: Running, authorization: str, expected: tuple[int, str]
) -> None:
    told = authorization.format(**unchanged.ready["tokens"])

    answer = unchanged.post("delegation/delegate", GOOD["delegation/delegate"], Authorization=told)

    assert problem(answer) == expected


@pytest.mark.parametrize("sent", [
    b"\x00\xff\x13garbage\r\n\r\n", b"POST /api/delegation/delegate HTTP/9.9\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    b"GET /api/cases/cases?state=" + b"z" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /api/cases/submit HTTP/1.1\r\nContent-Length: -7\r\n\r\n{}",
], ids=["bytes", "version", "header", "address", "length"])
def test_what_is_no_http_is_turned_away(unchanged: Running, sent: bytes) -> None:
    url = urlsplit(unchanged.ready["url"])

    answer = b""
    with (
        socket.create_connection((url.hostname, url.port), timeout=LIMIT) as raw,
        suppress(OSError),  # it may hang up before the end
    ):
        raw.sendall(sent)
        raw.shutdown(socket.SHUT_WR)
        answer = raw.recv(4096)

    assert not answer.startswith(b"HTTP/1.1 2")


def test_after_all_this_the_system_is_well_and_a_good_command_is_done(system: Running) -> None:
    healthy = system.session.get(f"{system.ready['url']}/healthz")
    done = system.post("delegation/delegate", GOOD["delegation/delegate"])
    modes = until(lambda: modes_held(system), lambda modes: "direct" in modes)

    assert (healthy.status_code, healthy.json()) == (200, {"status": "ok"})
    assert (done.status_code, done.json()["events"]) == (200, ["delegation.ItemDelegated"])
    assert "direct" in modes


def modes_held(system: Running) -> set[str | None]:
    """In which modes the good command's item is held in its town, as the ledger has it."""
    answer = system.get(
        "ledger/holders", item="ST21-02", town="ST2021-TOWN-03", facet="decide",
        at="2022-01-01T00:00:00+08:00",
    )
    return {row["mode"] for row in answer.json()["answer"]}
