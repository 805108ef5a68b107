"""Operators' page: how far logs and consumers are, what is parked, the command that mends it.

For whoever may ask by the API, with the same token; as JSON for `fuquan ops`. Nothing here changes
anything. A service that does not answer soon is shown as one that does not, beside the others.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import eventlet
import structlog
from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from services.gateway.api import Call
from services.gateway.problems import code_of
from services.gateway.tokens import Gate
from shared.entrypoints import RemoteError, UnknownService
from shared.ops.moving import stuck
from shared.ops.queues import NO_BROKER, OF_ALL, queues
from shared.settings import WITH_DATABASE

PATIENCE = 5.0  # seconds, for all of them together
KINDS = ("text/html", "application/json")
UNANSWERED = (TimeoutError, UnknownService, RemoteError)

log = structlog.get_logger()


def add_operating(app: Flask, call: Call, gate: Gate, amqp_url: str) -> None:
    """Add the operators' page to *app*."""

    @app.get("/ops")
    def ops() -> ResponseReturnValue:
        gate.visitor(request.headers.get("Authorization"))
        found = found_by(call, amqp_url)
        if request.accept_mimetypes.best_match(KINDS) == "application/json":
            return jsonify(found)
        return render_template("ops.html", **found)


def found_by(call: Call, amqp_url: str) -> dict[str, Any]:
    """How everything stands, asked side by side.

    Returns:
        ``{"broker", "services": {name: {"away", "log", "cursors", "parked", "listed", "queue"}},
        "places", "queues", "stuck"}``: whether the broker answers; of each service its `standing`,
        the first of its parked facts and its queue, or as ``away`` the code of why there is no
        answer; see `_places` and `shared.ops.moving`; the queues of all by their names.
    """
    pool = eventlet.GreenPool()
    at_broker = pool.spawn(_patiently, lambda: queues(amqp_url), NO_BROKER, lambda _: None)
    told = list(pool.imap(partial(_of, call), WITH_DATABASE))
    queued = at_broker.wait()
    services = {
        name: one | {"queue": (queued or {}).get(name)}
        for name, one in zip(WITH_DATABASE, told, strict=True)
    }
    broker = queued is not None
    of_all = {queue.name: queued[queue.name] for queue in OF_ALL} if queued else {}
    return {
        "broker": broker, "services": services, "places": _places(services),
        "queues": of_all,
        "stuck": [one.told() for one in stuck(services, broker=broker, queues=of_all)],
    }


def _of(call: Call, service: str) -> dict[str, Any]:
    def ask(door: str) -> Any:
        return call(service, "ask", door=door, request={})["answer"]

    def tell() -> dict[str, Any]:
        standing = ask("standing")
        listed = ask("parked") if standing["parked"] else []
        return {"away": None, **standing, "listed": listed}

    def away(no: Exception) -> dict[str, Any]:
        log.warning("ops.unanswered", of=service, error=str(no))
        return {"away": code_of(no), "log": None, "cursors": {}, "parked": {}, "listed": []}

    return _patiently(tell, UNANSWERED, away)


def _patiently(
    ask: Callable[[], Any], no: tuple[type[Exception], ...], instead: Callable[[Exception], Any]
) -> Any:
    """What *ask* answers within `PATIENCE`; *instead* of it where it raises one of *no*."""
    try:
        with eventlet.Timeout(PATIENCE) as patience:  # no OSError, which a client would try again
            return ask()
    except no as why:
        return instead(why)
    except eventlet.Timeout as late:
        if late is not patience:
            raise
        return instead(TimeoutError(f"no answer within {PATIENCE} s"))


def _places(services: dict[str, Any]) -> list[dict[str, Any]]:
    """One row per service and source: facts and reactions it lacks; None: the log is not known."""
    size = {name: one["log"]["size"] for name, one in services.items() if one["log"]}
    return [
        {
            "service": name, "source": source,
            "behind": size[source] - at["projected"] if source in size else None,
            "unreacted": size[source] - at["reacted"] if source in size else None,
        }
        for name, one in services.items() for source, at in sorted(one["cursors"].items())
    ]
