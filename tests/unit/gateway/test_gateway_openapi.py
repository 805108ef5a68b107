"""The description of the API covers every door, and holds together."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.contracts.requests import all_requests
from shared.settings import SERVICES


@pytest.fixture
def spec(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json
    return found


def values(tree: Any, key: str) -> Iterator[Any]:
    if isinstance(tree, dict):
        if key in tree:
            yield tree[key]
        for value in tree.values():
            yield from values(value, key)
    elif isinstance(tree, list):
        for value in tree:
            yield from values(value, key)


def test_every_door_and_every_log_is_one_operation_and_there_is_no_other(spec: dict[str, Any]):
    described = {
        (path, method) for path, methods in spec["paths"].items() for method in methods
    }

    assert described == {
        (f"/api/{service}/{door}", "post" if kind.in_body else "get")
        for (service, door), kind in all_requests().items()
    } | {(f"/events/{service}", "get") for service in SERVICES}


def test_every_reference_leads_somewhere(spec: dict[str, Any]):
    parts = {
        f"#/components/{kind}/{name}"
        for kind, named in spec["components"].items() for name in named
    }

    assert set(values(spec["paths"], "$ref")) | set(values(spec["components"], "$ref")) <= parts


def test_every_component_has_a_permitted_name(spec: dict[str, Any]):
    names = [name for named in spec["components"].values() for name in named]

    assert [name for name in names if not re.fullmatch(r"[a-zA-Z0-9._-]+", name)] == []


def test_every_operation_has_its_own_id_a_summary_and_a_problem(spec: dict[str, Any]):
    operations = [one for methods in spec["paths"].values() for one in methods.values()]

    assert len({one["operationId"] for one in operations}) == len(operations)
    assert [one["operationId"] for one in operations if not one.get("summary")] == []
    assert {one["responses"]["default"]["$ref"] for one in operations} == {
        "#/components/responses/DEFAULT_ERROR"
    }


def test_a_problem_has_its_own_media_type(spec: dict[str, Any]):
    responses = spec["components"]["responses"].values()

    assert {kind for one in responses for kind in one["content"]} == {"application/problem+json"}


def test_every_command_takes_an_idempotency_key_and_a_body(spec: dict[str, Any]):
    commands = [
        spec["paths"][f"/api/{service}/{door}"]["post"]
        for (service, door), kind in all_requests().items() if kind.is_command
    ]

    assert all(one["requestBody"]["required"] for one in commands)
    assert {
        (parameter["name"], parameter["required"])
        for one in commands for parameter in one["parameters"]
    } == {
        ("Idempotency-Key", True), ("If-Match", False), ("Occurred-At", False),
        ("Instrument", False), ("Correlation-Id", False), ("After", False), ("Prefer", False),
    }


def test_where_a_table_may_be_sent_its_file_may_be_sent(spec: dict[str, Any]):
    accepting = {
        path: set(methods["post"]["requestBody"]["content"])
        for path, methods in spec["paths"].items() if "post" in methods
        and "text/csv" in methods["post"]["requestBody"]["content"]
    }

    assert set(accepting) == {
        "/api/catalog/preview_catalogue", "/api/catalog/import_catalogue",
        "/api/delegation/preview_list",
    }
    assert {media for found in accepting.values() for media in found} == {
        "application/json", "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }


def test_a_question_too_long_for_an_address_takes_no_idempotency_key(spec: dict[str, Any]):
    preview = spec["paths"]["/api/catalog/preview_catalogue"]["post"]

    assert (preview.get("parameters", []), preview["requestBody"]["required"]) == ([], True)


def test_everything_but_the_published_list_needs_a_token(spec: dict[str, Any]):
    free = [
        path for path, methods in spec["paths"].items()
        for one in methods.values() if not one["security"]
    ]

    assert free == ["/api/catalog/published_list"]


def test_positions_to_have_been_seen_are_json_in_the_query(spec: dict[str, Any]):
    parameters = spec["paths"]["/api/ledger/status"]["get"]["parameters"]

    assert [(one["name"], list(one["content"])) for one in parameters] == [
        ("after", ["application/json"])
    ]


def test_the_documentation_page_lists_every_door(client: FlaskClient):
    page = client.get("/docs").text

    assert [
        f"/api/{service}/{door}" for service, door in all_requests()
        if f"/api/{service}/{door}</code>" not in page
    ] == []
    assert "权力查询" in page
