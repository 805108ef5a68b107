"""One of many cases is overtaken, or refused; what is due of the others is done: R112, R131."""

from uuid import UUID

import pytest

from shared.refusal import Refused
from tests.contended import meeting
from tests.county import county  # noqa: F401 - the fixture

ACCEPTED, AFTER = "2024-02-28T09:00:00+08:00", "2024-03-01T09:00:00+08:00"
WANGHAOTUN, XIJI = "MD2023-TOWN-18", "ST2021-TOWN-01"
CENTRE = f"{WANGHAOTUN}-CENTRE"
FIRST, SECOND, THIRD = (f"{n}0000000-0000-4000-8000-000000000000" for n in "abc")


@pytest.mark.rule("R131")
@pytest.mark.rule("R181")
def test_a_case_that_is_busy_when_its_grant_ends_goes_up_with_the_others(county):
    grant = county.granted("MD23-12", WANGHAOTUN, "entrusted_handling")
    for case, subject in ((FIRST, "s-1"), (SECOND, "s-2"), (THIRD, "s-3")):
        county.accepted("MD23-12", CENTRE, at=ACCEPTED, case=case, subject=subject)
    county.settle()
    county.recalled(grant, "MD23-12", WANGHAOTUN, from_=AFTER, at=AFTER)

    with meeting(county.commands("cases"), busy=FIRST, refused=[UUID(SECOND)]):
        county.settle()

    handed_up = {fact.data["case_id"] for fact in county.facts("cases", "CaseHandedUp")}
    assert handed_up == {FIRST, THIRD}


@pytest.mark.rule("R112")
def test_a_duplicate_that_cannot_be_linked_does_not_keep_back_another(county):
    county.granted("ST21-01", XIJI, "direct")
    for minute, case in enumerate((FIRST, SECOND, THIRD)):
        county.accepted("ST21-01", XIJI, at=f"2021-09-01T09:0{minute}:00+08:00", case=case)
    commands = county.commands("cases")
    with meeting(commands, refused=[UUID(SECOND), UUID(THIRD)]):
        county.settle()
    accepted, *_ = county.facts("cases", "CaseAccepted")

    with meeting(commands, refused=[UUID(SECOND)]), pytest.raises(Refused) as refused:
        county.services["cases"].case_accepted(accepted)

    assert refused.value.code == "test.refused"
    (linked,) = county.facts("cases", "DuplicateApplicationLinked")
    assert linked.data["case_id"] == THIRD
