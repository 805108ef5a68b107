"""Each command four times: done, refused, seen before, wrong version."""

from uuid import uuid4

import pytest

from shared.contracts.requests import all_requests
from shared.refusal import Refused
from tests.delegating import county, one_county  # noqa: F401 - the fixtures
from tests.unit.delegation.doors import DOORS, SILENT

named = pytest.mark.parametrize("door", DOORS, ids=[door.name for door in DOORS])


@named
def test_a_command_is_done(county, door):
    known = door.before(county)

    answer = county.told(door.name, door.request | known, door.at)

    assert answer["events"] == [f"delegation.{name}" for name in door.events]
    assert county.parked() == []


@pytest.mark.parametrize(
    "door", [door for door in DOORS if door.name not in SILENT],
    ids=[door.name for door in DOORS if door.name not in SILENT],
)
def test_a_command_is_refused_and_nothing_is_recorded(county, door):
    known = door.before(county)
    before = len(county.facts("delegation"))

    with pytest.raises(Refused) as refused:
        county.told(door.name, door.request | known | door.wrong, door.at)

    assert refused.value.code == door.code
    assert len(county.facts("delegation")) == before


@named
def test_a_command_seen_before_gets_its_first_answer(county, door):
    known = door.before(county)
    command = uuid4()
    first = county.told(door.name, door.request | known, door.at, command=command)
    recorded = len(county.facts("delegation"))

    second = county.told(door.name, door.request | known, door.at, command=command)

    assert second == first
    assert len(county.facts("delegation")) == recorded


@named
def test_a_command_id_does_not_serve_for_another_request(county, door):
    known = door.before(county)
    command = uuid4()
    county.told(door.name, door.request | known, door.at, command=command)

    with pytest.raises(Refused) as refused:
        county.told(door.name, door.request | known | door.other, door.at, command=command)

    assert refused.value.code == "log.command-id-reused"


@named
def test_a_command_on_a_version_that_is_past_is_refused(county, door):
    known = door.before(county)

    with pytest.raises(Refused) as refused:
        county.told(door.name, door.request | known, door.at, expected=99)

    assert refused.value.code == "log.stale-version"


def test_every_door_that_records_is_in_the_table():
    doors = {
        door for (service, door), kind in all_requests().items() if service == "delegation"
        and kind.is_command
    }

    assert doors - {door.name for door in DOORS} == {
        "delegate_list", "start_list", "run_due", "warn_of_expiry", "recall_item",
        "assign_handling_bodies", "end_transitions",
        "succeed_in_grant", "succeed_in_agreement", "succeed_in_list",  # in a table of their own
        # every service's own, in test_mending.py and test_rotation_door.py
        "retry_parked", "discard_parked", "rotate_signing_key",
    }
