"""How much of what it could claim a town has claimed: reported, never blocks (R032)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain import claim_refusals
from services.delegation.domain.programme import Row, setting
from services.delegation.domain.stream import Recorded, record, stream_id

CLAIMED = ("claimed", "granted", "refused")
DEFERRED = "deferred"


@dataclass(frozen=True)
class Figures:
    """Of one town, counted in items.

    Args:
        unexplained: neither claimed nor deferred with consent; None where the notice expects no
            full claim of towns of this tier.
        unexplained_items: those of them that the catalogue names.
    """

    claimed: int
    deferred: int
    unexplained: int | None
    of: int
    unexplained_items: list[str]


def figures(
    programme: Row, *, tier: str | None, items: Sequence[str], claims: Mapping[str, str]
) -> Figures:
    """Count a town's claims.

    Args:
        items: of the catalogue; where the notice states its size, coverage is of that size.
        claims: state of the town's claim by item.
    """
    claimed = [item for item, state in claims.items() if state in CLAIMED]
    deferred = [item for item, state in claims.items() if state == DEFERRED]
    of = setting(programme, "catalogue", "size") or len(items)
    full = tier in (setting(programme, "claim", "full_claim_tiers") or ())
    left = [item for item in items if item not in claimed and item not in deferred]
    return Figures(
        claimed=len(claimed), deferred=len(deferred), of=of,
        unexplained=of - len(claimed) - len(deferred) if full else None,
        unexplained_items=left if full else [],
    )


def by_tier(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The figures of towns summed by tier; of a tier without expected claims none is unexplained.

    Args:
        rows: per town, its ``tier`` and its figures.
    """
    tiers: dict[str | None, list[Row]] = {}
    for row in rows:
        tiers.setdefault(row["tier"], []).append(row)
    return [
        {
            "tier": tier, "towns": len(towns),
            **{name: sum(town[name] for town in towns) for name in ("claimed", "deferred", "of")},
            "unexplained": sum(town["unexplained"] for town in towns)
            if all(town["unexplained"] is not None for town in towns) else None,
        }
        for tier, towns in tiers.items()
    ]


class Coverage(Aggregate):
    """The figures of one town, each time they were computed."""

    class ClaimCoverageComputed(Recorded):
        town_id: str
        tier: str | None
        claimed: int
        deferred: int
        unexplained: int | None
        of: int
        computed_on: date

    @staticmethod
    def create_id(programme: str, town: str) -> UUID:
        return stream_id("coverage", programme, town)

    def __init__(self) -> None:
        pass

    @classmethod
    def compute(
        cls, before: "Coverage | None", *, programme: Row, town: Row, items: Sequence[str],
        claims: Mapping[str, str], on: date,
    ) -> "Coverage":
        if not setting(programme, "claim", "required"):
            raise claim_refusals.claims_not_provided(programme["programme_id"])
        found = figures(programme, tier=town["tier"], items=items, claims=claims)
        return record(
            cls, before, cls.create_id(programme["programme_id"], town["town_id"]),
            cls.ClaimCoverageComputed, town_id=town["town_id"], tier=town["tier"],
            claimed=found.claimed, deferred=found.deferred, unexplained=found.unexplained,
            of=found.of, computed_on=on,
        )
