"""The operators' page: what moves, what is stuck, and the command that mends it."""

from base64 import b64encode
from dataclasses import replace

import eventlet
import pytest

from services.gateway import operating
from services.gateway.app import make_app
from services.gateway.tokens import issue
from shared.entrypoints import RemoteError, UnknownService
from shared.ops.queues import OF_ALL
from shared.settings import SERVICES, WITH_DATABASE
from tests.servers import free_port

LOG = {
    "size": 9, "sent": 7, "relayed": True, "signed": 8, "unsequenced": 1, "barrier_age": 0.25,
    "unsent_age": None, "unsigned_age": None, "due": 6,
}
STANDING = {
    "log": LOG, "parked": {},
    "cursors": {source: {"projected": 8, "reacted": 6} for source in SERVICES},
}
PARKED = {
    "id": 7, "source": "delegation", "position": 41, "stream": "0427e874", "stage": "project",
    "error": "ValueError('<缺字段>')", "parked_at": "2024-03-01T01:00:00+00:00", "age": 60.0,
    "body": "{}",
}


@pytest.fixture
def page(client, backend, settings):
    """The page as a signed-in browser gets it."""
    backend.answers |= {"standing": STANDING, "parked": []}
    return lambda: client.get("/ops", headers=signed_in(settings))


def signed_in(settings) -> dict[str, str]:
    token = issue(settings, "MD2023", "operator", "op-9", 1)
    return {"Authorization": f"Basic {b64encode(f'any:{token}'.encode()).decode()}"}


def hang() -> None:
    eventlet.sleep(30)


def raising(error: Exception):
    def fail() -> None:
        raise error

    return fail


def without(service: str, instead, backend, settings):
    """The gateway over that service, one of whose five does something else than answer."""

    def call(name: str, *about: object, **told: object) -> object:
        return instead() if name == service else backend(name, *about, **told)

    return make_app(call, settings).test_client()


def test_it_shows_how_far_each_log_and_consumer_is(page, backend):
    text = page().get_data(as_text=True)

    assert "运行正常" in text
    assert text.count('<th scope="row">cases</th>') == len(["itself", "its log", *SERVICES])
    assert "<td>0.2 s</td>" in text


def test_what_is_parked_stands_there_with_the_command_that_mends_it(page, backend):
    backend.answers |= {"standing": STANDING | {"parked": {"project": 1}}, "parked": [PARKED]}

    text = page().get_data(as_text=True)

    assert "cases 有 1 条事项搁置" in text
    assert "fuquan ops retry cases 7 --reason" in text
    assert "ValueError(&#39;&lt;缺字段&gt;&#39;)" in text


def test_a_message_that_is_no_fact_can_only_be_given_up(page, backend):
    message = PARKED | {"source": None, "position": None, "stream": None, "stage": "read"}
    backend.answers |= {"standing": STANDING | {"parked": {"read": 1}}, "parked": [message]}

    text = page().get_data(as_text=True)

    assert "fuquan ops discard cases 7 --reason" in text
    assert "fuquan ops retry" not in text


def test_a_log_without_relay_is_said(page, backend):
    backend.answers["standing"] = STANDING | {"log": LOG | {"relayed": False}}

    text = page().get_data(as_text=True)

    assert "cases 的日志无人发布" in text
    assert "运行正常" not in text


def test_what_is_old_is_said(page, backend):
    backend.answers["standing"] = STANDING | {"log": LOG | {"unsent_age": 3600.0, "due": 7}}

    text = page().get_data(as_text=True)

    assert "cases 有事项 3600 秒未发出" in text
    assert "cases 落后于 delegation 逾 60 秒" in text
    assert "运行正常" not in text


@pytest.mark.parametrize(
    ("instead", "code"),
    [
        (hang, "gateway.timeout"),
        (raising(UnknownService("cases")), "gateway.service-away"),
        (raising(RemoteError("OperationalError", "password=geheim")), "gateway.database-away"),
    ],
    ids=["it hangs", "it is not there", "its database is away"],
)
def test_one_that_does_not_answer_is_said_and_the_others_are_shown(
    page, backend, settings, monkeypatch, instead, code: str
):
    monkeypatch.setattr(operating, "PATIENCE", 0.3)
    client = without("cases", instead, backend, settings)

    text = client.get("/ops", headers=signed_in(settings)).get_data(as_text=True)

    assert f'<th scope="row">cases</th><td>无应答 <code>{code}</code></td>' in text
    assert text.count("<td>✓</td><td>0</td>") == len(WITH_DATABASE) - 1
    assert f"cases 无应答（{code}）" in text
    assert "geheim" not in text
    assert "运行正常" not in text


def test_those_that_hang_are_waited_for_together(page, settings, monkeypatch):
    monkeypatch.setattr(operating, "PATIENCE", 1.0)
    client = make_app(lambda *_, **__: hang(), settings).test_client()

    with eventlet.Timeout(3 * operating.PATIENCE):
        found = client.get(
            "/ops", headers=signed_in(settings) | {"Accept": "application/json"}
        ).json

    assert {one["away"] for one in found["services"].values()} == {"gateway.timeout"}
    assert found["places"] == []


def test_a_broker_that_is_away_is_said(page, backend, settings):
    nowhere = replace(settings, amqp_url=f"amqp://127.0.0.1:{free_port()}/")

    text = make_app(backend, nowhere).test_client().get(
        "/ops", headers=signed_in(nowhere)
    ).get_data(as_text=True)

    assert "消息代理无应答" in text
    assert "运行正常" not in text


def test_what_was_set_aside_for_people_is_said(page, backend, monkeypatch):
    found = {name: {"waiting": 0, "readers": 1} for name in WITH_DATABASE}
    found |= {queue.name: {"waiting": 2, "readers": 1} for queue in OF_ALL}
    monkeypatch.setattr(operating, "queues", lambda _: found)

    text = page().get_data(as_text=True)

    assert '<th scope="row">fuquan.inbound</th><td>2</td><td>1</td>' in text
    assert "fuquan.inbound.refused 中有 2 条消息待人工处理" in text
    assert "fuquan.dead.letters 中有 2 条消息待人工处理" in text
    assert "运行正常" not in text


def test_without_a_token_a_browser_is_asked_to_sign_in(client):
    answer = client.get("/ops")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
