"""One recorded fact as the audit reads it: its bytes taken apart, no contract asked; pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from shared.clock import start_of

FAR = datetime.max.replace(tzinfo=UTC)  # no end
ALWAYS = datetime.min.replace(tzinfo=UTC)

# The logs in the order in which they are read: who exists, who holds what, what was decided.
READ_IN = ("catalog", "delegation", "supervision", "cases")


class Stored(NamedTuple):
    """One entry of a log: its place, and its exact bytes."""

    position: int
    envelope: bytes


@dataclass(slots=True)
class Told:
    """What a fact says.

    Args:
        name: the event's name without its service.
        position: in the log of *source*.
        occurred: when the act was done. *recorded*: when the log took it in. Both aware.
        org: of the actor. *operator*: opaque id.
    """

    source: str
    position: int
    id: str
    name: str
    stream: str
    version: int
    programme: str
    jurisdiction: str
    occurred: datetime
    recorded: datetime
    org: str
    operator: str
    instrument: Mapping[str, Any] | None
    correlation: str
    causation: str
    data: dict[str, Any]


class Unreadable(ValueError):
    """The bytes are no envelope."""


def read(source: str, stored: Stored) -> Told:
    """Take one entry apart.

    Raises:
        Unreadable: it is no envelope.
    """
    try:
        body = json.loads(stored.envelope)
        actor = body["actor"]
        return Told(
            source, stored.position, body["id"], body["type"].partition(".")[2], body["stream"],
            body["version"], body["programme"], body["jurisdiction"], instant(body["occurred_at"]),
            instant(body["recorded_at"]), actor["org"], actor.get("operator", ""),
            body["instrument"], body["correlation"], body["causation"], body["data"],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise Unreadable(f"{source}/{stored.position}: {wrong!r}") from wrong


@lru_cache(maxsize=65_536)  # an act says its instant up to four times
def instant(text: str) -> datetime:
    """An aware instant from its ISO 8601 text.

    Raises:
        ValueError: the text has no zone.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return found


@lru_cache(maxsize=4_096)
def first_instant(day: str) -> datetime:
    """The first instant of a day, told as 2023-07-01, in Asia/Shanghai."""
    return start_of(date.fromisoformat(day))
