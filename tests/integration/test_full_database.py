"""A service whose database takes nothing: what waits for it in its queue is left there, whole."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import psycopg2
import pytest

from shared.bus.relay import Relay
from shared.database import Database
from shared.log.store import Log
from shared.settings import Settings
from tests.brokers import unheard
from tests.integration.conftest import role_of
from tests.integration.test_bus import alias_added, at_work, settings, taken
from tests.integration.test_counters import following, grown
from tests.waiting import until

__all__ = ["settings"]

FULL = """
CREATE OR REPLACE FUNCTION bus.full() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE UPDATE ON bus.cursor FOR EACH ROW EXECUTE FUNCTION bus.full()
"""
FREED = "DROP TRIGGER IF EXISTS full_disk ON bus.cursor; DROP FUNCTION IF EXISTS bus.full()"
WAITING = 3


@pytest.fixture
def own(empty_log: Settings, amqp_url: str) -> Iterator[Settings]:
    """Of cases, without a cursor, whose database has room in the end."""
    execute(empty_log, "DELETE FROM bus.cursor; DELETE FROM bus.parked")
    unheard(amqp_url)
    yield replace(role_of(empty_log, "cases"), amqp_url=amqp_url)
    execute(empty_log, FREED)
    unheard(amqp_url)


def execute(admin: Settings, statements: str) -> None:
    held = psycopg2.connect(admin.dsn("cases"))
    with held, held.cursor() as at:
        at.execute(statements)
    held.close()


def test_what_cannot_be_taken_in_is_not_delivered_and_does_not_come_to_the_delivery_limit(
    log: Log, settings: Settings, own: Settings, empty_log: Settings
) -> None:
    """A disk full for half a minute would use up the twenty deliveries of every message."""
    cases = Database(own.dsn("cases"), size=1)
    reached = "SELECT reacted FROM bus.cursor WHERE source = 'catalog'"
    lost = grown("fuquan_reconnects_total", service="cases", part="facts")
    with at_work(Relay(settings, "catalog")) as relay:
        alias_added(log, UUID(int=1), 1, "名1")
        with following(own):
            until(lambda: cases.rows(reached) == [(1,)])
        execute(empty_log, FULL)
        for version in range(2, 2 + WAITING):
            alias_added(log, UUID(int=1), version, f"名{version}")
        until(lambda: relay.progress.published == 1 + WAITING)

        with following(own):
            until(lambda: lost() >= WAITING)
        left = taken(own.amqp_url, "cases", WAITING)
        execute(empty_log, FREED)
        with following(own):
            until(lambda: cases.rows(reached) == [(1 + WAITING,)])

    cases.close()
    assert [headers.get("x-delivery-count", 0) for _, headers, _ in left] == [0] * WAITING
