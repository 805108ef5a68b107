"""One recorded fact as the audit reads it: its bytes taken apart; pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from shared.clock import start_of
from shared.contracts.events import UnknownEvent, lift

# The logs in the order in which they are read: who exists, who holds what, what was decided.
READ_IN = ("catalog", "delegation", "supervision", "cases")
IDS = re.compile(r"([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}){3}")


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
        body = json.loads(stored.envelope.decode("utf-8"))
        actor, type_ = body["actor"], body["type"]
        told = Told(
            source, stored.position, body["id"], type_.partition(".")[2], body["stream"],
            body["version"], body["programme"], body["jurisdiction"], instant(body["occurred_at"]),
            instant(body["recorded_at"]), actor["org"], actor.get("operator", ""),
            body["instrument"], body["correlation"], body["causation"],
            _lifted(type_, body["data"], body["schema"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise Unreadable(f"{source}/{stored.position}: {wrong!r}") from wrong
    if not _shaped(told):
        raise Unreadable(f"{source}/{stored.position}: a field is not of its kind")
    return told


def _lifted(type_: str, data: Any, schema: int) -> dict[str, Any]:
    """As the current contract has them; as they are, where this audit knows no such contract."""
    try:
        return lift(type_, data, schema)
    except UnknownEvent:
        return dict(data)


def _shaped(told: Told) -> bool:
    """Whether every field of the envelope is of its kind."""
    return (
        type(told.stream) is type(told.programme) is type(told.jurisdiction) is type(told.org)
        is type(told.operator) is str and type(told.version) is int
        and (told.instrument is None or type(told.instrument) is dict)
        and IDS.fullmatch(f"{told.id}{told.correlation}{told.causation}") is not None
    )


@lru_cache(maxsize=4_096)  # an act says its instant up to four times
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
