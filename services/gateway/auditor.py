"""Auditors' pages: who held what when, as known when; what differs; the events behind; downloads.

For whoever may ask by the API, with the same token. Nothing here changes anything.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Flask, render_template, request

from services.gateway.answers import add_answers, answer_of
from services.gateway.api import Call
from services.gateway.differences import differences
from services.gateway.events_shown import Ask, add_events
from services.gateway.logs import known_log
from services.gateway.moments import moment_of
from services.gateway.tokens import Gate
from shared.clock import system_clock
from shared.export.answer import Answer, refs
from shared.export.files import FORMS
from shared.export.tables import TABLES, text_of
from shared.refusal import Refused
from shared.settings import SERVICES

NOT_FOUND = ("register.unknown-item", "register.unknown-town")
COLUMNS = {column.key: column for column in TABLES["history"].columns}


def add_auditor(app: Flask, call: Call, gate: Gate) -> None:
    """Add the auditors' pages to *app*."""

    def ask(door: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        told: Mapping[str, Any] = call("ledger", "ask", door=door, request=dict(asked))
        return told

    def admit() -> None:
        if request.path.startswith("/audit"):
            gate.visitor(request.headers.get("Authorization"))

    app.before_request(admit)
    app.add_template_filter(_shown, "shown")
    app.add_template_filter(lambda row: list(refs(row)), "refs")
    add_events(app, ask)
    add_answers(app, ask)

    @app.get("/audit")
    def audit() -> tuple[str, int]:
        """The form; with an item, what is asked in it."""
        form = {name: value.strip() for name, value in request.args.items() if value.strip()}
        lists = _lists(partial(call, "catalog", "ask"))
        try:
            found = _found(ask, form, lists) if "item" in form else {}
        except Refused as refused:
            if refused.code not in NOT_FOUND:
                raise
            page = render_template("audit.html", form=form, lists=lists, said=refused.zh)
            return page, HTTPStatus.NOT_FOUND
        page = render_template("audit.html", form=form, lists=lists, forms=FORMS, **found)
        return page, HTTPStatus.OK

    @app.get("/audit/verify")
    def audit_verify() -> str:
        """Every stored byte, the order of every stream, every signed root, log by log."""
        source = request.args.get("source") or None
        if source is not None:
            known_log(source)
        found: dict[str, Any] = {}
        for name in SERVICES if source is None else (source,):
            found |= ask("verify", {"source": name})["answer"]
        status = ask("status", {})["answer"]
        return render_template("audit_verify.html", found=found, status=status)


def _found(
    ask: Ask, form: Mapping[str, str], lists: Mapping[str, Sequence[Mapping[str, str]]]
) -> dict[str, Any]:
    """All that the page shows of an item: holders, differences, timeline."""
    at, known, at2, known2 = (
        moment_of(name, form.get(name)) for name in ("at", "known_at", "at2", "known_at2")
    )
    now = system_clock().replace(microsecond=0)
    item = _id_of(form["item"], lists["items"])
    town = _id_of(form.get("town"), lists["towns"])

    def holders(at: datetime, known: datetime | None) -> Answer:
        return answer_of(ask, "holders", {
            "item": item, "town": town, "at": at.isoformat(),
            "known_at": known and known.isoformat(),
        })

    first = holders(at or now, known)
    then = {} if known is None else {"known_at": known.isoformat()}
    told = {
        "answer": first, "timeline": ask("timeline", {"item": item, **then})["answer"],
    }
    if at2 or known2:
        second = holders(at2 or at or now, known2 or known)
        told |= {"second": second, "differences": list(differences(first.rows, second.rows))}
    return told


def _lists(ask: Any) -> dict[str, list[dict[str, str]]]:
    """Items and towns to choose from."""
    found: dict[str, list[dict[str, str]]] = {"items": [], "towns": []}
    for programme in ask(door="programmes", request={})["answer"]:
        of = {"programme": programme["programme_id"]}
        found["items"] += [
            {"id": one["item_id"], "name": one["name"]}
            for one in ask(door="items", request=of)["answer"]
        ]
        found["towns"] += [
            {"id": one["town_id"], "name": one["name"]}
            for one in ask(door="towns", request=of)["answer"]
        ]
    return found


def _id_of(text: str | None, known: Sequence[Mapping[str, str]]) -> str | None:
    """The id of what has that name; an id, and what is unknown, as it is."""
    named = {one["name"]: one["id"] for one in known}
    return text and named.get(text, text)


def _shown(value: Any, key: str) -> str:
    """A value of a column as the exports show it."""
    column = COLUMNS.get(key)
    return text_of(value, column.kind if column else "text") or "—"
