"""The envelope around every event: who, when, under what, caused by what. DESIGN section 5."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from marshmallow import ValidationError

from shared.clock import system_clock
from shared.contracts import events
from shared.log.canonical import canonical


class Unfit(ValidationError, ValueError):
    """The data of a fact are not what its contract says; ``messages`` by field."""


@dataclass(frozen=True)
class Given:
    """What accompanies a command: its id, who gives it, when it was done, on what document.

    Args:
        command: idempotency key; the same id with the same body gets the same answer.
        actor: ``{"org", "role", "operator"}``; the operator is an opaque id, never a name (R223).
        at: when the act was done (``occurred_at``), aware.
        instrument: ``{"kind", "ref", "dated", "sha256"}`` or None (R220).
        expected: the version of the aggregate that the caller has seen, or None.
        after: positions by source that the service must have taken in before it decides.
        wait: whether the answer is to carry the position of the command's last event.
    """

    command: UUID
    actor: Mapping[str, str]
    at: datetime
    instrument: Mapping[str, Any] | None = None
    expected: int | None = None
    correlation: UUID | None = None
    causation: UUID | None = None
    rules: tuple[str, ...] = ()
    after: Mapping[str, int] = field(default_factory=dict)
    wait: bool = False

    def child(self, name: str) -> "Given":
        """The same circumstances for a command that follows from this one."""
        return Given(
            command=uuid5(self.command, name),
            actor=self.actor,
            at=self.at,
            instrument=self.instrument,
            correlation=self.correlation or self.command,
            causation=self.causation,
            rules=self.rules,
        )


@dataclass(frozen=True)
class Fact:
    """One recorded event as its readers see it."""

    id: UUID
    type: str
    source: str
    stream: UUID
    version: int
    programme: str
    jurisdiction: str
    occurred_at: datetime
    recorded_at: datetime
    actor: Mapping[str, str]
    instrument: Mapping[str, Any] | None
    correlation: UUID | None
    causation: UUID | None
    data: dict[str, Any]
    position: int
    previous: int | None
    envelope: bytes = field(repr=False)

    def given(self, policy: str) -> Given:
        """The circumstances of the one command that *policy* issues on this fact."""
        return Given(
            command=uuid5(self.id, policy),
            actor={"org": self.source, "role": "policy", "operator": policy},
            at=self.occurred_at,
            instrument=self.instrument,
            correlation=self.correlation,
            causation=self.id,
        )


def instant(text: str) -> datetime:
    """An aware instant from its ISO 8601 text.

    Raises:
        ValueError: the text has no zone.
    """
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return value.astimezone(UTC)


def given_of(told: Mapping[str, Any]) -> Given:
    """The circumstances of a command as a caller sends them.

    Raises:
        marshmallow.ValidationError: ``command``, ``actor`` or ``at`` is missing or wrong.
    """
    try:
        return Given(
            command=UUID(told["command"]),
            actor={key: str(told["actor"][key]) for key in ("org", "role", "operator")},
            at=instant(told["at"]) if told.get("at") else system_clock(),
            instrument=told.get("instrument"),
            expected=told.get("expected"),
            correlation=UUID(told["correlation"]) if told.get("correlation") else None,
            after={
                str(source): int(position)
                for source, position in (told.get("after") or {}).items()
            },
            wait=bool(told.get("wait")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise ValidationError({"given": [f"{type(wrong).__name__}: {wrong}"]}) from wrong


def seal(
    *, source: str, type_: str, stream: UUID, version: int, index: int, data: Mapping[str, Any],
    given: Given, programme: str, jurisdiction: str, recorded_at: datetime,
) -> bytes:
    """The exact bytes of a new event: stored, hashed, published and verified as they are.

    With *index*, its place within its command, it gets an id that no retry changes; *data* are
    Python values, checked against the contract of *type_*.

    Raises:
        UnknownEvent, marshmallow.ValidationError: the event is not its contract's.
        EnvelopeTooLarge: above 65,535 bytes.
    """
    kind = events.contract_of(type_)
    return canonical(
        {
            "id": str(uuid5(given.command, str(index))),
            "type": type_,
            "schema": kind.contract_version,
            "source": source,
            "stream": str(stream),
            "version": version,
            "programme": programme,
            "jurisdiction": jurisdiction,
            "occurred_at": given.at.astimezone(UTC).isoformat(),
            "recorded_at": recorded_at.astimezone(UTC).isoformat(),
            "actor": dict(given.actor),
            "instrument": dict(given.instrument) if given.instrument else None,
            "rules": list(given.rules),
            "correlation": str(given.correlation or given.command),
            "causation": str(given.causation or given.command),
            "data": events.dump(type_, data),
        }
    )


@lru_cache(maxsize=4096)
def open_fact(envelope: bytes, position: int, previous: int | None) -> Fact:
    """A fact from its stored or delivered bytes; the readers of one process open it once.

    Raises:
        ValueError: not an envelope; UnknownEvent and `Unfit` are its kinds.
    """
    try:
        body = json.loads(envelope.decode("utf-8"))
        return Fact(
            id=UUID(body["id"]),
            type=body["type"],
            source=body["source"],
            stream=UUID(body["stream"]),
            version=body["version"],
            programme=body["programme"],
            jurisdiction=body["jurisdiction"],
            occurred_at=instant(body["occurred_at"]),
            recorded_at=instant(body["recorded_at"]),
            actor=body["actor"],
            instrument=body["instrument"],
            correlation=UUID(body["correlation"]),
            causation=UUID(body["causation"]),
            data=events.load(body["type"], body["data"], body["schema"]),
            position=position,
            previous=previous,
            envelope=envelope,
        )
    except ValidationError as wrong:  # no ValueError by itself
        raise Unfit(wrong.messages) from wrong
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as wrong:
        raise ValueError(f"not an envelope: {wrong!r}") from wrong
