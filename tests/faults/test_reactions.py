"""What looks for doubled and missing reactions, and for lost commands, finds those planted."""

from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest

from shared.contracts.envelope import Fact, Given, open_fact, seal
from shared.database import Database
from shared.log.store import Append, Log
from shared.settings import Settings
from tests.faults.client import Sent
from tests.faults.invariants import Found, Invariants
from tests.faults.reactions import Reactions
from tests.holdings_history import History
from tests.world import World

REQUEST = bytes(32)
CLOSED = {"window_id": "W-1", "closed_on": date(2023, 7, 1), "reason": "演练"}


class Logs:
    """The logs of all services, empty at first, and what is written into them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def rows(self, service: str, query: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        database = Database(self.settings.dsn(service), size=1)
        try:
            return database.rows(query, parameters)
        finally:
            database.close()

    def write(self, service: str, type_: str, envelope: bytes, command: UUID) -> Fact:
        """Record an event under a command."""
        database = Database(self.settings.dsn(service), size=1)
        fact = open_fact(envelope, 0, None)
        outcome = Log(database).append(Append(
            command, fact.stream, fact.version - 1, "test", REQUEST, [type_], [envelope]
        ))
        database.close()
        assert outcome.status == "ok"
        return fact

    def react(self, given: Given, stream: UUID, version: int) -> Fact:
        """Catalog closes a window as a policy would."""
        envelope = seal(
            source="catalog", type_="catalog.WindowClosed", stream=stream, version=version, index=0,
            data=CLOSED, given=given, programme="MD2023", jurisdiction="371702",
            recorded_at=given.at,
        )
        return self.write("catalog", "catalog.WindowClosed", envelope, given.command)


@pytest.fixture
def logs(migrated: Settings) -> Logs:
    world = World(migrated)
    world.empty()
    world.close()
    return Logs(migrated)


@pytest.fixture
def recalled(logs: Logs) -> Fact:
    """A recall in delegation's log; nobody has reacted."""
    told = History()
    told.delegate("ITEM-3", "TOWN-1", 0, 0)
    told.recall("ITEM-3", "TOWN-1", 5, 0)
    for fact in told.facts:
        logs.write("delegation", fact.type, fact.envelope, uuid4())
    return told.facts[-1]


def test_each_reaction_once_is_found_well_whatever_else_the_policy_does(
    logs: Logs, recalled: Fact
):
    reactions = Reactions(logs.rows)
    logs.react(recalled.given("close:W-1"), uuid4(), 1)
    same = uuid4()
    logs.react(recalled.given("close:W-2"), same, 1)
    logs.react(recalled.given("close:W-3"), same, 2)

    assert reactions.doubled("catalog") == []


def test_a_reaction_by_a_second_command_is_found_also_when_the_first_was_looked_at_before(
    logs: Logs, recalled: Fact
):
    reactions, stream = Reactions(logs.rows), uuid4()
    given = recalled.given("close")
    logs.react(given, stream, 1)
    assert reactions.doubled("catalog") == []
    again = Given(uuid4(), given.actor, given.at, causation=given.causation)

    logs.react(again, stream, 2)

    (wrong,) = reactions.doubled("catalog")
    assert wrong.endswith(f"was done by {given.command}, and again by {again.command}")
    assert reactions.doubled("catalog") == []


def test_a_recall_that_cases_has_not_reacted_to_is_found_and_one_it_has_is_not(
    logs: Logs, recalled: Fact
):
    assert Reactions(logs.rows).lost(("catalog", "delegation")) == []
    assert Reactions(logs.rows).lost(("cases",)) == [
        f"cases has not done grant-ended on {recalled.id}"
    ]

    logs.rows("cases", "SELECT log.remember(%s, %s)", (uuid5(recalled.id, "grant-ended"), REQUEST))

    assert Reactions(logs.rows).lost(("cases",)) == []


@pytest.mark.parametrize("service", ["catalog", "delegation", "cases", "supervision"])
def test_a_command_that_was_acknowledged_is_looked_for_in_the_log_of_its_own_service(
    logs: Logs, service: str
):
    answer = {"stream": str(uuid4()), "version": 1, "events": ["x"]}
    one = Sent(uuid4(), "door", {}, 0.0, service=service, answer=answer)
    history = SimpleNamespace(acknowledged=lambda: [one])
    county = SimpleNamespace(rows=logs.rows, caller=SimpleNamespace(history=history))
    found = Found()

    Invariants(county).history(found)

    assert found == Found(lost=[f"door {one.id} was answered and is not in the log"])
