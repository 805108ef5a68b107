"""The catalog service as a process: its doors, and what it does on delegation's facts."""

from marshmallow import ValidationError

from services.catalog.commands import Catalog
from services.catalog.readmodel import readmodel
from shared.contracts.envelope import Fact, given_of
from shared.entrypoints import App, Facts, rpc
from shared.refusal import Refused


class CatalogService:
    """Doors of catalog: commands by RPC, facts from the bus."""

    name = "catalog"
    commands = App(Catalog)
    facts = Facts("catalog", from_=("catalog", "delegation"), into=readmodel)

    @rpc(expected_exceptions=(Refused, ValidationError))
    def do(self, door: str, request: dict, given: dict) -> dict:
        return self.commands.do(door, request, given_of(given))

    @rpc(expected_exceptions=(Refused, ValidationError))
    def ask(self, door: str, request: dict) -> object:
        return self.commands.ask(door, request)

    @facts.on("delegation.TownListRevised")
    def town_list_revised(self, fact: Fact) -> None:
        """R105, R181: a change is published the same way as the list it changes."""
        request = {
            "programme": fact.programme, "town": fact.data["town_id"],
            "list_version": fact.data["version"], "published_at": fact.occurred_at.isoformat(),
        }
        self.commands.do("republish_town_list", request, fact.given("town-list-revised"))
