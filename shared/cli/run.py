"""Commands that run the system: migrate, up, relay."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial, wraps
from threading import Event
from typing import Annotated, Any, Self

import psycopg2
import typer
from rich.console import Console

from shared import migrate as migration
from shared.bus.relay import Relays
from shared.cli.client import tell
from shared.log.openssl import OpenSslAway
from shared.logs import configure
from shared.ops.watched import watched
from shared.ops.web import serving
from shared.settings import WITH_DATABASE, NotConfigured, Settings

console = Console(stderr=True)
PROCESSES = (*WITH_DATABASE, "gateway")


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """A missing setting or an unreachable server ends the command with a sentence, not a trace."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (NotConfigured, OpenSslAway, migration.ChangedMigration) as wrong:
            tell(str(wrong))
        except psycopg2.OperationalError as away:
            said = "has given this up" if away.pgcode else "does not answer at FUQUAN_DATABASE_URL"
            tell(f"PostgreSQL {said}: {str(away).strip()}")
        raise typer.Exit(2)

    return run


@told
def migrate(
    *,
    passwords: Annotated[
        bool, typer.Option("--passwords", help="Derive the roles' passwords anew.")
    ] = False,
) -> None:
    """Create databases, roles and tables, once, as the owner. Safe to repeat.

    Example: FUQUAN_DATABASE_URL=postgresql://postgres:…@localhost/ fuquan migrate
    """
    applied = migration.migrate(Settings.from_environment(broker=False), passwords=passwords)
    for name in applied:
        console.print(f"applied {name}")
    console.print(f"{len(applied)} migrations applied; everything is up to date")


@told
def relay() -> None:
    """Sequence, sign and publish the logs; a second one stands by and takes over.

    Example: FUQUAN_DATABASE_URL=postgresql://fuquan_relay:…@localhost/ FUQUAN_AMQP_URL=amqp://…
    fuquan relay
    """
    configure("relay")
    settings = Settings.from_environment()
    relays = Relays(settings)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with (
        watched("relay", settings) as checks,
        serving(settings.side_door(), {**checks, "logs": partial(_failed, relays)}),
    ):
        relays.start()
        _until(stop, relays)


def _failed(relays: Relays) -> str:
    return "; ".join(sorted(relays.failures()))


def _until(stop: Event, relays: Relays) -> None:
    """Let the relays work until told to stop; say why one has ended by itself."""
    told: set[str] = set()
    while not stop.wait(1.0):
        # one log that may not go on does not hold up the others
        for failure in relays.failures() - told:
            tell(f"{failure}\nThis log is not signed or published any more.")
            told.add(failure)
        if len(told) == len(relays.relays):
            relays.stop()
            raise typer.Exit(3)
    relays.stop()


@told
def up() -> None:
    """Run all services, the relay and the gateway as processes on servers; restarts what ends.

    FUQUAN_DATABASE_URL is the administrator's: each process gets a role of its own from it.

    Example: FUQUAN_DATABASE_URL=postgresql://postgres:…@localhost/ FUQUAN_AMQP_URL=amqp://…
    fuquan up
    """
    admin = Settings.from_environment()
    migration.migrate(admin)
    with Processes(admin) as processes:
        console.print(
            f"up: {', '.join(processes.names)};"
            f" http://127.0.0.1:{admin.http_port}  (Ctrl-C ends)"
        )
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.wait(0.5):
            processes.restart_ended()


class Processes:
    """The processes of one host, each with its own database role and nothing else's."""

    def __init__(self, admin: Settings, names: tuple[str, ...] = (*PROCESSES, "relay")) -> None:
        self.admin = admin
        self.names = names
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        for name in self.names:
            self.start(name)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + 15
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str) -> None:
        """Start one process."""
        self.running[name] = subprocess.Popen(  # noqa: S603 - our own modules, no shell
            self.command(name), env=self._environment(name)
        )

    def command(self, name: str) -> tuple[str, ...]:
        """Program and arguments of one process."""
        module = ("shared.cli", "relay") if name == "relay" else ("shared.serve", name)
        return (sys.executable, "-W", "ignore", "-m", *module)

    def restart_ended(self) -> None:
        """Start again whatever has ended by itself."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                console.print(
                    f"[yellow]{name} ended with {process.returncode};"
                    " starting it again[/yellow]"
                )
                time.sleep(0.5)
                self.start(name)

    def _environment(self, name: str) -> Mapping[str, str]:
        own = settings_of(self.admin, name)
        if (door := own.side_door(self.names.index(name))) is not None:
            own = replace(own, ops=f"{door[0]}:{door[1]}")
        inherited = {
            key: value for key, value in os.environ.items()
            if not key.startswith("FUQUAN_") or key == "FUQUAN_LOG"
        }
        return {**inherited, **own.environment()}


def settings_of(admin: Settings, name: str) -> Settings:
    """The settings of one process: its own database role; the gateway has no database."""
    return replace(admin, database_url="" if name == "gateway" else migration.as_role(admin, name))
