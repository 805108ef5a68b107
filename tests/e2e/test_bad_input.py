"""Whatever is sent to the running system: a clear answer, nothing appended, and it lives on."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from services.catalog.domain.folder import BrokenFolder, load
from shared.contracts.requests import all_requests
from shared.settings import WITH_DATABASE
from tests.e2e.bad_input_caller import (
    ASKED,
    GOOD,
    INSTANT,
    UNKNOWN,
    Running,
    changed,
    problem,
)
from tests.world import programme_content

LIMIT = 120
NOBODY = "NOPE"
COMMANDS = sorted(key for key, kind in all_requests().items() if kind.is_command)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    errors = tmp_path_factory.mktemp("bad") / "errors"
    command = [sys.executable, "-W", "ignore", "-m", "tests.e2e.bad_input_system"]
    with errors.open("w") as log, subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, errors.read_text("utf-8")[-4000:]
        yield Running(process, json.loads(line), errors)
        process.communicate(timeout=LIMIT)
    assert process.returncode == 0


@pytest.fixture
def unchanged(system: Running) -> Iterator[Running]:
    """The running system, on which nothing is recorded meanwhile, and which lives on."""
    before = system.recorded()
    yield system
    assert system.recorded() == before
    assert system.process.poll() is None


@pytest.mark.parametrize(("asked", "code"), [
    (changed("catalog/add_recipient", programme=NOBODY), "catalog.unknown-programme"),
    (changed("delegation/delegate", programme=NOBODY), "register.unknown-programme"),
    (changed("cases/run_due", programme=NOBODY), "register.unknown-programme"),
    (changed("supervision/assign_task", programme=NOBODY), "register.unknown-programme"),
    (changed("catalog/record_legal_constraint", item=NOBODY), "catalog.unknown-item"),
    (changed("catalog/set_time_limit", item="MD23-04"), "catalog.unknown-item"),
    (changed("delegation/delegate", item=NOBODY), "register.unknown-item"),
    (changed("delegation/delegate", item="MD23-04"), "register.unknown-item"),
    (changed("delegation/claim", item=NOBODY), "register.unknown-item"),
    (changed("cases/submit", item=NOBODY), "register.unknown-item"),
    (changed("supervision/sign_memorandum", entries=[{"item": NOBODY}]), "register.unknown-item"),
    (changed("catalog/add_recipient", town=NOBODY), "catalog.unknown-town"),
    (changed("catalog/set_time_limit", town="MD2023-TOWN-02"), "catalog.unknown-town"),
    (changed("delegation/delegate", town=NOBODY), "register.unknown-town"),
    (changed("delegation/claim", town="ST2021-TOWN-03"), "register.unknown-town"),
    (changed("supervision/sign_memorandum", town=NOBODY), "register.unknown-town"),
    (changed("catalog/add_alias", org_id=NOBODY), "catalog.unknown-organ"),
    (changed("catalog/list_item", granting_org_id=NOBODY), "catalog.unknown-organ"),
    (changed("delegation/delegate", decided_by=NOBODY), "register.unknown-organ"),
    (changed("delegation/authorise_seal", department=NOBODY), "register.unknown-organ"),
    (changed("delegation/hold_docking", department=NOBODY), "register.unknown-organ"),
    (changed("delegation/register_seal", org=NOBODY), "register.unknown-organ"),
    (changed("cases/submit", chosen_org=NOBODY), "register.unknown-organ"),
    (changed("cases/submit", town=NOBODY), "register.unknown-town"),
    (changed("cases/submit", towns_concerned=["ST2021-TOWN-03", "MD2023-TOWN-02"]),
     "register.unknown-town"),
    (changed("supervision/collect_record", source_org=NOBODY), "register.unknown-organ"),
    (changed("supervision/assign_task", unit=NOBODY), "supervision.unit-not-responsible"),
    (changed("supervision/assign_task", task_no="999"), "supervision.unknown-task"),
    (changed("cases/accept"), "cases.unknown-case"),
    (changed("catalog/add_alias", alias="区政府"), "catalog.alias-taken"),
    (changed("catalog/list_item", mode="entrusted_handling"), "catalog.mode-not-in-programme"),
    (changed("delegation/delegate", mode="entrusted_handling"), "delegation.mode-not-in-programme"),
    (changed("delegation/draft_list", entries=[{"item": "MD23-04", "mode": "direct"}]),
     "delegation.mode-not-in-programme"),
    (changed("delegation/draft_agreement", kind="transfer"),
     "delegation.agreement-kind-not-in-programme"),
    (changed("delegation/delegate", scope=["转外就医备案", "别的"]),
     "delegation.scope-not-of-item"),
    (changed("delegation/draft_list", entries=[
        {"item": "MD23-04", "mode": "entrusted_handling", "scope": ["没有的子项"]}
    ]), "delegation.scope-not-of-item"),
    (changed("delegation/delegate", effective_from="2021-06-27"), "delegation.wrong-date-order"),
    (changed("delegation/draft_agreement", term_to="2023-06-30"), "delegation.wrong-date-order"),
    (changed("catalog/record_legal_constraint", valid_to="2021-07-31"),
     "catalog.constraint-ends-before-it-begins"),
], ids=lambda one: one[0] if isinstance(one, tuple) else one)
def test_a_wrong_command_is_refused(unchanged: Running, asked: tuple[str, Any], code: str) -> None:
    answer = unchanged.post(*asked)

    assert problem(answer) == (409, code)
    assert answer.json()["detail"]


@pytest.mark.parametrize(("door", "asked", "code"), [
    ("catalog/resolve", {"jurisdiction": "370406", "alias": "无此单位"}, "register.unknown-alias"),
    ("catalog/resolve", {"jurisdiction": "999999", "alias": "区政府"}, "register.unknown-alias"),
    ("delegation/grant", {"grant": str(uuid4())}, "delegation.unknown-grant"),
    ("delegation/agreement", {"agreement": str(uuid4())}, "delegation.unknown-agreement"),
    ("cases/case", {"case": str(uuid4())}, "cases.unknown-case"),
    ("supervision/notice", {"notice": str(uuid4())}, "supervision.unknown-notice"),
    ("ledger/holders",
     {"item": "ST21-01", "programme": "MD2023", "facet": "decide", "at": INSTANT},
     "register.unknown-item"),
    ("delegation/grants", {"item": "ST21-01", "town": "MD2023-TOWN-02", "at": INSTANT},
     "register.unknown-town"),
    ("ledger/fact", {"source": "catalog", "position": 10**9}, "ledger.unknown-fact"),
])
def test_a_question_about_what_does_not_exist_is_refused(
    unchanged: Running, door: str, asked: dict[str, Any], code: str
) -> None:
    assert problem(unchanged.get(door, **asked)) == (409, code)


@pytest.mark.parametrize(("service", "door", "field"), [
    (*key, name) for key, kind in sorted(all_requests().items()) if not kind.is_command
    for name in kind().load_fields if name in UNKNOWN
])
def test_every_question_refuses_what_it_names_and_nobody_registered(
    unchanged: Running, service: str, door: str, field: str
) -> None:
    schema = all_requests()[service, door]()
    good = {name: ASKED[name] for name, told in schema.load_fields.items()
            if told.required and name != field}

    answer = unchanged.ask(f"{service}/{door}", **good, **{field: NOBODY})

    assert problem(answer) == (409, UNKNOWN[field])


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


@pytest.mark.parametrize(("service", "door"), COMMANDS)
def test_every_door_names_the_field_it_does_not_know(
    unchanged: Running, service: str, door: str
) -> None:
    answer = unchanged.post(f"{service}/{door}", {"颜色": "red"})

    assert problem(answer) == (400, "request.invalid")
    assert answer.json()["errors"]["颜色"] == ["Unknown field."]


@pytest.mark.parametrize(("service", "door"), COMMANDS)
def test_every_door_names_each_field_that_is_missing(
    unchanged: Running, service: str, door: str
) -> None:
    answer = unchanged.post(f"{service}/{door}", {})

    schema = all_requests()[service, door]()
    required = {
        field.data_key or name for name, field in schema.load_fields.items() if field.required
    }
    assert problem(answer) == (400, "request.invalid")
    assert answer.json()["errors"].keys() == required


@pytest.mark.parametrize(("door", "field", "value"), [
    ("delegation/delegate", "effective_from", "2023-02-30"),
    ("delegation/delegate", "effective_from", "9999-12-31"),
    ("delegation/delegate", "effective_from", "0001-01-01"),
    ("delegation/delegate", "effective_from", 20210801),
    ("delegation/delegate", "scope", "转外就医备案"),
    ("delegation/delegate", "scope", [None]),
    ("delegation/delegate", "mode", ""),
    ("delegation/delegate", "item", "甲" * 201),
    ("delegation/delegate", "agreement", "no-uuid"),
    ("delegation/run_due", "now", "2021-08-01T09:00:00"),
    ("delegation/run_due", "now", "0001-01-01T00:00:00+14:00"),
    ("delegation/run_due", "now", "9999-12-31T23:59:59-12:00"),
    ("delegation/draft_list", "entries", [{"item": "MD23-04", "colour": "red"}]),
    ("delegation/draft_list", "replaces", "9" * 30),
    ("catalog/set_time_limit", "value", 2**31),
    ("catalog/set_time_limit", "value", -1),
    ("catalog/set_time_limit", "unit", "moon"),
    ("catalog/add_recipient", "from", "2021-13-01"),
    ("cases/submit", "case", "no-uuid"),
    ("cases/submit", "channel", "pigeon"),
    ("cases/submit", "towns_concerned", {"a": 1}),
    ("cases/run_due", "now", "2021-08-01"),
    ("supervision/sign_memorandum", "entries", []),
    ("supervision/sign_memorandum", "entries", [{"item": "MD23-04", "push_limit_days": 0}]),
])
def test_a_wrong_field_is_named(unchanged: Running, door: str, field: str, value: Any) -> None:
    answer = unchanged.post(*changed(door, **{field: value}))

    assert problem(answer) == (400, "request.invalid")
    assert answer.json()["errors"].keys() == {field}


@pytest.mark.parametrize(("door", "asked", "field"), [
    ("ledger/holders", {"item": "ST21-01", "facet": "colour", "at": INSTANT}, "facet"),
    ("ledger/holders", {"item": "ST21-01", "facet": "decide", "at": "2021-08-01T09:00:00"}, "at"),
    ("ledger/fact", {"source": "catalog", "position": -1}, "position"),
    ("ledger/verify", {"source": NOBODY}, "source"),
    ("delegation/holders", {"item": "ST21-01", "facet": "decide", "at": "yesterday"}, "at"),
    ("delegation/holders", {"item": "ST21-01", "facet": "colour", "at": INSTANT}, "facet"),
    ("delegation/grants_of", {"programme": "ST2021", "town": ["a", "b"]}, "town"),
    ("delegation/grants_of", {"programme": "ST2021", "state": "colour"}, "state"),
    ("delegation/agreements", {"programme": "ST2021", "state": "colour"}, "state"),
    ("delegation/grants_of", {"programme": "ST2021", "after": "{"}, "after"),
    ("cases/cases", {"limit": 10**6}, "limit"),
    ("cases/cases", {"colour": "red"}, "colour"),
    ("cases/cases", {"state": "colour"}, "state"),
    ("supervision/overdue", {"programme": "ST2021", "on": "9999-12-31"}, "on"),
    ("supervision/overdue", {"programme": "ST2021", "on": "2023-02-30"}, "on"),
])
def test_a_wrong_parameter_of_a_question_is_named(
    unchanged: Running, door: str, asked: dict[str, Any], field: str
) -> None:
    answer = unchanged.get(door, **asked)

    assert problem(answer) == (400, "request.invalid")
    assert answer.json()["errors"].keys() == {field}


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


def test_a_missing_programme_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenFolder) as broken:
        load(tmp_path / "XX2030")

    assert [(one.code, one.message_zh) for one in broken.value.problems] == [
        ("no_folder", "找不到文件夹 XX2030")
    ]


def with_cell(table: str, row: int, column: str, value: Any) -> dict[str, Any]:
    """ST2021's content with another value in one cell; *row* from 1."""
    found: dict[str, Any] = json.loads(json.dumps(programme_content("ST2021")))
    found[table][row - 1][column] = value
    return found


