"""Working days, and deadlines that explain themselves; days off are told, not looked up."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.clock import SHANGHAI, day_of, end_of, start_of

UNITS = ("working_day", "calendar_day", "hour")
_ZH = {"working_day": "个工作日", "calendar_day": "日", "hour": "小时"}
SATURDAY = 5
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: Monday to Friday without holidays, and exchanged ones (调休).

    Args:
        name: stays with every deadline that was counted with it.
        holidays: days off that fall on any day of the week.
        exchanged: Saturdays and Sundays that are worked.
        known_to: last day whose arrangement is published; later only weekends are known.
    """

    name: str
    holidays: frozenset[date] = frozenset()
    exchanged: frozenset[date] = frozenset()
    known_to: date | None = None

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open on *day*."""
        return day in self.exchanged or (day.weekday() < SATURDAY and day not in self.holidays)

    def after(self, day: date, count: int) -> tuple[date, tuple[date, ...]]:
        """The *count*-th working day after *day*, and the days skipped on the way."""
        skipped: list[date] = []
        while count > 0:
            day += timedelta(days=1)
            if self.is_working_day(day):
                count -= 1
            else:
                skipped.append(day)
        return day, tuple(skipped)


@dataclass(frozen=True)
class Deadline:
    """The instant from which something is late, and how it was found.

    Args:
        due_at: first instant that is too late, aware, in UTC.
        unit: ``working_day``, ``calendar_day`` or ``hour``; ``day`` for a day named by its date.
        value: how many; None for a named day.
        calendar: name of the calendar by which working days were counted.
        started_at: where counting began; None for a named day.
        skipped: days that were not counted.
    """

    due_at: datetime
    unit: str
    value: int | None = None
    calendar: str | None = None
    started_at: datetime | None = None
    skipped: tuple[date, ...] = ()

    def missed(self, at: datetime) -> bool:
        """Whether *at* is too late."""
        return at >= self.due_at

    def days_late(self, at: datetime) -> int:
        """Calendar days from the last day in time to the day of *at*; 0 when in time."""
        return days_late(self.due_at, at)

    def explain(self) -> str:
        """One sentence in Chinese: from when, how much, by which calendar, until when."""
        until = _until(self.due_at)
        if self.started_at is None or self.value is None:
            return f"期限为{until}"
        from_ = self.started_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        by = f"（按{self.calendar}）" if self.calendar else ""
        without = (
            f"，不计{'、'.join(day.isoformat() for day in self.skipped)}" if self.skipped else ""
        )
        return f"自{from_}起{self.value}{_ZH[self.unit]}{by}{without}，期限为{until}"


def within(
    value: int | None, unit: str | None, *, started_at: datetime, calendar: Calendar
) -> Deadline | None:
    """The deadline of a limit that runs from *started_at*; None where nobody set one (R118).

    The day on which it starts does not count; the last day counts to its end.

    Raises:
        ValueError: a unit that is none of `UNITS`.
    """
    if value is None or unit is None:
        return None
    if unit == "hour":
        return Deadline(started_at + timedelta(hours=value), unit, value, None, started_at)
    if unit == "calendar_day":
        last = day_of(started_at) + timedelta(days=value)
        return Deadline(end_of(last), unit, value, None, started_at)
    if unit == "working_day":
        last, skipped = calendar.after(day_of(started_at), value)
        known = calendar.known_to is None or last <= calendar.known_to
        name = calendar.name if known else f"{calendar.name}，其后放假安排未公布，仅计周末"
        return Deadline(end_of(last), unit, value, name, started_at, skipped)
    raise ValueError(f"{unit} is no unit of time limits: {', '.join(UNITS)}")


def by_day(day: date | None, *, inclusive: bool = True) -> Deadline | None:
    """The deadline of “X日前”; None where no day is written.

    Args:
        inclusive: whether X itself is still in time (setting ``deadline_inclusive``).
    """
    if day is None:
        return None
    return Deadline(end_of(day) if inclusive else start_of(day), "day")


def days_late(due_at: datetime, at: datetime) -> int:
    """Calendar days in Asia/Shanghai from the last day in time to that of *at*; 0 when in time."""
    return (day_of(at) - day_of(due_at - _MOMENT)).days if at >= due_at else 0


def _until(due_at: datetime) -> str:
    local = due_at.astimezone(SHANGHAI)
    if local == start_of(local.date()):
        return f"{day_of(due_at - _MOMENT).isoformat()} 24:00"
    return local.strftime("%Y-%m-%d %H:%M")
