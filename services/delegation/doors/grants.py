"""Doors for grants, recalls and transfers."""

from collections.abc import Iterator
from datetime import date
from itertools import count
from uuid import UUID

from services.delegation.domain import delegating, grant_refusals, refusals
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.claim import Claim
from services.delegation.domain.delegating import OnRecord
from services.delegation.domain.grant import Grant
from services.delegation.domain.mode_assessment import ModeAssessment
from services.delegation.domain.programme import policy
from services.delegation.domain.survey import Survey
from services.delegation.domain.town_list import TownList
from services.delegation.domain.transfer import Transfer
from services.delegation.doors.agreements import AgreementDoors
from services.delegation.doors.handover import HandoverDoors
from shared.contracts.envelope import Given


class GrantDoors(AgreementDoors, HandoverDoors):
    """The moves of power themselves."""

    def delegate(
        self, given: Given, *, programme: str, town: str, item: str, mode: str, scope: list[str],
        effective_from: date, decided_by: str | None, agreement: UUID | None,
        transition_until: date | None,
    ) -> Grant:
        needs_instrument(given, "delegate")
        rules = self.register.programme(programme)
        grantor = decided_by or given.actor["org"]
        delegating.check_not_redelegated(
            rules, mode=mode, item=item, grantor=grantor, to=town,
            grantor_is_town=self.lookups.is_town_side(programme, grantor),
        )
        item_row = self.register.item(programme, item)
        return Grant.delegate(
            programme=rules, town=self.register.town(programme, town, on=effective_from),
            item=item_row, mode=mode, scope=scope, effective_from=effective_from,
            named=self.register.organ(decided_by) if decided_by else None,
            known=self._on_record(programme, town, item, mode, effective_from, agreement),
            ordinal=self._free_ordinal(programme, town, item, effective_from),
            transition_until=transition_until,
        )

    def delegate_list(
        self, given: Given, *, programme: str, town: str, effective_from: date,
        transition_until: date | None,
    ) -> None:
        town_list = self.known(TownList, TownList.create_id(programme, town), "list", town)
        granted = {row["item_id"] for row in self.lookups.open_grants(programme, town=town)}
        self.each(
            given, "delegate",
            {
                entry["item_id"]: {
                    "programme": programme, "town": town, "item": entry["item_id"],
                    "mode": entry["mode"],
                    "scope": entry["scope"], "effective_from": effective_from.isoformat(),
                    "transition_until": transition_until and transition_until.isoformat(),
                }
                for entry in town_list.entries
            },
            {entry["item_id"] for entry in town_list.entries} - granted, town,
        )

    def correct_grant(
        self, given: Given, *, programme: str, grant: UUID, effective_from: date, reason: str
    ) -> Grant:
        needs_instrument(given, "correct_grant")
        known = self._grant(grant)
        agreement = self.agreement(UUID(known.agreement_id)) if known.agreement_id else None
        for earlier in self._grants(programme, known.town_id, known.item_id):
            if earlier.id == known.id:
                break
            if earlier.successor and earlier.successor["grant_id"] == str(known.id):
                raise grant_refusals.begins_with_a_change(known.id, earlier.id)
            earlier.check_over(effective_from)
        known.correct(
            programme=self.register.programme(programme), effective_from=effective_from,
            reason=reason, agreement=agreement,
        )
        return known

    def transfer_power(
        self, given: Given, *, programme: str, unit: str, item: str, agreement: UUID
    ) -> Transfer:
        needs_instrument(given, "transfer_power")
        if known := self.load(Transfer, Transfer.create_id(programme, unit, item)):
            raise refusals.already_granted(item, unit, known.id)
        rules = self.register.programme(programme)
        covering = self.agreement(agreement)
        checklist = self.checklist_of_transfer(programme, unit, item)
        return Transfer.transfer(
            programme=rules, unit=self.register.town(programme, unit),
            item=self.register.item(programme, item), agreement=covering, checklist=checklist,
            handover=self.handover_of(checklist),
        )

    def _grant(self, grant: UUID) -> Grant:
        return self.known(Grant, grant, "grant", grant)

    def _on_record(
        self, programme: str, town: str, item: str, mode: str, effective_from: date,
        agreement: UUID | None
    ) -> OnRecord:
        survey = self.load(Survey, Survey.create_id(programme, town))
        menu = self.lookups.menu(programme)
        return OnRecord(
            claim=self.load(Claim, Claim.create_id(programme, town, item)),
            town_list=self.load(TownList, TownList.create_id(programme, town)),
            surveyed=survey is not None and survey.surveyed,
            heard=bool(survey and menu and menu["version"] in survey.heard_on),
            agreement=self._agreement(programme, town, item, mode, effective_from, agreement),
            assessed=self.assessed(programme, item, town),
        )

    def assessed(self, programme: str, item: str, town: str | None) -> dict[str, str]:
        """The answers to the modes' criteria; a town's own count before those for all (R057)."""
        answers: dict[str, str] = {}
        for place in (None, town) if town else (None,):
            known = self.load(ModeAssessment, ModeAssessment.create_id(programme, item, place))
            answers |= known.answers if known else {}
        return answers

    def _agreement(
        self, programme: str, town: str, item: str, mode: str, effective_from: date,
        named: UUID | None
    ) -> Agreement | None:
        """The agreement named, else the signed one that covers the item."""
        if named is not None:
            return self.agreement(named)
        kind = policy(self.register.programme(programme), mode)["agreement_kind"]
        if kind is None:
            return None
        found = self.lookups.covering_agreement(programme, kind, town, item, effective_from)
        return self.load(Agreement, found) if found else None

    def _free_ordinal(self, programme: str, town: str, item: str, effective_from: date) -> int:
        """How many grants there were; refused while one of them still holds on that day."""
        earlier = list(self._grants(programme, town, item))
        for grant in earlier:
            grant.check_over(effective_from)
        if earlier and (successor := earlier[-1].successor):
            raise refusals.already_granted(item, town, successor["grant_id"])
        return len(earlier)

    def _grants(self, programme: str, town: str, item: str) -> Iterator[Grant]:
        """All grants of the item to the town; the read model may lag, the streams do not."""
        for ordinal in count():
            grant = self.load(Grant, Grant.create_id(programme, town, item, ordinal))
            if grant is None:
                return
            yield grant


def needs_instrument(given: Given, door: str) -> None:
    """Every power movement names its instrument (R220)."""
    if not given.instrument:
        raise refusals.instrument_required(door)
