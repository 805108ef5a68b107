"""`/healthz`, `/readyz`, `/metrics` of a process, on the address that FUQUAN_OPS names."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import Any

from flask import Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from werkzeug.serving import make_server

from shared.ops.readiness import Check, ready


def add_probes(app: Flask, checks: Mapping[str, Check]) -> None:
    """Add the two probes: alive, and ready with the reasons why not."""

    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    def readyz() -> tuple[dict[str, Any], int]:
        well, found = ready(checks)
        return {"status": "ready" if well else "not-ready", "checks": found}, 200 if well else 503

    app.add_url_rule("/healthz", view_func=healthz, endpoint="healthz")
    app.add_url_rule("/readyz", view_func=readyz, endpoint="readyz")


def metrics() -> Response:
    """The metrics of this process in Prometheus' text format."""
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def make_ops(checks: Mapping[str, Check]) -> Flask:
    """The operators' side door of a process; it listens where only they come."""
    app = Flask("fuquan-ops")
    add_probes(app, checks)
    app.add_url_rule("/metrics", view_func=metrics, endpoint="metrics")
    return app


@contextmanager
def serving(at: tuple[str, int] | None, checks: Mapping[str, Check]) -> Iterator[None]:
    """Keep the side door of a process open until the block ends; with no address, there is none."""
    if at is None:
        yield
        return
    server = make_server(*at, make_ops(checks), threaded=True)
    Thread(target=server.serve_forever, daemon=True, name="ops").start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
