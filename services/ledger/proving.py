"""The proof of competence over the ledger's tables: what was looked at, and what was found."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.ledger.competence import prove
from services.ledger.evidence import history
from services.ledger.findings import Finding
from shared.database import Database
from shared.register.questions import Register

TOLD = 1000  # findings in one answer
EVENTS = (
    "SELECT m.source, m.position, m.type, convert_from(m.envelope, 'UTF8')::jsonb ->> 'id'"
    " FROM mirror m JOIN unnest(%s::text[], %s::bigint[]) AS cause (source, position)"
    " USING (source, position)"
)


def proved(
    database: Database, *, programme: str | None, item: str | None, town: str | None,
    known_at: datetime | None,
) -> dict[str, Any]:
    """The proof for a programme, an item, a town; None: for all.

    Returns:
        ``until``: so far the history reaches; ``checked``: how many ``items``, ``places`` (item in
        a town), ``grants``; ``found``: how many findings; ``findings``: the first of them, each
        with ``event_id`` and ``event`` (the type) of the fact that caused it.
    """
    known = history(database, programme=programme, item=item, town=town, known_at=known_at)
    found = prove(known)
    told = found[:TOLD]
    causes = _causes(database, told)
    names = _names(database, told)
    return {
        "until": known.until,
        "checked": {
            "items": len(known.powers),
            "places": len({(grant.item, grant.town) for grant in known.grants}),
            "grants": len({grant.id for grant in known.grants}),
        },
        "found": len(found),
        "findings": [
            one.told(lambda id_: names.get(id_, id_))
            | dict(zip(("event", "event_id"), causes[one.source, one.position], strict=True))
            for one in told
        ],
    }


def _causes(
    database: Database, found: Iterable[Finding]
) -> dict[tuple[str, int], tuple[str, str]]:
    """Type and id of the facts that caused them, from the mirrored logs."""
    causes = sorted({(one.source, one.position) for one in found})
    rows = database.rows(EVENTS, ([s for s, _ in causes], [p for _, p in causes]))
    return {(source, position): (type_, id_) for source, position, type_, id_ in rows}


def _names(database: Database, found: Iterable[Finding]) -> dict[str, str]:
    """Names of the items, towns and organs that are spoken of."""
    orgs = {org for one in found for org in (*one.orgs, one.town)}
    items = sorted({one.item for one in found})
    rows = database.rows("SELECT item_id, name FROM item WHERE item_id = ANY(%s)", (items,))
    return dict(rows) | Register(database).names(orgs)
