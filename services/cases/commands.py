"""The commands of cases: load, let the domain decide, save one aggregate."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate

from services.cases.applicants import keeping
from services.cases.applicants.doors import ApplicantDoors
from services.cases.applicants.keeping import Keeping
from services.cases.circumstances import FINISH, Actor, Circumstances
from services.cases.domain import refusals
from services.cases.domain.applicant import Applicant
from services.cases.domain.authority import Standing
from services.cases.domain.case import Case
from services.cases.domain.path import seal_kind
from services.cases.domain.seal_use import SealRefusal, SealUse
from services.cases.domain.states import IN_TOWN
from services.cases.questions import CaseQuestions
from shared.clock import Clock, system_clock
from shared.commands import Beside
from shared.contracts.envelope import Given
from shared.database import Database
from shared.refusal import Refusals, Refused


class Cases(ApplicantDoors):
    """Doors of cases."""

    service = "cases"
    aggregates: ClassVar[tuple[type[Aggregate], ...]] = (Case, SealUse, SealRefusal, Applicant)
    many_step: ClassVar[frozenset[str]] = frozenset({"run_due"})

    def __init__(self, database: Database, clock: Clock | None = system_clock) -> None:
        super().__init__(database, clock)
        self.world = Circumstances(database)
        self.keeping = Keeping(database)
        self.questions: CaseQuestions = CaseQuestions(self.world, clock or system_clock)

    def jurisdiction(self, programme: str) -> str:
        return self.world.register.jurisdiction(programme)

    # Filing and acceptance.

    def submit(
        self, given: Given, *, programme: str, case: UUID, item: str, subitem: str | None,
        applicant_ref: str, applicant_key: str, subject_key: str, towns_concerned: list[str],
        channel: str, chosen_org: str, town: str | None,
    ) -> Case | Beside:
        self.world.register.known(
            programme=programme, item=item, towns=[town, *towns_concerned], orgs=[chosen_org]
        )
        if self.load(Case, case) is not None:
            raise refusals.already_submitted(str(case))
        applicant = self.submitted_by(programme, applicant_key)
        found = Case.submit(
            domain=self.world.register.item(programme, item)["domain"], case_id=str(case),
            item_id=item, subitem=subitem, applicant_ref=applicant_ref,
            applicant_key=applicant_key, subject_key=subject_key, towns_concerned=towns_concerned,
            channel=channel, chosen_org_id=chosen_org,
            town_id=town or self.world.town_of(programme, chosen_org), submitted_at=given.at,
        )
        if applicant is None:
            return found
        return Beside(found, lambda at: keeping.concern(at, applicant.id, case))

    def notify_deficiency(
        self, given: Given, *, programme: str, case: UUID, items: Sequence[str], document_ref: str
    ) -> Case:
        found, standing, _ = self._case(given, programme, case)
        found.notify_deficiency(standing, items=items, document_ref=document_ref)
        return found

    def supplement(
        self, given: Given, *, programme: str, case: UUID, items: Sequence[str]
    ) -> Case:
        found, standing, _ = self._case(given, programme, case)
        found.supplement(standing, items=items)
        return found

    def accept(self, given: Given, *, programme: str, case: UUID, site: str | None) -> Case:
        found, _, item = self._case(given, programme, case)
        found.admit("accept")
        actor = _actor(given)
        filing = self.world.filing(
            programme=programme, item=item, subitem=found.subitem, town=found.town, org=actor.org,
            at=actor.at,
        )
        grant = filing.grant()
        modes = self.world.register.programme(programme)["modes"]
        found.accept(
            self.world.at_counter(filing, actor, grant, programme), town=filing.org_town, site=site,
            issue_on_seal=bool(grant and modes[grant["mode"]]["policy"]["issue_on_seal"]),
            outcome_kind=item["outcome_kind"],
            due=self.world.due(item["item_id"], filing.org_town, actor.at),
        )
        return found

    def not_accept(
        self, given: Given, *, programme: str, case: UUID, reason_code: str, legal_basis: str,
        document_ref: str,
    ) -> Case:
        found, standing, _ = self._case(given, programme, case)
        found.not_accept(
            standing, reason_code=reason_code, legal_basis=legal_basis, document_ref=document_ref
        )
        return found

    def withdraw(self, given: Given, *, programme: str, case: UUID) -> Case:
        found, standing, _ = self._case(given, programme, case)
        found.withdraw(standing)
        return found

    def link_duplicate(
        self, given: Given, *, programme: str, case: UUID, duplicate_of: UUID
    ) -> Case:
        found, _, _ = self._case(given, programme, case)
        found.link_duplicate(self._load(duplicate_of))
        return found

    # Reviews, forwarding, hand-up.

    def detect_cross_town(self, given: Given, *, programme: str, case: UUID, town: str) -> Case:
        found, standing, item = self._case(given, programme, case)
        self.world.register.town(programme, town)
        found.detect_cross_town(standing, town=town, outcome_kind=item["outcome_kind"])
        return found

    def preliminary_review(
        self, given: Given, *, programme: str, case: UUID, result: str, defects: Sequence[str]
    ) -> Case:
        found, standing, _ = self._case(given, programme, case)
        found.preliminary_review(standing, result=result, defects=defects)
        return found

    def review(
        self, given: Given, *, programme: str, case: UUID, result: str, opinion_ref: str,
        opinion_seal: str | None,
    ) -> Case:
        found, standing, _ = self._case(given, programme, case)
        found.review(
            standing, result=result, opinion_ref=opinion_ref, opinion_seal=opinion_seal
        )
        return found

    def forward(
        self, given: Given, *, programme: str, case: UUID, to: str, opinion_ref: str | None
    ) -> Case:
        found, standing, _ = self._case(given, programme, case)
        found.forward(
            standing, to=to, opinion_ref=opinion_ref,
            negative_opinion=self._setting(programme, "negative_opinion_policy"),
        )
        return found

    def receive(self, given: Given, *, programme: str, case: UUID) -> Case:
        found, standing, _ = self._case(given, programme, case)
        found.receive(standing)
        return found

    def return_case(
        self, given: Given, *, programme: str, case: UUID, reason_code: str, text: str
    ) -> Case:
        found, standing, item = self._case(given, programme, case)
        found.return_case(
            standing, reason_code=reason_code, text=text,
            negative_opinion=self._setting(programme, "negative_opinion_policy"),
            outcome_kind=item["outcome_kind"],
        )
        return found

    def hand_up(self, given: Given, *, programme: str, case: UUID, cause: str) -> Case:
        found, standing, item = self._case(given, programme, case)
        found.hand_up(standing, cause=cause, outcome_kind=item["outcome_kind"])
        return found

    def run_due(self, given: Given, *, programme: str, now: datetime) -> None:
        """R131: a case still in the town whose grant has ended goes up, by a command of its own."""
        policy = (self._setting(programme, "recall") or {}).get("in_flight_policy")
        due = self.database.rows(
            "SELECT a.case_id, e.cause FROM application a JOIN case_end e USING (case_id)"
            " WHERE a.programme_id = %(programme)s AND a.finished_at IS NULL"
            " AND e.ended_from <= %(now)s AND a.state = ANY (%(states)s) AND NOT"
            " (a.state = 'reviewed' AND e.cause <> 'legality'"
            "  AND coalesce(e.in_flight_policy, %(policy)s, '') = %(finish)s)"
            " ORDER BY a.accepted_at, a.case_id",
            {
                "programme": programme, "now": now, "policy": policy, "finish": FINISH,
                "states": list(IN_TOWN),
            },
        )
        refusals = Refusals()
        for case, cause in due:
            request = {"programme": programme, "case": case, "cause": cause}
            with refusals:
                self.follow(replace(given, at=now), f"hand-up:{case}", "hand_up", request)
        # Any other: the case has moved on since the read model saw it; it is not due any more.
        refusals.tell_passing()

    # Decision and after.

    def approve(self, given: Given, *, programme: str, case: UUID) -> Case:
        found, standing, item = self._case(given, programme, case)
        kind = seal_kind(standing.grant, owner=standing.owner, cross_town=found.cross_town)
        found.approve(
            standing, decision_id=str(uuid5(case, f"decision:{given.command}")),
            seal_id=self.world.seal_for(
                kind, found.seal_user(standing), owner=standing.owner, town=found.town, at=given.at
            ),
            outcome_kind=item["outcome_kind"],
        )
        return found

    def deny(
        self, given: Given, *, programme: str, case: UUID, reason: str, legal_basis: str,
        document_ref: str, ground: str,
    ) -> Case:
        found, standing, item = self._case(given, programme, case)
        found.deny(
            standing, decision_id=str(uuid5(case, f"decision:{given.command}")), reason=reason,
            legal_basis=legal_basis, document_ref=document_ref, ground=ground,
            outcome_kind=item["outcome_kind"],
        )
        return found

    def complete(
        self, given: Given, *, programme: str, case: UUID, outcome_kind: str,
        result_ref: str | None,
    ) -> Case:
        found, standing, item = self._case(given, programme, case)
        found.complete(
            standing, given=outcome_kind, result_ref=result_ref,
            outcome_kind=item["outcome_kind"],
        )
        return found

    def seal(
        self, given: Given, *, programme: str, case: UUID, seal: str, document_hash: str
    ) -> SealUse:
        first = self.load(SealUse, SealUse.create_id(document_hash))
        if first is not None:
            return first.again(str(case), seal)
        found, standing, _ = self._case(given, programme, case)
        known = self.world.seal(seal, given.at)
        if known is None:
            raise refusals.unknown_seal(seal)
        return SealUse.apply(standing, found, seal=known, document_hash=document_hash)

    def deliver(
        self, given: Given, *, programme: str, case: UUID, document_hash: str | None
    ) -> Case:
        found, standing, _ = self._case(given, programme, case)
        use = self.load(SealUse, SealUse.create_id(document_hash)) if document_hash else None
        found.deliver(
            standing, document_hash=document_hash,
            sealed=use is not None and use.case_id == str(case),
        )
        return found

    def close(self, given: Given, *, programme: str, case: UUID) -> Case:
        found, standing, _ = self._case(given, programme, case)
        found.close(standing)
        return found

    # What the doors have in common.

    def record_refusal(
        self, refused: Refused, door: str, given: Given, fields: Mapping[str, Any]
    ) -> Aggregate | None:
        """R083, R131: the refused use of a seal, and the failed check of authority, are facts."""
        if refusal := super().record_refusal(refused, door, given, fields):
            return refusal
        org, case = given.actor["org"], fields["case"]
        if door == "seal":
            return SealRefusal.record(
                refused, command=given.command, case_id=str(case), seal_id=fields["seal"],
                document_hash=fields["document_hash"], org=org, at=given.at,
            )
        found = self._load(case)
        found.refuse_authority(
            act=door, org=org, holdings_version=self.world.holdings_version(), refused=refused
        )
        return found

    def _case(
        self, given: Given, programme: str, case: UUID
    ) -> tuple[Case, Standing, dict[str, Any]]:
        found = self._load(case)
        item = self.world.register.item(programme, found.item, at=given.at)
        return found, self.world.standing(found, item, _actor(given), programme), item

    def duplicates(self, case: str) -> list[tuple[str, str]]:
        """Pairs (later, earliest) of open cases that are the same application as *case* (R112).

        An earlier case counts only if it was still in hand when the later one was accepted: neither
        finished nor denied.
        """
        return self.database.rows(
            "SELECT DISTINCT ON (later.case_id) later.case_id, earlier.case_id"
            " FROM application given"
            " JOIN application later USING (item_id, applicant_key, subject_key)"
            " JOIN application earlier USING (item_id, applicant_key, subject_key)"
            " WHERE given.case_id = %s AND given.case_id IN (later.case_id, earlier.case_id)"
            " AND (earlier.accepted_at, earlier.case_id) < (later.accepted_at, later.case_id)"
            " AND coalesce(earlier.finished_at > later.accepted_at, true)"
            " AND (earlier.outcome IS DISTINCT FROM 'denied'"
            "      OR earlier.decided_at > later.accepted_at)"
            " AND later.finished_at IS NULL AND later.decided_at IS NULL"
            " ORDER BY later.case_id, earlier.accepted_at, earlier.case_id", (case,),
        )

    def end_told(self, case: str) -> datetime | None:
        """When the end of the case's grant was announced, if it has been."""
        rows = self.database.rows(
            "SELECT told_at FROM case_end WHERE case_id = %s ORDER BY told_at DESC", (case,),
        )
        return rows[0][0] if rows else None

    def _load(self, case: UUID) -> Case:
        found = self.load(Case, case)
        if found is None:
            raise refusals.unknown_case(str(case))
        return found

    def _setting(self, programme: str, key: str) -> Any:
        return self.world.register.programme(programme)["settings"].get(key)


def _actor(given: Given) -> Actor:
    return Actor(given.actor["org"], given.actor.get("operator", ""), given.at)
