"""The AsyncAPI document against AsyncAPI's own schema, which is fetched at set-up."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from shared.bus.asyncapi import document

SPECIFICATION = (
    Path(__file__).parents[2] / ".fuquan/node/node_modules/@asyncapi/specs/schemas/3.0.0.json"
)


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    assert SPECIFICATION.exists(), "AsyncAPI's schema is not here: run `make tools`"
    return Draft7Validator(json.loads(SPECIFICATION.read_text("utf-8")))


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_document_is_asyncapi_3(validator: Draft7Validator):
    assert [error.message[:200] for error in validator.iter_errors(document())] == []


def test_the_schema_finds_a_document_that_is_none(validator: Draft7Validator):
    told = document()
    told["operations"]["take_in"]["action"] = "swallow"

    assert list(validator.iter_errors(told)) != []


def test_every_reference_leads_somewhere():
    told = document()

    for reference in set(references(told)):
        found = told
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found
