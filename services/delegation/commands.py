"""The commands of the delegation service: one method per door, spread over the parts in `doors`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from eventsourcing.domain import Aggregate

from services.delegation.domain import legal_bar
from services.delegation.domain.account import Account
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.centre_rules import CentreRules
from services.delegation.domain.claim import Claim
from services.delegation.domain.coverage import Coverage
from services.delegation.domain.escalation import Escalation
from services.delegation.domain.grant import Grant
from services.delegation.domain.guidance import Guidance
from services.delegation.domain.handover import Handover
from services.delegation.domain.mode_assessment import ModeAssessment
from services.delegation.domain.need import Need
from services.delegation.domain.operators import Operator
from services.delegation.domain.programme import policy, setting
from services.delegation.domain.provision import Provision
from services.delegation.domain.rejection import Rejection
from services.delegation.domain.seal import Seal
from services.delegation.domain.staff import StaffTransfer
from services.delegation.domain.succession import Succession
from services.delegation.domain.survey import Docking, Survey
from services.delegation.domain.town_list import TownList
from services.delegation.domain.town_papers import TownPapers
from services.delegation.domain.training import Training
from services.delegation.domain.transfer import Transfer
from services.delegation.doors.accounts import AccountDoors
from services.delegation.doors.capability import CapabilityDoors
from services.delegation.doors.claims import ClaimDoors
from services.delegation.doors.grant_life import GrantLifeDoors
from services.delegation.doors.lists import ListDoors
from services.delegation.doors.needs import NeedDoors
from services.delegation.doors.recalls import RecallDoors
from services.delegation.doors.seals import SealDoors
from services.delegation.doors.succession import SuccessionDoors
from shared.clock import day_of
from shared.contracts.envelope import Given
from shared.refusal import Refusals, Refused


class Delegations(
    SuccessionDoors, ClaimDoors, ListDoors, SealDoors, GrantLifeDoors, RecallDoors, NeedDoors,
    CapabilityDoors, AccountDoors,
):
    """Claims, lists, agreements, seals, grants, recalls, transfers."""

    service = "delegation"
    aggregates: ClassVar[tuple[type[Aggregate], ...]] = (
        Survey, Docking, Claim, TownList, Agreement, Seal, Grant, Rejection, Transfer,
        ModeAssessment, Handover, Provision, TownPapers, CentreRules, Need, Escalation, Coverage,
        Training, Guidance, StaffTransfer, Operator, Account,
        Succession,  # last: what it records of grants and transfers is its own event
    )
    many_step: ClassVar[frozenset[str]] = frozenset(
        {
            "run_due", "delegate_list", "assign_handling_bodies", "start_list", "end_transitions",
            "recall_item",
        }
    )

    def record_refusal(
        self, refused: Refused, door: str, given: Given, fields: Mapping[str, Any]
    ) -> Aggregate | None:
        """A delegation that the law forbids is on record as asked for (R046, R059)."""
        town = fields["town"] if "town" in fields else self._grant(fields["grant"]).town_id
        return Rejection.of(
            refused, command=given.command, town=town, item=refused.facts["item"],
            mode=fields["mode"],
        )

    def run_due(self, given: Given, *, programme: str, now: datetime) -> None:
        """Each due thing becomes a command of its own; its aggregate lets it happen once (R224)."""
        today, refusals = day_of(now), Refusals()
        for row in self.lookups.deferrals_before(programme, today):
            name = f"lapse:{row['claim_id']}:{row['deferred_until']}"
            with refusals:
                self.follow(given, name, "lapse_deferral", {
                    "programme": programme, "town": row["town_id"], "item": row["item_id"],
                    "now": now.isoformat(),
                })
        rules = self.register.programme(programme)
        for row in self.lookups.bars_in_force(programme, today):
            if not legal_bar.applies(row["kind"], row["norm_rank"], policy(rules, row["mode"])):
                continue
            if (row["kind"], row["article"]) not in self._grant(row["grant_id"]).reviewed:
                bar = {key: row[key] for key in ("kind", "norm_rank", "article")}
                with refusals:
                    self.follow(
                        given, f"review:{row['grant_id']}:{row['position']}", "review_legality",
                        {"programme": programme, "grant": str(row["grant_id"])} | bar,
                    )
        notice = setting(rules, "agreement", "expiring_notice_days")
        for row in self.lookups.terms_until(programme, today + timedelta(days=notice or 0)):
            if row["term_to"] < today:
                door = "expire_agreement"
            elif notice is not None and not row["warned"]:
                door = "warn_of_expiry"
            else:  # nothing is due of it: a command would leave an empty trace at every round
                continue
            with refusals:
                self.follow(given, f"{door}:{row['agreement_id']}:{row['term_to']}", door, {
                    "programme": programme, "agreement": str(row["agreement_id"]),
                    "now": now.isoformat(),
                })
        refusals.tell()
