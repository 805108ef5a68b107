"""The working days of China as the State Council publishes them; the kernel only gets the dates."""

from datetime import date
from functools import cache

from chinese_calendar.constants import holidays, workdays

from shared.calendar import Calendar


@cache
def china() -> Calendar:
    """The calendar of public holidays and exchanged days, as far as they have been published."""
    last = max(day.year for day in holidays)
    return Calendar(
        name=f"国务院办公厅放假安排（至{last}年）",
        holidays=frozenset(holidays),
        exchanged=frozenset(workdays),
        known_to=date(last, 12, 31),
    )
