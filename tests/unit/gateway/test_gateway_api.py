"""The API: what reaches a service, and how its answers, refusals and faults leave the house."""

import json
from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest
from flask.testing import FlaskClient
from marshmallow import ValidationError

from services.gateway.app import make_app
from services.gateway.tokens import issue
from shared.bus.alarm import NotTaken
from shared.entrypoints import RemoteError, UnknownService
from shared.refusal import Refused
from shared.settings import Settings
from tests.unit.gateway.backend import Backend

COMMAND = "/api/catalog/assign_code"
BODY = {"programme": "MD2023", "item": "MD23-04", "code": "3700000131001"}
KEY = {"Idempotency-Key": "4a6f3b1e-52a5-4a3c-9a1a-0f6f0f0f0f0f"}
PROBLEM = "application/problem+json"


def test_a_command_reaches_its_service_with_the_tokens_actor(
    client: FlaskClient, backend: Backend, officer: dict[str, str]
):
    headers = officer | KEY | {"If-Match": '"3"', "Occurred-At": "2023-07-03T09:00:00+08:00"}

    answer = client.post(COMMAND, json=BODY, headers=headers)

    ((service, door, request, given),) = backend.commands
    assert (service, door, request) == ("catalog", "assign_code", BODY)
    assert given.actor == {"org": "MD2023-ORG-05", "role": "officer", "operator": "op-7"}
    assert given.command == UUID("4a6f3b1e-52a5-4a3c-9a1a-0f6f0f0f0f0f")
    assert given.at == datetime(2023, 7, 3, 1, tzinfo=UTC)
    assert given.expected == 3
    assert (answer.status_code, answer.json["version"], answer.headers["ETag"]) == (200, 4, '"4"')


def test_a_commands_answer_links_to_the_promise_that_it_is_recorded(
    client: FlaskClient, backend: Backend, officer: dict[str, str]
):
    answer = client.post(COMMAND, json=BODY, headers=officer | KEY)
    address, _, relation = answer.headers["Link"].partition("; ")
    backend.answers["promise"] = {"position": None, "promise": "…", "proof": None}

    followed = client.get(address.strip("<>"), headers=officer)

    assert relation == 'rel="urn:fuquan:rel:proof"'
    assert address == (
        "</api/ledger/promise?source=catalog&stream=7e4b6f0e-9a39-5b3e-8d51-6a0f3c2d1b00&version=4>"
    )
    assert followed.json["answer"]["promise"] == "…"


def test_the_instrument_comes_as_json_in_a_header(
    client: FlaskClient, backend: Backend, officer: dict[str, str]
):
    instrument = {"kind": "decision", "ref": "牡丹政办字〔2023〕9号", "dated": "2023-06-28"}

    client.post(COMMAND, json=BODY, headers=officer | KEY | {"Instrument": json.dumps(instrument)})

    assert backend.commands[0][3].instrument == instrument | {"sha256": None}


def test_a_key_that_is_no_uuid_names_one_command_of_its_operator(
    client: FlaskClient, backend: Backend, officer: dict[str, str]
):
    for key in ("a-1", "a-1", "a-2"):
        client.post(COMMAND, json=BODY, headers=officer | {"Idempotency-Key": key})

    first, again, other = (given.command for *_, given in backend.commands)
    assert first == again
    assert first != other


def test_nobody_can_use_up_the_id_that_a_reaction_to_a_fact_will_have(
    client: FlaskClient, backend: Backend, officer: dict[str, str]
):
    """Whoever gives a command knows its facts' ids before it, and what reacts to them."""
    fact = uuid5(UUID(KEY["Idempotency-Key"]), "0")
    reaction = uuid5(fact, "seal-after-recall")

    for _ in range(2):
        client.post(COMMAND, json=BODY, headers=officer | {"Idempotency-Key": str(reaction)})

    first, again = (given.command for *_, given in backend.commands)
    assert first == again
    assert first != reaction


def test_two_operators_may_use_the_same_key(
    client: FlaskClient, backend: Backend, officer: dict[str, str], settings: Settings
):
    other = {"Authorization": f"Bearer {issue(settings, 'MD2023-ORG-06', 'officer', 'op-7', 1)}"}

    client.post(COMMAND, json=BODY, headers=officer | {"Idempotency-Key": "1"})
    client.post(COMMAND, json=BODY, headers=other | {"Idempotency-Key": "1"})

    first, second = (given.command for *_, given in backend.commands)
    assert first != second


