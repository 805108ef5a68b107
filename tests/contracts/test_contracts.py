"""What every published event keeps to, in each of its versions, for ever."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError, fields

from shared.contracts import events
from shared.contracts.events import SERVICES, EventSchema, all_contracts

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "shared/contracts/golden"
ROWS = list(csv.DictReader((ROOT / "docs/events.csv").read_text("utf-8").splitlines()))
CONTRACTS = dict(sorted(all_contracts().items()))
VERSIONS = [
    (name, version)
    for name, kind in CONTRACTS.items()
    for version in range(1, kind.contract_version + 1)
]
PERSONAL = re.compile(
    r"phone|mobile|telephone|e_?mail|address|id_(number|card|no)$|identity|passport|birth|gender"
    r"|contact|photo|signature|(person|applicant|operator|helper|surname|given|family|real)_?name"
)
PERSONAL_VALUE = re.compile(
    r"(?<!\d)(\d{17}[\dXx]|1[3-9]\d{9})(?!\d)"  # resident identity number, mobile number
    r"|[\w.]+@[\w.]+"
)


def golden(name: str, version: int) -> dict[str, Any]:
    """The recorded example of one version of an event."""
    path = GOLDEN / f"{name.partition('.')[2]}.v{version}.json"
    return dict(json.loads(path.read_text("utf-8"))["data"])


def names_in(schema_fields: Mapping[str, fields.Field], data: object) -> Iterator[str]:
    """Every field name of a schema, and every key of the example, at any depth."""
    for name, field in schema_fields.items():
        yield name
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield from names_in(inner.schema.fields, None)
    yield from keys_in(data)


def keys_in(data: object) -> Iterator[str]:
    """Every key at any depth."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from keys_in(value)
    elif isinstance(data, list):
        for one in data:
            yield from keys_in(one)


def required_of(kind: type[EventSchema]) -> list[tuple[str, str]]:
    """(name in Python, name in JSON) of the fields that every event of the current version has."""
    return [
        (name, field.data_key or name) for name, field in kind().fields.items() if field.required
    ]


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_an_event_of_any_version_has_an_example_that_still_loads(name: str, version: int):
    loaded = events.load(name, golden(name, version), version)

    assert loaded.keys() == CONTRACTS[name]().fields.keys()


@pytest.mark.parametrize("name", CONTRACTS)
def test_what_was_read_is_written_as_it_was(name: str):
    data = golden(name, CONTRACTS[name].contract_version)

    written = events.dump(name, events.load(name, data, CONTRACTS[name].contract_version))

    assert written == data


@pytest.mark.parametrize("name", CONTRACTS)
def test_an_unknown_field_is_refused_on_append(name: str):
    kind = CONTRACTS[name]
    data = events.load(name, golden(name, kind.contract_version), kind.contract_version)

    with pytest.raises(ValidationError) as refused:
        events.dump(name, data | {"not_in_contract": 1})

    assert refused.value.messages == {"not_in_contract": ["Unknown field."]}


@pytest.mark.parametrize(
    ("name", "field", "key"),
    [(name, *field) for name, kind in CONTRACTS.items() for field in required_of(kind)],
)
def test_a_missing_field_is_refused_on_append_and_on_reading(name: str, field: str, key: str):
    kind = CONTRACTS[name]
    data = golden(name, kind.contract_version)
    lacking = {one: value for one, value in data.items() if one != key}
    values = events.load(name, data, kind.contract_version)

    with pytest.raises(ValidationError) as on_append:
        events.dump(name, {one: value for one, value in values.items() if one != field})
    with pytest.raises(ValidationError) as on_reading:
        events.load(name, lacking, kind.contract_version)

    assert set(on_append.value.messages) == {key}
    assert set(on_reading.value.messages) == {key}


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_reader_ignores_a_field_that_it_does_not_know(name: str):
    kind = CONTRACTS[name]
    data = golden(name, kind.contract_version)

    told = events.load(name, data | {"of_a_later_version": 1}, kind.contract_version)

    assert told == events.load(name, data, kind.contract_version)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_version_newer_than_this_program_is_unknown(name: str):
    newer = CONTRACTS[name].contract_version + 1

    with pytest.raises(events.UnknownEvent):
        events.load(name, {}, newer)


def test_no_example_is_without_a_contract():
    expected = {f"{name.partition('.')[2]}.v{version}.json" for name, version in VERSIONS}

    assert {path.name for path in GOLDEN.iterdir()} == expected


@pytest.mark.parametrize("name", CONTRACTS)
def test_an_example_holds_its_data_and_nothing_else(name: str):
    path = GOLDEN / f"{name.partition('.')[2]}.v{CONTRACTS[name].contract_version}.json"

    assert json.loads(path.read_text("utf-8")).keys() == {"data"}


@pytest.mark.rule("R223")
@pytest.mark.parametrize("name", CONTRACTS)
def test_no_field_of_an_event_is_made_for_personal_data(name: str):
    kind = CONTRACTS[name]

    named = names_in(kind().fields, golden(name, kind.contract_version))

    assert [one for one in named if PERSONAL.search(one)] == []


@pytest.mark.rule("R223")
@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_no_example_of_an_event_holds_personal_data(name: str, version: int):
    text = json.dumps(golden(name, version), ensure_ascii=False)

    assert PERSONAL_VALUE.search(text) is None


def test_the_contracts_are_the_published_events_of_the_catalogue():
    published = {f"{row['service']}.{row['event']}" for row in ROWS if row["published"] == "yes"}

    assert CONTRACTS.keys() == published
    assert {row["published"] for row in ROWS} == {"yes", "no"}


@pytest.mark.parametrize("row", [row for row in ROWS if row["published"] == "yes"])
def test_the_catalogue_names_the_fields_of_a_published_event(row: dict[str, str]):
    named = re.findall(r"\w+", row["fields"])

    fields_of = all_contracts()[f"{row['service']}.{row['event']}"]().fields

    assert named == [field.data_key or name for name, field in fields_of.items()]


def test_an_event_belongs_to_one_service_or_to_every_one():
    services_of: dict[str, set[str]] = {}
    for name in CONTRACTS:
        service, _, event = name.partition(".")
        services_of.setdefault(event, set()).add(service)

    assert set().union(*services_of.values()) == set(SERVICES)
    assert all(len(of) == 1 or of == set(SERVICES) for of in services_of.values())


@pytest.mark.parametrize("name", [name for name, kind in CONTRACTS.items() if kind.refusal])
def test_a_recorded_refusal_tells_its_reason(name: str):
    assert {"reason_code", "reason_zh", "facts"} <= CONTRACTS[name]().fields.keys()
