"""Doors for operators and their accounts."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import count
from uuid import UUID

from services.delegation.domain.account import Account
from services.delegation.domain.operators import CONTRACTOR, DOWN, Bar, Operator
from services.delegation.doors.base import Doors
from services.delegation.readmodel.capability import CapabilityRecords
from shared.contracts.envelope import Given


class AccountDoors(Doors):
    """Who acts for which organ, and what the systems let them do (R092, R094, R097)."""

    def assign_operator(
        self, given: Given, *, programme: str, operator: str, employer: str, acting_for: str,
        contract_kind: str, since: date, until: date | None,
    ) -> Operator:
        self.register.able(acting_for)
        if contract_kind != CONTRACTOR:
            self.register.organ(employer)
        return Operator.assign(
            self._operator(programme, operator), programme=programme, operator=operator,
            employer=employer, acting_for=acting_for, contract_kind=contract_kind, since=since,
            until=until,
        )

    def start_secondment(
        self, given: Given, *, programme: str, operator: str, direction: str, from_org: str,
        to_org: str, items: list[str], since: date,
    ) -> Operator:
        self.register.known(programme=programme, orgs=[from_org, to_org])
        for item in items:
            self.register.item(programme, item)
        ends = (to_org, from_org) if direction == DOWN else (from_org, to_org)
        town, department = (self.lookups.is_town_side(programme, org) for org in ends)
        return Operator.second(
            self._operator(programme, operator), programme=programme, operator=operator,
            direction=direction, from_org=from_org, to_org=to_org, items=items, since=since,
            between_town_and_department=town and not department,
        )

    def end_secondment(
        self, given: Given, *, programme: str, operator: str, until: date
    ) -> Operator:
        known = self.known(Operator, Operator.create_id(programme, operator), "operator", operator)
        known.end_secondment(until=until)
        return known

    def grant_account(
        self, given: Given, *, programme: str, system: str, org: str, operator: str,
        items: list[str], facets: list[str], valid_from: date, valid_to: date | None,
    ) -> Account:
        self.register.able(org)
        for item in items:
            self.register.item(programme, item)
        return Account.grant(
            programme=programme, system=system, org=org, operator=operator, items=items,
            facets=facets, valid_from=valid_from, valid_to=valid_to,
            held=self.capability.held(org, items), bars=self._bars(programme, operator, org),
            ordinal=self._free_account(programme, system, org, operator, items, valid_from),
        )

    def narrow_account(
        self, given: Given, *, programme: str, account: UUID, items: list[str], facets: list[str],
        since: datetime,
    ) -> Account:
        known = self._account(account)
        known.narrow(items=items, facets=facets, since=since)
        return known

    def revoke_account(
        self, given: Given, *, programme: str, account: UUID, since: datetime, reason: str
    ) -> Account:
        known = self._account(account)
        known.revoke(since=since, reason=reason)
        return known

    def fit_account(self, given: Given, *, programme: str, account: UUID) -> Account:
        known = self._account(account)
        known.fit(
            held=self.capability.held(known.org_id, list(known.items)),
            bars=self._bars(programme, known.operator_id, known.org_id),
        )
        return known

    @property
    def capability(self) -> CapabilityRecords:
        return CapabilityRecords(self.database)

    def _account(self, account: UUID) -> Account:
        return self.known(Account, account, "account", account)

    def _operator(self, programme: str, operator: str) -> Operator | None:
        return self.load(Operator, Operator.create_id(programme, operator))

    def _bars(self, programme: str, operator: str, org: str) -> list[Bar]:
        known = self._operator(programme, operator)
        return known.bars(org, self.capability.side_of(programme, org)) if known else []

    def _free_account(
        self, programme: str, system: str, org: str, operator: str, items: Sequence[str], day: date
    ) -> int:
        """How many accounts there were; refused while one of them still has one of the items."""
        for number in count():
            stream = Account.create_id(programme, system, org, operator, number)
            earlier = self.load(Account, stream)
            if earlier is None:
                break
            earlier.check_apart(items, day)
        return number
