"""Answers on their way: to the sender's own queue, or where operators find what was not done."""

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import structlog
from kombu import Producer

from services.gateway.letters import Answer, Letter
from shared.bus.broker import connection
from shared.bus.inbound import REFUSED
from shared.bus.message import CONTENT_TYPE
from shared.contracts.inbound import ANSWERS_TO, DIRECT

CONFIRM = 10.0

log = structlog.get_logger()


class Answers:
    """A connection that publishes one answer at a time, mandatory and confirmed."""

    def __init__(self, url: str) -> None:
        # no heartbeats: nobody reads here between answers, and the confirm's time limit tells
        self.connection = connection(
            url, heartbeat=0, transport_options={"confirm_publish": True}
        )
        self._returned = False
        self._producer = Producer(self.connection.default_channel, on_return=self._unroutable)

    def send(self, letter: Letter, answer: Answer) -> None:
        """Bring *answer* to whom it concerns; returns when the broker has it.

        What was not done and can be told to nobody is kept in `fuquan.inbound.refused`: the
        message as it came, with the answer in the header ``fuquan-answer``.

        Raises:
            amqp.AMQPError, OSError: the broker does not have it.
        """
        text = json.dumps(answer, ensure_ascii=False, default=str)
        log.info("inbound.answered", **_short(letter, answer))
        if own_queue(letter) and self._publish(
            letter.reply_to, text.encode(), headers(letter, answer),
            content_type=CONTENT_TYPE, content_encoding="utf-8",
            correlation_id=letter.correlation or answer["id"],
        ):
            return
        if answer["outcome"] == "accepted":
            return  # the log has it
        kept = {name: value for name, value in letter.headers.items() if name != "fuquan-answer"}
        self._publish(
            REFUSED.name, letter.body, kept | {"fuquan-answer": text, "fuquan-user": letter.user},
            content_type=letter.content_type, content_encoding=letter.content_encoding,
            correlation_id=letter.correlation,
        )

    def close(self) -> None:
        """Close the connection, whatever its state."""
        self.connection.release()

    def _publish(self, queue: str | None, body: bytes, told: dict[str, Any], **more: Any) -> bool:
        """Whether there is such a queue, which has it then."""
        self._returned = False
        self._producer.publish(
            body, exchange="", routing_key=queue, headers=told, serializer=None, delivery_mode=2,
            mandatory=True, confirm_timeout=CONFIRM, **more,
        )
        return not self._returned

    def _unroutable(self, *_: Any) -> None:
        self._returned = True


def own_queue(letter: Letter) -> bool:
    """Whether the answer is wanted in a queue of the sender's own, and nobody else's."""
    to = letter.reply_to or ""
    return to.startswith(DIRECT) or (
        letter.user is not None and to.startswith(ANSWERS_TO.format(user=letter.user))
    )


def headers(letter: Letter, answer: Answer) -> dict[str, Any]:
    """An answer is a CloudEvent too; its id is the same for every repetition of the message."""
    named = f"fuquan:answer:{letter.user}:{answer['id']}:{answer['outcome']}"
    return {
        "ce-specversion": "1.0", "ce-id": str(uuid5(NAMESPACE_URL, named)),
        "ce-type": f"fuquan.inbound.{answer['outcome']}", "ce-source": "fuquan.inbound",
        "ce-subject": answer["id"] or "",
    }


def _short(letter: Letter, answer: Answer) -> dict[str, Any]:
    return {
        "user": letter.user, "id": answer["id"], "type": answer["type"],
        "outcome": answer["outcome"], "code": answer.get("code"),
    }
