"""A power moves wholly from a department to a unit's approval bureau (R064, R074, R088)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.delegation.domain import facets, refusals
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.handover import Handover, transfer_warnings
from services.delegation.domain.handover_lines import Checklist
from services.delegation.domain.programme import Row
from services.delegation.domain.stream import stream_id
from services.delegation.domain.succession import Succession
from shared.clock import day_of


class Transfer(Succession):
    """One per programme, unit and item; there is no way back in the notice."""

    class PowerTransferred(Aggregate.Created):
        transfer_id: str
        unit_id: str
        item_id: str
        from_org_id: str
        to_org_id: str
        agreement_id: str
        transfer_at: datetime
        exclusive: bool
        facets: list[dict[str, Any]]
        warnings: list[str] | None

    @staticmethod
    def create_id(programme: str, unit: str, item: str) -> UUID:
        return stream_id("transfer", programme, unit, item)

    @classmethod
    def transfer(
        cls, *, programme: Row, unit: Row, item: Row, agreement: Agreement, checklist: Checklist,
        handover: Handover | None,
    ) -> "Transfer":
        """The power changes hands at the time that the item's own agreement names (R074)."""
        mode = _exclusive_mode(programme)
        if not unit["recipient"]:
            raise refusals.not_a_recipient(unit["town_id"], programme["programme_id"])
        key = {"kind": mode["agreement_kind"], "town": unit["town_id"], "item": item["item_id"]}
        if not agreement.covers(**key):
            raise refusals.agreement_does_not_cover(agreement.id, key)
        if agreement.state != "signed" or agreement.transfer_at is None:
            raise refusals.agreement_required(
                item["item_id"], unit["town_id"], mode["agreement_kind"]
            )
        moved_on = day_of(agreement.transfer_at)
        if agreement.signed_on is not None and moved_on < agreement.signed_on:
            raise refusals.wrong_date_order("签订日", agreement.signed_on, "划转日", moved_on)
        established = unit["bureau_established_on"]
        if established is None or moved_on < established:
            raise refusals.recipient_not_established(unit["town_id"], established, moved_on)
        stream = cls.create_id(programme["programme_id"], unit["town_id"], item["item_id"])
        return cls._create(
            cls.PowerTransferred, id=stream, transfer_id=str(stream), unit_id=unit["town_id"],
            item_id=item["item_id"], from_org_id=item["granting_org_id"],
            to_org_id=unit["department_id"], agreement_id=str(agreement.id),
            transfer_at=agreement.transfer_at, exclusive=True,
            facets=facets.of_transfer(mode, item, unit),
            warnings=transfer_warnings(programme, checklist, handover),
        )

    @event(PowerTransferred)
    def __init__(
        self, transfer_id: str, unit_id: str, item_id: str, transfer_at: datetime,
        facets: list[dict[str, Any]],
    ) -> None:
        self.town_id, self.item_id = unit_id, item_id
        self.effective_from, self.facets = transfer_at, facets
        self.ended_at = None


def _exclusive_mode(programme: Row) -> Row:
    """The programme's mode that moves a power wholly.

    Raises:
        Refused: ``delegation.mode-not-in-programme`` (R002).
    """
    for row in programme["modes"].values():
        if row["policy"]["exclusive"]:
            found: Row = row["policy"]
            return found
    raise refusals.mode_not_in_programme(
        "transfer", programme["programme_id"], list(programme["modes"])
    )
