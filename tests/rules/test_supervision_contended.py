"""One of many things is overtaken, or refused; the others are recorded all the same: R131, R224."""

from uuid import uuid4

import pytest

from services.supervision.domain.flag import Flag
from services.supervision.domain.obligation import Obligation
from shared.contracts.envelope import instant
from shared.refusal import Refused
from tests.contended import meeting
from tests.office import Office

pytest_plugins = ("tests.office",)

UNIT, TOWN, CENTRE = "SR2020-UNIT-01", "MD2023-TOWN-14", "MD2023-TOWN-14-CENTRE"
MIDNIGHT = "2020-05-11T00:00:00+08:00"
DUE = {"programme": "SR2020", "now": MIDNIGHT}


@pytest.mark.rule("R224")
def test_a_task_that_is_busy_when_it_falls_due_is_asked_for_again(office: Office):
    office.knows("SR2020")
    office.do("supervision", "assign_obligations", {"programme": "SR2020"},
              at="2020-04-28T09:00:00+08:00")
    office.settle()
    busy, command = Obligation.create_id("SR2020", "1", UNIT), uuid4()

    with (
        meeting(office.commands("supervision"), busy=busy), pytest.raises(Refused) as refused
    ):
        office.do("supervision", "run_due", DUE, at=MIDNIGHT, command=command)
    others = {fact.stream for fact in office.facts("supervision", "TaskOverdue")}
    office.do("supervision", "run_due", DUE, at=MIDNIGHT, command=command)

    assert refused.value.code == "log.contended"
    assert others
    overdue = [fact.stream for fact in office.facts("supervision", "TaskOverdue")]
    assert sorted(overdue) == sorted({*others, busy})


@pytest.mark.rule("R131")
def test_a_decision_that_cannot_be_flagged_does_not_keep_back_another(office: Office):
    office.knows("MD2023")
    office.tell_delegated("g-1", item="MD23-04", town=TOWN, at="2023-06-01T00:00:00+08:00",
                          decides=CENTRE)
    for decision, at in (("d-1", "2023-07-04"), ("d-2", "2023-07-05")):
        office.tell_approved(decision, item="MD23-04", town=TOWN, by=CENTRE, grant="g-1",
                             at=f"{at}T09:00:00+08:00")

    with meeting(office.commands("supervision"), refused=[Flag.create_id("d-1")]):
        office.tell_recalled("g-1", item="MD23-04", town=TOWN,
                             effective="2023-07-03T00:00:00+08:00", at="2023-07-06T09:00:00+08:00")

    (flagged,) = office.facts("supervision", "IssuedWithoutAuthorityFlagged")
    assert flagged.data["decision_id"] == "d-2"
    assert flagged.occurred_at == instant("2023-07-06T09:00:00+08:00")
