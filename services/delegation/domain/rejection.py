"""A delegation that the law forbids, and was asked for: on record (R046, R059)."""

from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.delegation.domain.legal_bar import constraint_id
from services.delegation.domain.stream import stream_id
from shared.refusal import Refused


class Rejection(Aggregate):
    """One per rejected command."""

    class ItemDelegationRejected(Aggregate.Created):
        town_id: str
        item_id: str
        mode: str
        reason_code: str
        reason_zh: str
        facts: dict[str, Any]
        legal_constraint_id: str | None

    @staticmethod
    def create_id(command: UUID) -> UUID:
        return stream_id("rejection", command)

    @classmethod
    def of(cls, refused: Refused, *, command: UUID, town: str, item: str, mode: str) -> "Rejection":
        """The record of a refusal."""
        return cls._create(
            cls.ItemDelegationRejected, id=cls.create_id(command), town_id=town, item_id=item,
            mode=mode, reason_code=refused.code, reason_zh=refused.zh, facts=refused.facts,
            legal_constraint_id=constraint_id(refused.facts),
        )

    @event(ItemDelegationRejected)
    def __init__(
        self, town_id: str, item_id: str, mode: str, reason_code: str, reason_zh: str,
        facts: dict[str, Any], legal_constraint_id: str | None,
    ) -> None:
        self.reason_code = reason_code
