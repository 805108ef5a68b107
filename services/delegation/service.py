"""The delegation service as a process: its doors, and what it does on facts."""

from datetime import date
from typing import Any

from marshmallow import ValidationError

from services.delegation.commands import Delegations
from services.delegation.domain import consequences, legal_bar
from services.delegation.domain.seal import DEPARTMENT_SEAL, SEAL_NO_2
from services.delegation.domain.succession import ORGAN_MERGED, organs_in
from services.delegation.readmodel import readmodel
from shared.clock import day_of, start_of
from shared.contracts.envelope import Fact, given_of
from shared.entrypoints import App, Due, Facts, rpc
from shared.refusal import Refusals, Refused


class DelegationService:
    """Doors of the delegation service: commands by RPC, facts from the bus."""

    name = "delegation"

    commands = App(Delegations)
    due = Due()
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
        """R046: a legal bar that appears after a grant puts it under review, from its first day."""
        if not legal_bar.in_force(fact.data, day_of(fact.occurred_at)):
            return
        bar = {key: fact.data[key] for key in ("kind", "norm_rank", "article")}
        grants = self.commands.lookups.open_grants(fact.programme, item=fact.data["item_id"])
        self._each(fact, "constraint-recorded", grants, "review_legality", bar)

    @facts.on("catalog.OrganMerged")
    def organ_merged(self, fact: Fact) -> None:
        """R007, R087, R131: what names the organ names its successor, but for its seals."""
        named = self.commands.successions
        since = start_of(fact.data["effective_on"])
        self._doors(
            fact, named.following(fact.data["org_id"], since) | named.seals_over(fact.position)
        )

    @facts.on("catalog.TownMerged")
    def town_merged(self, fact: Fact) -> None:
        """R004, R181: its grants end with the town; nothing is granted to its successor."""
        town, closed_on = fact.data["town_id"], fact.data["effective_on"]
        grants = self.commands.lookups.open_grants(fact.programme, town=town)
        named = self.commands.successions
        self._doors(
            fact, _recalls(fact, [row["grant_id"] for row in grants], closed_on)
            | named.ending(town, closed_on) | named.seals_over(fact.position)
        )

    @facts.on("delegation.ItemDelegated", "delegation.PowerTransferred")
    def organs_of_grant(self, fact: Fact) -> None:
        """R131: a grant may be heard of after the merger of an organ that it names."""
        grant = fact.data.get("grant_id") or fact.data["transfer_id"]
        place = fact.data.get("town_id") or fact.data["unit_id"]
        closed = self.commands.register.closings({place, *organs_in(fact.data)})
        for row in closed:
            if row["org_id"] == place:
                self._doors(fact, _recalls(fact, [grant], row["closed_on"]))
                return
        if closed:
            self._doors(fact, {"succeed_in_grant": {str(grant): {"grant": grant}}})

    @facts.on("delegation.GrantModeChanged")
    def successor(self, fact: Fact) -> None:
        """R184: where the one grant ends, the other begins."""
        self.commands.do("begin_successor", {
            "programme": fact.programme, "grant": fact.data["grant_id"],
        }, fact.given("successor"))

    @facts.on("delegation.GrantModeChanged", "delegation.GrantScopeChanged")
    def list_after_change(self, fact: Fact) -> None:
        """R183: another mode or scope is another version of the town's list."""
        self.commands.do("alter_list_entry", {
            "programme": fact.programme, "town": fact.data["town_id"], "item": fact.data["item_id"],
            "mode": fact.data.get("to_mode"), "scope": fact.data.get("scope_after"),
            "reason": "mode_changed" if "to_mode" in fact.data else "scope_changed",
        }, fact.given("list-after-change"))

    @facts.on("delegation.ItemRecalled", "delegation.GrantModeChanged")
    def seal_after_recall(self, fact: Fact) -> None:
        """R087, R181: the pair's seal is suspended when its last entrusted item ends."""
        ended = self.commands.lookups.grant(fact.data["grant_id"])
        assert ended is not None
        rules = self.commands.register.programme(fact.programme)
        pair = {"town": ended["town_id"], "owner": ended["power_owner_org_id"]}
        remaining = self.commands.lookups.open_grants(fact.programme, **pair)
        if not consequences.seal_ends(rules, [ended], remaining):
            return
        seal = self.commands.lookups.seal_in_use(SEAL_NO_2, pair["owner"], pair["town"])
        since = self.commands.lookups.last_end(
            fact.programme, modes=consequences.sealed(rules), **pair
        )
        if seal and since:
            self.commands.do("suspend_seal", {
                "programme": fact.programme, "seal": seal, "reason": "last_entrusted_item_ended",
                "since": since.isoformat(),
            }, fact.given("seal-after-recall"))

    @facts.on("delegation.PowerTransferred")
    def seal_after_transfer(self, fact: Fact) -> None:
        """R088: with its last item a department's own approval seal goes out of use."""
        former = fact.data["from_org_id"]
        moved = self.commands.lookups.wholly_transferred(fact.programme, former)
        seal = self.commands.lookups.seal_in_use(DEPARTMENT_SEAL, former, None)
        if moved and seal:
            self.commands.do("retire_seal", {
                "programme": fact.programme, "seal": seal, "reason": "power_transferred",
                "on": day_of(moved).isoformat(),
            }, fact.given("seal-after-transfer"))

    @facts.on("delegation.ItemRecalled")
    def list_after_recall(self, fact: Fact) -> None:
        """R181: a recalled item leaves the town's list."""
        self.commands.do("strike_from_list", {
            "programme": fact.programme, "town": fact.data["town_id"], "item": fact.data["item_id"],
            "reason": fact.data["ground"],
        }, fact.given("list-after-recall"))

    @facts.on("delegation.ItemRecalled", "delegation.GrantModeChanged")
    def agreement_after_recall(self, fact: Fact) -> None:
        """R182: the agreement is amended, or terminated with its last item."""
        grant = self.commands.lookups.grant(fact.data["grant_id"])
        held = grant and grant["agreement_id"]
        if held and str(held) != fact.data.get("agreement_id"):
            self.commands.do("drop_from_agreement", {
                "programme": fact.programme, "agreement": str(held),
                "item": fact.data["item_id"], "on": day_of(fact.data["effective_from"]).isoformat(),
            }, fact.given("agreement-after-recall"))

    @facts.on("delegation.GrantSucceeded")
    def accounts_after_succession(self, fact: Fact) -> None:
        """R092: the accounts of an organ that is no more lose what it held."""
        self._fit(fact, org=fact.data["from_org_id"], item=fact.data["item_id"])

    @facts.on("delegation.ItemRecalled", "delegation.ItemDelegated")
    def accounts_after_grant(self, fact: Fact) -> None:
        """R092, R181: a town's accounts lose what it holds no more, or now in another mode."""
        if fact.data.get("predecessor_grant_id") or "recall_id" in fact.data:
            self._fit(fact, org=fact.data["town_id"], item=fact.data["item_id"])

    @facts.on("delegation.PowerTransferred")
    def accounts_after_transfer(self, fact: Fact) -> None:
        """R088, R092: the former department's accounts lose the item."""
        self._fit(fact, org=fact.data["from_org_id"], item=fact.data["item_id"])

    @facts.on(
        "delegation.OperatorAssigned", "delegation.SecondmentStarted",
        "delegation.SystemAccountGranted",
    )
    def accounts_of_operator(self, fact: Fact) -> None:
        """R092, R094, R097: nor more than the operator may do, or than was held when granted."""
        self._fit(fact, operator=fact.data["operator_id"])

    def _doors(self, fact: Fact, requests: dict[str, dict[str, dict[str, Any]]]) -> None:
        """One command per door and key; one that is refused does not stop the rest."""
        refusals = Refusals()
        for door, of_door in requests.items():
            with refusals:
                self._all(fact, door, door, of_door)
        refusals.tell()

    def _fit(self, fact: Fact, **whose: str) -> None:
        accounts = self.commands.capability.open_accounts(fact.programme, **whose)
        self._all(fact, "fit-account", "fit_account", {
            account: {"account": account} for account in accounts
        })

    def _each(
        self, fact: Fact, policy: str, grants: list[dict[str, Any]], door: str,
        request: dict[str, Any]
    ) -> None:
        """One command per grant."""
        self._all(fact, policy, door, {
            str(row["grant_id"]): {"grant": str(row["grant_id"])} | request for row in grants
        })

    def _all(
        self, fact: Fact, policy: str, door: str, requests: dict[str, dict[str, Any]]
    ) -> None:
        """One command per key; one that is refused does not stop the rest."""
        refusals = Refusals()
        for key, request in requests.items():
            with refusals:
                self.commands.do(
                    door, {"programme": fact.programme} | request, fact.given(f"{policy}:{key}")
                )
        refusals.tell()


def _recalls(
    fact: Fact, grants: list[Any], closed_on: date
) -> dict[str, dict[str, dict[str, Any]]]:
    """A recall for each grant of a town that is no more, from its end on (R181)."""
    decided_on = min(day_of(fact.occurred_at), closed_on)
    return {"recall": {
        str(grant): {
            "grant": str(grant), "ground": ORGAN_MERGED, "decided_on": decided_on.isoformat(),
            "effective_from": closed_on.isoformat(),
        } for grant in grants
    }}
