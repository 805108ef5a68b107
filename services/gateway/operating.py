"""Operators' page: how far logs and consumers are, what is parked, the command that mends it.

For whoever may ask by the API, with the same token. Nothing here changes anything.
"""

from typing import Any

from flask import Flask, render_template, request

from services.gateway.api import Call
from services.gateway.tokens import Gate
from shared.settings import WITH_DATABASE


def add_operating(app: Flask, call: Call, gate: Gate) -> None:
    """Add the operators' page to *app*."""

    @app.get("/ops")
    def ops() -> str:
        gate.visitor(request.headers.get("Authorization"))
        standing, parked = (
            {
                name: call(name, "ask", door=door, request={})["answer"]
                for name in WITH_DATABASE
            }
            for door in ("standing", "parked")
        )
        return render_template(
            "ops.html", logs={name: one["log"] for name, one in standing.items() if one["log"]},
            places=_places(standing), parked=parked,
        )


def _places(standing: dict[str, Any]) -> list[dict[str, Any]]:
    """One row per service and source: how many facts it lacks, and how many reactions."""
    size = {name: one["log"]["size"] for name, one in standing.items() if one["log"]}
    return [
        {
            "service": name, "source": source, "behind": size[source] - at["projected"],
            "unreacted": size[source] - at["reacted"],
        }
        for name, one in standing.items() for source, at in sorted(one["cursors"].items())
    ]