@pytest.mark.parametrize(("place", "value"), [
    (("items", 3, "seq"), "three"), (("items", 3, "mode"), ["direct"]),
    (("towns", 2, "recipient"), "yes"), (("organs", 1, "name"), None),
    (("modes", 1, "facet"), "decide"),
])
def test_a_broken_cell_of_a_programme_is_named_by_row_and_column(
    unchanged: Running, place: tuple[str, int, str], value: Any
) -> None:
    answer = unchanged.post(
        "catalog/import_programme", {"programme": "ST2021", "content": with_cell(*place, value)}
    )

    assert problem(answer) == (400, "request.invalid")
    (wrong,) = answer.json()["errors"]["content"]
    assert ".".join(map(str, place)).startswith(wrong)


@pytest.mark.parametrize(("place", "value", "code"), [
    (("items", 3, "granting_org_id"), "ST2021-ORG-99", "unknown_reference"),
    (("items", 3, "mode"), "entrusted_handling", "unknown_reference"),
    (("towns", 2, "town_id"), "ST2021-TOWN-01", "duplicate_id"),
])
def test_a_programme_that_contradicts_itself_is_refused_by_row_and_column(
    unchanged: Running, place: tuple[str, int, str], value: Any, code: str
) -> None:
    answer = unchanged.post(
        "catalog/import_programme", {"programme": "ST2021", "content": with_cell(*place, value)}
    )

    assert problem(answer) == (409, "catalog.content-refused")
    table, row, column = place
    wrong = answer.json()["facts"]["problems"][0]
    assert (wrong["file"], int(wrong["row"]), wrong["column"], wrong["code"]) == (
        f"{table}.csv", row, column, code
    )
    assert f"{table}.csv 第{row}行 {column}" in answer.json()["detail"]


