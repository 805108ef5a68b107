"""Delivery may be repeated, late or out of order: R221."""

import random

import pytest

from shared.bus.message import CONTENT_TYPE, headers
from tests.county import county  # noqa: F401 - the fixture

TOWN = "MD2023-TOWN-08"


def held(county):
    """Every interval that cases knows of, on both clocks."""
    return county.commands("cases").database.rows("SELECT * FROM holding ORDER BY 1, 2, 3")


def messages(county):
    """What the bus would bring of delegation's log."""
    return [
        (fact.envelope, headers(
            id_=str(fact.id), type_=fact.type, source=fact.source, stream=str(fact.stream),
            time=fact.occurred_at.isoformat(), position=fact.position, previous=fact.previous,
        ), CONTENT_TYPE)
        for fact in county.facts("delegation")
    ]


def forget(county):
    """Empty cases' copy of the holdings, and read delegation's log from its beginning again."""
    cases = county.commands("cases").database
    cases.rows("DELETE FROM holding RETURNING 1")
    cases.rows("DELETE FROM started RETURNING 1")
    cases.rows("DELETE FROM grant_end RETURNING 1")
    cases.rows(
        "UPDATE bus.cursor SET projected = 0, reacted = 0 WHERE source = 'delegation' RETURNING 1"
    )
    county.consumers["cases"].start()


@pytest.mark.rule("R221")
@pytest.mark.parametrize("seed", range(5))
def test_a_recall_before_its_grant_and_everything_ten_times_ends_as_in_order(county, seed):
    grant = county.granted("MD23-12", TOWN, "entrusted_handling")
    county.recalled(grant, "MD23-12", TOWN, from_="2024-03-01T00:00:00+08:00",
                    at="2024-02-29T09:00:00+08:00")
    county.settle()
    in_order = held(county)
    forget(county)
    delivered = list(reversed(messages(county))) * 10
    random.Random(seed).shuffle(delivered)

    for message in delivered:
        county.consumers["cases"].deliver([message])

    assert len(in_order) > 0
    assert held(county) == in_order
    assert county.parked() == []