def test_a_question_gets_its_answer_and_what_it_stands_on(
    client: FlaskClient, officer: dict[str, str]
):
    answer = client.get("/api/catalog/programmes", headers=officer)

    assert answer.status_code == 200
    assert answer.json["as_of"] == {"catalog": 7}
    assert answer.json["answer"][0]["title"] == "牡丹区赋权镇街实施方案"


def test_the_actor_cannot_be_told_in_the_body(
    client: FlaskClient, backend: Backend, officer: dict[str, str]
):
    forged = BODY | {"actor": {"org": "MD2023-ORG-01", "role": "officer", "operator": "op-1"}}

    answer = client.post(COMMAND, json=forged, headers=officer | KEY)

    assert answer.status_code == 400
    assert answer.json["errors"] == {"actor": ["Unknown field."]}
    assert backend.commands == []


@pytest.mark.parametrize(
    ("method", "path", "headers", "code"),
    [
        ("POST", COMMAND, {}, "auth.token-missing"),
        ("POST", COMMAND, {"Authorization": "Basic b3A6eA=="}, "auth.token-missing"),
        ("POST", COMMAND, {"Authorization": "Bearer a.b.c"}, "auth.token-invalid"),
        ("GET", "/api/ledger/status", {}, "auth.token-missing"),
    ],
)
def test_without_a_valid_token_nothing_is_done(
    client: FlaskClient, method: str, path: str, headers: dict[str, str], code: str
):
    answer = client.open(path, method=method, json=BODY, headers=headers)

    assert (answer.status_code, answer.json["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_auditor_may_ask_and_not_act(client: FlaskClient, settings: Settings):
    auditor = {"Authorization": f"Bearer {issue(settings, 'MD2023-ORG-02', 'auditor', 'op-9', 1)}"}

    asked = client.get("/api/ledger/status", headers=auditor)
    acted = client.post(COMMAND, json=BODY, headers=auditor | KEY)

    assert asked.status_code == 200
    assert (acted.status_code, acted.json["code"]) == (403, "auth.read-only")


def test_a_published_list_needs_no_token(client: FlaskClient):
    answer = client.get("/api/catalog/published_list?programme=MD2023&town=MD2023-TOWN-11")

    assert answer.status_code == 200
    assert answer.json["answer"]["list_version"] == 2


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({}, "Idempotency-Key"),
        ({"Idempotency-Key": "k" * 256}, "Idempotency-Key"),
        (KEY | {"If-Match": "W/x"}, "If-Match"),
        (KEY | {"Occurred-At": "2023-07-03T09:00:00"}, "Occurred-At"),
        (KEY | {"Instrument": "{"}, "Instrument"),
        (KEY | {"Instrument": '{"kind": "decision"}'}, "Instrument"),
        (KEY | {"Correlation-Id": "7"}, "Correlation-Id"),
    ],
)
def test_a_wrong_header_is_named(
    client: FlaskClient, officer: dict[str, str], headers: dict[str, str], field: str
):
    answer = client.post(COMMAND, json=BODY, headers=officer | headers)

    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]


def test_a_wrong_body_is_explained_field_by_field(client: FlaskClient, officer: dict[str, str]):
    wrong = {"programme": "MD2023", "item": 7, "colour": "red"}

    answer = client.post(COMMAND, json=wrong, headers=officer | KEY)

    assert (answer.status_code, answer.content_type) == (400, PROBLEM)
    assert answer.json["title"] == "请求内容有误"
    assert set(answer.json["errors"]) == {"item", "code", "colour"}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b'{"programme": ', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"programme": "\xff"}', "application/json", 400),
        (b"[]", "application/json", 400),
        (b"7", "application/json", 400),
        (b'{"programme": NaN}', "application/json", 400),
        (b'{"programme": 1.5}', "application/json", 400),
        (b'{"programme": "\\u0000"}', "application/json", 400),
        (b'{"programme": "\\ud800"}', "application/json", 400),
        (b'{"programme": "MD2023"}', "text/plain", 415),
        (b"programme=MD2023", "application/x-www-form-urlencoded", 415),
        (b'{"programme": "MD2023"}', "", 415),
        (b'{"code": "' + b"x" * 2**20 + b'"}', "application/json", 413),
    ],
    ids=[
        "empty", "cut off", "too deep", "no UTF-8", "a list", "a number", "not a number",
        "a fraction", "a NUL", "half a character", "text", "a form", "no type", "too large",
    ],
)
def test_a_body_that_is_no_plain_json_object_is_refused(
    client: FlaskClient, officer: dict[str, str], body: bytes, content_type: str, status: int
):
    answer = client.post(COMMAND, data=body, content_type=content_type, headers=officer | KEY)

    assert (answer.status_code, answer.content_type) == (status, PROBLEM)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "programme"),
        ("programme=MD2023&town=a&town=b", "town"),
        ("programme=MD2023&town=a&colour=red", "colour"),
        ("programme=MD2023&town=a&after={", "after"),
        ("programme=MD2023&town=a&after=[1]", "after"),
    ],
)
def test_a_wrong_question_is_explained(
    client: FlaskClient, officer: dict[str, str], query: str, field: str
):
    answer = client.get(f"/api/catalog/town?{query}", headers=officer)

    assert answer.status_code == 400
    assert field in answer.json["errors"]


