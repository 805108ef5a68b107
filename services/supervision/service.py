"""Doors of the supervision service; no rule lives here."""

from marshmallow import ValidationError

from services.supervision.commands import Supervision
from services.supervision.readmodel import readmodel
from shared.clock import start_of
from shared.contracts.envelope import Fact, given_of
from shared.entrypoints import App, Due, Facts, rpc
from shared.refusal import Refusals, Refused


class SupervisionService:
    """Doors of the supervision service: commands by RPC, facts from the bus."""

    name = "supervision"
    commands = App(Supervision)
    due = Due()
    facts = Facts(
        "supervision", from_=("catalog", "delegation", "cases", "supervision"), into=readmodel
    )

    @rpc(expected_exceptions=(Refused, ValidationError))
    def do(self, door: str, request: dict, given: dict) -> dict:
        return self.commands.do(door, request, given_of(given))

    @rpc(expected_exceptions=(Refused, ValidationError))
    def ask(self, door: str, request: dict) -> object:
        return self.commands.ask(door, request)

    @facts.on(
        "cases.CaseForwarded", "cases.CaseHandedUp", "cases.CaseWithdrawn",
        "cases.DuplicateApplicationLinked",
    )
    def case_left(self, fact: Fact) -> None:
        """R118, R224: a forward in time that became known late withdraws the overdue."""
        self.commands.do(
            "prove_forwarded",
            {"programme": fact.programme, "case": fact.data["case_id"]},
            fact.given("prove-forwarded"),
        )

    @facts.on("cases.ApprovalIssued")
    def decided(self, fact: Fact) -> None:
        """R131: authority is checked again where the decision arrives."""
        self._check(fact, [fact.data["decision_id"]])

    @facts.on(
        "delegation.ItemRecalled", "delegation.GrantModeChanged", "delegation.GrantScopeChanged",
        "delegation.GrantSucceeded",
    )
    def recalled(self, fact: Fact) -> None:
        """R131: an end or a change that arrives late flags what was decided after its effect."""
        self._check(
            fact,
            self.commands.questions.decisions(
                grant=fact.data["grant_id"], since=fact.data["effective_from"]
            ),
        )

    @facts.on("delegation.ItemDelegated", "delegation.GrantCorrected")
    def granted(self, fact: Fact) -> None:
        """R131, R222: decisions under a grant that is new here, or corrected, are checked."""
        self._check(fact, self.commands.questions.decisions(grant=fact.data["grant_id"]))

    @facts.on("delegation.PowerTransferred")
    def transferred(self, fact: Fact) -> None:
        """R131: after the transfer the former department decides nothing."""
        self._check(
            fact,
            self.commands.questions.decisions(
                item=fact.data["item_id"], since=fact.data["transfer_at"]
            ),
        )

    @facts.on("catalog.OrganMerged")
    def merged(self, fact: Fact) -> None:
        """R131: an organ that is no more decides nothing, also where that is heard of late."""
        since = start_of(fact.data["effective_on"])
        self._check(
            fact, self.commands.questions.decisions(org=fact.data["org_id"], since=since)
        )

    @facts.on("catalog.ItemListed")
    def listed(self, fact: Fact) -> None:
        """R131: decisions on an item that was not yet known here are checked now."""
        self._check(fact, self.commands.questions.decisions(item=fact.data["item_id"]))

    def _check(self, fact: Fact, decisions: list[str]) -> None:
        refusals = Refusals()
        for decision in decisions:
            with refusals:
                self.commands.do(
                    "flag_decision",
                    {"programme": fact.programme, "decision": decision},
                    fact.given(f"flag-decision:{decision}"),
                )
        refusals.tell()
