"""Scenario 17 in small: what a consumer makes of a log and what a replay makes are the same."""

from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from services.ledger.replay import replayed
from shared.migrate import migrate
from shared.settings import Settings
from tests.conftest import drop
from tests.faults.replays import differing, filled, taken_in

EVENTS = 3_500  # a thousand grants that have ended, and some that go on


@pytest.fixture
def fresh(database_url: str, tmp_path: Path) -> Iterator[Settings]:
    """A deployment whose logs are empty but for delegation's."""
    settings = Settings(database_url, deployment="replays", prefix="replays_", keys=tmp_path)
    migrate(settings)
    filled(settings, EVENTS)
    yield settings
    drop(settings)


@pytest.mark.parametrize("service", ["cases", "supervision"])
def test_a_log_taken_in_and_replayed_gives_the_same_tables(fresh: Settings, service: str) -> None:
    took = taken_in(fresh, service)
    compared = replayed(fresh, service)

    assert took == EVENTS
    assert compared["holding"].rows > EVENTS
    assert differing(compared) == []


def test_a_row_that_is_not_what_the_log_says_is_found(fresh: Settings) -> None:
    taken_in(fresh, "cases")
    held = psycopg2.connect(fresh.dsn("cases"))
    with held, held.cursor() as at:
        at.execute(
            "UPDATE readmodel.holding SET org_id = 'MD2023-ORG-20' WHERE ctid ="
            " (SELECT min(ctid) FROM readmodel.holding)"
        )
    held.close()

    assert differing(replayed(fresh, "cases")) == ["holding"]
