"""The processes of a simulated deployment: clients, relays, consumers and an operator."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import psycopg2

from shared.bus.consumer import Consumer
from shared.bus.relay import Relay
from shared.contracts.envelope import Fact, Given
from shared.database import Database
from shared.log.store import Log
from shared.migrate import as_role
from shared.refusal import Refused
from shared.settings import Settings
from tests.simulator.broker import Broker, Channel
from tests.simulator.scheduler import Scheduler
from tests.simulator.services import Answers, Notes, Release, policies, projection, stream_of

SOURCES = ("catalog", "cases")
MOST = 6  # messages that a consumer takes at once
EAGER = 0.1  # how likely an operator has a fact tried again by the release that failed on it


@dataclass(frozen=True)
class Code:
    """The code under test; a planted defect replaces one of these."""

    consumer: type[Consumer] = Consumer
    relay: type[Relay] = Relay
    given: Any = Fact.given
    acknowledge_first: bool = False


@dataclass
class Deployment:
    """What the processes of one seed share, outside all of them."""

    seed: int
    admin: Settings
    keys: Path
    scheduler: Scheduler
    broker: Broker
    code: Code
    notes: list[tuple[UUID, Mapping[str, Any]]] = field(default_factory=list)
    acknowledged: dict[UUID, tuple[str, int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    incarnations: int = 0
    interventions: int = 0
    looked: set[Any] = field(default_factory=set)  # what the operator has dealt with at which time

    def as_role(self, role: str) -> Settings:
        """The settings of a process under one role."""
        return replace(self.admin, database_url=as_role(self.admin, role), keys=self.keys)

    def given(self, command: UUID) -> Given:
        """The circumstances of a command from outside."""
        return Given(
            command=command, at=datetime(2023, 7, 3, 4, tzinfo=UTC),
            actor={"org": "org", "role": "operator", "operator": "op"},
        )

    def command(self, kind: str, number: int) -> UUID:
        """The id of a command; the same in every run of the seed."""
        return uuid5(stream_of(self.seed, 0), f"{kind}/{number}")


def client(world: Deployment, mine: list[tuple[UUID, Mapping[str, Any]]]) -> None:
    """Sends its notes one by one, each until it is acknowledged, and some once more after that."""
    commands = Notes(Database(world.as_role("catalog").dsn("catalog"), size=2), None)
    while open_ := [one for one in mine if one[0] not in world.acknowledged]:
        command, request = open_[0]
        for _ in range(world.scheduler.rng.choice((1, 1, 1, 2))):
            try:
                answer = commands.do("simulated_note", request, world.given(command))
            except (Refused, psycopg2.Error):
                break
            told = answer["stream"], answer["version"]
            if world.acknowledged.setdefault(command, told) != told:
                world.wrong.append(f"command {command} was answered in two ways")


def relay(world: Deployment, source: str) -> None:
    """The real relay; it ends only by a crash, or when it finds its log forked."""
    one = world.code.relay(world.as_role("relay"), source)
    world.incarnations += 1
    one.holder = f"relay-{world.incarnations}"
    one.stopping.wait = world.scheduler.pause  # type: ignore[method-assign,assignment]
    one.run()
    world.wrong.append(f"relay of {source}: {one.progress.failed}")


def consumer(world: Deployment) -> None:
    """The loop around the real consumer, as `shared.entrypoints.Facts` has it for nameko."""
    settings = world.as_role("cases")
    commands = Answers(Database(settings.dsn("cases"), size=4), None)
    database = Database(settings.dsn("cases"), size=2)
    logs = {source: Log(Database(settings.dsn(source), size=1, search_path="log"))
            for source in SOURCES}
    while True:
        channel = Channel(world.broker)
        try:
            one = world.code.consumer(
                "cases", database, logs, projection(), policies(commands, world.code.given)
            )
            one.start()
            _follow(world, one, channel)
        except (psycopg2.Error, OSError):
            channel.broken()


def _follow(world: Deployment, one: Consumer, channel: Channel) -> None:
    rng = world.scheduler.rng
    while True:
        arrived = channel.take(rng.randint(1, MOST))
        messages = [(m.body, m.headers, m.content_type) for m in arrived]
        if not world.code.acknowledge_first:
            one.deliver(messages)
        for message in arrived:
            channel.acknowledge(message)
        if world.code.acknowledge_first:
            one.deliver(messages)
        if not arrived or rng.random() < 0.2:
            pulled = one.catch_up()
            if not arrived and not pulled:
                world.scheduler.pause()


def operator(world: Deployment) -> None:
    """Looks at what is parked; has facts tried again and gives up what is no fact."""
    commands = Answers(Database(world.as_role("cases").dsn("cases"), size=2), None)
    while True:
        try:
            parked = _unseen(world, commands.parked(limit=100))
            for door, rows in (
                ("retry_parked", [row for row in parked if row["source"]]),
                ("discard_parked", [row for row in parked if not row["source"]]),
            ):
                if rows:
                    _mend(world, commands, door, rows)
        except (psycopg2.Error, Refused):
            continue
        world.scheduler.pause()


def _unseen(world: Deployment, parked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The operator looks at a list once an hour, and seldom before the next release is here."""
    seen = world.scheduler.now, Release.mended, tuple(row["id"] for row in parked)
    if seen in world.looked:
        return []
    world.looked.add(seen)
    return parked if Release.mended or world.scheduler.rng.random() < EAGER else []


def _mend(world: Deployment, commands: Answers, door: str, rows: list[dict[str, Any]]) -> None:
    parked = [{key: row[key] for key in ("id", "source", "position")} for row in rows]
    world.interventions += 1
    commands.do(
        door, {"parked": parked, "reason": "the next release"},
        world.given(world.command(door, world.interventions)),
    )
