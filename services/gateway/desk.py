"""Carrying out what other platforms ask: once, for certain, and with an answer."""

import time
from collections.abc import Callable, Iterable, Mapping
from threading import Event
from typing import Any

import structlog
from marshmallow import ValidationError

from services.gateway.api import Call
from services.gateway.letters import Answer, Asked, accepted, failed, invalid, rejected
from services.gateway.problems import DATABASE_AWAY, code_of
from shared.bus.message import message_of, told_of
from shared.contracts.inbound import FACTS_TO
from shared.entrypoints import RemoteError, UnknownService
from shared.refusal import Refused

PAGE = 500
HOLD = 300.0

Message = tuple[str, dict[str, Any], bytes]

log = structlog.get_logger()


class Interrupted(Exception):
    """The process ends; what was asked stays in the queue."""


class Desk:
    """Carries out what is asked.

    Args:
        call: ``call(service, method, **arguments)``, an RPC to a service's door.
        stopping: set when the process ends.
        hold: seconds for which a service that is away is waited for.
    """

    def __init__(self, call: Call, stopping: Event, hold: float = HOLD) -> None:
        self.call = call
        self.stopping = stopping
        self.hold = hold

    def answer(self, asked: Asked, send: Callable[[Iterable[Message]], bool]) -> Answer:
        """The answer to what was asked, after it has been done.

        Args:
            send: publishes (queue, headers, body) in order; False where there is no such queue.

        Raises:
            Interrupted: the process ends before there is an answer.
        """
        told = {"id": asked.id, "type": asked.type}
        try:
            if asked.door is None:
                return self._repeat(asked, send)
            done = self._await(
                lambda: self.call(
                    asked.service, "do", door=asked.door, request=asked.request, given=asked.given
                )
            )
            at = {asked.service: done["position"]} if "position" in done else {}
            return accepted(asked, done, at)
        except Refused as refused:
            return rejected(told, refused)
        except ValidationError as wrong:
            return invalid(told, {"data": wrong.messages})
        except (UnknownService, TimeoutError):
            return failed(told, "gateway.service-away")
        except RemoteError as fault:
            log.exception("inbound.fault", id=asked.id, type=asked.type, error=str(fault))
            return failed(told, code_of(fault))

    def _await(self, ask: Callable[[], Any]) -> Any:
        """What *ask* answers; while the service is away or behind, it is asked again.

        Raises:
            Refused, marshmallow.ValidationError: the service's answer.
            UnknownService, TimeoutError, RemoteError: there was none in time.
        """
        deadline, wait = time.monotonic() + self.hold, 0.1
        while True:
            try:
                return ask()
            except (Refused, UnknownService, TimeoutError, RemoteError) as no:
                if not _passing(no) or time.monotonic() > deadline:
                    raise
            if self.stopping.wait(wait):
                raise Interrupted
            wait = min(wait * 2, 5.0)

    def _repeat(self, asked: Asked, send: Callable[[Iterable[Message]], bool]) -> Answer:
        """Send recorded facts again, as they were sent first."""
        told = {"id": asked.id, "type": asked.type}
        queue, source, first, left = _wanted(asked.request)
        if not queue.startswith(FACTS_TO.format(user=asked.platform.user)):
            raise Refused(
                "inbound.not-your-queue", {"user": asked.platform.user, "queue": queue},
                f"队列名须以 {FACTS_TO.format(user=asked.platform.user)} 开头",
            )
        while left > 0:
            page = self._page({
                "source": source, "from": first, "limit": min(PAGE, left),
                "types": asked.request.get("types", []),
            })
            if not send(self._facts(page["entries"], asked, queue)):
                return invalid(told, {"data": {"queue": ["There is no such queue."]}})
            left, first = left - len(page["entries"]), page["next"]
            if first >= page["size"]:
                break
        done = {"stream": None, "version": None, "events": []}
        return accepted(asked, done, {source: first})

    def _page(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._await(
            lambda: self.call("ledger", "ask", door="entries", request=question)
        )["answer"]
        return answer

    def _facts(
        self, entries: Iterable[Mapping[str, Any]], asked: Asked, queue: str
    ) -> Iterable[Message]:
        yours = asked.platform.jurisdictions
        for entry in entries:
            _, told, body = message_of(
                entry["source"], entry["position"], entry["previous"], entry["type"],
                entry["envelope"].encode(),
            )
            if not yours or told_of(body)["jurisdiction"] in yours:
                yield queue, told, body


def _wanted(request: Mapping[str, Any]) -> tuple[str, str, int, int]:
    return request["queue"], request["source"], request.get("from", 0), request.get("limit", 1000)


def _passing(no: Exception) -> bool:
    if isinstance(no, Refused):
        return no.passing
    return not isinstance(no, RemoteError) or no.exc_type in DATABASE_AWAY
