"""Fixtures: real servers, and the world of all services on them."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from psycopg2 import sql

from shared.embedded import postgres
from shared.migrate import migrate
from shared.settings import WITH_DATABASE, Settings
from tests.world import World


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """The administrator's URL of a real PostgreSQL: from the environment, else the wheel in a temporary folder."""
    if url := os.environ.get("FUQUAN_TEST_DATABASE_URL"):
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="fuquan-test-") as folder, postgres(Path(folder)) as url:
        yield url


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
            at.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(settings.prefix + service)))
        for role in (*WITH_DATABASE, "relay", "reader", "owner"):
            at.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(settings.prefix + role)))
    held.close()
