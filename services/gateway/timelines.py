"""Public pages of who held what over time: the ledger's picture, and its content as a table."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask, render_template, request

from services.gateway.api import Call
from services.gateway.moments import moment_of
from services.gateway.problems import Problem
from shared.clock import moment
from shared.refusal import Refused

UNKNOWN = {"register.unknown-item": "没有事项", "register.unknown-town": "没有镇街"}


def add_timelines(app: Flask, call: Call) -> None:
    """Add the timeline of an item and of a town to *app*."""

    def page(**of: str) -> str:
        known_at = moment_of("known_at", request.args.get("known_at"))
        asked = of | ({"known_at": known_at.isoformat()} if known_at else {})
        try:
            told = call("ledger", "ask", door="timeline", request=asked)["answer"]
        except Refused as refused:
            if refused.code not in UNKNOWN:
                raise
            what = f"{UNKNOWN[refused.code]}：{next(iter(of.values()))}"
            raise Problem(404, f"gateway.{refused.code.partition('.')[2]}", what) from refused
        return render_template("timeline.html", told=told, known_at=request.args.get("known_at"))

    app.add_template_filter(lambda told: moment(datetime.fromisoformat(told)), "moment")

    @app.template_filter()
    def holders(bar: Mapping[str, Any], facet: str) -> list[str]:
        """Who holds a facet, a line for cases of one town and one for those across towns."""
        found = next((one for one in bar["holders"] if one["facet"] == facet), None)
        if found is None:
            return []
        across = found["across_towns"]
        lines = ["、".join(found["orgs"]) or "未载明"]
        return lines if across is None else [*lines, f"跨镇街事务：{'、'.join(across) or '未载明'}"]

    @app.get("/timeline/items/<item_id>")
    def timeline_of_item(item_id: str) -> str:
        return page(item=item_id)

    @app.get("/timeline/towns/<town_id>")
    def timeline_of_town(town_id: str) -> str:
        return page(town=town_id)
