"""What is handed over before an item is transferred to a bureau: R004, R099, R100."""

from copy import deepcopy
from datetime import date
from uuid import UUID

import pytest

from services.delegation.domain import handover_lines
from services.delegation.domain.handover import Handover, transfer_warnings
from shared.refusal import Refused
from tests.delegating import county, one_county  # noqa: F401 - the fixtures
from tests.notice import notice

UNIT, FORMER, NEW_BUREAU = "GZ2020-UNIT-15", "GZ2020-UNIT-15-ORG-01", "GZ2020-UNIT-15-BUREAU"
ARCHIVES, TRAINING = 4, 5


def transfer_agreement(county):
    drafted = county.told("draft_agreement", {
        "programme": "GZ2020", "kind": "transfer", "department": FORMER, "town": UNIT,
        "items": ["GZ20-001"], "transfer_at": "2021-04-20T00:00:00+08:00",
        "clauses": [
            {"key": key} for key in ("划转事项", "划转时间", "权责划分", "系统设备", "档案管理")
        ],
    })["stream"]
    county.told("sign_agreement", {
        "programme": "GZ2020", "agreement": drafted, "signed_on": "2021-04-10",
        "signatories": [FORMER, NEW_BUREAU],
    })
    return drafted


def transferred(county, agreement):
    return county.told("transfer_power", {
        "programme": "GZ2020", "unit": UNIT, "item": "GZ20-001", "agreement": agreement,
    }, "2021-04-12T09:00:00+08:00")


@pytest.mark.rule("R100")
def test_an_item_is_not_transferred_without_its_archives(county):
    agreement = transfer_agreement(county)
    county.papers_moved("GZ20-001", left_open=(ARCHIVES,))

    with pytest.raises(Refused) as refused:
        transferred(county, agreement)

    assert refused.value.code == "delegation.handover-incomplete"
    assert refused.value.facts["lines"] == ["相关档案"]


@pytest.mark.rule("R100")
def test_with_all_its_papers_the_item_is_transferred(county):
    agreement = transfer_agreement(county)
    county.papers_moved("GZ20-001")

    answer = transferred(county, agreement)

    (completed,) = county.recorded("HandoverCompleted")
    assert answer["events"] == ["delegation.PowerTransferred"]
    assert completed.data["transfer_id"] == answer["stream"]


@pytest.mark.rule("R100")
def test_where_the_gate_only_warns_the_transfer_says_what_it_came_without(county):
    rows = notice("GZ2020")
    warning = deepcopy(rows.programme)
    warning["settings"]["gates"]["handover"] = "warn"
    checklist = handover_lines.of_transfer(
        warning, transfer=UUID(int=1), unit=rows.town(UNIT), item=rows.item("GZ20-001")
    )
    on = date(2021, 4, 11)
    all_but_archives = Handover.deliver(
        None, checklist=checklist, lines=[1, 2, 3], stock={}, given_by=rows.organ(FORMER), on=on
    )
    all_but_archives.confirm(
        checklist=checklist, lines=[], counted={}, confirmed_by=NEW_BUREAU, on=on
    )

    assert transfer_warnings(warning, checklist, all_but_archives) == [
        "handover_incomplete: 相关档案"
    ]
    with pytest.raises(Refused):
        transfer_warnings(rows.programme, checklist, all_but_archives)


@pytest.mark.rule("R099")
def test_training_goes_on_after_the_transfer_and_does_not_hold_it_up(county):
    agreement = transfer_agreement(county)
    county.papers_moved("GZ20-001", left_open=(TRAINING,))

    answer = transferred(county, agreement)

    (moved,) = county.recorded("PowerTransferred")
    assert answer["events"] == ["delegation.PowerTransferred"]
    assert moved.data["warnings"] == []
    assert len(county.recorded("HandoverCompleted")) == 1


@pytest.mark.rule("R004")
@pytest.mark.rule("R100")
def test_a_unit_that_receives_nothing_has_nothing_to_take_over():
    rows = notice("GZ2020")

    with pytest.raises(Refused) as refused:
        handover_lines.of_transfer(
            rows.programme, transfer=UUID(int=1), unit=rows.town(UNIT) | {"recipient": False},
            item=rows.item("GZ20-001"),
        )

    assert refused.value.code == "delegation.not-a-recipient"


@pytest.mark.rule("R100")
def test_the_bureau_confirms_and_not_the_county(county):
    papers = {"programme": "GZ2020", "unit": UNIT, "item": "GZ20-001"}
    county.told("deliver_handover", papers | {"given_by": FORMER, "on": "2021-04-11"})

    with pytest.raises(Refused) as refused:
        county.told("confirm_handover", papers | {"confirmed_by": UNIT, "on": "2021-04-11"})

    assert refused.value.code == "delegation.confirmed-by-taker-only"
    assert refused.value.facts["takers"] == [NEW_BUREAU]
