"""The memorandum between a town and a supervising department, 审管衔接备忘录 (R150, R151)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.supervision.domain import refusals


def separated(item: Mapping[str, Any]) -> bool:
    """Whether another organ than the granting department supervises the trade, 审管分离 (R150)."""
    return (
        bool(item["supervising_org_id"]) and item["supervising_org_id"] != item["granting_org_id"]
    )


class Memorandum(Aggregate):
    """One signed paper; a later one between the same two takes its place for later decisions."""

    class MemorandumSigned(Aggregate.Created):
        memo_id: str
        town_id: str
        supervising_org_id: str
        coordinator_org_id: str | None
        entries: list[dict[str, Any]]
        signed_on: date

    @staticmethod
    def create_id(town_id: str, supervising_org_id: str, signed_on: date) -> UUID:
        """One stream per pair and day."""
        return uuid5(
            NAMESPACE_URL,
            f"fuquan:memorandum/{town_id}/{supervising_org_id}/{signed_on.isoformat()}",
        )

    @classmethod
    def sign(
        cls,
        *,
        town: str,
        supervising_org: str,
        coordinator_org: str | None,
        entries: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
        delegated: Iterable[str],
        signed_on: date,
    ) -> "Memorandum":
        """Fix the boundary of duties item by item.

        Args:
            entries: per item its row of the catalogue and what was agreed: ``approval_duties``,
                ``supervision_duties``, ``push_limit_days``.
            delegated: the separated items of this department that the town holds; all of them.
        """
        seen: set[str] = set()
        for item, _ in entries:
            if item["item_id"] in seen:
                raise refusals.boundary_repeated(item["item_id"])
            seen.add(item["item_id"])
            if item["supervising_org_id"] != supervising_org:
                raise refusals.wrong_supervisor(
                    item["item_id"], supervising_org, item["supervising_org_id"]
                )
            if not separated(item):
                raise refusals.not_separated(item["item_id"], supervising_org)
        if missing := set(delegated) - seen:
            raise refusals.boundary_missing(missing)
        return cls(
            memo_id=str(cls.create_id(town, supervising_org, signed_on)),
            town_id=town,
            supervising_org_id=supervising_org,
            coordinator_org_id=coordinator_org,
            entries=[_entry(item, agreed) for item, agreed in entries],
            signed_on=signed_on,
        )

    @event(MemorandumSigned)
    def __init__(
        self,
        memo_id: str,
        town_id: str,
        supervising_org_id: str,
        coordinator_org_id: str | None,
        entries: list[dict[str, Any]],
        signed_on: date,
    ) -> None:
        self.signed_on = signed_on


def _entry(item: Mapping[str, Any], agreed: Mapping[str, Any]) -> dict[str, Any]:
    days = agreed["push_limit_days"]
    return {
        "item_id": item["item_id"],
        "approval_duties": agreed["approval_duties"],
        "supervision_duties": agreed["supervision_duties"],
        "push_limits": {"value": days, "unit": "working_day"} if days else None,
    }
