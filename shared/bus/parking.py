"""Rows of `bus.parked`: what is set aside in a consumer's transaction."""

from psycopg2.extensions import cursor

from shared.bus.mending import BEHIND
from shared.contracts.envelope import Fact
from shared.log.store import Entry


def park(at: cursor, source: str, one: Fact | Entry, stage: str, error: str) -> None:
    """Set a fact aside, or the log's entry that cannot be read as one, once."""
    at.execute(
        "INSERT INTO bus.parked (source, position, stream, stage, error, body)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (source, one.position, one.stream, stage, _storable(error), one.envelope),
    )


def park_behind(at: cursor, fact: Fact, stage: str) -> bool:
    """Park a fact behind an earlier one of its stream; False if none is parked any more."""
    at.execute(
        "INSERT INTO bus.parked (source, position, stream, stage, error, body)"
        " SELECT source, %(position)s, stream, %(stage)s, %(error)s, %(body)s FROM ("
        "  SELECT source, stream FROM bus.parked WHERE source = %(source)s"
        "  AND stream = %(stream)s AND position < %(position)s"
        "  ORDER BY position LIMIT 1 FOR UPDATE) ahead ON CONFLICT DO NOTHING",
        {
            "source": fact.source, "stream": fact.stream, "position": fact.position,
            "stage": stage, "error": BEHIND, "body": fact.envelope,
        },
    )
    return at.rowcount == 1


def park_unreadable(at: cursor, body: bytes, error: str) -> None:
    """Set a message aside that is no fact: it has no place in a log."""
    at.execute(
        "INSERT INTO bus.parked (stage, error, body) VALUES ('read', %s, %s)",
        (_storable(error), body),
    )


def _storable(text: str) -> str:
    """A text of unknown origin without what PostgreSQL does not take."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
