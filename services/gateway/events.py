"""Facts over HTTP: any log from any position, as CloudEvents, a line each."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, g, request
from marshmallow import RAISE, Schema, fields
from marshmallow.validate import Length, Range

from services.gateway.requests import Doors
from services.gateway.tokens import Gate
from shared.bus.cloudevents import line
from shared.contracts.requests import Code
from shared.settings import SERVICES

NDJSON = "application/x-ndjson"
WAITING = re.compile(r"wait(?:=(\d{1,4}))?", re.IGNORECASE)
WAIT, LONGEST, TURN = 30, 60, 0.5


class Events(Schema):
    """Which facts of a log."""

    class Meta:
        unknown = RAISE

    first = fields.Integer(
        data_key="from", load_default=0, validate=Range(min=0, max=2**53),
        metadata={"description": "First position wanted, from 0 (起始位置)"},
    )
    limit = fields.Integer(
        load_default=500, validate=Range(min=1, max=1000),
        metadata={"description": "At most so many (条数上限)"},
    )
    types = fields.List(
        Code(), load_default=list, validate=Length(max=200),
        metadata={"description": "Only events of these types; none: all (事件类型)"},
    )


class Patience(Schema):
    """How long an answer may take."""

    prefer = fields.String(
        data_key="Prefer", load_default="",
        metadata={
            "description": "wait, or wait=SECONDS up to 60: where there is nothing yet, the"
            " answer comes as soon as there is (等待新事件)"
        },
    )


def events_blueprint(call: Callable[..., Any], gate: Gate) -> Doors:
    """``GET /events/<service>`` for every service that has a log."""
    blueprint = Doors("events", __name__, url_prefix="/events", description="事件重放")
    blueprint.before_request(lambda: _admit(gate))
    for service in SERVICES:
        _add(blueprint, service, call)
    return blueprint


def _add(blueprint: Doors, service: str, call: Callable[..., Any]) -> None:
    @blueprint.doc(operationId=f"events.{service}", security=[{"token": []}])
    @blueprint.arguments(Patience, location="headers")
    @blueprint.arguments(Events, location="query")
    @blueprint.response(200, {"type": "string"}, content_type=NDJSON)
    def events(patience: Mapping[str, Any], _: Mapping[str, Any]) -> Response:
        """Facts of one log from a position on, a CloudEvent a line (事件重放)."""
        asked = dict(g.asked)
        page = _awaited(
            lambda: call("ledger", "ask", door="entries", request={"source": service, **asked}),
            _seconds(patience["prefer"]),
        )
        return _lines(service, asked, page)

    blueprint.add_url_rule(
        f"/{service}", endpoint=service, view_func=events, methods=["GET"],
        provide_automatic_options=False,
    )


def _admit(gate: Gate) -> None:
    gate.actor(request.headers.get("Authorization"))


def _seconds(prefer: str) -> float:
    """Seconds that the caller is willing to wait (RFC 7240, section 4.3)."""
    found = WAITING.search(prefer)
    return min(float(found[1] or WAIT), LONGEST) if found else 0.0


def _awaited(ask: Callable[[], Mapping[str, Any]], seconds: float) -> Mapping[str, Any]:
    deadline = time.monotonic() + seconds
    while True:
        page: Mapping[str, Any] = ask()["answer"]
        if page["entries"] or time.monotonic() >= deadline:
            return page
        time.sleep(TURN)


def _lines(service: str, asked: Mapping[str, Any], page: Mapping[str, Any]) -> Response:
    body = b"".join(
        line(
            one["source"], one["position"], one["previous"], one["type"], one["envelope"].encode()
        )
        for one in page["entries"]
    )
    more = "".join(f"&types={type_}" for type_ in asked.get("types", ()))
    limit = f"&limit={asked['limit']}" if "limit" in asked else ""
    return Response(body, content_type=NDJSON, headers={
        "Next-Position": str(page["next"]), "Log-Size": str(page["size"]),
        "Link": f'</events/{service}?from={page["next"]}{limit}{more}>; rel="next"',
    })
