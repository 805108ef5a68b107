"""Days and instants as people write them in an address or a form."""

from datetime import date, datetime

from services.gateway.problems import Problem
from shared.clock import start_of


def moment_of(name: str, text: str | None) -> datetime | None:
    """A day is its first instant in China; an instant has its zone; nothing is None.

    Args:
        name: of the field, for the one who filled it in.

    Raises:
        Problem: 400, it is neither.
    """
    if not text:
        return None
    try:
        if len(text) == len("YYYY-MM-DD"):
            return start_of(date.fromisoformat(text))
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as wrong:
        raise _no_moment(name) from wrong
    if found.tzinfo is None:
        raise _no_moment(name)
    return found


def _no_moment(name: str) -> Problem:
    return Problem(
        400, "request.invalid", "请写日期，如 2024-01-01",
        errors={name: ["Not a day, nor an instant with its zone."]},
    )
