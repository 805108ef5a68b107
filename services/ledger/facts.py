"""Many facts at once: bytes and proofs under one checkpoint; what is behind a grant; names."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.ledger.mirror import Mirror
from shared.database import Database
from shared.refusal import Refused
from shared.register.questions import Register

ENVELOPES = "SELECT position, envelope FROM mirror WHERE source = %s AND position = ANY(%s)"
BEHIND = (
    "SELECT DISTINCT told FROM holding, unnest(ARRAY[opened_by, written_by]) AS told"
    " WHERE grant_id = ANY(%s::uuid[]) AND known_from <= %s ORDER BY told"
)
OWNED = (
    "SELECT position FROM item_owner WHERE item_id = ANY(%(items)s) AND recorded_at <= %(then)s"
    " UNION"
    " SELECT position FROM supervisor WHERE item_id = ANY(%(items)s) AND recorded_at <= %(then)s"
    " ORDER BY position"
)


def proofs_of(mirror: Mirror, positions: Sequence[int], size: int | None) -> dict[str, Any]:
    """Facts with their proofs under the latest checkpoint, of at most *size* entries.

    Returns:
        ``checkpoint``: the signed note, ``size``: its entries, both None where nothing is signed;
        ``facts``: ``{position, envelope, path}`` in the order of the log. ``path``: base64 hashes
        of 32 bytes, from the leaf up; None where the fact is not signed yet.

    Raises:
        Refused: ``ledger.unknown-fact``: nothing is mirrored at one of *positions*.
    """
    asked = sorted(set(positions))
    found = {
        position: bytes(envelope).decode(errors="replace")  # altered bytes prove nothing anyhow
        for position, envelope in mirror.database.rows(ENVELOPES, (mirror.name, asked))
    }
    if missing := [position for position in asked if position not in found]:
        raise Refused(
            "ledger.unknown-fact", {"source": mirror.name, "position": missing[0]},
            f"账本中没有{mirror.name}日志第{missing[0]}号记录，请核对位置或稍后再查",
        )
    dense = mirror.dense()
    signed = mirror.signed(most=dense if size is None else min(size, dense))
    covered = 0 if signed.checkpoint is None else signed.checkpoint.size
    tree = mirror.tree(covered)
    return {
        "checkpoint": signed.note if covered else None, "size": covered or None,
        "facts": [
            {
                "position": position, "envelope": found[position],
                "path": [b64encode(step).decode() for step in tree.inclusion(position)]
                if position < covered else None,
            }
            for position in asked
        ],
    }


def behind(
    database: Database, grants: Iterable[UUID], items: Iterable[str], known_at: datetime
) -> dict[str, list[int]]:
    """Positions, by log, of the facts that made *grants* what was known of them, *items* whose."""
    granted = database.rows(BEHIND, ([str(grant) for grant in grants], known_at))
    owned = database.rows(OWNED, {"items": list(items), "then": known_at})
    return {
        "delegation": [position for (position,) in granted],
        "catalog": [position for (position,) in owned],
    }


def names_of(database: Database, ids: Iterable[str]) -> dict[str, str]:
    """Names of those of these items, organs, towns and centres that are known, by id."""
    asked = list(ids)
    items = database.rows("SELECT item_id, name FROM item WHERE item_id = ANY(%s)", (asked,))
    return dict(items) | Register(database).names(asked)
