"""A read model is derived data: replayed from the logs it is the same, row for row."""

from uuid import UUID

import psycopg2.errors
import pytest

from services.ledger.readmodel import readmodel
from shared.projection import Projection
from shared.rebuild import Compared, rebuild
from shared.settings import SERVICES
from tests.unit.ledger.books import CENTRE, Books, approved, recalled

STREAM = UUID(int=8)


@pytest.fixture
def lived(granted: Books) -> Books:
    """A grant, an approval under it, and its recall."""
    approved(granted, by=CENTRE, at="2023-08-02T09:00:00+08:00")
    recalled(
        granted, effective="2024-03-01T00:00:00+08:00", recorded="2024-03-01T09:05:00+08:00"
    )
    return granted


def rebuilt(books: Books) -> dict[str, Compared]:
    return rebuild(books.database, readmodel, books.logs, SERVICES)


def different(books: Books) -> list[str]:
    return [table for table, found in rebuilt(books).items() if found.live != found.rebuilt]


def test_replayed_from_the_logs_every_table_is_the_same(lived: Books):
    found = rebuilt(lived)

    assert [table for table, one in found.items() if one.live != one.rebuilt] == []
    assert {table: one.rows for table, one in found.items() if one.rows} == {
        "mirror": 6, "item": 1, "town": 1, "holding": 4, "acceptance": 1, "approval": 1,
        "granting": 1, "act": 4,
    }


@pytest.mark.parametrize(
    ("table", "sql"),
    [
        ("holding", "UPDATE readmodel.holding SET org_id = 'x' WHERE nth = 0"),
        ("town", "INSERT INTO readmodel.town VALUES ('T', 'MD2023', '某镇', '镇')"),
        ("approval", "DELETE FROM readmodel.approval"),
        ("mirror", "UPDATE readmodel.mirror SET previous = 3 WHERE source = 'cases'"),
    ],
)
def test_a_row_that_was_changed_by_hand_shows_in_its_table(lived: Books, table: str, sql: str):
    lived.tamper(sql)

    assert different(lived) == [table]


def test_a_rebuild_leaves_the_live_tables_as_they_are(lived: Books):
    before = rebuilt(lived)

    after = rebuilt(lived)

    assert after == before
    assert lived.ask("status")["delegation"]["mirrored"] == 2


def test_even_a_handler_that_names_the_live_table_changes_nothing(lived: Books):
    careless = Projection()
    careless.on_every(lambda at, _: at.execute("DELETE FROM readmodel.approval"))

    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        rebuild(lived.database, careless, lived.logs, SERVICES)

    assert lived.ask("authority_check")["checked"] == 1


def test_only_what_has_been_projected_is_replayed(lived: Books):
    lived.append(
        "catalog.DepartmentAliasAdded",
        {"org_id": "MD2023-ORG-19", "alias": "卫健局", "basis": "abbreviation"},
        at="2024-03-02T09:00:00+08:00",
    )
    lived.admins["catalog"].rows("SELECT log.integrate(1000)")

    assert different(lived) == []


def test_what_is_parked_is_left_out_of_both(lived: Books):
    for _ in range(2):  # the second violates the key, and is parked with all behind it
        lived.append(
            "catalog.DepartmentAliasAdded",
            {"org_id": "MD2023-ORG-19", "alias": "卫健局", "basis": "abbreviation"},
            at="2024-03-02T09:00:00+08:00", stream=STREAM,
        )
    lived.settle()

    assert lived.ask("status")["catalog"]["parked"] == 1
    assert different(lived) == []
