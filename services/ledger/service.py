"""The ledger as a process: every log's facts in, auditors' questions out."""

import time

import psycopg2
import structlog
from marshmallow import ValidationError
from prometheus_client import Gauge

from services.ledger.commands import Ledger
from services.ledger.cosigning import witness_key, witnesses_of
from services.ledger.readmodel import readmodel
from services.ledger.sources import sources_of
from services.ledger.witness import doubted, look_at_all
from shared.clock import system_clock
from shared.database import Database
from shared.entrypoints import App, Facts, rpc
from shared.refusal import Refused
from shared.settings import SERVICES

LOOK_EVERY = 1.0
DOUBTED = Gauge(
    "fuquan_witness_doubts", "1 where a log is not what its witness has seen, or cannot be seen.",
    ["service", "source"],
)

log = structlog.get_logger()


class Auditing(App):
    """The ledger's `App`: it reads what the other logs have signed, and vouches for it."""

    def setup(self) -> None:
        settings = self.container.config["settings"]
        database = Database(settings.dsn("ledger"), size=8)
        try:
            signer = witness_key(settings.witness or settings.keys, settings.deployment)
        except OSError as wrong:
            log.warning("witness.no-key", error=str(wrong))
            signer = None
        self.commands = Ledger(
            database, system_clock, sources_of(settings), signer,
            witnesses_of(settings.keys / "witnesses.vkey"),
        )

    def start(self) -> None:
        self._stopping = False
        self._thread = self.container.spawn_managed_thread(self._watch)

    def stop(self) -> None:
        self._stopping = True
        self._thread.wait()

    def _watch(self) -> None:
        told: dict[str, str] = {}
        while not self._stopping:
            try:
                found = look_at_all(self.commands.questions.watches.values())
            except psycopg2.Error as away:
                log.warning("witness.retry", error=str(away).strip())
            else:
                for source, state in found.items():
                    DOUBTED.labels("ledger", source).set(doubted(state))
                    if state != told.get(source):
                        log.info("witness.state", source=source, state=state)
                told = found
            time.sleep(LOOK_EVERY)


class LedgerService:
    """Doors of the ledger: questions by RPC, facts of every service from the bus."""

    name = "ledger"
    commands = Auditing(Ledger)
    facts = Facts("ledger", from_=SERVICES, into=readmodel)

    @rpc(expected_exceptions=(Refused, ValidationError))
    def ask(self, door: str, request: dict) -> object:
        return self.commands.ask(door, request)

    @rpc(expected_exceptions=(Refused, ValidationError))
    def cosigned(self, source: str, note: str) -> list[str]:
        """Another witness's cosignature of a checkpoint; its own key is its right to speak."""
        return self.commands.cosigned(source, note)
