"""The ledger as a process: every log's facts in, auditors' questions out."""

from marshmallow import ValidationError

from services.ledger.commands import Ledger
from services.ledger.readmodel import readmodel
from services.ledger.sources import sources_of
from shared.clock import system_clock
from shared.database import Database
from shared.entrypoints import App, Facts, rpc
from shared.refusal import Refused
from shared.settings import SERVICES


class Auditing(App):
    """The ledger's `App`: it may also read what the other logs have signed."""

    def setup(self) -> None:
        settings = self.container.config["settings"]
        database = Database(settings.dsn("ledger"), size=8)
        self.commands = Ledger(database, system_clock, sources_of(settings))


class LedgerService:
    """Doors of the ledger: questions by RPC, facts of every service from the bus."""

    name = "ledger"
    commands = Auditing(Ledger)
    facts = Facts("ledger", from_=SERVICES, into=readmodel)

    @rpc(expected_exceptions=(Refused, ValidationError))
    def ask(self, door: str, request: dict) -> object:
        return self.commands.ask(door, request)
