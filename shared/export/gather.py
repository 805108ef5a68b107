"""Asks the ledger, and for the proof of what it answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from marshmallow import ValidationError

from shared.contracts.asked_ledger_facts import MOST
from shared.contracts.delegation_fields import FACETS
from shared.contracts.requests import load_request
from shared.export.answer import Answer, Shown, refs
from shared.export.tables import QUESTIONS, TABLES
from shared.refusal import Refused
from shared.settings import SERVICES

Ask = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
PAGE = 1000
NAMED = (("org_id", "org_name"), ("item_id", "item_name"), ("town_id", "town_name"))


def gathered(
    ask: Ask, door: str, asked: Mapping[str, Any], *, made_at: datetime, base: str = "",
    most: int | None = None,
) -> Answer:
    """The answer to a question of the ledger, with names and proof.

    Args:
        ask: ``ask(door, request)`` to the ledger; returns ``{"answer", "as_of"}``.
        asked: the request; ``holders`` without a facet is asked for every facet.
        base: address of the gateway; the export links to the same question there.
        most: rows; None: any number.

    Raises:
        Refused: ``export.too-long``; and what the ledger refuses.
        ValidationError: no question of the ledger that is a table, or a wrong field.
    """
    if door not in QUESTIONS:
        raise ValidationError({"door": [f"None of {', '.join(QUESTIONS)}."]})
    made_at = made_at.astimezone(UTC).replace(microsecond=0)
    asked = {key: value for key, value in asked.items() if value is not None}
    if TABLES[door].pinned:
        asked.setdefault("known_at", made_at.isoformat())
    rows: list[dict[str, Any]] = []
    as_of: Mapping[str, int] = {}
    for answered, row in _rows(ask, door, asked):
        if most is not None and len(rows) == most:
            raise Refused(
                "export.too-long", {"most": most},
                f"答案超过{most}行，请缩小范围，或用命令 fuquan ledger export 导出",
            )
        as_of = as_of or answered
        rows.append(row)
    rows = _named(ask, rows)
    checkpoints, facts = evidence(ask, rows, asked.get("known_at"))
    link = f"{base.rstrip('/')}/audit/answers/{door}?{urlencode(asked)}" if base else ""
    return Answer(door, asked, made_at, as_of, rows, checkpoints, facts, link)


def _rows(
    ask: Ask, door: str, asked: Mapping[str, Any]
) -> Iterator[tuple[Mapping[str, int], dict[str, Any]]]:
    each = [asked]
    if door == "holders" and "facet" not in asked:
        each = [{**asked, "facet": facet} for facet in FACETS]
    for request in each:
        load_request("ledger", door, request, is_command=False)
        once = {"item_id": request.get("item"), "facet": request.get("facet")}
        for told in _pages(ask, door, request):
            for row in TABLES[door].rows(told["answer"]):
                yield told["as_of"], {**once, **row}


def _pages(ask: Ask, door: str, request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if not TABLES[door].paged:
        yield ask(door, request)
        return
    page: dict[str, Any] = {**request, "limit": PAGE}
    while True:
        told = ask(door, page)
        yield told
        if len(told["answer"]) < PAGE:
            return
        page["beyond"] = told["answer"][-1]["place"]


def _named(ask: Ask, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with names beside the ids; a role that is no one organ is its own name."""
    found = [dict(row) for row in rows]
    ids = {row.get(of) for row in found for of, name in NAMED if name not in row} - {None}
    names: dict[str, str] = {}
    for some in _by_many(sorted(map(str, ids))):
        names |= ask("names", {"ids": some})["answer"]
    for row in found:
        for of, name in NAMED:
            row.setdefault(name, row.get(of) and names.get(row[of], row[of]))
    return found


def evidence(
    ask: Ask, rows: Iterable[Mapping[str, Any]], known_at: str | None = None
) -> tuple[dict[str, str], list[Shown]]:
    """The latest checkpoint of every log, and the facts behind the rows, each with its path."""
    wanted: dict[str, set[int]] = {source: set() for source in SERVICES}
    grants, items = set(), set()
    for row in rows:
        for source, position in refs(row):
            wanted[source].add(position)
        if row.get("grant_id"):
            grants.add(row["grant_id"])
        elif row.get("opened_by") is not None:
            items.add(row["item_id"])
    then = {} if known_at is None else {"known_at": known_at}
    for asked in (
        *({"grants": some, "items": []} for some in _by_many(sorted(grants))),
        *({"grants": [], "items": some} for some in _by_many(sorted(items))),
    ):
        for source, positions in ask("behind", {**asked, **then})["answer"].items():
            wanted[source] |= set(positions)
    checkpoints: dict[str, str] = {}
    facts: list[Shown] = []
    for source, positions in wanted.items():
        size: dict[str, int] = {}  # of the first answer: all stand under one checkpoint
        for some in _by_many(sorted(positions)) or [[]]:
            told = ask("proofs", {"source": source, "positions": some, **size})["answer"]
            if told["checkpoint"] is not None:
                checkpoints[source] = told["checkpoint"]
            size = {"size": told["size"] or 0}
            facts += [
                Shown(
                    source=source, position=fact["position"], envelope=fact["envelope"],
                    path=fact["path"],
                )
                for fact in told["facts"]
            ]
    return checkpoints, facts


def _by_many(values: Sequence[Any]) -> list[list[Any]]:
    return [list(values[at:at + MOST]) for at in range(0, len(values), MOST)]
