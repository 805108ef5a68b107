"""What one item was across the towns, or one town across the items: lanes of bars, in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.ledger.evidence import reached
from services.ledger.terms import FAR
from shared.database import Database
from shared.register.questions import Register

BARS = """
SELECT h.grant_id::text, h.item_id, h.town_id, h.mode, h.scope, h.exclusive, h.effective_from,
       h.effective_to, h.instrument, h.opened_by, h.closed_by,
       jsonb_agg(jsonb_build_array(h.facet, h.org_id, h.cross_town) ORDER BY h.nth) AS facets
  FROM holding h
 WHERE h.recorded @> %(known_at)s::timestamptz AND NOT isempty(h.effective)
   AND h.{whose} = %(id)s
 GROUP BY h.grant_id, h.item_id, h.town_id, h.mode, h.scope, h.exclusive, h.effective_from,
          h.effective_to, h.instrument, h.opened_by, h.closed_by
 ORDER BY h.effective_from, h.opened_by
"""
LANES = {
    "town_id": "SELECT town_id, name FROM town WHERE town_id = ANY(%s) ORDER BY town_id",
    "item_id": "SELECT item_id, name FROM item WHERE item_id = ANY(%s) ORDER BY seq, item_id",
}
ENDS = (
    "SELECT position, coalesce(convert_from(envelope, 'UTF8')::jsonb -> 'data' ->> 'ground', type)"
    " FROM mirror WHERE source = 'delegation' AND position = ANY(%s)"
)
FACETS = {
    "accept": "受理", "preliminary_review": "初步审查", "substantive_review": "实质性审核",
    "decide": "决定", "seal": "用印",
}
WHY = {
    "delegation.GrantModeChanged": "方式变更", "delegation.GrantScopeChanged": "范围变更",
    "delegation.GrantSucceeded": "单位承继",
    "runs_badly": "运行不畅", "poor_effect": "效果不好", "does_not_fit": "不相适应",
    "term_expired": "委托期限届满", "law_forbids": "法律法规禁止", "item_abolished": "事项取消",
    "organ_merged": "机构撤并",
}


def of_item(database: Database, item: str, known_at: datetime | None) -> dict[str, Any]:
    """One item across the towns: who held it where, in which mode, by which instrument.

    Returns:
        ``{of, id, name, programme, title, owner, owner_spans, known_at, until, modes, lanes}``; a
        lane is ``{id, name, bars}``, a bar as `_bar` tells it. ``until``: so far the history
        reaches. ``owner_spans``: the department's own power, open where an end is None.
    """
    register = Register(database)
    row = register.item(None, item)
    owner = register.names([row["granting_org_id"]]).get(row["granting_org_id"])
    rows = database.dicts(
        BARS.format(whose="item_id"), {"id": item, "known_at": known_at or FAR}
    )
    return _told(database, row, rows, "town_id", known_at) | {
        "of": "item", "id": item, "name": row["name"], "owner": owner or row["granting_org_id"],
        "owner_spans": list(_own(rows)),
    }


def of_town(database: Database, town: str, known_at: datetime | None) -> dict[str, Any]:
    """One town, or one unit, across the items; it has no ``owner``."""
    row = Register(database).town(None, town)
    rows = database.dicts(
        BARS.format(whose="town_id"), {"id": town, "known_at": known_at or FAR}
    )
    return _told(database, row, rows, "item_id", known_at) | {
        "of": "town", "id": town, "name": row["name"], "owner": None, "owner_spans": [],
    }


def _own(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[datetime | None, datetime | None]]:
    """What exclusive grants leave of the department's own power (R064)."""
    since: datetime | None = None
    for row in rows:  # in the order of their beginnings
        if row["exclusive"]:
            if since is None or since < row["effective_from"]:
                yield since, row["effective_from"]
            if row["effective_to"] is None:
                return
            since = max(since or row["effective_to"], row["effective_to"])
    yield since, None


def _told(
    database: Database, subject: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], lane: str,
    known_at: datetime | None,
) -> dict[str, Any]:
    register, until = Register(database), reached(database)
    programme = register.programme(subject["programme_id"])
    modes = {mode: known["mode_zh"] for mode, known in programme["modes"].items()}
    names = register.names({org for row in rows for _, org, _ in row["facets"]})
    closed = [row["closed_by"] for row in rows if row["closed_by"] is not None]
    ends = dict(database.rows(ENDS, (closed,)))
    bars: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        told = _bar(row, modes, names, ends.get(row["closed_by"]))
        bars.setdefault(row[lane], []).append(told)
    lanes = database.rows(LANES[lane], (list(bars),))
    used = {row["mode"] for row in rows}
    return {
        "programme": programme["programme_id"], "title": programme["title"],
        "known_at": known_at, "until": until if known_at is None else min(known_at, until),
        "modes": [{"mode": mode, "mode_zh": modes[mode]} for mode in modes if mode in used],
        "lanes": [{"id": id_, "name": name, "bars": bars[id_]} for id_, name in lanes],
    }


def _bar(
    row: Mapping[str, Any], modes: Mapping[str, str], names: Mapping[str, str], why: str | None
) -> dict[str, Any]:
    """A grant over an interval.

    Returns:
        ``{grant_id, mode, mode_zh, scope, exclusive, from, to, holders, instrument, opened_by,
        closed_by, ended}``; ``holders``: ``{facet, zh, orgs, across_towns}`` per facet that is
        exercised, by name; ``across_towns`` None where it is no different.
    """
    return {
        "grant_id": row["grant_id"], "mode": row["mode"],
        "mode_zh": modes.get(row["mode"], row["mode"]), "scope": row["scope"],
        "exclusive": row["exclusive"], "from": row["effective_from"], "to": row["effective_to"],
        "holders": list(_holders(row["facets"], names)), "instrument": paper(row["instrument"]),
        "opened_by": row["opened_by"], "closed_by": row["closed_by"],
        "ended": why and WHY.get(why, why),
    }


def _holders(
    facets: Sequence[Sequence[str]], names: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for facet, zh in FACETS.items():
        within, across = (
            list(dict.fromkeys(
                names.get(org, org) for held, org, cross in facets
                if held == facet and cross in ("any", crossing)
            ))
            for crossing in ("no", "yes")
        )
        if within or across:
            yield {
                "facet": facet, "zh": zh, "orgs": within,
                "across_towns": None if across == within else across,
            }


def paper(instrument: Mapping[str, Any] | None) -> str | None:
    """The document by its number and date."""
    if not instrument or not instrument.get("ref"):
        return None
    dated = instrument.get("dated")
    return f"{instrument['ref']}（{dated}）" if dated else str(instrument["ref"])
