"""A case between acceptance and decision: reviews, forwarding, return, hand-up."""

from collections.abc import Sequence

from services.cases.domain import case_facts, refusals
from services.cases.domain.authority import Standing
from services.cases.domain.intake import Intake
from services.cases.domain.path import onward, way
from services.cases.domain.states import AT_OWNER, FORMAL_DEFECTS, ON_SEAL_ANSWERS


class Handling(Intake):
    """From the acceptance to the decision. Public methods decide; the facts only assign."""

    def detect_cross_town(self, standing: Standing, *, town: str, outcome_kind: str | None) -> None:
        """R066: the case goes to the district from here on; the acceptance time is kept."""
        self.admit("detect_cross_town")
        self._party(standing)
        known = list(dict.fromkeys([*self.towns, *([self.town] if self.town else []), town]))
        if len(known) == 1 or (self.cross_town and set(known) == set(self.towns)):
            return
        path = self.path
        if self.grant_id is not None:
            path = onward(
                self.path, self.done, standing.grant, owner=standing.owner, cross_town=True,
                outcome_kind=outcome_kind,
            )
        self._record(
            case_facts.CrossTownDetected, town_ids=known, detected_at_step=self.state, path=path
        )

    def preliminary_review(
        self, standing: Standing, *, result: str, defects: Sequence[str]
    ) -> None:
        """R061, R117: only where given; it cannot end in a denial."""
        self.admit("preliminary_review")
        held = standing.holds("preliminary_review", cross_town=self.cross_town)
        self._next("preliminary_review")
        self._record(
            case_facts.PreliminaryReviewCompleted, result=result, defects=list(defects),
            reviewer_org_id=standing.org, authority=held.pinned(standing.item_position),
        )

    def review(
        self, standing: Standing, *, result: str, opinion_ref: str, opinion_seal: str | None
    ) -> None:
        """R050, R052; where the town has reviewed, the district does not review again (R053)."""
        if self.on_seal(standing):
            raise refusals.merits_review_not_allowed("review", ON_SEAL_ANSWERS)
        self.admit("review")
        held = standing.holds("substantive_review", cross_town=self.cross_town)
        if not (self.state in AT_OWNER and self.next_step == "decide"):
            self._next("substantive_review")
        self._record(
            case_facts.SubstantiveReviewCompleted, result=result, opinion_ref=opinion_ref,
            reviewer_org_id=standing.org, reviewer_id=standing.operator,
            opinion_seal_id=opinion_seal, authority=held.pinned(standing.item_position),
        )

    def forward(
        self, standing: Standing, *, to: str, opinion_ref: str | None, negative_opinion: str | None
    ) -> None:
        """R052, R056, R061, R066: to the granting department, with what the mode asks for.

        Args:
            negative_opinion: the programme's ``negative_opinion_policy``.
        """
        self.admit("forward")
        held = standing.holds_any(
            ("accept", "preliminary_review", "substantive_review"), act="forward",
            cross_town=self.cross_town,
        )
        if self.next_step == "substantive_review" and "forward" in self._steps:
            raise refusals.opinion_missing(self.opinion_ref, self.opinion_seal)
        self._next("forward")
        if self.issue_on_seal and not (self.opinion_ref and self.opinion_seal):
            raise refusals.opinion_missing(self.opinion_ref, self.opinion_seal)
        if self.opinion == "negative" and negative_opinion == "town_returns":
            raise refusals.negative_opinion_stays(self.opinion_ref)
        if to == standing.org:
            raise refusals.forwarded_to_itself(to)
        if to != standing.owner:
            raise refusals.wrong_forward_target(to, standing.owner)
        self._record(
            case_facts.CaseForwarded, from_org_id=standing.org, to_org_id=to,
            reason=self._forward_reason(standing), opinion_ref=self.opinion_ref or opinion_ref,
            due_at=self.due.get("forward"), forwarded_at=standing.at, accepted_at=self.accepted_at,
            authority=held.pinned(standing.item_position),
        )

    def receive(self, standing: Standing) -> None:
        """R119: acknowledged once; a second acknowledgement changes nothing."""
        if self.state == "received" and standing.org == standing.in_place_of(self.forwarded_to):
            return
        self.admit("receive")
        self._receiver(standing)
        self._record(
            case_facts.CaseForwardReceived, by_org_id=standing.org, received_at=standing.at
        )

    def return_case(
        self, standing: Standing, *, reason_code: str, text: str, negative_opinion: str | None,
        outcome_kind: str | None,
    ) -> None:
        """R053, R119: by the receiver; after the town's review only for a defect of form.

        A town whose programme keeps negative opinions (R052) returns the case from its own review.
        What has meanwhile become a matter of two towns begins anew on their way, not on the
        town's (R066).
        """
        self.admit("return_case")
        stays = self.opinion == "negative" and negative_opinion == "town_returns"
        reviewer = standing.in_place_of(self.reviewed_by)
        if not (stays and "forward" not in self.done and standing.org == reviewer):
            self._receiver(standing)
            if self.on_seal(standing) and reason_code not in FORMAL_DEFECTS:
                raise refusals.merits_review_not_allowed("return_case", FORMAL_DEFECTS)
        self._record(
            case_facts.CaseReturned, from_org_id=standing.org,
            to_org_id=standing.in_place_of(self.accepted_by),
            reason_code=reason_code, text=text,
        )
        if not self.cross_town or standing.grant is None:
            return
        path = way(
            standing.grant, owner=standing.owner, cross_town=True, outcome_kind=outcome_kind
        )
        if path != self.path:
            self._record(
                case_facts.CrossTownDetected, town_ids=list(self.towns),
                detected_at_step=self.state, path=path,
            )

    def hand_up(self, standing: Standing, *, cause: str, outcome_kind: str | None) -> None:
        """R131: the town's power has ended; its owner goes on, the acceptance time stays."""
        if self.state == "handed_up":
            return
        self.admit("hand_up")
        if standing.lapsed is None:
            raise refusals.authority_not_ended(str(self.id))
        path = onward(
            self.path, self.done, None, owner=standing.owner, cross_town=self.cross_town,
            outcome_kind=outcome_kind,
        )
        self._record(
            case_facts.CaseHandedUp, from_org_id=self.accepted_by, to_org_id=standing.owner,
            cause=cause, path=path, accepted_at=self.accepted_at,
        )

    def _forward_reason(self, standing: Standing) -> str:
        alone = way(standing.grant, owner=standing.owner, cross_town=False, outcome_kind=None)
        return "mode" if any(s["step"] == "forward" for s in alone) else "cross_town"
