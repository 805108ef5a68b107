"""Another organ in the place of one that is no more: in grants, transfers and agreements."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from eventsourcing.domain import Aggregate

from services.delegation.domain.programme import Row
from shared.refusal import Refused

ROLES = ("decided_by_org_id", "power_owner_org_id", "act_supervisor_org_id")
ORGAN_MERGED = "organ_merged"


def organs_in(told: Row) -> list[str]:
    """The organs that a grant or transfer names, each once.

    Args:
        told: with ``facets``, and with those of `ROLES` that it has.
    """
    named = [*(told.get(role) for role in ROLES), *(row["org_id"] for row in told["facets"])]
    return [org for org in dict.fromkeys(named) if org is not None]


class Succession(Aggregate):
    """A grant or transfer goes on when an organ it names is merged into another (R007, R131).

    What was done under it before was done by, or in the name of, the organ of that day.
    """

    if TYPE_CHECKING:  # the library makes of annotated fields what an event must tell
        town_id: str
        item_id: str
        facets: list[dict[str, Any]]
        effective_from: datetime
        ended_at: datetime | None

    class GrantSucceeded(Aggregate.Event):
        grant_id: str
        item_id: str
        town_id: str
        from_org_id: str
        to_org_id: str
        roles: list[str]
        facets: list[str]
        effective_from: datetime

        def apply(self, aggregate: "Succession") -> None:
            for role in self.roles:
                setattr(aggregate, role, self.to_org_id)
            aggregate.facets = [
                row | {"org_id": self.to_org_id} if row["org_id"] == self.from_org_id else row
                for row in aggregate.facets
            ]

    @property
    def organs(self) -> list[str]:
        """Every organ it names now."""
        return organs_in(vars(self))

    def succeed_organs(self, closings: Sequence[Row]) -> None:
        """Put the successor in the place of each closed organ, unless it was over by then.

        Args:
            closings: ``org_id, successor_org_id, closed_from``, one after another.
        """
        for closing in closings:
            org, since = closing["org_id"], closing["closed_from"]
            begins = max(since, self.effective_from)
            if self.ended_at is not None and self.ended_at <= begins:
                continue
            roles = [role for role in ROLES if getattr(self, role, None) == org]
            held = [row["facet"] for row in self.facets if row["org_id"] == org]
            if roles or held:
                self.trigger_event(
                    self.GrantSucceeded, grant_id=str(self.id), item_id=self.item_id,
                    town_id=self.town_id, from_org_id=org,
                    to_org_id=closing["successor_org_id"], roles=roles,
                    facets=list(dict.fromkeys(held)), effective_from=begins,
                )


class Parties(Aggregate):
    """An agreement binds who has taken over a party (R182)."""

    if TYPE_CHECKING:
        department_id: str
        parties: list[str]
        state: str

    class AgreementSucceeded(Aggregate.Event):
        agreement_id: str
        from_org_id: str
        to_org_id: str
        department_id: str
        parties: list[str]
        effective_on: date

        def apply(self, aggregate: "Parties") -> None:
            aggregate.department_id, aggregate.parties = self.department_id, self.parties

    def succeed_organs(self, closings: Sequence[Row]) -> None:
        """Put the successor in the place of each closed party, while the agreement lives."""
        for closing in closings:
            org, successor = closing["org_id"], closing["successor_org_id"]
            if self.state in ("drafted", "signed") and org in self.parties:
                now = {org: successor}
                self.trigger_event(
                    self.AgreementSucceeded, agreement_id=str(self.id), from_org_id=org,
                    to_org_id=successor,
                    department_id=now.get(self.department_id, self.department_id),
                    parties=[now.get(party, party) for party in self.parties],
                    effective_on=closing["closed_on"],
                )


def not_closed(town: str) -> Refused:
    """A grant ends on this ground only with its town."""
    return Refused(
        "delegation.organ-not-closed", {"org": town},
        f"{town}未撤并，不得以机构撤并为由收回，请核对收回理由",
    )