def test_a_nul_in_a_question_is_refused(client: FlaskClient, officer: dict[str, str]):
    answer = client.get("/api/catalog/town?programme=MD2023&town=%00", headers=officer)

    assert (answer.status_code, answer.json["code"]) == (400, "request.not-plain-json")


def test_a_list_in_a_question_is_given_by_repetition(
    client: FlaskClient, officer: dict[str, str]
):
    towns = "towns_concerned=MD2023-TOWN-11&towns_concerned=MD2023-TOWN-12"
    path = f"/api/cases/may_i?programme=MD2023&item=MD23-21&org=MD2023-ORG-05&{towns}"

    answer = client.get(path, headers=officer)

    assert answer.status_code == 200


@pytest.mark.rule("R001")
def test_a_refusal_is_a_conflict_with_its_code_facts_and_sentence(
    client: FlaskClient, officer: dict[str, str]
):
    answer = client.post(COMMAND, json=BODY | {"programme": "XX2024"}, headers=officer | KEY)

    assert (answer.status_code, answer.content_type) == (409, PROBLEM)
    assert answer.json == {
        "type": "urn:fuquan:problem:register.unknown-programme", "title": "依规则不予办理",
        "status": 409, "code": "register.unknown-programme",
        "detail": "未登记的实施方案：XX2024", "facts": {"programme": "XX2024"},
    }


def test_a_stale_version_is_a_failed_precondition(client: FlaskClient, officer: dict[str, str]):
    answer = client.post(COMMAND, json=BODY, headers=officer | KEY | {"If-Match": '"2"'})

    assert (answer.status_code, answer.json["code"]) == (412, "log.stale-version")


def test_a_copy_that_is_behind_asks_to_come_again(client: FlaskClient, officer: dict[str, str]):
    answer = client.get('/api/catalog/programmes?after={"catalog":99}', headers=officer)

    assert (answer.status_code, answer.json["code"]) == (503, "log.not-yet")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (TimeoutError("catalog.ask did not answer within 60 s"), 504, "gateway.timeout"),
        (UnknownService("catalog"), 503, "gateway.service-away"),
        (RemoteError("OperationalError", "password=geheim"), 503, "gateway.database-away"),
        (RemoteError("IntegrityError", "password=geheim"), 500, "gateway.fault"),
        (NotTaken("geheim"), 503, "gateway.broker-holds"),
        (KeyError("geheim"), 500, "gateway.fault"),
        (ValidationError({"given": ["KeyError: 'at'"]}), 400, "request.invalid"),
        (Refused("cases.outside-scope", {}, "不在赋权范围内"), 409, "cases.outside-scope"),
    ],
    ids=[
        "timeout", "away", "database away", "remote fault", "broker holds", "own fault",
        "remote validation", "refusal",
    ],
)
def test_every_failure_of_a_call_is_a_problem_without_internals(
    settings: Settings, officer: dict[str, str], fault: Exception, status: int, code: str
):
    def failing(*_: object, **__: object) -> None:
        raise fault

    client = make_app(failing, settings).test_client()

    answer = client.get("/api/catalog/programmes", headers=officer)

    assert (answer.status_code, answer.content_type) == (status, PROBLEM)
    assert answer.json["code"] == code
    assert answer.json["detail"]
    assert "geheim" not in answer.text
    assert ("Retry-After" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404), ("GET", "/api/catalog/nothing", 404),
        ("GET", COMMAND, 405), ("POST", "/api/catalog/programmes", 405),
        ("DELETE", "/towns", 405),
    ],
)
def test_what_is_not_there_is_a_problem_too(
    client: FlaskClient, method: str, path: str, status: int
):
    answer = client.open(path, method=method)

    assert (answer.status_code, answer.content_type) == (status, PROBLEM)


def test_an_answer_of_the_api_is_kept_by_nobody(client: FlaskClient, officer: dict[str, str]):
    answer = client.get("/api/catalog/programmes", headers=officer)

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
