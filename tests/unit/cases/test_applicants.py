"""The doors of applicants: each four times, who is let in, and what a repetition gets."""

from base64 import b64decode
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg2.errors
import pytest
from marshmallow import ValidationError

from services.cases.applicants.commitment import opens
from shared.database import Database
from shared.migrate import as_role
from shared.refusal import Refused
from tests.applicants import (  # noqa: F401 - the fixture
    AT,
    CENTRE,
    CORRECTED,
    DETAILS,
    ERASE,
    FIELDS,
    ITEM,
    LATER,
    READ,
    STRANGER,
    counter,
)
from tests.county import county  # noqa: F401 - the fixture

ON_ONE = {
    "read_applicant": (READ, "cases.ApplicantDetailsRead", READ | {"purpose": "delivery"}),
    "correct_applicant": (
        {"details": CORRECTED}, "cases.ApplicantDetailsCorrected",
        {"details": CORRECTED | {"name": "申请人乙"}},
    ),
    "erase_applicant": (ERASE, "cases.ApplicantErased", {"ground": "by_law"}),
}


@pytest.mark.rule("R223")
def test_registering_records_names_of_fields_and_a_commitment(counter):
    answer = counter.do("register_applicant", details=DETAILS)

    (told,) = counter.facts("ApplicantRegistered")
    assert answer["events"] == ["cases.ApplicantRegistered"]
    assert told["applicant_key"] == answer["stream"]
    assert told["held_fields"] == FIELDS
    assert told["registered_by_org_id"] == CENTRE


@pytest.mark.parametrize("wrong", [
    {"name": None}, {"id_kind": "library_card"}, {"phone": ""}, {"id_number": "with space"},
    {"name": "a\x00b"}, {"shoe_size": "42"}, {"address": "长" * 2001}, {"name": "\ud800"},
])
def test_registering_refuses_details_that_are_not_as_described(counter, wrong):
    with pytest.raises(ValidationError):
        counter.do("register_applicant", details=DETAILS | wrong)


def test_registering_seen_before(counter):
    command = uuid4()
    first = counter.do("register_applicant", details=DETAILS, command=command)

    assert counter.do("register_applicant", details=DETAILS, command=command) == first
    with pytest.raises(Refused) as refused:
        counter.do("register_applicant", details=CORRECTED, command=command)
    assert refused.value.code == "log.command-id-reused"


def test_registering_wrong_version(counter):
    with pytest.raises(Refused) as refused:
        counter.do("register_applicant", details=DETAILS, expected=3)

    assert refused.value.code == "log.stale-version"


@pytest.mark.rule("R112", "R223")
def test_the_same_person_at_the_other_counter_is_refused_with_the_key_and_on_the_record(counter):
    key = counter.registered()

    with pytest.raises(Refused) as refused:
        counter.do("register_applicant", org=STRANGER, details=CORRECTED | {
            "id_number": "synth-x-0001",
        })

    (told,) = counter.facts("ApplicantAccessRefused")
    assert refused.value.code == "cases.applicant-already-registered"
    assert refused.value.facts["registered"] == key
    assert (told["act"], told["org_id"]) == ("register_applicant", STRANGER)


@pytest.mark.parametrize("door", ON_ONE)
def test_done(counter, door):
    fields, recorded, _ = ON_ONE[door]
    key = counter.registered()
    case = counter.closed(key)

    answer = counter.do(door, applicant=key, case=case, **fields)

    assert (answer["stream"], answer["version"], answer["events"]) == (key, 2, [recorded])


@pytest.mark.parametrize("door", ON_ONE)
def test_refused_to_an_organ_that_does_not_have_the_case_and_on_the_record(counter, door):
    fields, _, _ = ON_ONE[door]
    key = counter.registered()
    case = counter.closed(key)

    with pytest.raises(Refused) as refused:
        counter.do(door, org=STRANGER, applicant=key, case=case, **fields)

    (told,) = counter.facts("ApplicantAccessRefused")
    assert refused.value.code == told["reason_code"] == "cases.not-an-organ-of-the-case"
    assert (told["act"], told["case_id"], told["org_id"]) == (door, case, STRANGER)


