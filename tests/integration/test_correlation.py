"""One id from the HTTP request to its last effect: in every line of the logs, and in the events."""

import json
import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog
from structlog.testing import capture_logs

from services.gateway.app import make_app
from services.gateway.tokens import issue
from shared.contracts.envelope import given_of
from shared.refusal import Refused
from tests.world import NOON, World, programme_content

CORRELATION = UUID(int=4711)


@pytest.fixture
def lines() -> Iterator[list[dict[str, object]]]:
    """What the processes would write."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    with capture_logs() as told:
        yield told
    structlog.configure(wrapper_class=before)


def test_an_http_requests_id_is_in_its_line_its_commands_lines_and_its_events(
    world: World, lines, tmp_path
):
    def call(service: str, _: str, *, door: str, request: dict, given: dict) -> object:
        return world.commands(service).do(door, request, given_of(given))

    settings = world.settings
    client = make_app(call, settings).test_client()
    answer = client.post(
        "/api/catalog/import_programme",
        json={"programme": "ST2021", "content": programme_content("ST2021")},
        headers={
            "Authorization": f"Bearer {issue(settings, 'ST2021-ORG-02', 'officer', 'op-1', 1)}",
            "Idempotency-Key": str(UUID(int=1)), "Correlation-Id": str(CORRELATION),
            "Occurred-At": NOON,
        },
    )
    world.settle()

    assert answer.status_code == 200, answer.text
    (http,) = [line for line in lines if line["event"] == "http"]
    commands = [line for line in lines if line["event"] == "command"]
    assert (http["status"], http["correlation"]) == (200, str(CORRELATION))
    assert len(commands) > 20
    assert {line["correlation"] for line in commands} == {str(CORRELATION)}
    assert {fact.correlation for fact in world.facts("catalog")} == {CORRELATION}


def test_a_refused_command_has_its_code_in_its_line_and_nothing_of_what_was_asked(
    world: World, lines
):
    asked = {"programme": "NONE", "org_id": "NONE-ORG-1", "alias": "某名", "basis": "former_name"}

    with pytest.raises(Refused) as refused:
        world.do("catalog", "add_alias", asked)

    (line,) = [line for line in lines if line["event"] == "command"]
    assert (line["door"], line["outcome"]) == ("catalog.add_alias", "refused")
    assert line["code"] == refused.value.code
    assert "某名" not in json.dumps(line, ensure_ascii=False)
