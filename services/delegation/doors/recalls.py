"""Doors for the end of grants: a legal bar, a recall by procedure."""

from datetime import date
from uuid import UUID

from services.delegation.domain.grant import Grant
from services.delegation.domain.recalling import BY_TIME
from services.delegation.domain.succession import ORGAN_MERGED, not_closed
from services.delegation.doors.grants import GrantDoors, needs_instrument
from shared.contracts.envelope import Given


class RecallDoors(GrantDoors):
    """Propose, hear the town, decide (R046, R180, R181); publishing follows by policy."""

    def review_legality(
        self, given: Given, *, programme: str, grant: UUID, kind: str, norm_rank: str, article: str
    ) -> Grant:
        known = self._grant(grant)
        known.review_legality(
            programme=self.register.programme(programme), kind=kind, norm_rank=norm_rank,
            article=article
        )
        return known

    def propose_recall(
        self, given: Given, *, programme: str, grant: UUID, ground: str, evidence_refs: list[str],
        proposed_by: str,
    ) -> Grant:
        self.register.organ(proposed_by)
        known = self._grant(grant)
        known.propose_recall(
            programme=self.register.programme(programme), ground=ground,
            evidence_refs=evidence_refs, proposed_by=proposed_by,
        )
        return known

    def hear_town(self, given: Given, *, programme: str, grant: UUID, opinion_ref: str) -> Grant:
        known = self._grant(grant)
        known.hear_town(opinion_ref=opinion_ref)
        return known

    def recall(
        self, given: Given, *, programme: str, grant: UUID, ground: str | None,
        evidence_refs: list[str], decided_by: str | None, decided_on: date, effective_from: date,
    ) -> Grant:
        if ground != BY_TIME:
            needs_instrument(given, "recall")
        if decided_by is not None:
            self.register.able(decided_by)
        known = self._grant(grant)
        if ground == ORGAN_MERGED and not self.register.town(None, known.town_id)["closed_on"]:
            raise not_closed(known.town_id)
        known.recall(
            programme=self.register.programme(programme), ground=ground,
            evidence_refs=evidence_refs, decided_by=decided_by, decided_on=decided_on,
            effective_from=effective_from, at=given.at,
            agreement=self.agreement(UUID(known.agreement_id)) if known.agreement_id else None,
        )
        return known

    def recall_item(
        self, given: Given, *, programme: str, item: str, ground: str, decided_on: date,
        effective_from: date,
    ) -> None:
        self.register.item(programme, item)
        grants = self.lookups.grants_of(programme, item)
        self.each(
            given, "recall",
            {
                str(row["grant_id"]): {
                    "programme": programme, "grant": str(row["grant_id"]), "ground": ground,
                    "decided_on": decided_on.isoformat(),
                    "effective_from": effective_from.isoformat(),
                }
                for row in grants
            },
            {str(row["grant_id"]) for row in grants if row["state"] != "ended"}, item,
        )
