"""Doors for agreements."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.delegation.domain import agreement_refusals
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.agreement_terms import kind_policy
from services.delegation.domain.programme import setting
from services.delegation.doors.base import Doors
from shared.contracts.envelope import Given


class AgreementDoors(Doors):
    """Documents between two parties (R070 to R075)."""

    def draft_agreement(
        self, given: Given, *, programme: str, kind: str, department: str, town: str,
        items: list[str], clauses: list[dict[str, Any]], term_from: date | None,
        term_to: date | None, transfer_at: datetime | None,
    ) -> Agreement:
        if party := self.lookups.town_of_centre(town):
            raise agreement_refusals.party_must_be_town(town, party)
        rules = self.register.programme(programme)
        one = kind_policy(rules, kind)["agreement_items"] == "one"
        return Agreement.draft(
            programme=rules, kind=kind, department=department,
            town=self.register.town(programme, town),
            key=self._item_key(programme, kind, department, town, items) if one
            else self._free_key(programme, kind, department, town),
            items=[self.register.item(programme, item) for item in items], clauses=clauses,
            term_from=term_from, term_to=term_to, transfer_at=transfer_at,
        )

    def sign_agreement(
        self, given: Given, *, programme: str, agreement: UUID, signed_on: date,
        signatories: list[str], file_hash: str | None,
    ) -> Agreement:
        known = self.agreement(agreement)
        known.sign(
            programme=self.register.programme(programme),
            town=self.register.town(programme, known.town_id), signed_on=signed_on,
            signatories=signatories, file_hash=file_hash,
        )
        return known

    def file_agreement(
        self, given: Given, *, programme: str, agreement: UUID, recipient: str, filed_on: date,
        receipt_ref: str
    ) -> Agreement:
        known = self.agreement(agreement)
        known.file(
            programme=self.register.programme(programme), recipient=recipient, filed_on=filed_on,
            receipt_ref=receipt_ref,
        )
        return known

    def renew_agreement(
        self, given: Given, *, programme: str, agreement: UUID, signed_on: date, term_from: date,
        term_to: date
    ) -> Agreement:
        known = self.agreement(agreement)
        known.renew(signed_on=signed_on, term_from=term_from, term_to=term_to)
        return known

    def amend_agreement(
        self, given: Given, *, programme: str, agreement: UUID, items: list[str],
        clauses: list[dict[str, Any]], file_hash: str | None, amended_on: date,
    ) -> Agreement:
        known = self.agreement(agreement)
        known.amend(
            programme=self.register.programme(programme),
            items=[self.register.item(programme, item) for item in items], clauses=clauses,
            file_hash=file_hash, amended_on=amended_on,
            in_use=self.lookups.in_force_beyond(agreement, amended_on),
        )
        return known

    def drop_from_agreement(
        self, given: Given, *, programme: str, agreement: UUID, item: str, on: date
    ) -> Agreement:
        known = self.agreement(agreement)
        known.drop(item=item, on=on)
        return known

    def terminate_agreement(
        self, given: Given, *, programme: str, agreement: UUID, reason: str, terminated_on: date
    ) -> Agreement:
        known = self.agreement(agreement)
        in_use = self.lookups.in_force_beyond(agreement, terminated_on)
        known.terminate(
            reason=reason, terminated_on=terminated_on, in_use=[grant for _, grant in in_use]
        )
        return known

    def warn_of_expiry(
        self, given: Given, *, programme: str, agreement: UUID, now: datetime
    ) -> Agreement:
        known = self.agreement(agreement)
        days = setting(self.register.programme(programme), "agreement", "expiring_notice_days")
        known.warn(now=now, notice_days=days)
        return known

    def expire_agreement(
        self, given: Given, *, programme: str, agreement: UUID, now: datetime
    ) -> Agreement:
        known = self.agreement(agreement)
        known.expire(now=now)
        return known

    def agreement(self, agreement: UUID) -> Agreement:
        """The agreement of that id.

        Raises:
            Refused: ``delegation.unknown-agreement``.
        """
        return self.known(Agreement, agreement, "agreement", agreement)

    def _item_key(
        self, programme: str, kind: str, department: str, town: str, items: list[str]
    ) -> str:
        """One item, one agreement: the item is the key (R074)."""
        if len(items) != 1:
            raise agreement_refusals.one_item_one_agreement(items)
        stream = Agreement.create_id(programme, kind, department, town, items[0])
        if self.load(Agreement, stream):
            raise agreement_refusals.agreement_exists(items[0], stream)
        return items[0]

    def _free_key(self, programme: str, kind: str, department: str, town: str) -> str:
        """The next running number of the pair; the read model may lag, the streams do not."""
        number = self.lookups.agreements_of(programme, kind, department, town)
        while self.load(
            Agreement, Agreement.create_id(programme, kind, department, town, str(number))
        ):
            number += 1
        return str(number)
