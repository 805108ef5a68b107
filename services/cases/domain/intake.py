"""A case before it is accepted: filing, deficiencies, acceptance or not, duplicates."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from services.cases.domain import case_facts, refusals
from services.cases.domain.authority import Standing, level
from services.cases.domain.case_state import CaseState
from services.cases.domain.path import way
from services.cases.domain.states import ADMITTED, NOT_ACCEPTED_FOR

ENFORCEMENT = "enforcement"


class Intake(CaseState):
    """From the filing to the acceptance. Public methods decide; the facts only assign."""

    @classmethod
    def submit(cls, *, domain: str | None, **told: Any) -> Self:
        """Hand in; the item is known, the channel may be anyone's (R110, R116).

        Args:
            domain: of the item; what is enforced is not applied for (R063).
        """
        if domain == ENFORCEMENT:
            raise refusals.not_an_application_item(told["item_id"])
        return cls._create(case_facts.ApplicationSubmitted, **told)

    def notify_deficiency(
        self, standing: Standing, *, items: Sequence[str], document_ref: str
    ) -> None:
        """R114: everything at once; a second notice only on what was newly supplied."""
        self.admit("notify_deficiency")
        self._addressed(standing)
        if self.notices and not self.supplied:
            raise refusals.already_noticed(self.notices)
        if self.notices and not set(items) <= set(self.supplied):
            raise refusals.not_newly_supplied(items, self.supplied)
        self._record(
            case_facts.MaterialsDeficiencyNotified, items=list(items), notice_no=self.notices + 1,
            document_ref=document_ref,
        )

    def supplement(self, standing: Standing, *, items: Sequence[str]) -> None:
        self.admit("supplement")
        self._record(case_facts.MaterialsSupplemented, items=list(items), at=standing.at)

    def accept(
        self, standing: Standing, *, town: str | None, site: str | None, issue_on_seal: bool,
        outcome_kind: str | None, due: Mapping[str, datetime | None],
    ) -> None:
        """R110, R113: the place of acceptance and the grant in force there fix the path.

        Args:
            town: whose body accepts; None: the department does.
            issue_on_seal: the mode's policy (R053).
            due: when ``forward``, ``approve`` and ``total`` would end if counted from now.
        """
        self.admit("accept")
        grant = standing.grant
        crossing = len(set(self.towns)) > 1
        held = standing.holds("accept", cross_town=crossing)
        path = way(grant, owner=standing.owner, cross_town=crossing, outcome_kind=outcome_kind)
        forwards = any(step["step"] == "forward" for step in path)
        self._record(
            case_facts.CaseAccepted, item_id=self.item, subitem=self.subitem, town_id=town,
            mode=grant["mode"] if grant else None, cross_town=crossing,
            applicant_key=self.applicant_key, subject_key=self.subject_key,
            accepted_by_org_id=standing.org,
            accepted_level=level(grant) if grant else "district", site=site,
            acceptor_id=standing.operator, grant_id=grant["grant_id"] if grant else None,
            issue_on_seal=issue_on_seal,
            standard_versions={"item": standing.item_position, **standing.standards}, path=path,
            due={
                "forward": due["forward"] if forwards else None,
                # The department's own limit runs from receipt (R118).
                "approve": None if forwards else due["approve"],
                "total": due["total"],
            },
            accepted_at=standing.at, authority=held.pinned(standing.item_position),
        )
        if crossing:
            self._record(
                case_facts.CrossTownDetected, town_ids=list(self.towns), detected_at_step="accept",
                path=path,
            )

    def not_accept(
        self, standing: Standing, *, reason_code: str, legal_basis: str, document_ref: str
    ) -> None:
        """R111, R132: for a reason of law, in writing."""
        self.admit("not_accept")
        self._addressed(standing)
        if reason_code not in NOT_ACCEPTED_FOR:
            raise refusals.reason_not_admitted(reason_code, NOT_ACCEPTED_FOR)
        self._record(
            case_facts.CaseNotAccepted, reason_code=reason_code, legal_basis=legal_basis,
            document_ref=document_ref,
        )

    def withdraw(self, standing: Standing) -> None:
        self.admit("withdraw")
        self._record(case_facts.CaseWithdrawn, by="applicant", at=standing.at)

    def link_duplicate(self, earlier: CaseState) -> None:
        """R112: the earlier acceptance stands; between equal instants the smaller id."""
        if self.state == "duplicate":
            return
        if self.state not in ADMITTED["link_duplicate"]:
            raise refusals.too_late_to_link(self.state)
        if not earlier.precedes(self):
            raise refusals.no_duplicate(str(self.id), str(earlier.id))
        self._record(case_facts.DuplicateApplicationLinked, duplicate_of=str(earlier.id))
