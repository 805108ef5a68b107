"""The pool after its server was away: nobody is handed a connection that is dead."""

import time
from collections.abc import Iterator

import psycopg2
import pytest

from shared.database import Database
from shared.settings import Settings

IDLE = 3


@pytest.fixture
def pool(migrated: Settings) -> Iterator[Database]:
    database = Database(migrated.dsn("catalog"), size=IDLE)
    yield database
    database.close()


def side_by_side(database: Database, times: int = IDLE) -> set[int]:
    """Hold so many connections at a time, then let them go idle; the servers' process ids."""
    with database.transaction() as at:
        at.execute("SELECT pg_backend_pid()")
        ((pid,),) = at.fetchall()
        return {pid} | (side_by_side(database, times - 1) if times > 1 else set())


def test_an_idle_connection_that_the_server_ended_fails_no_call(
    pool: Database, database_url: str
):
    before = side_by_side(pool)
    end = "SELECT bool_and(pg_terminate_backend(pid, 5000)) FROM unnest(%s) pid"
    admin = psycopg2.connect(database_url)
    with admin.cursor() as at:
        at.execute(end, (list(before),))
        ended = at.fetchone()
    admin.close()
    time.sleep(0.1)  # until the end of the stream is here too

    after = side_by_side(pool)

    assert (len(before), ended) == (IDLE, (True,))
    assert (len(after), before & after) == (IDLE, set())


def test_a_connection_ended_in_the_middle_of_a_call_takes_the_idle_ones_with_it(pool: Database):
    """One call fails when the server goes, and not every pooled connection in turn."""
    before = side_by_side(pool)

    with pytest.raises(psycopg2.OperationalError):
        pool.rows(
            "SELECT pg_terminate_backend(pid) FROM"
            " (SELECT pid FROM unnest(%s) pid ORDER BY pid = pg_backend_pid()) own_last",
            (list(before),),
        )

    after = side_by_side(pool)

    assert (len(before), len(after), before & after) == (IDLE, IDLE, set())


def test_an_idle_connection_that_is_well_is_taken_again(pool: Database):
    assert side_by_side(pool) == side_by_side(pool)
