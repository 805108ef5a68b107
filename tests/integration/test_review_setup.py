"""Setting up: many at once, without secrets in the server's log, and the pool after a restart."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Thread
from types import SimpleNamespace
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg2
import pytest

from shared.database import Database
from shared.entrypoints import Facts
from shared.log.store import Log
from shared.migrate import migrate, migrations, role_password
from shared.projection import Projection
from shared.rebuild import rebuild
from shared.settings import WITH_DATABASE, NotConfigured, Settings
from tests.conftest import drop
from tests.integration.conftest import role_of
from tests.integration.test_bus import alias_added
from tests.integration.test_log import integrate


def test_many_migrate_at_once(migrated: Settings) -> None:
    fresh = replace(migrated, prefix=f"t{uuid4().hex[:8]}_")
    try:
        with ThreadPoolExecutor(8) as pool:
            applied = list(pool.map(lambda _: migrate(fresh), range(8)))
    finally:
        drop(fresh)

    assert sorted(name for one in applied for name in one) == sorted(
        f"{service}/{name}" for service in WITH_DATABASE for name, _ in migrations(service)
    )


def test_no_password_of_an_administrator_no_password_for_a_role(migrated: Settings) -> None:
    parts = urlsplit(migrated.database_url)
    peer = replace(
        migrated, database_url=urlunsplit(
            parts._replace(netloc=f"postgres@{parts.netloc.rpartition('@')[2]}")
        ),
    )

    with pytest.raises(NotConfigured, match="password"):
        role_password(peer, "cases")


def test_no_role_password_reaches_the_servers_log(migrated: Settings) -> None:
    seen: list[str] = []

    class Watching(psycopg2.extensions.cursor):
        def execute(self, query, *parameters):
            seen.append(query if isinstance(query, str) else query.as_string(self.connection))
            return super().execute(query, *parameters)

    connect = psycopg2.connect
    psycopg2.connect = lambda *a, **k: connect(*a, **{**k, "cursor_factory": Watching})
    try:
        migrate(migrated, passwords=True)
    finally:
        psycopg2.connect = connect

    assert any("PASSWORD" in one for one in seen)
    assert not [one for one in seen if role_password(migrated, "cases") in one]
    Database(role_of(migrated, "cases").dsn("cases"), size=1).rows("SELECT 1")


def test_settings_do_not_show_their_passwords(migrated: Settings) -> None:
    assert (urlsplit(migrated.database_url).password or "?") not in repr(migrated)


def test_a_rebuild_under_way_does_not_hold_up_the_sequencer(empty_log: Settings, log: Log) -> None:
    """It takes minutes, and the barrier waits for every open writer of the whole cluster."""
    alias_added(log, uuid4(), 1, "甲")
    assert integrate(empty_log) == 1
    admin = Database(empty_log.dsn("catalog"), size=1)
    admin.rows(
        "INSERT INTO bus.cursor (source, projected, reacted) VALUES ('catalog', 1, 1)"
        " ON CONFLICT (source) DO UPDATE SET projected = 1, reacted = 1 RETURNING 1"
    )
    sequenced: list[int] = []
    watching = Projection()

    @watching.on_every
    def meanwhile(at: psycopg2.extensions.cursor, fact: object) -> None:
        alias_added(log, uuid4(), 1, "乙")
        sequenced.append(integrate(empty_log))

    rebuild(admin, watching, {"catalog": log}, ["catalog"])

    assert sequenced == [1]


class Running(Thread):
    """A thread that is waited for as nameko waits for its own."""

    wait = Thread.join


def test_a_broker_that_is_away_does_not_end_the_consumer(migrated: Settings) -> None:
    """Kombu gives up after some seconds, with an error of its own."""
    facts = Facts("cases", from_=("catalog",), into=Projection())
    own = replace(role_of(migrated, "cases"), amqp_url="amqp://nobody:none@127.0.0.1:1//")
    facts.container = SimpleNamespace(
        config={"settings": own}, service_cls=object, dependencies=[],
        spawn_managed_thread=lambda run: Running(target=run, daemon=True),
    )

    facts.start()
    facts._thread.start()  # noqa: SLF001
    facts._thread.join(8)  # noqa: SLF001

    assert facts._thread.is_alive()  # noqa: SLF001
    facts.stop()
