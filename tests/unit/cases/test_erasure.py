"""An applicant's details are erased: when they may be, and what everybody gets afterwards."""

from uuid import uuid4

import pytest

from shared.refusal import Refused
from tests.applicants import (  # noqa: F401 - the fixture
    DETAILS,
    ERASE,
    FIELDS,
    LATER,
    READ,
    counter,
)
from tests.county import county  # noqa: F401 - the fixture


@pytest.mark.rule("R223")
def test_an_erasure_waits_for_the_end_of_every_case(counter):
    key = counter.registered()
    closed, still_open = counter.closed(key), counter.filed(key)

    with pytest.raises(Refused) as refused:
        counter.do("erase_applicant", applicant=key, case=closed, **ERASE)

    (told,) = counter.facts("ApplicantAccessRefused")
    assert refused.value.code == "cases.applicant-has-open-cases"
    assert told["facts"]["cases"] == [still_open]
    assert counter.do("read_applicant", applicant=key, case=closed, **READ)["shown"]


@pytest.mark.rule("R223")
def test_after_the_erasure_reading_is_refused_with_when_and_why(counter):
    key = counter.registered()
    case = counter.closed(key)
    command = uuid4()
    counter.do("read_applicant", applicant=key, case=case, command=command, **READ)
    counter.do("erase_applicant", applicant=key, case=case, at=LATER, **ERASE)
    seen_before, anew = command, uuid4()

    refusals = []
    for one in (seen_before, anew):
        with pytest.raises(Refused) as refused:
            counter.do("read_applicant", applicant=key, case=case, command=one, **READ)
        refusals.append(refused.value)

    (told,) = counter.facts("ApplicantErased")
    assert [one.code for one in refusals] == ["cases.applicant-erased"] * 2
    assert refusals[0].facts == {
        "applicant": key, "erased_at": "2023-12-01T01:00:00+00:00", "ground": "purpose_achieved",
    }
    assert "2023年12月1日" in refusals[0].zh
    assert told["erased_fields"] == FIELDS
    assert told["instrument_ref"] == "test"


def test_a_repeated_registration_has_its_first_answer_also_after_the_erasure(counter):
    command = uuid4()
    first = counter.do("register_applicant", details=DETAILS, command=command)
    case = counter.closed(first["stream"])
    counter.do("erase_applicant", applicant=first["stream"], case=case, **ERASE)

    again = counter.do("register_applicant", details=DETAILS, command=command)

    assert again == first
    with pytest.raises(Refused) as refused:
        counter.do("read_applicant", applicant=first["stream"], case=case, **READ)
    assert refused.value.code == "cases.applicant-erased"


def test_whoever_comes_again_after_the_erasure_gets_another_key(counter):
    key = counter.registered()
    counter.do("erase_applicant", applicant=key, case=counter.closed(key), **ERASE)

    assert counter.registered() != key


@pytest.mark.rule("R223")
def test_an_erased_applicant_files_no_case_and_a_platform_s_own_key_is_anything(counter):
    key = counter.registered()
    counter.do("erase_applicant", applicant=key, case=counter.closed(key), **ERASE)

    with pytest.raises(Refused) as refused:
        counter.filed(key)
    own = [counter.filed(one) for one in ("platform-7", str(uuid4()), key.upper())]

    assert refused.value.code == "cases.applicant-erased"
    assert len(counter.facts("ApplicationSubmitted")) == 1 + len(own)
