"""The running system that the demo plays on: embedded in this process, or processes on servers."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from shared.bus.relay import Relays
from shared.cli.run import PROCESSES, Processes, settings_of
from shared.database import Database
from shared.embedded import postgres
from shared.entrypoints import UnknownService, calling, running
from shared.migrate import migrate
from shared.ops.watched import watched
from shared.settings import SERVICES, WITH_DATABASE, Settings


@dataclass
class System:
    """Doors to call, and the databases to look into when the day is over.

    Args:
        admin: the administrator's settings; the demo reads with them, it never writes.
        call: ``call(service, "do" | "ask", **arguments)``.
        mode: "embedded", "servers" or "deployment", for the summary.
    """

    admin: Settings
    call: Callable[..., Any]
    mode: str

    def __post_init__(self) -> None:
        self._databases = {name: Database(self.admin.dsn(name), size=1) for name in WITH_DATABASE}

    def database(self, service: str) -> Database:
        """The database of one service."""
        return self._databases[service]

    def settle(self, timeout: float = 60.0) -> None:
        """Wait until every event is sequenced, and every service's read model and policies have it.

        Raises:
            TimeoutError: something does not move; the message says what.
        """
        deadline = time.monotonic() + timeout
        quiet = 0
        while quiet < 2:
            behind = self._behind()
            quiet = 0 if behind else quiet + 1
            if time.monotonic() > deadline:
                raise TimeoutError(f"not settled within {timeout:.0f} s: {', '.join(behind)}")
            time.sleep(0.02)

    def _behind(self) -> list[str]:
        heads, behind = {}, []
        for source in SERVICES:
            ((events, entries),) = self.database(source).rows(
                "SELECT (SELECT coalesce(max(ord), 0) FROM log.event),"
                " (SELECT coalesce(max(ord), 0) FROM log.entry)"
            )
            if events != entries:
                behind.append(f"{source}: not sequenced")
            ((heads[source],),) = self.database(source).rows(
                "SELECT coalesce(max(position) + 1, 0) FROM log.entry"
            )
        for name in WITH_DATABASE:
            cursors = self.database(name).rows("SELECT source, reacted FROM bus.cursor")
            for source, reacted in cursors:
                if reacted < heads[source]:
                    behind.append(f"{name} ← {source}: {heads[source] - reacted} facts")
        return behind


@contextmanager
def embedded(folder: Path, port: int, deployment: str = "demo") -> Iterator[System]:
    """Everything in this process: PostgreSQL from the wheel in *folder*, kombu ``memory://``."""
    with postgres(folder) as url:
        admin = Settings(
            database_url=url, amqp_url="memory://", deployment=deployment, keys=folder / "keys",
            driven_clock=True, http_port=port,
        )
        migrate(admin)
        relays = Relays(replace(admin, database_url=settings_of(admin, "relay").database_url))
        services = {name: settings_of(admin, name) for name in PROCESSES}
        with ExitStack() as stack:
            for name in (*WITH_DATABASE, "relay"):
                stack.enter_context(watched(name, settings_of(admin, name)))
            relays.start()
            stack.callback(relays.stop)
            stack.enter_context(running(services))
            call = stack.enter_context(calling(admin))
            yield System(admin, call, "embedded")


@contextmanager
def on_servers(admin: Settings) -> Iterator[System]:
    """The same services as processes of their own, on the servers that the environment names."""
    migrate(admin)
    with Processes(admin) as processes, calling(admin) as call:
        await_answers(call, processes, WITH_DATABASE)
        yield System(admin, call, "servers")


@contextmanager
def on_deployment(admin: Settings) -> Iterator[System]:
    """Services that run already, with FUQUAN_CLOCK=driven, e.g. in containers."""
    with calling(admin) as call:
        yield System(admin, call, "deployment")


def await_answers(
    call: Callable[..., Any], processes: Processes, names: Iterable[str], timeout: float = 90.0
) -> None:
    """Wait until each of these services answers.

    Raises:
        TimeoutError: one does not; its own output says why.
    """
    deadline = time.monotonic() + timeout
    for name in names:
        while not _answers(call, name):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} does not answer; see what it printed")
            processes.restart_ended()
            time.sleep(0.2)


def _answers(call: Callable[..., Any], service: str) -> bool:
    try:
        call(service, "ask", door="", request={})
    except ValidationError:  # there is no door of that name: the service answers
        return True
    except (TimeoutError, UnknownService):
        return False
    return True
