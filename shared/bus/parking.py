"""Rows of `bus.parked`: what is set aside in a consumer's transaction."""

from psycopg2.extensions import cursor

from shared.bus.mending import BEHIND
from shared.contracts.envelope import Fact


def storable(text: str) -> str:
    """A text of unknown origin without what PostgreSQL does not take."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def park(at: cursor, fact: Fact, stage: str, error: str) -> None:
    """Set a fact aside, once."""
    at.execute(
        "INSERT INTO bus.parked (source, position, stream, stage, error, body)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (fact.source, fact.position, fact.stream, stage, error, fact.envelope),
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