@pytest.mark.parametrize("door", ON_ONE)
def test_refused_to_an_organ_that_names_another_applicant_s_case_or_none(counter, door):
    fields, _, _ = ON_ONE[door]
    key = counter.registered()
    others = counter.closed(counter.registered(DETAILS | {"id_number": "SYNTH-0002"}))

    codes = []
    for case in (others, None):
        with pytest.raises(Refused) as refused:
            counter.do(door, applicant=key, case=case, **fields)
        codes.append(refused.value.code)

    assert codes == ["cases.not-an-organ-of-the-case"] * 2


@pytest.mark.parametrize("role", ["auditor", "reader", "registrar"])
def test_refused_to_a_role_that_is_no_officer_s(counter, role):
    key = counter.registered()
    case = counter.closed(key)

    with pytest.raises(Refused) as refused:
        counter.do("read_applicant", role=role, applicant=key, case=case, **READ)

    assert refused.value.code == "cases.not-an-organ-of-the-case"


@pytest.mark.parametrize("door", ON_ONE)
def test_the_officer_for_personal_data_names_no_case(counter, door):
    fields, recorded, _ = ON_ONE[door]
    key = counter.registered()

    answer = counter.do(door, org=STRANGER, role="data_officer", applicant=key, **fields)

    assert answer["events"] == [recorded]


@pytest.mark.parametrize("door", ON_ONE)
def test_refused_for_an_applicant_whom_nobody_registered(counter, door):
    fields, _, _ = ON_ONE[door]

    with pytest.raises(Refused) as refused:
        counter.do(door, role="data_officer", applicant=str(uuid4()), **fields)

    assert refused.value.code == "cases.unknown-applicant"


@pytest.mark.parametrize("door", ON_ONE)
def test_seen_before(counter, door):
    fields, _, other = ON_ONE[door]
    key = counter.registered()
    case = counter.closed(key)
    command = uuid4()
    first = counter.do(door, applicant=key, case=case, command=command, **fields)

    assert counter.do(door, applicant=key, case=case, command=command, **fields) == first
    with pytest.raises(Refused) as refused:
        counter.do(door, applicant=key, case=case, command=command, **other)
    assert refused.value.code == "log.command-id-reused"


@pytest.mark.parametrize("door", ON_ONE)
def test_a_recorded_refusal_is_the_answer_to_its_repetition(counter, door):
    fields, _, _ = ON_ONE[door]
    key = counter.registered()
    command = uuid4()
    codes = []

    for _ in range(2):
        with pytest.raises(Refused) as refused:
            counter.do(door, applicant=key, command=command, **fields)
        codes.append(refused.value.code)

    assert codes == ["cases.not-an-organ-of-the-case"] * 2
    assert len(counter.facts("ApplicantAccessRefused")) == 1


@pytest.mark.parametrize("door", ON_ONE)
def test_wrong_version(counter, door):
    fields, _, _ = ON_ONE[door]
    key = counter.registered()
    case = counter.closed(key)

    with pytest.raises(Refused) as refused:
        counter.do(door, applicant=key, case=case, expected=9, **fields)

    assert refused.value.code == "log.stale-version"
    assert counter.do("read_applicant", applicant=key, case=case, **READ)["version"] == 2


@pytest.mark.rule("R223")
def test_reading_is_recorded_and_shows_what_opens_the_commitment(counter):
    key = counter.registered()
    case = counter.filed(key)

    shown = counter.do("read_applicant", applicant=key, case=case, **READ)["shown"]

    (told,) = counter.facts("ApplicantDetailsRead")
    assert shown["details"] == DETAILS
    assert shown["commitment"] == told["commitment"]
    assert opens(shown["commitment"], shown["details"], b64decode(shown["salt"]))
    assert (told["purpose"], told["case_id"], told["read_fields"]) == ("handling", case, FIELDS)
    assert told["read_by_org_id"] == CENTRE


def test_reading_shows_no_more_than_was_asked_for(counter):
    key = counter.registered()
    case = counter.filed(key)

    answer = counter.do(
        "read_applicant", applicant=key, case=case, wanted=["phone", "email"], **READ
    )

    (told,) = counter.facts("ApplicantDetailsRead")
    assert answer["shown"] == {"details": {"phone": DETAILS["phone"]}}
    assert told["read_fields"] == ["phone"]


