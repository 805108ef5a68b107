"""Working days and deadlines."""

from datetime import UTC, date, datetime

import pytest

from shared.calendar import Calendar, by_day, days_late, within
from shared.contracts.envelope import instant
from shared.holidays import china

WEEKDAYS = Calendar("仅计周末")
# 国务院办公厅关于2023年部分节假日安排的通知: 9月29日至10月6日放假,
# 10月7日（星期六）、10月8日（星期日）上班.
AUTUMN = Calendar(
    "2023年放假安排",
    holidays=frozenset({date(2023, 9, 29), *(date(2023, 10, day) for day in range(1, 7))}),
    exchanged=frozenset({date(2023, 10, 7), date(2023, 10, 8)}),
    known_to=date(2023, 12, 31),
)


def test_two_working_days_from_monday_end_with_wednesday():
    limit = within(
        2, "working_day", started_at=instant("2023-07-03T09:00:00+08:00"), calendar=WEEKDAYS
    )

    assert limit.due_at == instant("2023-07-06T00:00:00+08:00")


def test_a_weekend_does_not_count():
    limit = within(
        1, "working_day", started_at=instant("2023-07-07T17:30:00+08:00"), calendar=WEEKDAYS
    )

    assert limit.due_at == instant("2023-07-11T00:00:00+08:00")


def test_days_off_do_not_count_and_exchanged_weekends_do():
    limit = within(
        3, "working_day", started_at=instant("2023-09-28T09:00:00+08:00"), calendar=AUTUMN
    )

    assert limit.due_at == instant("2023-10-10T00:00:00+08:00")


def test_the_day_is_that_of_shanghai():
    limit = within(
        1, "working_day", started_at=datetime(2023, 7, 3, 16, 30, tzinfo=UTC), calendar=WEEKDAYS
    )

    assert limit.due_at == instant("2023-07-06T00:00:00+08:00")


@pytest.mark.parametrize(
    ("value", "unit", "due"),
    [
        (36, "hour", "2023-07-04T21:00:00+08:00"),
        (5, "calendar_day", "2023-07-09T00:00:00+08:00"),
    ],
)
def test_other_units(value: int, unit: str, due: str):
    limit = within(value, unit, started_at=instant("2023-07-03T09:00:00+08:00"), calendar=WEEKDAYS)

    assert limit.due_at == instant(due)


@pytest.mark.rule("R118")
def test_silence_is_no_deadline():
    started = instant("2023-07-03T09:00:00+08:00")

    assert within(None, None, started_at=started, calendar=WEEKDAYS) is None
    assert by_day(None) is None


def test_an_unknown_unit_is_an_error():
    with pytest.raises(ValueError, match="fortnight"):
        within(1, "fortnight", started_at=instant("2023-07-03T09:00:00+08:00"), calendar=WEEKDAYS)


def test_before_a_day_includes_the_day_unless_the_programme_says_otherwise():
    assert by_day(date(2021, 7, 19)).due_at == instant("2021-07-20T00:00:00+08:00")
    assert by_day(date(2021, 7, 19), inclusive=False).due_at == instant("2021-07-19T00:00:00+08:00")


@pytest.mark.parametrize(
    ("at", "late"),
    [
        ("2020-05-10T23:59:59+08:00", 0),
        ("2020-05-11T00:00:00+08:00", 1),
        ("2020-05-11T08:00:00+08:00", 1),
        ("2020-05-12T00:00:00+08:00", 2),
    ],
)
def test_days_late_are_calendar_days_after_the_last_day_in_time(at: str, late: int):
    assert days_late(instant("2020-05-11T00:00:00+08:00"), instant(at)) == late


def test_a_deadline_explains_itself():
    limit = within(
        3, "working_day", started_at=instant("2023-10-05T09:00:00+08:00"), calendar=AUTUMN
    )

    assert limit.explain() == (
        "自2023-10-05 09:00起3个工作日（按2023年放假安排），不计2023-10-06，期限为2023-10-09 24:00"
    )
    assert by_day(date(2021, 1, 28)).explain() == "期限为2021-01-28 24:00"


def test_a_deadline_says_when_the_holidays_were_not_yet_published():
    limit = within(
        2, "working_day", started_at=instant("2023-12-29T09:00:00+08:00"), calendar=AUTUMN
    )

    assert limit.calendar == "2023年放假安排，其后放假安排未公布，仅计周末"


def test_the_published_calendar_knows_the_national_day_of_2023():
    assert not china().is_working_day(date(2023, 10, 2))
    assert china().is_working_day(date(2023, 10, 7))
