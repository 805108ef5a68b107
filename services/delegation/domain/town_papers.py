"""What a town files as it takes over: its plan, its guides, its manual (R045, R201)."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain import readiness_refusals, refusals
from services.delegation.domain.programme import Row, setting
from services.delegation.domain.stream import Recorded, record, stream_id


class TownPapers(Aggregate):
    """The papers that one town has filed under one programme."""

    class TakeoverPlanFiled(Recorded):
        town_id: str
        version: int
        file_ref: str
        recipient_org_id: str
        filed_on: date

        def apply(self, aggregate: "TownPapers") -> None:
            aggregate.plan = self.version

    class ServiceGuideFiled(Recorded):
        town_id: str
        item_ids: list[str]
        file_ref: str
        recipient_org_id: str
        filed_on: date

    class ManualFiled(Recorded):
        town_id: str
        file_ref: str
        recipient_org_id: str
        filed_on: date

    @staticmethod
    def create_id(programme: str, town: str) -> UUID:
        return stream_id("town-papers", programme, town)

    def __init__(self) -> None:
        self.plan = 0

    @classmethod
    def file_plan(
        cls, before: "TownPapers | None", *, programme: Row, town: Row, recipient: str,
        file_ref: str, filed_on: date,
    ) -> "TownPapers":
        """The take-over plan; a later one is its next version (R045)."""
        return cls._file(
            before, programme, town, recipient, cls.TakeoverPlanFiled, file_ref=file_ref,
            filed_on=filed_on, version=(before.plan if before else 0) + 1,
        )

    @classmethod
    def file_guide(
        cls, before: "TownPapers | None", *, programme: Row, town: Row, recipient: str,
        items: Sequence[str], file_ref: str, filed_on: date,
    ) -> "TownPapers":
        """The service guides of some items (R201)."""
        return cls._file(
            before, programme, town, recipient, cls.ServiceGuideFiled, file_ref=file_ref,
            filed_on=filed_on, item_ids=list(items),
        )

    @classmethod
    def file_manual(
        cls, before: "TownPapers | None", *, programme: Row, town: Row, recipient: str,
        file_ref: str, filed_on: date,
    ) -> "TownPapers":
        """The handling manual (R201)."""
        return cls._file(
            before, programme, town, recipient, cls.ManualFiled, file_ref=file_ref,
            filed_on=filed_on,
        )

    @classmethod
    def _file(
        cls, before: "TownPapers | None", programme: Row, town: Row, recipient: str,
        event: type[Any], **fields: Any,
    ) -> "TownPapers":
        if not town["recipient"]:
            raise refusals.not_a_recipient(town["town_id"], programme["programme_id"])
        named = setting(programme, "reporting", "recipient_org_ids")
        if named and recipient not in named:
            raise readiness_refusals.filed_with_another(recipient, named)
        return record(
            cls, before, cls.create_id(programme["programme_id"], town["town_id"]), event,
            town_id=town["town_id"], recipient_org_id=recipient, **fields,
        )
