"""Doors for seals."""

from collections.abc import Callable
from datetime import date, datetime

from services.delegation.domain import seal_refusals
from services.delegation.domain.programme import setting
from services.delegation.domain.seal import GONE, Seal, own_seal_id, seal_no_2_id
from services.delegation.doors.readiness import ReadinessDoors
from shared.clock import day_of
from shared.contracts.envelope import Given


class SealDoors(ReadinessDoors):
    """Seal No. 2 from authorisation to destruction, and the organs' own seals (R080 to R088)."""

    def authorise_seal(
        self, given: Given, *, programme: str, department: str, town: str, authorised_by: str,
        instrument_ref: str
    ) -> Seal:
        organ = self.register.organ(department)
        self.register.in_office([department], day_of(given.at))
        if not self.lookups.grants_items(programme, department):
            raise seal_refusals.grants_no_item(department, programme)
        return Seal.authorise(
            programme=self.register.programme(programme),
            department=organ, town=self.register.town(programme, town),
            authorised_by=authorised_by, instrument_ref=instrument_ref,
            ordinal=self._free(lambda number: seal_no_2_id(department, town, number)),
        )

    def engrave_seal(
        self, given: Given, *, programme: str, seal: str, text: str, engraved_on: date
    ) -> Seal:
        known = self._usable(seal, given)
        known.engrave(
            district=setting(self.register.programme(programme), "jurisdiction_name"),
            department_names=self.lookups.names(known.department_id),
            town_name=self.register.town(programme, known.pair_town)["name"], text=text,
            engraved_on=engraved_on,
        )
        return known

    def issue_seal(
        self, given: Given, *, programme: str, seal: str, custodian: str, issued_on: date
    ) -> Seal:
        known = self._usable(seal, given)
        town = self.register.town(programme, known.pair_town)
        known.issue(
            programme=self.register.programme(programme), town=town,
            rules=self.rules_of(programme, town["centre_id"]), custodian=custodian,
            issued_on=issued_on,
        )
        return known

    def register_seal(self, given: Given, *, programme: str, kind: str, org: str) -> Seal:
        self.register.organ(org)
        return Seal.register(
            kind=kind, org=org, ordinal=self._free(lambda number: own_seal_id(kind, org, number))
        )

    def suspend_seal(
        self, given: Given, *, programme: str, seal: str, reason: str, since: datetime
    ) -> Seal:
        known = self._seal(seal)
        known.suspend(reason=reason, since=since)
        return known

    def return_seal(
        self, given: Given, *, programme: str, seal: str, returned_to: str, on: date
    ) -> Seal:
        known = self._seal(seal)
        known.return_(
            returned_to=returned_to, department=self.register.successor(known.department_id), on=on
        )
        return known

    def destroy_seal(
        self, given: Given, *, programme: str, seal: str, on: date, witness: str
    ) -> Seal:
        self.register.organ(witness)
        known = self._seal(seal)
        known.destroy(on=on, witness=witness)
        return known

    def report_seal_lost(
        self, given: Given, *, programme: str, seal: str, reported_at: datetime
    ) -> Seal:
        known = self._seal(seal)
        known.lose(reported_at=reported_at)
        return known

    def retire_seal(
        self, given: Given, *, programme: str, seal: str, on: date, reason: str
    ) -> Seal:
        known = self._seal(seal)
        known.retire(on=on, reason=reason)
        return known

    def _seal(self, seal: str) -> Seal:
        return self.known(Seal, Seal.create_id(seal), "seal", seal)

    def _usable(self, seal: str, given: Given) -> Seal:
        """A seal of a department and for a town that are still there."""
        known = self._seal(seal)
        self.register.in_office([known.department_id, known.town_id], day_of(given.at))
        return known

    def _free(self, name: Callable[[int], str]) -> int:
        """The next running number; refused while an earlier seal is not gone (R082)."""
        number = 1
        while earlier := self.load(Seal, Seal.create_id(name(number))):
            if earlier.state not in GONE:
                raise seal_refusals.duplicate_seal(earlier.seal_id, earlier.state)
            number += 1
        return number
