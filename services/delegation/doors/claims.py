"""Doors for surveys, opinions, dockings and claims."""

from datetime import date, datetime
from typing import Any

from services.delegation.domain import refusals
from services.delegation.domain.claim import Claim
from services.delegation.domain.survey import Docking, Survey
from services.delegation.doors.base import Doors
from shared.clock import day_of
from shared.contracts.envelope import Given


class ClaimDoors(Doors):
    """What a town asks for, and what goes before."""

    def survey_needs(self, given: Given, *, programme: str, town: str, **heard: Any) -> Survey:
        self.register.town(programme, town)
        return Survey.survey(self._survey(programme, town), programme=programme, town=town, **heard)

    def record_opinion(self, given: Given, *, programme: str, town: str, **opinion: Any) -> Survey:
        self.register.town(programme, town)
        return Survey.opinion(
            self._survey(programme, town), programme=programme, town=town, **opinion
        )

    def hold_docking(
        self, given: Given, *, programme: str, town: str, department: str, items: list[str],
        held_on: date, outcome: str,
    ) -> Docking:
        self.register.town(programme, town)
        self.register.organ(department)
        for item in items:
            self.register.item(programme, item)
        before = self.load(Docking, Docking.create_id(programme, department, town))
        return Docking.hold(
            before, programme=programme, department=department, town=town, held_on=held_on,
            items=items, outcome=outcome,
        )

    def claim(
        self, given: Given, *, programme: str, town: str, item: str, claimed_on: date
    ) -> Claim:
        self.register.item(programme, item)
        survey = self._survey(programme, town)
        return Claim.claim(
            self._claim(programme, town, item), programme=self.register.programme(programme),
            town=self.register.town(programme, town), item=item, menu=self.lookups.menu(programme),
            surveyed=survey is not None and survey.surveyed, claimed_on=claimed_on,
        )

    def propose_deferral(
        self, given: Given, *, programme: str, town: str, item: str, ground: str, reason: str,
        expected_on: date | None,
    ) -> Claim:
        self.register.item(programme, item)
        return Claim.propose_deferral(
            self._claim(programme, town, item), programme=self.register.programme(programme),
            town=self.register.town(programme, town), item=item, ground=ground, reason=reason,
            expected_on=expected_on, today=day_of(given.at),
        )

    def consent_deferral(
        self, given: Given, *, programme: str, town: str, item: str, consented_by: str,
        consented_on: date
    ) -> Claim:
        claim = self._known(programme, town, item)
        claim.consent(
            programme=self.register.programme(programme), town=self.register.town(programme, town),
            consented_by=consented_by, consented_on=consented_on,
        )
        return claim

    def reject_deferral(
        self, given: Given, *, programme: str, town: str, item: str, reason: str
    ) -> Claim:
        claim = self._known(programme, town, item)
        claim.reject(reason=reason)
        return claim

    def lapse_deferral(
        self, given: Given, *, programme: str, town: str, item: str, now: datetime
    ) -> Claim:
        claim = self._known(programme, town, item)
        claim.lapse(now=now)
        return claim

    def refuse_claim(
        self, given: Given, *, programme: str, town: str, item: str, objective_reason: str,
        document_ref: str | None, issued_by: str, issued_on: date,
    ) -> Claim:
        self.register.able(issued_by)
        claim = self._known(programme, town, item)
        if granted := self.lookups.open_grants(programme, town=town, item=item):
            raise refusals.already_granted(item, town, granted[0]["grant_id"])
        claim.refuse(
            programme=self.register.programme(programme), objective_reason=objective_reason,
            document_ref=document_ref, issued_by=issued_by, issued_on=issued_on,
        )
        return claim

    def _survey(self, programme: str, town: str) -> Survey | None:
        return self.load(Survey, Survey.create_id(programme, town))

    def _claim(self, programme: str, town: str, item: str) -> Claim | None:
        return self.load(Claim, Claim.create_id(programme, town, item))

    def _known(self, programme: str, town: str, item: str) -> Claim:
        return self.known(Claim, Claim.create_id(programme, town, item), "claim", f"{town}/{item}")
