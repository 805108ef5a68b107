"""What other platforms are given: schemas, messages of every event, and that none is broken."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.bus.asyncapi import HEADERS, document
from shared.bus.golden import messages
from shared.bus.message import CONTENT_TYPE, EVENTS, fact_of
from shared.bus.published import broken, files
from shared.contracts import events, inbound
from shared.contracts.checking import faults_of
from shared.contracts.compatible import breaches
from shared.contracts.schemas import all_schemas
from shared.log.canonical import canonical
from tests.platform import application, message

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/contracts"
SCHEMAS = all_schemas()
SENT = [
    json.loads(line)
    for line in (FOLDER / "cloudevents.ndjson").read_text("utf-8").splitlines()
]
CASE = "events/cases.ApplicationSubmitted.v1.json"
SUBMIT = "inbound/cases.ApplicationSubmitted.json"


def checks(schema: Any, value: Any) -> list[str]:
    """What a validator of JSON Schema 2020-12, not of ours, says of a value."""
    validator = Draft202012Validator(
        schema, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return [error.message for error in validator.iter_errors(value)]


def test_the_folder_holds_what_the_contracts_give_today():
    told = files()

    stale = [
        path for path, text in told.items()
        if not (FOLDER / path).exists() or (FOLDER / path).read_text("utf-8") != text
    ]

    assert stale == [], "run `fuquan events schemas docs/contracts`"


def test_the_contracts_of_today_break_none_that_was_given_out():
    assert list(broken(FOLDER)) == []


@pytest.mark.parametrize("path", SCHEMAS)
def test_a_schema_is_one_of_the_dialect_and_its_patterns_are_portable(path: str):
    Draft202012Validator.check_schema(SCHEMAS[path])

    assert r"\Z" not in json.dumps(SCHEMAS[path])


@pytest.mark.parametrize("sent", SENT, ids=lambda one: one["headers"]["ce-type"])
def test_the_message_of_an_event_fits_its_schemas_and_is_read_as_a_fact(sent: dict[str, Any]):
    envelope = json.loads(sent["body"])
    path = f"events/{envelope['type']}.v{envelope['schema']}.json"

    fact = fact_of(sent["body"].encode(), sent["headers"], sent["content_type"])

    assert checks(SCHEMAS["envelope.json"], envelope) == []
    assert checks(json.loads((FOLDER / "schemas" / path).read_text()), envelope["data"]) == []
    assert checks(HEADERS, sent["headers"]) == []
    assert canonical(envelope).decode() == sent["body"]
    assert sent["routing_key"] == f"{fact.jurisdiction}.{fact.type}"


def test_there_is_a_message_of_every_event_and_version():
    kept = {path.name for path in (ROOT / "shared/contracts/golden").iterdir()}

    names = {
        f"{one['headers']['ce-type'].partition('.')[2]}.v{json.loads(one['body'])['schema']}.json"
        for one in messages()
    }

    assert names == kept
    assert {(one["exchange"], one["content_type"]) for one in SENT} == {(EVENTS.name, CONTENT_TYPE)}


def test_every_message_that_may_be_sent_is_a_command_of_its_service():
    kinds = {type_: inbound.contract_of(type_) for type_ in inbound.COMMANDS}

    assert all(kind.is_command for kind in kinds.values())
    assert [(kind.service, kind.door) for kind in kinds.values()] == [
        found[:2] for found in inbound.COMMANDS.values()
    ]
    assert all(
        kind().fields[inbound.COMMANDS[type_].about].required for type_, kind in kinds.items()
    )
    assert set(kinds) <= set(events.all_contracts())


@pytest.mark.parametrize(("changed", "fits"), [
    ({}, True), ({"channel": "by pigeon"}, False), ({"colour": "red"}, False),
    ({"item": ""}, False), ({"item": 7}, False), ({"towns_concerned": None}, False),
    ({"subitem": "个体工商户设立"}, True),
])
def test_schema_and_service_agree_on_what_may_be_sent(changed: dict[str, Any], fits: bool):
    data = application(**changed)

    assert (checks(SCHEMAS[SUBMIT], data) == []) is fits
    assert (faults_of(message(data)) == []) is fits


def test_validate_finds_what_is_wrong_with_a_fact():
    body = json.loads(SENT[0]["body"])
    told = {"id": body["id"], "type": body["type"], "source": body["source"], "position": 0}
    lacking = {name: value for name, value in body["data"].items() if name != "case_id"}

    assert faults_of(told | {"data": body}) == []
    assert faults_of(told | {"data": body | {"data": lacking}}) == [
        {"field": "data.data.case_id", "reason": "Missing data for required field."}
    ]
    assert [one["field"] for one in faults_of(told | {"id": "other", "data": body})] == ["id"]
    assert faults_of(told | {"data": []}) == [{"field": "data", "reason": "is not an envelope"}]


def without(schema: dict[str, Any], name: str) -> None:
    del schema["properties"][name]


def retyped(schema: dict[str, Any], name: str) -> None:
    schema["properties"][name] = {"type": "integer"}


def optional(schema: dict[str, Any], name: str) -> None:
    schema["required"].remove(name)


def required(schema: dict[str, Any], name: str) -> None:
    schema["properties"].setdefault(name, {"type": "string"})
    schema["required"].append(name)


def nullable(schema: dict[str, Any], name: str) -> None:
    schema["properties"][name]["type"] = ["string", "null"]


def narrowed(schema: dict[str, Any], name: str) -> None:
    schema["properties"][name]["enum"].remove("post")


def shortened(schema: dict[str, Any], name: str) -> None:
    schema["properties"][name]["maxLength"] = 3


@pytest.mark.parametrize(("plant", "name", "found"), [
    (without, "item_id", ["item_id: removed"]),
    (retyped, "item_id", ["item_id: retyped, string became integer"]),
    (nullable, "item_id", ["item_id: retyped, string became ['string', 'null']"]),
    (required, "colour", ["colour: newly required"]),
    (optional, "item_id", ["item_id: no longer always there"]),
    (narrowed, "channel", ["channel: no longer admits post"]),
    (shortened, "item_id", ["item_id: maxLength None became 3"]),
])
def test_a_planted_change_that_breaks_readers_is_found(
    plant: Callable[[dict[str, Any], str], None], name: str, found: list[str]
):
    changed = json.loads(json.dumps(SCHEMAS[CASE]))
    plant(changed, name)

    assert breaches(SCHEMAS[CASE], changed) == found


def test_what_breaks_nobody_is_not_found():
    changed = json.loads(json.dumps(SCHEMAS[CASE]))
    changed["properties"]["colour"] = {"type": ["string", "null"]}
    changed["properties"]["channel"]["enum"].append("drone")
    changed["description"] = "Other words."

    assert breaches(SCHEMAS[CASE], changed) == []


def test_a_change_deep_inside_is_found():
    path = "events/cases.CaseAccepted.v1.json"
    changed = json.loads(json.dumps(SCHEMAS[path]))
    without(changed["properties"]["authority"], "grant_id")
    retyped(changed["properties"]["path"]["items"], "step")
    changed["properties"]["due"]["additionalProperties"]["type"] = "string"

    assert sorted(breaches(SCHEMAS[path], changed)) == [
        "authority.grant_id: removed",
        "due{}: retyped, ['string', 'null'] became string",
        "path[].step: retyped, string became integer",
    ]


def test_a_sender_may_be_asked_for_less_and_not_for_more():
    less, more = (json.loads(json.dumps(SCHEMAS[SUBMIT])) for _ in range(2))
    optional(less, "subject_key")
    required(more, "colour")

    assert breaches(SCHEMAS[SUBMIT], less, read=False) == []
    assert breaches(SCHEMAS[SUBMIT], more, read=False) == ["colour: newly required"]


def test_a_contract_that_is_gone_breaks_everybody_and_an_older_version_is_left_alone(
    tmp_path: Path,
):
    shutil.copytree(FOLDER / "schemas", tmp_path / "schemas")
    kept = tmp_path / "schemas/events"
    shutil.copy(kept / "cases.CaseClosed.v1.json", kept / "cases.CaseClosed.v0.json")
    shutil.copy(kept / "cases.CaseClosed.v1.json", kept / "cases.CaseAbolished.v1.json")

    assert list(broken(tmp_path)) == ["events/cases.CaseAbolished.v1.json: removed"]


def test_the_document_of_the_bus_names_every_event_and_every_inbound_type():
    told = document()

    named = {
        one["name"] for key, one in told["components"]["messages"].items()
        if key.startswith(("event.", "inbound."))
    }
    assert named == {*events.all_contracts(), *inbound.COMMANDS, inbound.REPLAY}
