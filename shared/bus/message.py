"""How a fact travels: CloudEvents 1.0 in binary mode on a durable topic exchange."""

import json
from typing import Any

from kombu import Exchange, Queue, binding

from shared.contracts.envelope import Fact, open_fact

EVENTS = Exchange("fuquan.events", type="topic", durable=True)
# A service binds to it and may not make it: see `shared.bus.broker.stand`.
STANDING = Exchange(EVENTS.name, type=EVENTS.type, durable=True, no_declare=True)
# What ended its consumer again and again goes here, with ``x-death``; the consumer reads on, and
# reads the hole from the log.
DEAD = Exchange("fuquan.dead", type="topic", durable=True)
DEAD_LETTERS = Queue(
    "fuquan.dead.letters", bindings=[binding(DEAD, routing_key="#")], durable=True,
    queue_arguments={"x-queue-type": "quorum"},
)
CONTENT_TYPE = "application/json"
UNREADABLE = "unreadable"
NOTHING_TOLD = {"jurisdiction": UNREADABLE, "id": "", "stream": "", "occurred_at": ""}
LONGEST = 255  # bytes of a routing key (AMQP 0-9-1, shortstr)


class Undecodable(ValueError):
    """A message that is no fact: wrong content type, headers or body."""


def queue_of(consumer: str, sources: tuple[str, ...]) -> Queue:
    """The one ordered queue of a consumer: quorum, one active consumer at a time."""
    return Queue(
        f"fuquan.{consumer}",
        bindings=[binding(STANDING, routing_key=f"*.{source}.*") for source in sources],
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-delivery-limit": 20,
            "x-dead-letter-exchange": DEAD.name,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )


def routing_key(jurisdiction: str, type_: str) -> str:
    """``<jurisdiction>.<service>.<EventName>``; a dot in the jurisdiction would add a word."""
    return f"{jurisdiction.replace('.', '-')}.{type_}"


def headers(
    *, id_: str, type_: str, source: str, stream: str, time: str, position: int,
    previous: int | None,
) -> dict[str, Any]:
    """The ``ce-`` headers of a fact."""
    return {
        "ce-specversion": "1.0",
        "ce-id": id_,
        "ce-type": type_,
        "ce-source": source,
        "ce-subject": stream,
        "ce-time": time,
        "ce-position": position,
        "ce-previous": -1 if previous is None else previous,
    }


def told_of(envelope: bytes) -> dict[str, Any]:
    """What an envelope tells of itself; one written past the contracts tells little."""
    try:
        told: dict[str, Any] = NOTHING_TOLD | json.loads(envelope)
    except (ValueError, TypeError, RecursionError):
        return dict(NOTHING_TOLD)
    return told | {key: none for key, none in NOTHING_TOLD.items() if not _is_text(told[key])}


def _is_text(value: Any) -> bool:
    """Whether a header can carry it: half a surrogate pair has no UTF-8."""
    return isinstance(value, str) and value.isprintable() and len(value) <= LONGEST


def message_of(
    source: str, position: int, previous: int | None, type_: str, envelope: bytes
) -> tuple[str, dict[str, Any], bytes]:
    """Routing key, headers and body of a recorded fact."""
    told = told_of(envelope)
    key = routing_key(told["jurisdiction"], type_)
    return (
        key if len(key.encode()) <= LONGEST else routing_key(UNREADABLE, f"{source}.{UNREADABLE}"),
        headers(
            id_=told["id"], type_=type_, source=source, stream=told["stream"],
            time=told["occurred_at"], position=position, previous=previous,
        ),
        envelope,
    )


def fact_of(body: bytes, given: dict[str, Any], content_type: str | None) -> Fact:
    """The fact that a delivered message carries.

    Raises:
        Undecodable: it carries none; the message says why.
    """
    if content_type != CONTENT_TYPE:
        raise Undecodable(f"content type {content_type!r} is not {CONTENT_TYPE}")
    position, previous = given.get("ce-position"), given.get("ce-previous")
    if not isinstance(position, int) or not isinstance(previous, int):
        raise Undecodable("headers ce-position and ce-previous must be integers")
    try:
        fact = open_fact(body, position, None if previous < 0 else previous)
    except ValueError as wrong:
        raise Undecodable(str(wrong)) from wrong
    if fact.source != given.get("ce-source") or fact.type != given.get("ce-type"):
        raise Undecodable("headers ce-source and ce-type differ from the envelope's")
    return fact
