"""The envelope: exact bytes in, the same fact out; nothing else gets in."""

import json
from datetime import UTC, date, datetime
from uuid import UUID, uuid5

import pytest
from hypothesis import given as given_that
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.clock import day_of, end_of, start_of
from shared.contracts.envelope import Given, open_fact, seal
from shared.contracts.events import UnknownEvent
from shared.log.canonical import EnvelopeTooLarge, canonical

COMMAND = UUID("7f1c4a2e-9d51-4a60-8d8e-0c6f3a5b2d10")
GIVEN = Given(
    command=COMMAND, actor={"org": "MD2023-ORG-05", "role": "officer", "operator": "op-1"},
    at=datetime(2023, 7, 3, 1, 0, tzinfo=UTC),
    instrument={"kind": "notice", "ref": "菏区政发〔2023〕2号", "dated": "2023-03-29",
                "sha256": None},
)
ALIAS = {"org_id": "MD2023-ORG-05", "alias": "区审批局", "basis": "abbreviation"}


def sealed(type_: str = "catalog.DepartmentAliasAdded", **data: object) -> bytes:
    return seal(
        source="catalog", type_=type_, stream=UUID(int=1), version=1, index=0,
        data={**ALIAS, **data}, given=GIVEN,
        programme="MD2023", jurisdiction="371702",
        recorded_at=datetime(2023, 7, 3, 1, 0, 1, tzinfo=UTC),
    )


def test_the_bytes_are_canonical_and_hold_every_field_of_the_design() -> None:
    envelope = sealed()

    body = json.loads(envelope)
    assert canonical(body) == envelope
    assert set(body) == {
        "id", "type", "schema", "source", "stream", "version", "programme", "jurisdiction",
        "occurred_at",
        "recorded_at", "actor", "instrument", "rules", "correlation", "causation", "data",
    }


def test_a_fact_read_back_says_what_was_sealed() -> None:
    fact = open_fact(sealed(), 7, None)

    assert (fact.type, fact.position, fact.programme, fact.jurisdiction) == (
        "catalog.DepartmentAliasAdded", 7, "MD2023", "371702",
    )
    assert fact.id == uuid5(COMMAND, "0")
    assert fact.occurred_at == GIVEN.at
    assert fact.data == ALIAS


@pytest.mark.parametrize("broken", [{"alias": None}, {"basis": "hearsay"}, {"surprise": 1}])
def test_an_event_that_is_not_its_contracts_cannot_be_sealed(broken: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        sealed(**broken)

    assert set(refused.value.messages) == set(broken)


def test_an_unknown_event_cannot_be_sealed() -> None:
    with pytest.raises(UnknownEvent):
        sealed("catalog.NoSuchEvent")


def test_an_envelope_above_65535_bytes_cannot_be_sealed() -> None:
    with pytest.raises(EnvelopeTooLarge):
        sealed(alias="长" * 30_000)


def test_a_reader_ignores_a_field_it_does_not_know() -> None:
    body = json.loads(sealed())
    body["data"]["added_later"] = "x"

    assert open_fact(canonical(body), 0, None).data == ALIAS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda s: st.lists(s) | st.dictionaries(st.text(), s),
)


@given_that(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_random_bytes_are_no_fact_and_no_crash(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of its kinds; never another exception
        open_fact(body, 0, None)


def test_a_policys_command_has_one_id_per_fact_and_policy() -> None:
    fact = open_fact(sealed(), 0, None)

    assert fact.given("expire").command == fact.given("expire").command
    assert fact.given("expire").command != fact.given("recall").command
    assert fact.given("expire").causation == fact.id


def test_a_day_begins_and_ends_at_midnight_in_shanghai() -> None:
    day = date(2021, 8, 1)

    assert start_of(day) == datetime(2021, 7, 31, 16, tzinfo=UTC)
    assert end_of(day) == datetime(2021, 8, 1, 16, tzinfo=UTC)
    assert day_of(datetime(2021, 7, 31, 16, tzinfo=UTC)) == day


def test_data_that_do_not_fit_the_contract_are_a_value_error_with_its_fields() -> None:
    body = json.loads(sealed())
    del body["data"]["alias"]

    with pytest.raises(ValueError, match="Missing data for required field") as unfit:
        open_fact(canonical(body), 0, None)

    assert isinstance(unfit.value, ValidationError)
    assert unfit.value.messages == {"alias": ["Missing data for required field."]}
