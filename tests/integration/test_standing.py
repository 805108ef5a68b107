"""What a service tells operators of its log and its consumer."""

import psycopg2
import pytest

from tests.world import World


@pytest.fixture
def st2021(world: World) -> World:
    return world.imported("ST2021")


def test_operators_see_how_far_log_and_consumer_are(st2021):
    standing = st2021.ask("delegation", "standing", {})
    size = len(st2021.facts("catalog"))

    assert standing["log"] == {
        "size": 0, "sent": 0, "relayed": False, "signed": 0, "unsequenced": 0,
        "barrier_age": None, "unsent_age": None, "unsigned_age": None, "due": 0,
    }
    assert standing["cursors"]["catalog"] == {"projected": size, "reacted": size}
    assert standing["parked"] == {}
    assert st2021.ask("ledger", "standing", {})["log"] is None


def test_ages_count_from_the_first_fact_that_waits(st2021):
    held = psycopg2.connect(st2021.settings.dsn("catalog"))
    with held, held.cursor() as at:
        at.execute("SET session_replication_role = replica")
        at.execute(
            "UPDATE log.entry SET integrated_at = clock_timestamp()"
            " - CASE WHEN position < 3 THEN interval '90 seconds' ELSE interval '0' END"
        )
    held.close()

    log = st2021.ask("catalog", "standing", {})["log"]

    assert (log["signed"], log["due"]) == (0, 3)  # consumers have had a minute for the first three
    assert 90 <= log["unsigned_age"] < 150
