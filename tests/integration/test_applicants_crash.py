"""A crash between the fact about an applicant and the row: there are both, or neither."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg2
import pytest

from shared.refusal import Refused
from tests.applicants import CENTRE, DETAILS, ITEM, TOWN, Counter
from tests.county import county  # noqa: F401 - the fixture
from tests.waiting import until

TABLES = ("person", "identity", "salt")
BLOCKED = (
    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    " AND datname = current_database()"
)


@pytest.fixture
def counter(county) -> Counter:
    county.granted(ITEM, TOWN, "entrusted_handling")
    return Counter(county)


@contextmanager
def admin(counter: Counter) -> Iterator[psycopg2.extensions.cursor]:
    """The administrator in the database of cases, in one transaction."""
    held = psycopg2.connect(counter.county.settings.dsn("cases"))
    try:
        with held, held.cursor() as at:
            yield at
    finally:
        held.close()


def rows_of(counter: Counter, key: str) -> list[int]:
    with admin(counter) as at:
        found = []
        for table in TABLES:
            at.execute(f"SELECT count(*) FROM applicants.{table} WHERE applicant_key = %s", (key,))
            found.append(at.fetchall()[0][0])
        return found


def blocked(counter: Counter) -> int:
    """The one backend that waits for a lock, as soon as there is one."""
    def found() -> list[Any]:
        with admin(counter) as at:
            at.execute(BLOCKED)
            return at.fetchall()

    return int(until(found)[0][0])


def cut_off(counter: Counter, lock: str, command: Callable[[], object]) -> list[Exception]:
    """Let *command* append, hold it up by *lock* before its row is written, and end its backend."""
    errors: list[Exception] = []

    def run() -> None:
        try:
            command()
        except psycopg2.Error as error:
            errors.append(error)

    with admin(counter) as at:
        at.execute(lock)
        thread = Thread(target=run)
        thread.start()
        pid = blocked(counter)
        with admin(counter) as killer:
            killer.execute("SELECT pg_terminate_backend(%s)", (pid,))
        thread.join(20)
    return errors


@pytest.mark.rule("R223")
def test_an_erasure_that_is_cut_off_has_not_happened_and_its_repetition_completes_it(counter):
    key = counter.registered()
    case, command = counter.closed(key), uuid4()

    def erase():
        return counter.do("erase_applicant", applicant=key, case=case, ground="by_law",
                          command=command)

    errors = cut_off(
        counter, f"SELECT FROM applicants.person WHERE applicant_key = '{key}' FOR UPDATE", erase
    )
    after_crash = (rows_of(counter, key), counter.facts("ApplicantErased"))
    erase()

    assert len(errors) == 1
    assert after_crash == ([1, 1, 1], [])
    assert rows_of(counter, key) == [0, 0, 0]
    assert len(counter.facts("ApplicantErased")) == 1


@pytest.mark.rule("R223")
def test_a_registration_that_is_cut_off_leaves_no_details_behind(counter):
    command = uuid4()

    def register():
        return counter.do("register_applicant", details=DETAILS, command=command)

    errors = cut_off(counter, "LOCK TABLE applicants.person IN SHARE MODE", register)
    with admin(counter) as at:
        at.execute("SELECT count(*) FROM applicants.person")
        held = at.fetchall()
    facts = counter.facts("ApplicantRegistered")
    key = register()["stream"]

    assert len(errors) == 1
    assert (held, facts) == ([(0,)], [])
    assert rows_of(counter, key) == [1, 1, 1]


@pytest.mark.rule("R223")
def test_a_case_filed_while_its_applicant_is_being_erased_is_one_or_the_other(counter):
    key = counter.registered()
    closed = counter.closed(key)
    outcomes = []

    def erase():
        try:
            counter.do("erase_applicant", applicant=key, case=closed, ground="by_law")
            outcomes.append("erased")
        except Refused as refused:
            outcomes.append(refused.code)

    with admin(counter) as at:
        at.execute("SELECT FROM applicants.person WHERE applicant_key = %s FOR KEY SHARE", (key,))
        thread = Thread(target=erase)
        thread.start()
        blocked(counter)
        counter.county.act(
            "submit", str(uuid4()), CENTRE, at="2023-09-02T09:00:00+08:00", item=ITEM,
            applicant_ref=key, applicant_key=key, subject_key="s-2", towns_concerned=[],
            channel="window", chosen_org=CENTRE,
        )
    thread.join(20)

    assert outcomes == ["cases.applicant-has-open-cases"]
    assert rows_of(counter, key) == [1, 1, 1]


@pytest.mark.rule("R223")
def test_details_that_a_restored_backup_brings_back_go_again_with_the_fact(counter):
    key = counter.registered()
    with admin(counter) as at:
        at.execute("SELECT details::text FROM applicants.person WHERE applicant_key = %s", (key,))
        ((backup,),) = at.fetchall()
    counter.do("erase_applicant", role="data_officer", applicant=key, ground="by_law")
    with admin(counter) as at:
        at.execute(
            "INSERT INTO applicants.person VALUES (%s, 'MD2023', %s, 1)", (key, backup)
        )
    restored = rows_of(counter, key)

    counter.county.settle()

    assert restored == [1, 0, 0]
    assert rows_of(counter, key) == [0, 0, 0]


@pytest.mark.rule("R223")
def test_details_that_a_restored_backup_lacks_are_entered_anew_by_a_correction(counter):
    key = counter.registered()
    with admin(counter) as at:
        at.execute("DELETE FROM applicants.person WHERE applicant_key = %s", (key,))
    reading = {"role": "data_officer", "applicant": key, "purpose": "verification"}
    with pytest.raises(Refused) as refused:
        counter.do("read_applicant", **reading)

    counter.do("correct_applicant", role="data_officer", applicant=key, details=DETAILS)

    assert refused.value.code == "cases.applicant-details-changed"
    assert counter.do("read_applicant", **reading)["shown"]["details"] == DETAILS
    assert rows_of(counter, key) == [1, 1, 1]


@pytest.mark.rule("R112", "R223")
def test_two_counters_that_register_the_same_person_at_once_get_one_key(counter):
    outcomes = []

    def register():
        try:
            outcomes.append(counter.do("register_applicant", details=DETAILS)["stream"])
        except Refused as refused:
            outcomes.append(refused.facts["registered"])

    with admin(counter) as at:
        at.execute("LOCK TABLE applicants.identity IN SHARE MODE")
        threads = [Thread(target=register) for _ in range(2)]
        for thread in threads:
            thread.start()
        blocked(counter)
    for thread in threads:
        thread.join(20)

    assert len(outcomes) == 2
    assert len(set(outcomes)) == len(counter.facts("ApplicantRegistered")) == 1
