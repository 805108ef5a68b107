"""Doors for the papers of a town and the rules of its centre."""

from datetime import date
from typing import Any

from services.delegation.domain.centre_rules import CentreRules
from services.delegation.domain.town_papers import TownPapers
from services.delegation.doors.base import Doors
from shared.contracts.envelope import Given


class ReadinessDoors(Doors):
    """What a town prepares (R045, R085, R201)."""

    def file_takeover_plan(
        self, given: Given, *, programme: str, town: str, recipient: str, file_ref: str,
        filed_on: date,
    ) -> TownPapers:
        return TownPapers.file_plan(
            self._papers(programme, town), file_ref=file_ref, filed_on=filed_on,
            **self._filing(programme, town, recipient),
        )

    def file_service_guide(
        self, given: Given, *, programme: str, town: str, recipient: str, file_ref: str,
        filed_on: date, items: list[str],
    ) -> TownPapers:
        for item in items:
            self.register.item(programme, item)
        return TownPapers.file_guide(
            self._papers(programme, town), items=items, file_ref=file_ref, filed_on=filed_on,
            **self._filing(programme, town, recipient),
        )

    def file_manual(
        self, given: Given, *, programme: str, town: str, recipient: str, file_ref: str,
        filed_on: date,
    ) -> TownPapers:
        return TownPapers.file_manual(
            self._papers(programme, town), file_ref=file_ref, filed_on=filed_on,
            **self._filing(programme, town, recipient),
        )

    def register_centre_rule(
        self, given: Given, *, programme: str, town: str, kind: str, in_force_from: date
    ) -> CentreRules:
        row = self.register.town(programme, town)
        return CentreRules.register(
            self.rules_of(programme, row["centre_id"]), programme=programme, town=row, kind=kind,
            in_force_from=in_force_from,
        )

    def rules_of(self, programme: str, centre: str | None) -> CentreRules | None:
        """The registered rules of a centre, or None where there are none."""
        if centre is None:
            return None
        return self.load(CentreRules, CentreRules.create_id(programme, centre))

    def _papers(self, programme: str, town: str) -> TownPapers | None:
        return self.load(TownPapers, TownPapers.create_id(programme, town))

    def _filing(self, programme: str, town: str, recipient: str) -> dict[str, Any]:
        return {
            "programme": self.register.programme(programme),
            "town": self.register.town(programme, town),
            "recipient": self.register.organ(recipient)["org_id"],
        }
