"""The cases service as a process: its doors, and what it does on facts."""

from uuid import UUID

from marshmallow import ValidationError

from services.cases.commands import Cases
from services.cases.readmodel import readmodel
from shared.contracts.envelope import Fact, given_of
from shared.entrypoints import App, Due, Facts, rpc
from shared.refusal import Refusals, Refused


class CasesService:
    """Doors of cases: commands by RPC, facts from the bus."""

    name = "cases"
    commands = App(Cases)
    due = Due()
    facts = Facts("cases", from_=("catalog", "delegation", "cases"), into=readmodel)

    @rpc(expected_exceptions=(Refused, ValidationError))
    def do(self, door: str, request: dict, given: dict) -> dict:
        return self.commands.do(door, request, given_of(given))

    @rpc(expected_exceptions=(Refused, ValidationError))
    def ask(self, door: str, request: dict) -> object:
        return self.commands.ask(door, request)

    @facts.on("cases.CaseAccepted")
    def case_accepted(self, fact: Fact) -> None:
        """R112: one application, one case; the earlier acceptance stands, in either order."""
        refusals = Refusals()
        for later, earlier in self.commands.duplicates(fact.data["case_id"]):
            request = {"programme": fact.programme, "case": later, "duplicate_of": earlier}
            with refusals:
                self.commands.follow(fact.given("duplicate"), later, "link_duplicate", request)
        refusals.tell()

    @facts.on(
        "delegation.ItemRecalled", "delegation.LegalityReviewOpened", "delegation.GrantModeChanged",
        "delegation.GrantScopeChanged",
    )
    def grant_ended(self, fact: Fact) -> None:
        """R131, R181, R184: the cases that lose their grant go up; a future end waits its day."""
        request = {"programme": fact.programme, "now": fact.occurred_at.isoformat()}
        self.commands.do("run_due", request, fact.given("grant-ended"))

    @facts.on("cases.CaseAccepted", "cases.CaseReturned", "cases.MaterialsSupplemented")
    def with_the_town(self, fact: Fact) -> None:
        """R131: the end of a grant may be heard of before a case that the town has in hand."""
        if told := self.commands.end_told(fact.data["case_id"]):
            request = {"programme": fact.programme, "now": told.isoformat()}
            self.commands.do("run_due", request, fact.given("with-the-town"))

    @facts.on("cases.ApplicantErased")
    def applicant_erased(self, fact: Fact) -> None:
        """R223: the details went with the fact; those of a backup older than it go again."""
        self.commands.keeping.forget(UUID(fact.data["applicant_key"]))

    @facts.on("cases.AuthorityCheckFailed")
    def authority_check_failed(self, fact: Fact) -> None:
        """R131: an act refused because the grant had ended takes the case up at once."""
        if fact.data["reason_code"] == "cases.authority-lapsed":
            request = {"programme": fact.programme, "now": fact.occurred_at.isoformat()}
            self.commands.do("run_due", request, fact.given("authority-check-failed"))
