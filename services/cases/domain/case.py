"""A case: one application, from filing to document; which act may follow, and who may do it."""

from typing import Any

from services.cases.domain import case_facts, refusals
from services.cases.domain.authority import Standing, holder
from services.cases.domain.decision import organs
from services.cases.domain.handling import Handling
from services.cases.domain.path import INSTANT
from services.cases.domain.states import ON_SEAL_ANSWERS
from shared.refusal import Refused


class Case(Handling):
    """One application: its decision and what follows, and the facts of its whole life."""

    ApplicationSubmitted = case_facts.ApplicationSubmitted
    MaterialsDeficiencyNotified = case_facts.MaterialsDeficiencyNotified
    MaterialsSupplemented = case_facts.MaterialsSupplemented
    CaseAccepted = case_facts.CaseAccepted
    CaseNotAccepted = case_facts.CaseNotAccepted
    DuplicateApplicationLinked = case_facts.DuplicateApplicationLinked
    CrossTownDetected = case_facts.CrossTownDetected
    PreliminaryReviewCompleted = case_facts.PreliminaryReviewCompleted
    SubstantiveReviewCompleted = case_facts.SubstantiveReviewCompleted
    CaseForwarded = case_facts.CaseForwarded
    CaseForwardReceived = case_facts.CaseForwardReceived
    CaseReturned = case_facts.CaseReturned
    CaseHandedUp = case_facts.CaseHandedUp
    ApprovalIssued = case_facts.ApprovalIssued
    ApplicationDenied = case_facts.ApplicationDenied
    ServiceCompleted = case_facts.ServiceCompleted
    DocumentDelivered = case_facts.DocumentDelivered
    CaseWithdrawn = case_facts.CaseWithdrawn
    CaseClosed = case_facts.CaseClosed
    AuthorityCheckFailed = case_facts.AuthorityCheckFailed

    def approve(
        self, standing: Standing, *, decision_id: str, seal_id: str | None, outcome_kind: str | None
    ) -> None:
        """R050, R053, R056, R058, R066: by whoever decides here, with every organ behind it."""
        held = self._decide("approve", standing, outcome_kind)
        if self.on_seal(standing) and self.opinion == "negative":
            raise refusals.opinion_negative(self.opinion_ref)
        self._record(
            case_facts.ApprovalIssued, item_id=self.item, town_id=self.town,
            decision_id=decision_id,
            **self._organs(standing), seal_id=seal_id,
            basis="issue_on_seal" if self.on_seal(standing) else "full_review",
            grant_id=held["grant_id"], holdings_version=standing.holdings_version,
            decided_at=standing.at, authority=held,
        )

    def deny(
        self, standing: Standing, *, decision_id: str, reason: str, legal_basis: str,
        document_ref: str, ground: str, outcome_kind: str | None,
    ) -> None:
        """R053, R132: in writing; after the town's review only on its own negative opinion."""
        held = self._decide("deny", standing, outcome_kind)
        if self.on_seal(standing) and self.opinion != "negative":
            raise refusals.merits_review_not_allowed("deny", ON_SEAL_ANSWERS)
        by = self._organs(standing)
        self._record(
            case_facts.ApplicationDenied, item_id=self.item, town_id=self.town,
            decision_id=decision_id,
            decided_by_org_id=by["decided_by_org_id"], in_name_of_org_id=by["in_name_of_org_id"],
            reason=reason, legal_basis=legal_basis, document_ref=document_ref,
            ground="town_opinion" if self.on_seal(standing) else ground, grant_id=held["grant_id"],
            holdings_version=standing.holdings_version, decided_at=standing.at, authority=held,
        )

    def complete(
        self, standing: Standing, *, given: str, result_ref: str | None, outcome_kind: str | None
    ) -> None:
        """R126: a query, print-out or consultation ends at the counter."""
        self.admit("complete")
        held = standing.holds("accept", cross_town=self.cross_town)
        if outcome_kind not in INSTANT or given != outcome_kind:
            raise refusals.not_an_instant_service(outcome_kind, given)
        self._record(
            case_facts.ServiceCompleted, outcome_kind=outcome_kind, result_ref=result_ref,
            at=standing.at, authority=held.pinned(standing.item_position),
        )

    def deliver(self, standing: Standing, *, document_hash: str | None, sealed: bool) -> None:
        """R120, R121: handed out, also at the town; sealed where the path has a seal."""
        self.admit("deliver")
        self._party(standing)
        if "seal" in self._steps and not sealed:
            raise refusals.not_sealed(document_hash)
        self._record(
            case_facts.DocumentDelivered, at_org_id=standing.org, issuer_id=standing.operator,
            document_hash=document_hash, at=standing.at,
        )

    def close(self, standing: Standing) -> None:
        self.admit("close")
        self._party(standing)
        self._record(case_facts.CaseClosed, at=standing.at)

    def refuse_authority(
        self, *, act: str, org: str, holdings_version: int, refused: Refused
    ) -> None:
        """R131: the refusal itself is recorded."""
        self._record(
            case_facts.AuthorityCheckFailed, act=act, org_id=org,
            holdings_version=holdings_version, reason_code=refused.code, reason_zh=refused.zh,
            facts=refused.facts,
        )

    def seal_user(self, standing: Standing) -> str:
        """Who is to seal the document of this case."""
        return holder(
            "seal", standing.grant, owner=standing.owner, cross_town=self.cross_town
        ).org_id

    def _decide(self, act: str, standing: Standing, outcome_kind: str | None) -> dict[str, Any]:
        if outcome_kind in INSTANT:
            raise refusals.instant_service(outcome_kind)
        self.admit(act)
        held = standing.holds("decide", cross_town=self.cross_town)
        self._next("decide")
        return held.pinned(standing.item_position)

    def _organs(self, standing: Standing) -> dict[str, Any]:
        decided = standing.holds("decide", cross_town=self.cross_town)
        return organs(
            decided, standing.grant, owner=standing.owner, cross_town=self.cross_town,
            town=self.town,
        )
