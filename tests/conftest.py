"""Fixtures: real servers, and the world of all services on them."""

import logging
import signal
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from psycopg2 import sql

from shared.logs import configure
from shared.migrate import migrate
from shared.settings import WITH_DATABASE, Settings
from tests.servers import postgresql, rabbitmq
from tests.world import World

ORIGINS: dict[str, str] = {}


def pytest_configure() -> None:
    """A run that is told to end (SIGTERM) stops its servers, as one that is interrupted does."""
    configure("tests", logging.WARNING)
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """The administrator's URL of a real PostgreSQL."""
    with postgresql() as server:
        ORIGINS["PostgreSQL"] = server.origin
        yield server.url


@pytest.fixture(scope="session")
def amqp_url() -> Iterator[str]:
    """The URL of a real RabbitMQ."""
    with rabbitmq() as server:
        ORIGINS["RabbitMQ"] = server.origin
        yield server.url


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of a run in parallel (pytest-xdist) hands over where its servers came from."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["origins"] = ORIGINS


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker hands over; one that has crashed hands over nothing."""
    ORIGINS.update(getattr(node, "workeroutput", {}).get("origins", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what ran where."""
    terminalreporter.section("what ran where")
    for server in ("PostgreSQL", "RabbitMQ", "containers", "compose"):
        origin = ORIGINS.get(server, "not asked for by these tests")
        terminalreporter.write_line(f"{server}: {origin}")


@pytest.fixture(scope="session")
def migrated(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Databases and roles of this test run, with a prefix of their own."""
    settings = Settings(
        database_url=database_url, prefix=f"t{uuid4().hex[:8]}_", driven_clock=True,
        deployment="test", keys=tmp_path_factory.mktemp("keys"),
    )
    migrate(settings)
    yield settings
    drop(settings)


@pytest.fixture
def world(migrated: Settings) -> Iterator[World]:
    """All services on empty logs; commands, facts and policies for real, without a broker."""
    world = World(migrated)
    world.empty()
    yield world
    world.close()


def drop(settings: Settings) -> None:
    """Remove the databases and roles of a test run."""
    held = psycopg2.connect(settings.database_url)
    held.autocommit = True
    with held.cursor() as at:
        for service in WITH_DATABASE:
            name = sql.Identifier(settings.prefix + service)
            at.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
        for role in (*WITH_DATABASE, "relay", "reader", "owner"):
            at.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(settings.prefix + role)))
    held.close()
