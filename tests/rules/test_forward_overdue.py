"""A town passes an accepted case on within the prescribed limit (R061, R118)."""

import pytest

from shared.contracts.envelope import instant
from tests.office import Office

pytest_plugins = ("tests.office",)

HUANGGANG, APPROVALS = "MD2023-TOWN-13", "MD2023-ORG-19"
MONDAY_9 = "2023-07-03T09:00:00+08:00"
WEDNESDAY_END = "2023-07-06T00:00:00+08:00"


@pytest.fixture
def timber(office: Office) -> Office:
    """MD23-30 林木采伐许可证核发, accepted in 黄堽镇 on Monday, to forward in two working days."""
    office.knows("MD2023")
    office.tell_case_accepted(
        "c-1",
        item="MD23-30",
        town=HUANGGANG,
        mode="entrusted_acceptance",
        at=MONDAY_9,
        forward_due=WEDNESDAY_END,
    )
    return office


def run(office: Office, now: str) -> None:
    office.do("supervision", "run_due", {"programme": "MD2023", "now": now}, at=now)
    office.settle()


@pytest.mark.rule("R061")
@pytest.mark.rule("R118")
def test_a_case_not_forwarded_by_the_end_of_wednesday_is_overdue_once_and_charged_to_the_town(
    timber,
):
    run(timber, WEDNESDAY_END)
    run(timber, "2023-07-06T08:00:00+08:00")

    (overdue,) = timber.facts("supervision", "ForwardOverdue")
    assert overdue.data == {
        "case_id": "c-1",
        "org_id": HUANGGANG,
        "due_at": instant(WEDNESDAY_END),
    }


@pytest.mark.rule("R118")
def test_before_the_end_of_the_day_nothing_is_overdue(timber):
    run(timber, "2023-07-05T23:59:00+08:00")

    assert timber.facts("supervision", "ForwardOverdue") == []


@pytest.mark.rule("R118")
def test_a_case_forwarded_before_the_end_is_not_overdue(timber):
    timber.tell_case_forwarded(
        "c-1", from_org=HUANGGANG, to_org=APPROVALS, at="2023-07-05T17:59:00+08:00"
    )

    run(timber, WEDNESDAY_END)

    assert timber.facts("supervision", "ForwardOverdue") == []


@pytest.mark.rule("R118")
@pytest.mark.rule("R224")
def test_a_forward_in_time_that_the_broker_brings_after_midnight_withdraws_the_overdue(timber):
    run(timber, WEDNESDAY_END)

    timber.tell_case_forwarded(
        "c-1", from_org=HUANGGANG, to_org=APPROVALS, at="2023-07-05T17:59:00+08:00"
    )
    timber.settle()

    (overdue,) = timber.facts("supervision", "ForwardOverdue")
    (withdrawn,) = timber.facts("supervision", "OverdueWithdrawn")
    assert withdrawn.data["overdue_event_id"] == str(overdue.id)
    assert timber.ask("supervision", "overdue", {"programme": "MD2023", "on": "2023-07-06"}) == []


@pytest.mark.rule("R118")
def test_a_forward_after_the_limit_leaves_the_overdue_standing(timber):
    run(timber, WEDNESDAY_END)

    timber.tell_case_forwarded(
        "c-1", from_org=HUANGGANG, to_org=APPROVALS, at="2023-07-06T08:10:00+08:00"
    )
    timber.settle()

    assert timber.facts("supervision", "OverdueWithdrawn") == []


@pytest.mark.rule("R118")
@pytest.mark.rule("R224")
def test_a_case_forwarded_late_is_overdue_although_nobody_looked_in_between(timber):
    timber.tell_case_forwarded(
        "c-1", from_org=HUANGGANG, to_org=APPROVALS, at="2023-07-06T08:10:00+08:00"
    )

    run(timber, "2023-07-07T00:00:00+08:00")

    (overdue,) = timber.facts("supervision", "ForwardOverdue")
    assert overdue.occurred_at == instant(WEDNESDAY_END)


@pytest.mark.rule("R118")
def test_an_open_case_stands_in_the_overdue_list_with_its_days(timber):
    on_friday = timber.ask("supervision", "overdue", {"programme": "MD2023", "on": "2023-07-07"})

    (row,) = on_friday
    assert (row["owed"], row["org_id"], row["days_late"]) == ("forward", HUANGGANG, 2)


@pytest.mark.rule("R118")
def test_without_a_limit_there_is_no_overdue_and_the_item_is_listed(office: Office):
    office.knows("ST2021")
    office.tell_delegated(
        "g-5",
        item="ST21-05",
        town="ST2021-TOWN-02",
        at="2021-07-01T00:00:00+08:00",
        mode="window_forward",
        decides="ST2021-ORG-05",
        programme="ST2021",
    )
    office.tell_case_accepted(
        "c-2",
        item="ST21-05",
        town="ST2021-TOWN-02",
        mode="window_forward",
        at="2021-07-05T09:00:00+08:00",
        forward_due=None,
        programme="ST2021",
    )

    office.do(
        "supervision",
        "run_due",
        {"now": "2021-12-31T00:00:00+08:00"},
        at="2021-12-31T00:00:00+08:00",
    )
    listed = office.ask("supervision", "no_limit_set", {"programme": "ST2021"})

    assert office.facts("supervision", "ForwardOverdue") == []
    assert [(row["item_id"], row["town_id"], row["cases_waiting"]) for row in listed] == [
        ("ST21-05", "ST2021-TOWN-02", 1)
    ]


@pytest.mark.rule("R118")
def test_an_item_with_a_limit_is_not_listed(timber):
    timber.tell_delegated(
        "g-1",
        item="MD23-30",
        town=HUANGGANG,
        at="2023-06-01T00:00:00+08:00",
        mode="entrusted_acceptance",
        decides=APPROVALS,
    )
    timber.tell(
        "catalog.ItemTimeLimitSet",
        {
            "item_id": "MD23-30",
            "town_id": None,
            "step": "forward",
            "value": 2,
            "unit": "working_day",
        },
        at="2023-06-01T09:00:00+08:00",
    )

    assert timber.ask("supervision", "no_limit_set", {"programme": "MD2023"}) == []
