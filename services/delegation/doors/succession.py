"""Doors by which grants, agreements and lists follow organs that are no more."""

from uuid import UUID

from services.delegation.domain import refusals
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.grant import Grant
from services.delegation.domain.town_list import TownList
from services.delegation.domain.transfer import Transfer
from services.delegation.doors.grants import GrantDoors
from services.delegation.doors.lists import ListDoors
from services.delegation.readmodel.succession import SuccessionRecords
from shared.contracts.envelope import Given


class SuccessionDoors(ListDoors, GrantDoors):
    """What names a closed organ names its successor; policies issue these (R007, R131)."""

    @property
    def successions(self) -> SuccessionRecords:
        """What names which organ."""
        return SuccessionRecords(self.database)

    def succeed_in_grant(
        self, given: Given, *, programme: str, grant: UUID
    ) -> Grant | Transfer:
        known = self.load(Grant, grant) or self.load(Transfer, grant)
        if known is None:
            raise refusals.unknown("grant", grant)
        if self.register.town(None, known.town_id)["closed_on"] is None:
            known.succeed_organs(self.register.closings(known.organs))
        return known

    def succeed_in_agreement(
        self, given: Given, *, programme: str, agreement: UUID
    ) -> Agreement:
        known = self.agreement(agreement)
        if self.register.town(None, known.town_id)["closed_on"] is None:
            known.succeed_organs(self.register.closings(known.parties))
        return known

    def succeed_in_list(self, given: Given, *, programme: str, town: str) -> TownList:
        known = self.known(TownList, TownList.create_id(programme, town), "list", town)
        known.succeed_organs(
            {one["org_id"]: self.register.successor(one["org_id"])
             for one in self.register.closings(known.departments)},
            over=self.register.town(programme, town)["closed_on"] is not None,
        )
        return known
