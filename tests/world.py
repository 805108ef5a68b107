"""All services on real databases, with time and delivery in the hands of the test."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from typing import Any
from uuid import UUID, uuid4

from services.catalog.domain import folder
from services.catalog.domain.steps import steps
from shared.bus.consumer import Consumer
from shared.commands import Commands
from shared.contracts.envelope import Fact, Given, instant, open_fact
from shared.database import Database
from shared.entrypoints import App, Facts
from shared.log.store import Log
from shared.migrate import as_role
from shared.settings import SERVICES, WITH_DATABASE, Settings
from tests.emptied import emptied

NOON = "2023-07-03T12:00:00+08:00"


class World:
    """Commands by `do`, questions by `ask`; `settle` sequences the logs and delivers.

    Args:
        settings: with the administrator's URL; each service works under its own role.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.services: dict[str, Any] = {}
        self.consumers: dict[str, Consumer] = {}
        self._admin: dict[str, Database] = {}
        for name in WITH_DATABASE:
            own = replace(settings, database_url=as_role(settings, name))
            self._admin[name] = Database(settings.dsn(name), size=1, search_path="log")
            self._service(name, own)

    def _service(self, name: str, own: Settings) -> None:
        (found,) = entry_points(group="fuquan.services", name=name)
        kind = found.load()
        service = kind()
        app = next((value for value in vars(kind).values() if isinstance(value, App)), None)
        if app is not None:
            service.commands = app.kind(Database(own.dsn(name), size=4), None)
        facts = next(value for value in vars(kind).values() if isinstance(value, Facts))
        policies = {
            event: [getattr(service, m) for m in methods]
            for event, methods in facts.methods.items()
        }
        logs = {source: Log(Database(own.dsn(source), size=1, search_path="log"))
                for source in facts.from_}
        self.services[name] = service
        self.consumers[name] = Consumer(
            name, Database(own.dsn(name), size=2), logs, facts.into, policies
        )

    def commands(self, service: str) -> Commands:
        """The `Commands` of a service."""
        commands: Commands = self.services[service].commands
        return commands

    def do(
        self, service: str, door: str, request: Mapping[str, Any], *, at: str = NOON,
        actor: str = "test-org",
        role: str = "officer", command: UUID | str | None = None, expected: int | None = None,
        instrument: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Carry out a command; raises Refused or ValidationError as the service does."""
        decision = {"kind": "decision", "ref": "test", "dated": at[:10], "sha256": None}
        given = Given(
            command=UUID(str(command)) if command else uuid4(), at=instant(at), expected=expected,
            actor={"org": actor, "role": role, "operator": "op-1"},
            instrument=instrument or decision,
        )
        return self.commands(service).do(door, request, given)

    def ask(self, service: str, door: str, request: Mapping[str, Any]) -> Any:
        """The answer to a question."""
        return self.commands(service).ask(door, request)["answer"]

    def settle(self) -> None:
        """Sequence every log and deliver until nothing is new."""
        moved = 1
        while moved:
            for source in SERVICES:
                self._sequence(source)
            moved = sum(consumer.catch_up() for consumer in self.consumers.values())

    def _sequence(self, service: str) -> None:
        """Give every event its position; whoever writes in the cluster is waited for."""
        while True:
            self._admin[service].rows("SELECT log.integrate(1000)")
            ((late,),) = self._admin[service].rows(
                "SELECT (SELECT max(ord) FROM log.event) > last_ord FROM log.sequence"
            )
            if not late:
                return

    def facts(self, service: str, type_: str | None = None) -> list[Fact]:
        """The service's facts so far, in the order of its log; *type_* as ``ItemDelegated``."""
        self._sequence(service)
        types = [f"{service}.{type_}"] if type_ else ()
        entries = Log(self._admin[service]).entries(0, 100_000, types=types)
        return [open_fact(e.envelope, e.position, e.previous) for e in entries]

    def parked(self) -> list[tuple[str, str, str]]:
        """(consumer, stage, error) of every parked fact; a healthy test ends with none."""
        parked = "SELECT stage, error FROM bus.parked ORDER BY id"
        return [
            (name, stage, error) for name in WITH_DATABASE
            for stage, error in self._admin[name].rows(parked)
        ]

    def imported(self, *programmes: str, counters: bool = True) -> "World":
        """Import programme folders through catalog's command, open the counters, and settle."""
        for programme in programmes:
            self.do(
                "catalog", "import_programme",
                {"programme": programme, "content": programme_content(programme)},
                at="2020-01-01T09:00:00+08:00",
                command=UUID(int=int.from_bytes(programme.encode()[-8:], "big")),
            )
            if counters:
                self._open_counters(programme)
        self.settle()
        return self

    def _open_counters(self, programme: str) -> None:
        """A window in the centre of each recipient (R068), a bureau in each unit (R204)."""
        for town in programme_content(programme)["towns"]:
            if town["centre_id"] and town["recipient"]:
                self.do("catalog", "open_window", {
                    "programme": programme, "window_id": f"{town['town_id']}-WINDOW-1",
                    "town": town["town_id"], "kind": "comprehensive", "opened_on": "2020-01-01",
                })
            if town["kind"] == "unit" and town["department_id"]:
                self.do("catalog", "establish_bureau", {
                    "programme": programme, "unit": town["town_id"],
                    "org_id": town["department_id"], "plates": [], "quota_ok": True,
                    "established_on": "2020-01-01",
                })

    def empty(self) -> None:
        """Empty every table."""
        for name in WITH_DATABASE:
            emptied(self.settings, name)
        for consumer in self.consumers.values():
            consumer.start()

    def close(self) -> None:
        """Close every connection."""
        for database in self._databases():
            database.close()

    def _databases(self) -> Iterator[Database]:
        yield from self._admin.values()
        for service in self.services.values():
            if hasattr(service, "commands"):
                yield service.commands.database
        for consumer in self.consumers.values():
            yield consumer.database
            yield from (log.database for log in consumer.logs.values())


def programme_alone(world: World) -> World:
    """Register ZZ2021 without its organs, towns and items: all that a jurisdiction needs."""
    step = next(steps(programme_content("ZZ2021")))
    world.do("catalog", step.door, {"programme": "ZZ2021"} | step.request)
    world.settle()
    return world


@cache
def programme_content(programme: str) -> dict[str, Any]:
    """The content of a programme folder of this repository."""
    from pathlib import Path

    return folder.load(Path(folder.__file__).parent.parent / "programmes" / programme)
