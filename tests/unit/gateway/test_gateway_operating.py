"""The operators' page: what moves, what is stuck, and the command that mends it."""

from base64 import b64encode

import pytest

from services.gateway.tokens import issue
from shared.settings import SERVICES

LOG = {
    "size": 9, "sent": 7, "relayed": True, "signed": 8, "unsequenced": 1, "barrier_age": 0.25,
    "unsent_age": None,
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
    token = issue(settings, "MD2023", "operator", "op-9", 1)
    backend.answers |= {"standing": STANDING, "parked": []}
    signed_in = {"Authorization": f"Basic {b64encode(f'any:{token}'.encode()).decode()}"}
    return lambda: client.get("/ops", headers=signed_in)


def test_it_shows_how_far_each_log_and_consumer_is(page, backend):
    text = page().get_data(as_text=True)

    assert "运行正常" in text
    assert text.count('<th scope="row">cases</th>') == len(["its log", *SERVICES])
    assert "<td>0.2 s</td>" in text


def test_what_is_parked_stands_there_with_the_command_that_mends_it(page, backend):
    backend.answers["parked"] = [PARKED]

    text = page().get_data(as_text=True)

    assert "有5条事项搁置" in text
    assert "fuquan ops retry cases 7 --reason" in text
    assert "ValueError(&#39;&lt;缺字段&gt;&#39;)" in text


def test_a_log_without_relay_is_said(page, backend):
    backend.answers["standing"] = STANDING | {"log": LOG | {"relayed": False}}

    assert "有日志无人发布" in page().get_data(as_text=True)


def test_without_a_token_a_browser_is_asked_to_sign_in(client):
    answer = client.get("/ops")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
