"""Instants and days: aware UTC inside, Asia/Shanghai where the law counts days."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def start_of(day: date) -> datetime:
    """The first instant of *day* in Asia/Shanghai, as UTC: what takes effect on it holds here."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The instant at which *day* is over in Asia/Shanghai, as UTC; "X日前" ends here."""
    return start_of(day + timedelta(days=1))


def moment(instant: datetime) -> str:
    """An instant as clocks in China show it; the first of a day is that day."""
    local = instant.astimezone(SHANGHAI)
    return f"{local:%Y-%m-%d}" if local.time() == time() else f"{local:%Y-%m-%d %H:%M}"


def day_of(instant: datetime) -> date:
    """The calendar day of *instant* in Asia/Shanghai."""
    return instant.astimezone(SHANGHAI).date()
