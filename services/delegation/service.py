"""The delegation service as a process: its doors, and what it does on facts."""

from typing import Any

from marshmallow import ValidationError

from services.delegation.commands import Delegations
from services.delegation.domain.seal import SEAL_NO_2
from services.delegation.readmodel import readmodel
from shared.clock import day_of
from shared.contracts.envelope import Fact
from shared.entrypoints import App, Facts, given_of, rpc
from shared.refusal import Refused


class DelegationService:
    """Doors of the delegation service: commands by RPC, facts from the bus."""

    name = "delegation"

    commands = App(Delegations)
    facts = Facts("delegation", from_=("catalog", "delegation", "cases"), into=readmodel)

    @rpc(expected_exceptions=(Refused, ValidationError))
    def do(self, door: str, request: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        return self.commands.do(door, request, given_of(given))

    @rpc(expected_exceptions=(Refused, ValidationError))
    def ask(self, door: str, request: dict[str, Any]) -> object:
        return self.commands.ask(door, request)

    @facts.on("delegation.AgreementExpired")
    def agreement_expired(self, fact: Fact) -> None:
        """R075: the town's authority lapses with the term."""
        day = day_of(fact.data["expired_at"]).isoformat()
        grants = self.commands.lookups.open_grants(
            fact.programme, agreement=fact.data["agreement_id"]
        )
        self._each(fact, "agreement-expired", grants, "recall", {
            "ground": "term_expired", "decided_on": day, "effective_from": day,
        })

    @facts.on("catalog.LegalConstraintRecorded")
    def constraint_recorded(self, fact: Fact) -> None:
        """R046: a legal bar that appears after a grant puts it under review."""
        bar = {key: fact.data[key] for key in ("kind", "norm_rank", "article")}
        grants = self.commands.lookups.open_grants(fact.programme, item=fact.data["item_id"])
        self._each(fact, "constraint-recorded", grants, "review_legality", bar)

    @facts.on("delegation.ItemRecalled")
    def seal_after_recall(self, fact: Fact) -> None:
        """R087, R181: the pair's seal is suspended when its last entrusted item ends."""
        programme, town, owner = fact.programme, fact.data["town_id"], fact.data[
            "returns_to_org_id"
        ]
        modes = self.commands.register.programme(programme)["modes"]
        open_grants = self.commands.lookups.open_grants(programme, town=town, owner=owner)
        if any(modes[row["mode"]]["policy"]["seal_kind"] == SEAL_NO_2 for row in open_grants):
            return
        seal = self.commands.lookups.seal_in_use(SEAL_NO_2, owner, town)
        since = self.commands.lookups.last_end(programme, town, owner)
        if seal and since:
            self.commands.do("suspend_seal", {
                "programme": programme, "seal": seal, "reason": "last_entrusted_item_ended",
                "since": since.isoformat(),
            }, fact.given("seal-after-recall"))

    @facts.on("delegation.ItemRecalled")
    def list_after_recall(self, fact: Fact) -> None:
        """R181: a recalled item leaves the town's list."""
        self.commands.do("strike_from_list", {
            "programme": fact.programme, "town": fact.data["town_id"], "item": fact.data["item_id"],
            "reason": fact.data["ground"],
        }, fact.given("list-after-recall"))

    @facts.on("delegation.ItemRecalled")
    def agreement_after_recall(self, fact: Fact) -> None:
        """R182: the agreement is amended, or terminated with its last item."""
        grant = self.commands.lookups.grant(fact.data["grant_id"])
        if grant and grant["agreement_id"]:
            self.commands.do("drop_from_agreement", {
                "programme": fact.programme, "agreement": str(grant["agreement_id"]),
                "item": fact.data["item_id"], "on": day_of(fact.data["effective_from"]).isoformat(),
            }, fact.given("agreement-after-recall"))

    def _each(
        self, fact: Fact, policy: str, grants: list[dict[str, Any]], door: str,
        request: dict[str, Any]
    ) -> None:
        """One command per grant; one that is refused does not stop the rest."""
        refused = None
        for row in grants:
            of_grant = {"programme": fact.programme, "grant": str(row["grant_id"])}
            try:
                self.commands.do(
                    door, of_grant | request, fact.given(f"{policy}:{row['grant_id']}")
                )
            except Refused as why:
                refused = why
        if refused:
            raise refused
