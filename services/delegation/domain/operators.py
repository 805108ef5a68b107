"""Operators: who employs them, which organ they act for, where they are seconded (R094, R097)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.delegation.domain import capability_refusals, refusals
from services.delegation.domain.stream import Recorded, record, stream_id
from shared.clock import end_of, start_of
from shared.refusal import Refused

CONTRACTOR = "contractor"
# What bought services may not do (R097).
RESERVED = ("preliminary_review", "substantive_review", "decide", "seal")
DOWN = "down"


@dataclass(frozen=True)
class Bar:
    """What an operator may not do, from when to when, and why.

    Args:
        facets: those it is about; None: every one.
    """

    begins: datetime
    ends: datetime | None
    facets: Collection[str] | None
    refusal: Refused

    def meets(self, begins: datetime, ends: datetime | None) -> bool:
        """Whether it stands at some instant of the interval."""
        return (self.ends is None or begins < self.ends) and (ends is None or self.begins < ends)


class Operator(Aggregate):
    """One per programme and opaque id."""

    class OperatorAssigned(Recorded):
        operator_id: str
        employer_org_id: str
        acting_org_id: str
        contract_kind: str
        from_: date
        to: date | None

        def apply(self, aggregate: "Operator") -> None:
            aggregate.acting_for, aggregate.contract_kind = self.acting_org_id, self.contract_kind
            aggregate.assigned = (self.from_, self.to)

    class SecondmentStarted(Recorded):
        operator_id: str
        direction: str
        from_org_id: str
        to_org_id: str
        item_ids: list[str]
        from_: date

        def apply(self, aggregate: "Operator") -> None:
            aggregate.direction, aggregate.host = self.direction, self.to_org_id
            aggregate.seconded = (self.from_, None)

    class SecondmentEnded(Aggregate.Event):
        operator_id: str
        to: date

    @staticmethod
    def create_id(programme: str, operator: str) -> UUID:
        return stream_id("operator", programme, operator)

    def __init__(self, operator_id: str) -> None:
        self.operator_id = operator_id
        self.acting_for: str | None = None
        self.contract_kind: str | None = None
        self.assigned: tuple[date, date | None] | None = None
        self.direction: str | None = None
        self.host: str | None = None
        self.seconded: tuple[date, date | None] | None = None

    @classmethod
    def assign(
        cls, before: "Operator | None", *, programme: str, operator: str, employer: str,
        acting_for: str, contract_kind: str, since: date, until: date | None,
    ) -> "Operator":
        """Employer and acting organ may differ (R097)."""
        if until is not None and until < since:
            raise refusals.wrong_date_order("到岗日", since, "离岗日", until)
        return record(
            cls, before, cls.create_id(programme, operator), cls.OperatorAssigned,
            operator_id=operator, employer_org_id=employer, acting_org_id=acting_for,
            contract_kind=contract_kind, from_=since, to=until,
        )

    @classmethod
    def second(
        cls, before: "Operator | None", *, programme: str, operator: str, direction: str,
        from_org: str, to_org: str, between_town_and_department: bool, items: Sequence[str],
        since: date,
    ) -> "Operator":
        """Down to help or up to learn, one secondment at a time (R094).

        Args:
            between_town_and_department: whether the organs fit the direction.
        """
        if not between_town_and_department:
            raise capability_refusals.wrong_direction(direction, from_org, to_org)
        if before is not None and before.seconded is not None and before.seconded[1] is None:
            raise refusals.wrong_state("secondment", "running", ["ended"])
        return record(
            cls, before, cls.create_id(programme, operator), cls.SecondmentStarted,
            operator_id=operator, direction=direction, from_org_id=from_org, to_org_id=to_org,
            item_ids=list(items), from_=since,
        )

    def end_secondment(self, *, until: date) -> None:
        """Back to the organ that sent (R094)."""
        if self.seconded is None or self.seconded[1] is not None:
            raise refusals.wrong_state("secondment", None, ["running"])
        if until < self.seconded[0]:
            raise refusals.wrong_date_order("起始日", self.seconded[0], "结束日", until)
        self._secondment_ended(operator_id=self.operator_id, to=until)

    def bars(self, org: str, side: Collection[str]) -> list[Bar]:
        """Why this operator may not act for *org*, as far as is on record (R094, R097).

        Args:
            side: *org* with the other bodies of its town or unit.
        """
        found = []
        if self.seconded and self.direction == DOWN and self.host in side:
            found.append(_bar(self.seconded, None, capability_refusals.seconded_officer_cannot_act(
                self.operator_id, str(self.host)
            )))
        if self.assigned and self.acting_for not in side:
            found.append(_bar(self.assigned, None, capability_refusals.acts_for_another(
                self.operator_id, str(self.acting_for), org
            )))
        if self.assigned and self.contract_kind == CONTRACTOR:
            found.append(_bar(
                self.assigned, RESERVED,
                capability_refusals.contractor_cannot_review(self.operator_id, RESERVED),
            ))
        return found

    @event(SecondmentEnded)
    def _secondment_ended(self, operator_id: str, to: date) -> None:
        assert self.seconded is not None
        self.seconded = (self.seconded[0], to)


def _bar(
    days: tuple[date, date | None], facets: Collection[str] | None, refusal: Refused
) -> Bar:
    first, last = days
    return Bar(start_of(first), end_of(last) if last else None, facets, refusal)
