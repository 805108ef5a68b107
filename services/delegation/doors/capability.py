"""Doors for training, guidance and the transfer of staff."""

from datetime import date
from itertools import count
from uuid import UUID

from services.delegation.domain.guidance import Guidance
from services.delegation.domain.staff import StaffTransfer
from services.delegation.domain.training import Training
from services.delegation.doors.base import Doors
from shared.clock import day_of
from shared.contracts.envelope import Given


class CapabilityDoors(Doors):
    """What makes a town or a bureau able to do the work (R093, R098, R099, R102)."""

    def set_training_plan(
        self, given: Given, *, programme: str, department: str, items: list[str], plan_ref: str
    ) -> Training:
        self.register.organ(department)
        return Training.plan(
            self._training(programme, department), programme=programme, department=department,
            items=[self.register.item(programme, item) for item in items], plan_ref=plan_ref,
        )

    def hold_training(
        self, given: Given, *, programme: str, held_by: str, items: list[str], towns: list[str],
        unit: str | None, attendees: list[str], materials: list[str], held_on: date,
    ) -> Training:
        self.register.known(programme=programme, towns=[*towns, unit], orgs=[held_by])
        self._check_items(programme, items)
        return Training.hold(
            self._training(programme, held_by), programme=programme, held_by=held_by, items=items,
            towns=towns, unit=unit, attendees=attendees, materials=materials, held_on=held_on,
            today=day_of(given.at),
        )

    def confirm_capability(
        self, given: Given, *, programme: str, town: str, operators: list[str], items: list[str],
        assessed_by: str, on: date,
    ) -> Training:
        self.register.known(programme=programme, towns=[town], orgs=[assessed_by])
        self._check_items(programme, items)
        return Training.confirm(
            self._training(programme, assessed_by), programme=programme, town=town,
            operators=operators, items=items, assessed_by=assessed_by, on=on,
            today=day_of(given.at),
        )

    def request_guidance(
        self, given: Given, *, programme: str, town: str, item: str, text_ref: str
    ) -> Guidance:
        self.register.town(programme, town)
        return Guidance.request(
            programme=programme, town=town, item=self.register.item(programme, item),
            text_ref=text_ref, asked_on=day_of(given.at),
            ordinal=next(
                number for number in count()
                if self.load(Guidance, Guidance.create_id(programme, town, item, number)) is None
            ),
        )

    def give_guidance(
        self, given: Given, *, programme: str, question: UUID, form: str, answer_ref: str,
        answered_by: str, on: date,
    ) -> Guidance:
        self.register.organ(answered_by)
        known = self.known(Guidance, question, "guidance", question)
        known.give(
            form=form, answer_ref=answer_ref, answered_by=answered_by, on=on,
            department=self.register.successor(known.department_id),
        )
        return known

    def transfer_personnel(
        self, given: Given, *, programme: str, unit: str, department: str,
        approval_staff_total: int, transferred: int, effective_on: date,
    ) -> StaffTransfer:
        self.register.organ(department)
        return StaffTransfer.transfer(
            self.load(StaffTransfer, StaffTransfer.create_id(programme, unit, department)),
            programme=programme, unit=self.register.town(programme, unit), department=department,
            approval_staff_total=approval_staff_total, transferred=transferred,
            effective_on=effective_on,
        )

    def _training(self, programme: str, org: str) -> Training | None:
        return self.load(Training, Training.create_id(programme, org))

    def _check_items(self, programme: str, items: list[str]) -> None:
        for item in items:
            self.register.item(programme, item)
