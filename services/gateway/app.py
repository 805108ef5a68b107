"""The WSGI application: the API, its description, and the public pages."""

import time
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider

from services.gateway.api import add_api
from services.gateway.auditor import add_auditor
from services.gateway.logs import add_logs
from services.gateway.operating import add_operating
from services.gateway.pages import add_pages
from services.gateway.papers import add_papers
from services.gateway.problems import handle_in
from services.gateway.requests import MAX_BODY
from services.gateway.tokens import Gate
from shared.ops.readiness import broker
from shared.ops.web import add_probes, metrics
from shared.settings import Settings

log = structlog.get_logger()

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        " form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Json(DefaultJSONProvider):
    """JSON with ISO 8601 dates, and Chinese as it is."""

    ensure_ascii = False
    sort_keys = False

    @staticmethod
    def default(value: Any) -> str:
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, UUID):
            return str(value)
        raise TypeError(f"no JSON: {type(value).__name__}")


def make_app(call: Callable[..., Any], settings: Settings) -> Flask:
    """The gateway's application.

    Args:
        call: ``call(service, method, **arguments)``, an RPC to a service's door.
        settings: with the folder of keys and the name of the deployment.
    """
    app = Flask(__name__)
    app.json = Json(app)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.before_request(_begun)  # first: another may answer before the doors
    gate = Gate(settings)
    spec = add_api(app, call, gate)
    add_pages(app, call, spec)
    add_papers(app, call, gate)
    add_auditor(app, call, gate)
    add_operating(app, call, gate, settings.amqp_url)
    add_logs(app, call)
    app.add_url_rule("/openapi.json", view_func=lambda: spec, endpoint="openapi")
    add_probes(app, {"broker": broker(settings)})
    app.add_url_rule("/metrics", view_func=_metrics(gate), endpoint="metrics")
    handle_in(app)
    app.after_request(_headed)
    app.after_request(_told)
    return app


def _metrics(gate: Gate) -> Callable[[], Response]:
    def view() -> Response:
        gate.actor(request.headers.get("Authorization"))
        return metrics()

    return view


def _begun() -> None:
    g.begun = time.monotonic()


def _told(response: Response) -> Response:
    """One line per request; its correlation stands in the commands' lines and in the events."""
    command = request.headers.get("Idempotency-Key")
    log.info(
        "http", method=request.method, path=request.path, status=response.status_code,
        command=command, correlation=request.headers.get("Correlation-Id") or command,
        ms=round((time.monotonic() - g.begun) * 1000, 1),
    )
    return response


def _headed(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
