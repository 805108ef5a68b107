"""What supervision makes of real cases: late recalls, pushes, forwards (R118, R131, R152)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from shared.contracts.envelope import instant
from shared.migrate import as_role
from shared.settings import Settings
from tests.county import County

WANGHAOTUN, HUANGGANG = "MD2023-TOWN-18", "MD2023-TOWN-13"
CENTRE, FARMING = f"{WANGHAOTUN}-CENTRE", "MD2023-ORG-16"
ACCEPTED, ENDS = "2024-02-28T09:00:00+08:00", "2024-03-01T00:00:00+08:00"
AFTER = "2024-03-01T09:00:00+08:00"


class House(County):
    """Catalog, cases and supervision for real."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        own = replace(settings, database_url=as_role(settings, "supervision"))
        self._service("supervision", own)


@pytest.fixture
def house(migrated: Settings) -> Iterator[House]:
    house = House(migrated)
    house.empty()
    yield house.imported("MD2023")
    parked = house.parked()
    house.close()
    assert parked == []


def approved(house: House, at: str) -> str:
    """MD23-12 in entrusted handling, accepted, reviewed and approved by the centre; its grant."""
    grant = house.granted("MD23-12", WANGHAOTUN, "entrusted_handling")
    case = house.accepted("MD23-12", CENTRE, at=ACCEPTED)
    house.act("review", case, CENTRE, at=ACCEPTED, result="positive", opinion_ref="op-1")
    house.act("approve", case, CENTRE, at=at)
    return grant


@pytest.mark.rule("R131")
def test_an_approval_appended_before_the_recall_was_heard_of_is_flagged(house):
    grant = approved(house, AFTER)
    house.settle()
    before = house.ask("supervision", "flags", {"programme": "MD2023"})

    house.recalled(
        grant, "MD23-12", WANGHAOTUN, from_=ENDS, at="2024-02-29T09:00:00+08:00"
    )
    house.settle()

    (flag,) = house.ask("supervision", "flags", {"programme": "MD2023"})
    assert before == []
    assert (flag["grant_id"], flag["ground"], flag["gap_seconds"]) == (grant, "recalled", 32400)


@pytest.mark.rule("R152")
def test_a_towns_approval_is_owed_to_the_department_that_supervises(house):
    approved(house, ACCEPTED)
    house.settle()

    (push,) = house.ask("supervision", "pushes", {"programme": "MD2023"})

    assert (push["owed_by_org_id"], push["to_org_id"]) == (WANGHAOTUN, FARMING)
    assert house.ask("supervision", "flags", {"programme": "MD2023"}) == []


@pytest.mark.rule("R061")
@pytest.mark.rule("R118")
def test_a_case_that_stays_at_the_window_beyond_its_limit_is_charged_to_the_town(house):
    house.do(
        "catalog", "set_time_limit",
        {"programme": "MD2023", "item": "MD23-30", "town": None, "step": "forward", "value": 2,
         "unit": "working_day"}, at="2023-06-01T09:00:00+08:00",
    )
    house.granted("MD23-30", HUANGGANG, "entrusted_acceptance")
    case = house.accepted("MD23-30", f"{HUANGGANG}-CENTRE", at="2023-07-03T09:00:00+08:00")
    house.settle()

    house.do("supervision", "run_due", {"programme": "MD2023", "now": "2023-07-06T00:00:00+08:00"},
             at="2023-07-06T00:00:00+08:00")

    (overdue,) = house.facts("supervision", "ForwardOverdue")
    assert overdue.data == {
        "case_id": case, "org_id": HUANGGANG, "due_at": instant("2023-07-06T00:00:00+08:00"),
    }
