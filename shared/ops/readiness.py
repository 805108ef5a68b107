"""Whether a process may be given work: what it needs, checked one by one."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import psycopg2

from shared.bus.broker import connection
from shared.clock import day_of, system_clock
from shared.database import Database
from shared.holidays import china
from shared.log.keyring import Held, algorithms
from shared.log.keys import NoteError
from shared.log.openssl import OpenSslAway
from shared.ops.queues import NO_BROKER
from shared.settings import Settings

WITHIN = 3.0
CLOCK_APART = timedelta(seconds=5)
LAG = 60.0
CALENDAR_AHEAD = timedelta(days=30)

Check = Callable[[], str]  # "" where all is well, else what is wrong and what to do
WARNINGS = frozenset({"calendar"})  # told, alarmed on, and no reason to take a process out


def ready(checks: Mapping[str, Check]) -> tuple[bool, dict[str, Any]]:
    """Every check's finding, and whether the process may be given work.

    Returns:
        Ready, and ``{check: {"ok": bool, "detail": str}}``.
    """
    found = {name: check() for name, check in checks.items()}
    return not any(found[name] for name in found if name not in WARNINGS), {
        name: {"ok": not detail, "detail": detail} for name, detail in found.items()
    }


def answers(database: Database) -> Check:
    """PostgreSQL answers there."""

    def check() -> str:
        try:
            database.rows("SELECT 1")
        except psycopg2.Error as away:
            return f"PostgreSQL does not answer: {str(away).strip()}"
        return ""

    return check


def broker(settings: Settings) -> Check:
    """The broker takes a connection."""

    def check() -> str:
        try:
            with connection(settings.amqp_url, connect_timeout=WITHIN) as broker:
                broker.ensure_connection(max_retries=1, timeout=WITHIN)
        except NO_BROKER as away:
            return f"the broker does not answer: {str(away).strip() or type(away).__name__}"
        return ""

    return check


def clock(of: Database) -> Check:
    """The clocks of process and database agree within 5 s."""

    def check() -> str:
        try:
            ((theirs,),) = of.rows("SELECT clock_timestamp()")
        except psycopg2.Error:
            return "PostgreSQL does not tell the time"
        apart = abs(theirs - system_clock())
        if apart > CLOCK_APART:
            return f"the clocks are {apart.total_seconds():.1f} s apart; mend the time service"
        return ""

    return check


def calendar() -> str:
    """The arrangement of days off is known for the next 30 days (R118: working days)."""
    known = china().known_to
    if known is None or known < day_of(system_clock() + CALENDAR_AHEAD):
        return f"days off are known to {known}; install the calendar of the new year"
    return ""


def key(settings: Settings, service: str) -> Check:
    """The signing keys of a log are there and are what they should be."""

    def check() -> str:
        for algorithm in algorithms(sm=settings.sm):
            held = Held(settings.keys, service, settings.origin(service), algorithm)
            try:
                held.loaded()
            except (OSError, NoteError, ValueError) as wrong:
                return f"{held.path.name} cannot be used: {wrong}; put back the folder of keys"
            except OpenSslAway as away:
                return str(away)
        return ""

    return check


def lag(ages: Callable[[], Mapping[str, float]]) -> Check:
    """Nothing that it follows is older than 60 s and not taken in."""

    def check() -> str:
        try:
            late = {source: age for source, age in ages().items() if age > LAG}
        except psycopg2.Error as away:
            return f"a log cannot be read: {str(away).strip()}"
        return ", ".join(f"{source}: {age:.0f} s behind" for source, age in late.items())

    return check
