"""Answers on their way: to the sender's own queue, or where operators find what was not done."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import structlog
from amqp.serialization import dumps

from services.gateway.letters import Answer, Letter
from shared.bus.inbound import REFUSED
from shared.bus.message import CONTENT_TYPE
from shared.bus.publisher import Publisher, Unconfirmed
from shared.contracts.inbound import ANSWERS_TO, DIRECT

SHORT = 255  # bytes of a property or of a queue's name
ROOM = 60_000  # bytes of headers, ours and theirs each: together a frame, which has 131,072
ADDED = "fuquan-answer", "fuquan-user", "fuquan-headers-left-out"

log = structlog.get_logger()


class Answers:
    """Publishes one answer at a time, mandatory and confirmed; connects when it has one.

    Args:
        url: of the broker.
        wait_on: whether to wait on while the broker takes nothing (an alarm).
    """

    def __init__(self, url: str, wait_on: Callable[[], bool]) -> None:
        self.url = url
        self._wait_on = wait_on
        self._publisher: Publisher | None = None

    def send(self, letter: Letter, answer: Answer) -> None:
        """Bring *answer* to whom it concerns; returns when the broker has it.

        What was not done and can be told to nobody is kept.

        Raises:
            Unconfirmed, amqp.AMQPError, OSError: the broker does not have it.
        """
        told = headers(letter, answer)
        log.info("inbound.answered", **_short(letter, answer))
        if own_queue(letter) and self._publish(
            letter.reply_to or "", text_of(answer).encode(), told,
            content_type=CONTENT_TYPE, content_encoding="utf-8",
            correlation_id=letter.correlation or _property(answer["id"]) or told["ce-id"],
        ):
            return
        if answer["outcome"] != "accepted":  # else the log has it
            self.keep(letter, answer)

    def keep(self, letter: Letter, answer: Answer) -> None:
        """Put the message as it came into `fuquan.inbound.refused`, with *answer* in a header.

        Raises:
            Unconfirmed, amqp.AMQPError, OSError: the broker does not have it.
        """
        ours = {"fuquan-answer": fitting_text(answer), "fuquan-user": letter.user}
        if not self._publish(
            REFUSED.name, letter.body, fitting(letter.headers) | ours,
            content_type=letter.content_type, content_encoding=letter.content_encoding,
            correlation_id=letter.correlation,
        ):
            raise Unconfirmed(f"there is no queue {REFUSED.name}")

    def close(self) -> None:
        """Close the connection, whatever its state; the next answer gets another."""
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None

    def _publish(self, queue: str, body: bytes, told: dict[str, Any], **more: str | None) -> bool:
        """Whether there is such a queue, which has it then."""
        if self._publisher is None:
            self._publisher = Publisher(self.url, exchange="", wait_on=self._wait_on)
        returned = self._publisher.returned
        self._publisher.publish([(queue, told, body)], **more)
        return self._publisher.returned == returned


def own_queue(letter: Letter) -> bool:
    """Whether the answer is wanted in a queue of the sender's own, and nobody else's."""
    to = letter.reply_to or ""
    return to.startswith(DIRECT) or (
        letter.user is not None and to.startswith(ANSWERS_TO.format(user=letter.user))
    )


def headers(letter: Letter, answer: Answer) -> dict[str, Any]:
    """An answer is a CloudEvent too; its id is the same for every repetition of the message."""
    of = answer["id"] or sha256(letter.body).hexdigest()
    named = f"fuquan:answer:{letter.user}:{of}:{answer['outcome']}"
    return {
        "ce-specversion": "1.0", "ce-id": str(uuid5(NAMESPACE_URL, named)),
        "ce-type": f"fuquan.inbound.{answer['outcome']}", "ce-source": "fuquan.inbound",
        "ce-subject": answer["id"] or "",
    }


def text_of(answer: Answer) -> str:
    """*answer* as JSON; half a character, which UTF-8 has no bytes for, stays as its escape."""
    text = json.dumps(answer, ensure_ascii=False, default=str)
    return text.encode("utf-8", "backslashreplace").decode()


def fitting(given: Mapping[Any, Any]) -> dict[Any, Any]:
    """The sender's headers, the smallest first, as far as there is room; what is left out is said.

    Raises:
        amqp.FrameSyntaxError: one cannot be written.
    """
    sizes = {name: len(dumps("F", [{name: value}])) for name, value in given.items()
             if name not in ADDED}
    found: dict[Any, Any] = {}
    room = ROOM
    for name, size in sorted(sizes.items(), key=lambda one: one[1]):
        room -= size
        if room < 0:
            return found | {"fuquan-headers-left-out": len(sizes) - len(found)}
        found[name] = given[name]
    return found


def fitting_text(answer: Answer) -> str:
    """*answer* as JSON for a header; where it is too long, its outcome and code alone."""
    text = text_of(answer)
    if len(text.encode()) <= ROOM:
        return text
    return text_of({name: answer.get(name) for name in ("id", "type", "outcome", "code")})


def _property(text: str | None) -> str | None:
    return text if text and len(text.encode()) <= SHORT else None


def _short(letter: Letter, answer: Answer) -> dict[str, Any]:
    return {
        "user": letter.user, "id": answer["id"], "type": answer["type"],
        "outcome": answer["outcome"], "code": answer.get("code"),
    }