def test_a_command_s_id_lets_nobody_else_read(counter):
    key = counter.registered()
    case = counter.filed(key)
    command = uuid4()
    counter.do("read_applicant", applicant=key, case=case, command=command, **READ)

    with pytest.raises(Refused) as refused:
        counter.do("read_applicant", org=STRANGER, applicant=key, case=case, command=command,
                   **READ)

    assert refused.value.code == "log.command-id-reused"


def test_a_repeated_reading_shows_nothing_newer(counter):
    key = counter.registered()
    case = counter.filed(key)
    command = uuid4()
    counter.do("read_applicant", applicant=key, case=case, command=command, **READ)
    counter.do("correct_applicant", applicant=key, case=case, details=CORRECTED)

    with pytest.raises(Refused) as refused:
        counter.do("read_applicant", applicant=key, case=case, command=command, **READ)

    assert refused.value.code == "cases.applicant-details-changed"


def test_a_correction_names_the_fields_that_changed_and_has_another_commitment(counter):
    key = counter.registered()
    case = counter.filed(key)
    corrected = {k: v for k, v in CORRECTED.items() if k != "address"} | {"email": "邮箱"}

    counter.do("correct_applicant", applicant=key, case=case, details=corrected)

    (before,), (after,) = (
        counter.facts("ApplicantRegistered"), counter.facts("ApplicantDetailsCorrected")
    )
    shown = counter.do("read_applicant", applicant=key, case=case, **READ)["shown"]
    assert after["changed_fields"] == ["address", "email", "phone"]
    assert after["held_fields"] == sorted(corrected)
    assert after["commitment"] != before["commitment"]
    assert shown["details"] == corrected


def test_a_correction_that_changes_nothing_or_takes_another_s_identity_is_refused(counter):
    key = counter.registered()
    other = DETAILS | {"id_number": "SYNTH-0002"}
    counter.registered(other)
    case = counter.filed(key)

    with pytest.raises(Refused) as same:
        counter.do("correct_applicant", applicant=key, case=case, details=DETAILS)
    with pytest.raises(Refused) as taken:
        counter.do("correct_applicant", applicant=key, case=case, details=other)

    assert same.value.code == "cases.nothing-to-correct"
    assert taken.value.code == "cases.applicant-already-registered"


@pytest.mark.rule("R112")
def test_duplicates_are_found_by_a_registered_key(counter):
    key = counter.registered()
    first = counter.county.accepted(ITEM, CENTRE, at=AT, key=key)
    later = counter.county.accepted(ITEM, CENTRE, at=LATER, key=key)
    counter.county.settle()

    (told,) = counter.facts("DuplicateApplicationLinked")
    assert (told["case_id"], told["duplicate_of"]) == (later, first)


def test_the_record_of_a_person_tells_fields_cases_events_and_the_erasure(counter):
    key = counter.registered()
    case = counter.closed(key)
    counter.do("read_applicant", applicant=key, case=case, **READ)
    counter.do("erase_applicant", applicant=key, case=case, at=LATER, **ERASE)
    counter.county.settle()

    record = counter.county.ask("cases", "applicant", {"applicant": key})

    assert record["held_fields"] == []
    assert record["erased"] == {
        "erased_at": "2023-12-01T01:00:00+00:00", "erased_by_org_id": CENTRE,
        "erased_fields": FIELDS, "ground": "purpose_achieved", "instrument_ref": "test",
    }
    assert [one["case_id"] for one in record["cases"]] == [case]
    assert [one["type"].partition(".")[2] for one in record["events"]] == [
        "ApplicantRegistered", "ApplicationSubmitted", "CaseWithdrawn", "ApplicantDetailsRead",
        "ApplicantErased",
    ]


def test_the_record_of_nobody_is_refused(counter):
    with pytest.raises(Refused) as refused:
        counter.county.ask("cases", "applicant", {"applicant": str(UUID(int=1))})

    assert refused.value.code == "cases.unknown-applicant"


@pytest.mark.rule("R223")
@pytest.mark.parametrize("role", ["catalog", "delegation", "supervision", "ledger", "relay"])
@pytest.mark.parametrize("table", ["person", "identity", "salt", "concern"])
def test_no_role_but_the_service_s_own_may_read_the_tables(migrated, role, table):
    own = replace(migrated, database_url=as_role(migrated, role))
    database = Database(own.dsn("cases"), size=1)

    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        database.rows(f"SELECT count(*) FROM applicants.{table}")

    database.close()
