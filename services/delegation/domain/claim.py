"""A town's claim to one item: claimed, put off, refused (R010, R031 to R036)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain import claim_refusals, refusals
from services.delegation.domain.programme import Row, setting
from services.delegation.domain.stream import Recorded, record, stream_id
from shared.clock import day_of

CLAIMABLE = (None, "to_be_claimed", "deferred", "lapsed")


class Claim(Aggregate):
    """One per programme, town and item: open, then exactly one of granted and refused."""

    class ItemClaimed(Recorded):
        claim_id: str
        town_id: str
        item_id: str
        kind: str
        claimed_on: date

        def apply(self, aggregate: "Claim") -> None:
            aggregate.state, aggregate.deferred_until = "claimed", None

    class ClaimDeferralProposed(Recorded):
        claim_id: str
        town_id: str
        item_id: str
        ground: str
        reason: str
        expected_on: date

        def apply(self, aggregate: "Claim") -> None:
            aggregate.state, aggregate.expected_on = "deferral_proposed", self.expected_on

    class ClaimDeferralConsented(Aggregate.Event):
        claim_id: str
        consented_by_org_id: str
        consented_on: date

        def apply(self, aggregate: "Claim") -> None:
            aggregate.state, aggregate.deferred_until = "deferred", aggregate.expected_on

    class ClaimDeferralRejected(Aggregate.Event):
        claim_id: str
        reason: str

        def apply(self, aggregate: "Claim") -> None:
            aggregate.state = "deferred" if aggregate.deferred_until else "to_be_claimed"

    class ClaimDeferralLapsed(Aggregate.Event):
        claim_id: str
        expected_on: date

        def apply(self, aggregate: "Claim") -> None:
            aggregate.deferred_until = None
            if aggregate.state == "deferred":
                aggregate.state = "lapsed"

    class ClaimRefused(Aggregate.Event):
        claim_id: str
        objective_reason: str
        document_ref: str | None
        issued_by_org_id: str
        issued_on: date

        def apply(self, aggregate: "Claim") -> None:
            aggregate.state = "refused"

    @staticmethod
    def create_id(programme: str, town: str, item: str) -> UUID:
        return stream_id("claim", programme, town, item)

    def __init__(self, town_id: str, item_id: str) -> None:
        self.town_id, self.item_id = town_id, item_id
        self.state: str | None = None
        self.expected_on: date | None = None
        self.deferred_until: date | None = None

    @classmethod
    def claim(
        cls, before: "Claim | None", *, programme: Row, town: Row, item: str, menu: Row | None,
        surveyed: bool, claimed_on: date,
    ) -> "Claim":
        """The town asks for the item.

        Args:
            menu: ``version`` and ``item_ids`` of the current menu, where the town chooses from one.
        """
        kind = setting(programme, "claim", "kind")
        if not setting(programme, "claim", "required"):
            raise claim_refusals.claims_not_provided(programme["programme_id"])
        if not town["recipient"]:
            raise refusals.not_a_recipient(town["town_id"], programme["programme_id"])
        if setting(programme, "claim", "survey_first") and not surveyed:
            raise claim_refusals.survey_missing(town["town_id"])
        if kind == "menu_choice":
            _check_menu(programme, item, menu)
        _check_state(before, CLAIMABLE)
        return cls._record(
            before, programme, town, item, cls.ItemClaimed, kind=kind, claimed_on=claimed_on
        )

    @classmethod
    def propose_deferral(
        cls, before: "Claim | None", *, programme: Row, town: Row, item: str, ground: str,
        reason: str, expected_on: date | None, today: date,
    ) -> "Claim":
        """The town cannot take the item over yet."""
        grounds: Sequence[str] = setting(programme, "deferral", "grounds") or ()
        if not setting(programme, "deferral", "enabled"):
            raise claim_refusals.deferral_not_provided(programme["programme_id"])
        if not town["recipient"]:
            raise refusals.not_a_recipient(town["town_id"], programme["programme_id"])
        if ground not in grounds:
            raise refusals.ground_not_admitted(ground, grounds)
        if not reason.strip():
            raise claim_refusals.reason_required(item)
        if expected_on is None:
            raise claim_refusals.expected_date_required(item)
        if expected_on <= today:
            raise refusals.wrong_date_order("提出日", today, "预计承接时间", expected_on)
        _check_state(before, CLAIMABLE)
        return cls._record(
            before, programme, town, item, cls.ClaimDeferralProposed, ground=ground,
            reason=reason.strip(), expected_on=expected_on,
        )

    def consent(self, *, programme: Row, town: Row, consented_by: str, consented_on: date) -> None:
        """The county-level government consents to the deferral (R033)."""
        if setting(programme, "deferral", "consent_by") == "county_government" and (
            consented_by != town["matching_county_id"]
        ):
            raise claim_refusals.consent_by_county_government(
                consented_by, town["matching_county_id"]
            )
        _check_state(self, ("deferral_proposed",))
        self.trigger_event(
            self.ClaimDeferralConsented, claim_id=str(self.id), consented_by_org_id=consented_by,
            consented_on=consented_on,
        )

    def reject(self, *, reason: str) -> None:
        """The deferral is not consented to; the item counts as to be claimed (R033)."""
        if not reason.strip():
            raise claim_refusals.reason_required(self.item_id)
        _check_state(self, ("deferral_proposed",))
        self.trigger_event(self.ClaimDeferralRejected, claim_id=str(self.id), reason=reason.strip())

    def lapse(self, *, now: datetime) -> None:
        """The expected date has passed; nothing happens before it, or twice (R035, R224).

        A renewal that is only proposed does not stop it: consent does.
        """
        if self.deferred_until is not None and day_of(now) > self.deferred_until:
            self.trigger_event(
                self.ClaimDeferralLapsed, claim_id=str(self.id), expected_on=self.deferred_until
            )

    def refuse(
        self, *, programme: Row, objective_reason: str, document_ref: str | None, issued_by: str,
        issued_on: date
    ) -> None:
        """The claim is not granted, for an objective reason, in writing (R036)."""
        missing = [] if objective_reason.strip() else ["objective_reason"]
        if setting(programme, "refusal_written") and not document_ref:
            missing.append("document_ref")
        if missing:
            raise claim_refusals.written_reason_required(self.item_id, missing)
        _check_state(self, ("claimed",))
        self.trigger_event(
            self.ClaimRefused, claim_id=str(self.id), objective_reason=objective_reason.strip(),
            document_ref=document_ref, issued_by_org_id=issued_by, issued_on=issued_on,
        )

    @classmethod
    def _record(
        cls, before: "Claim | None", programme: Row, town: Row, item: str, event: type[Any],
        **fields: Any
    ) -> "Claim":
        stream = cls.create_id(programme["programme_id"], town["town_id"], item)
        return record(
            cls, before, stream, event, claim_id=str(stream), town_id=town["town_id"], item_id=item,
            **fields
        )


def _check_state(claim: Claim | None, allowed: Sequence[str | None]) -> None:
    state = claim.state if claim else None
    if state not in allowed:
        raise refusals.wrong_state("claim", state, [name for name in allowed if name])


def _check_menu(programme: Row, item: str, menu: Row | None) -> None:
    if menu is None:
        raise claim_refusals.menu_not_issued(programme["programme_id"])
    if item not in menu["item_ids"]:
        raise claim_refusals.not_on_menu(item, menu["version"])
