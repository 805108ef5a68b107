"""Scenarios 14 and 17 in small: a consumer makes of a log what a replay in order makes of it."""

import random
from collections import Counter
from collections.abc import Iterator

import psycopg2
import pytest

from services.ledger.replay import replayed
from shared.database import Database
from shared.log.store import Log
from shared.migrate import migrate
from shared.settings import Settings
from tests.conftest import drop
from tests.faults.replays import WINDOW, brought, differing, filled, taken_in

EVENTS = 3_500  # a thousand grants that have ended, and some that go on


@pytest.fixture(scope="module")
def fresh(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A deployment whose logs are empty but for delegation's."""
    settings = Settings(
        database_url, deployment="replays", prefix="replays_",
        keys=tmp_path_factory.mktemp("replays"),
    )
    migrate(settings)
    filled(settings, EVENTS)
    yield settings
    drop(settings)


@pytest.mark.parametrize(("service", "seed"), [("cases", None), ("supervision", 14)])
def test_a_log_taken_in_and_replayed_gives_the_same_tables(
    fresh: Settings, service: str, seed: int | None
) -> None:
    took = taken_in(fresh, service, seed)
    compared = replayed(fresh, service)

    assert took == EVENTS
    assert compared["holding"].rows > EVENTS
    assert differing(compared) == []


def test_a_row_that_is_not_what_the_log_says_is_found(fresh: Settings) -> None:
    taken_in(fresh, "delegation")
    held = psycopg2.connect(fresh.dsn("delegation"))
    with held, held.cursor() as at:
        at.execute(
            "UPDATE readmodel.holding SET org_id = 'MD2023-ORG-20' WHERE ctid ="
            " (SELECT min(ctid) FROM readmodel.holding)"
        )
    held.close()

    assert differing(replayed(fresh, "delegation")) == ["holding"]


def test_what_is_brought_is_lost_doubled_and_out_of_order(fresh: Settings) -> None:
    log = Log(Database(fresh.dsn("delegation"), size=1, search_path="log"))

    places = [headers["ce-position"] for _, headers, _ in brought(log, random.Random(14))]

    log.database.close()
    seen = Counter(places)
    assert 0 < EVENTS - len(seen) < EVENTS / 5
    assert set(seen.values()) == {1, 2}
    assert places != sorted(places)
    behind = [max(places[:n]) - place for n, place in enumerate(places) if n]
    assert 0 < max(behind) <= WINDOW
