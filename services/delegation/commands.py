"""The commands of the delegation service: one method per door, spread over the parts in `doors`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from eventsourcing.domain import Aggregate

from services.delegation.domain.agreement import Agreement
from services.delegation.domain.claim import Claim
from services.delegation.domain.grant import Grant
from services.delegation.domain.programme import setting
from services.delegation.domain.rejection import Rejection
from services.delegation.domain.seal import Seal
from services.delegation.domain.survey import Docking, Survey
from services.delegation.domain.town_list import TownList
from services.delegation.domain.transfer import Transfer
from services.delegation.doors.claims import ClaimDoors
from services.delegation.doors.grants import GrantDoors
from services.delegation.doors.lists import ListDoors
from services.delegation.doors.seals import SealDoors
from shared.clock import day_of
from shared.contracts.envelope import Given
from shared.refusal import Refused


class Delegations(ClaimDoors, ListDoors, SealDoors, GrantDoors):
    """Claims, lists, agreements, seals, grants, recalls, transfers."""

    service = "delegation"
    aggregates: ClassVar[tuple[type[Aggregate], ...]] = (
        Survey, Docking, Claim, TownList, Agreement, Seal, Grant, Rejection, Transfer,
    )
    many_step: ClassVar[frozenset[str]] = frozenset({"run_due", "delegate_list", "start_list"})

    def record_refusal(
        self, refused: Refused, door: str, given: Given, fields: Mapping[str, Any]
    ) -> Aggregate | None:
        """A delegation that the law forbids is on record as asked for (R046, R059)."""
        return Rejection.of(
            refused, command=given.command, town=fields["town"], item=fields["item"],
            mode=fields["mode"]
        )

    def run_due(self, given: Given, *, programme: str, now: datetime) -> None:
        """Each due thing becomes a command of its own; its aggregate lets it happen once (R224)."""
        today = day_of(now)
        for row in self.lookups.deferrals_before(programme, today):
            self.follow(given, f"lapse:{row['claim_id']}:{row['expected_on']}", "lapse_deferral", {
                "programme": programme, "town": row["town_id"], "item": row["item_id"],
                "now": now.isoformat(),
            })
        notice = setting(self.register.programme(programme), "agreement", "expiring_notice_days")
        for row in self.lookups.terms_until(programme, today + timedelta(days=notice or 0)):
            door = "expire_agreement" if row["term_to"] < today else "warn_of_expiry"
            self.follow(given, f"{door}:{row['agreement_id']}:{row['term_to']}", door, {
                "programme": programme, "agreement": str(row["agreement_id"]),
                "now": now.isoformat(),
            })