def test_a_programme_without_one_of_its_tables_is_an_error(unchanged: Running) -> None:
    content = {k: v for k, v in programme_content("ST2021").items() if k != "organs"}

    answer = unchanged.post("catalog/import_programme", {"programme": "ST2021", "content": content})

    assert problem(answer) == (400, "request.invalid")
    assert answer.json()["errors"] == {"content": {"organs": ["Missing, or not a list."]}}


def test_after_all_this_the_system_is_well_and_a_good_command_is_done(system: Running) -> None:
    healthy = system.session.get(f"{system.ready['url']}/healthz")
    done = system.post("delegation/delegate", GOOD["delegation/delegate"])
    deadline = time.monotonic() + LIMIT
    while "direct" not in modes_held(system) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert (healthy.status_code, healthy.json()) == (200, {"status": "ok"})
    assert (done.status_code, done.json()["events"]) == (200, ["delegation.ItemDelegated"])
    assert "direct" in modes_held(system)
    assert [system.rows(name, "SELECT error FROM bus.parked") for name in WITH_DATABASE] == [[]] * 5
    assert "gateway.fault" not in system.errors.read_text("utf-8")


def modes_held(system: Running) -> set[str | None]:
    """In which modes the good command's item is held in its town, as the ledger has it."""
    answer = system.get(
        "ledger/holders", item="ST21-02", town="ST2021-TOWN-03", facet="decide",
        at="2022-01-01T00:00:00+08:00",
    )
    return {row["mode"] for row in answer.json()["answer"]}
