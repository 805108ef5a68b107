"""What every door of the delegation service needs: load, look up, or refuse."""

from collections.abc import Container
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain import refusals
from services.delegation.readmodel.gates import GateRecords
from services.delegation.readmodel.lookups import Lookups
from services.delegation.readmodel.questions import Questions
from shared.clock import Clock, system_clock
from shared.commands import Commands
from shared.contracts.envelope import Given
from shared.database import Database
from shared.refusal import Refused
from shared.register.questions import Register

A = TypeVar("A", bound=Aggregate)


class Doors(Commands):
    """Loading and looking up."""

    def __init__(self, database: Database, clock: Clock | None = system_clock) -> None:
        super().__init__(database, clock)
        self.register = Register(database)
        self.lookups = Lookups(database)
        self.gates = GateRecords(database)
        self.questions = Questions(database)

    def jurisdiction(self, programme: str) -> str:
        return self.register.jurisdiction(programme)

    def known(self, kind: type[A], stream: UUID, what: str, key: str | UUID) -> A:
        """The aggregate of that id.

        Raises:
            Refused: ``delegation.unknown-…``.
        """
        found = self.load(kind, stream)
        if found is None:
            raise refusals.unknown(what, key)
        return found

    def each(
        self, given: Given, door: str, requests: dict[str, dict[str, Any]], due: Container[str],
        town: str,
    ) -> None:
        """Issue one command per key; what cannot be done does not stop the rest.

        Args:
            requests: of every key this may concern.
            due: the keys still to be done. What this very command has done stays done in a
                repetition, whatever has changed there since; any other key is none of its business.

        Raises:
            Refused: ``delegation.nothing-to-do``, or ``delegation.some-refused`` with what was
                done and what was not.
        """
        done: list[str] = []
        refused: list[dict[str, Any]] = []
        for key, request in requests.items():
            name = f"{door}:{key}"
            if self.followed(given, name):
                done.append(key)
            elif key in due:
                try:
                    self.follow(given, name, door, request)
                    done.append(key)
                except Refused as no:
                    refused.append({"item": key, "code": no.code, "facts": no.facts, "zh": no.zh})
        if refused:
            raise refusals.some_refused(done, refused)
        if not done:
            raise refusals.nothing_to_do(door, town)
