"""A decision without authority: check locally, detect globally, never erase (R131)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, event


class Flag(Aggregate):
    """A mark on one decision; the decision itself stays as it is."""

    class IssuedWithoutAuthorityFlagged(Aggregate.Created):
        decision_id: str
        case_id: str
        ground: str
        grant_id: str | None
        recall_id: str | None
        gap_seconds: int | None

    @staticmethod
    def create_id(decision_id: str) -> UUID:
        """One stream per decision: it is flagged once."""
        return uuid5(NAMESPACE_URL, f"fuquan:flag/{decision_id}")

    @classmethod
    def check(
        cls,
        decision: Mapping[str, Any],
        *,
        holders: Sequence[Mapping[str, Any]],
        recall: Mapping[str, Any] | None,
    ) -> "Flag | None":
        """Flag a decision unless its organ held the facet it acted under when it decided.

        Args:
            decision: ``decision_id, case_id, decided_at``; ``grant_id, org_id`` of its authority.
            holders: who held that facet at that instant, as known now.
            recall: ``recall_id, effective_from`` of what ended the grant by then; else None.
        """
        if any(holder["org_id"] == decision["org_id"] for holder in holders):
            return None
        gap = (
            int((decision["decided_at"] - recall["effective_from"]).total_seconds())
            if recall
            else None
        )
        return cls(
            decision_id=decision["decision_id"],
            case_id=decision["case_id"],
            ground="recalled" if recall else "not_held",
            grant_id=decision["grant_id"],
            recall_id=recall["recall_id"] if recall else None,
            gap_seconds=gap,
        )

    @event(IssuedWithoutAuthorityFlagged)
    def __init__(
        self,
        decision_id: str,
        case_id: str,
        ground: str,
        grant_id: str | None,
        recall_id: str | None,
        gap_seconds: int | None,
    ) -> None:
        self.ground = ground
