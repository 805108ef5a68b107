"""Doors for what is handed over with a power."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.delegation.domain import handover_lines, refusals
from services.delegation.domain.grant import Grant
from services.delegation.domain.granted import OPEN
from services.delegation.domain.handover import Handover
from services.delegation.domain.handover_lines import Checklist
from services.delegation.domain.provision import Provision
from services.delegation.domain.transfer import Transfer
from services.delegation.doors.base import Doors
from shared.contracts.envelope import Given


class HandoverDoors(Doors):
    """The checklist of a grant or transfer, and resources (R090, R100, R101)."""

    def deliver_handover(
        self, given: Given, *, programme: str, grant: UUID | None, unit: str | None,
        item: str | None, lines: list[int], stock: list[dict[str, Any]], given_by: str, on: date,
    ) -> Handover:
        checklist = self._checklist(programme, grant, unit, item)
        return Handover.deliver(
            self.handover_of(checklist), checklist=checklist, lines=lines, stock=_by_line(stock),
            given_by=self.register.organ(given_by), on=on,
        )

    def confirm_handover(
        self, given: Given, *, programme: str, grant: UUID | None, unit: str | None,
        item: str | None, lines: list[int], counted: list[dict[str, Any]], confirmed_by: str,
        on: date,
    ) -> Handover:
        checklist = self._checklist(programme, grant, unit, item)
        self.register.organ(confirmed_by)
        stream = Handover.create_id(checklist.subject)
        known = self.known(Handover, stream, "handover", checklist.subject)
        known.confirm(
            checklist=checklist, lines=lines, confirmed_by=confirmed_by, on=on,
            counted={line: row["quantity"] for line, row in _by_line(counted).items()},
        )
        return known

    def provide_resource(
        self, given: Given, *, programme: str, town: str, department: str, kind: str,
        description: str, on: date,
    ) -> Provision:
        self.register.town(programme, town)
        self.register.organ(department)
        before = self.load(Provision, Provision.create_id(programme, department, town))
        return Provision.provide(
            before, programme=programme, department=department, town=town, kind=kind,
            description=description, on=on,
        )

    def handover_of(self, checklist: Checklist) -> Handover | None:
        """What is recorded of it, or None before the first line."""
        return self.load(Handover, Handover.create_id(checklist.subject))

    def checklist_of_transfer(self, programme: str, unit: str, item: str) -> Checklist:
        """What the bureau of the unit takes over with the item (R100)."""
        return handover_lines.of_transfer(
            self.register.programme(programme), transfer=Transfer.create_id(programme, unit, item),
            unit=self.register.town(programme, unit), item=self.register.item(programme, item),
        )

    def _checklist(
        self, programme: str, grant: UUID | None, unit: str | None, item: str | None
    ) -> Checklist:
        if grant is None:
            return self.checklist_of_transfer(programme, str(unit), str(item))
        known = self.known(Grant, grant, "grant", grant)
        if known.ended_at is not None:
            raise refusals.wrong_state("grant", known.state, OPEN)
        return handover_lines.of_grant(
            self.register.programme(programme), grant=known.id, mode=known.mode,
            town=self.register.town(programme, known.town_id),
            item=self.register.item(programme, known.item_id),
        )


def _by_line(rows: Sequence[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {row["line"]: row for row in rows}
