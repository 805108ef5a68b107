"""Statements of many facts in one round trip: the same effects as one after the other."""

from collections.abc import Iterator
from typing import Any

import psycopg2
import psycopg2.errors
import pytest
from psycopg2.extensions import cursor

from shared import database
from shared.database import gathered
from shared.settings import Settings

ADD = "INSERT INTO kept (word) VALUES (%s)"
WORDS = "SELECT word FROM kept ORDER BY n"


class Counting:
    """A cursor that counts how often it is sent to the server."""

    def __init__(self, at: cursor) -> None:
        self.at, self.sent = at, 0

    def execute(self, sql: Any, parameters: Any = None) -> None:
        self.sent += 1
        self.at.execute(sql, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.at, name)


@pytest.fixture
def at(migrated: Settings) -> Iterator[Any]:
    """A cursor on a table of its own."""
    held = psycopg2.connect(migrated.dsn("catalog"))
    with held.cursor() as own:
        own.execute("CREATE TEMPORARY TABLE kept (n int GENERATED ALWAYS AS IDENTITY, word text)")
        yield Counting(own)
    held.close()


def test_many_statements_are_one_round_trip_in_their_order(at: Any) -> None:
    words = ["接办分离", "100 %", "a;b", "'quoted' %s", None]

    with gathered(at) as together:
        for word in words:
            together.execute(ADD, (word,))
        together.execute("UPDATE kept SET word = 'now 50%' WHERE word IS NULL")

    assert at.sent == 1
    at.execute(WORDS)
    assert [word for (word,) in at.fetchall()] == [*words[:-1], "now 50%"]


def test_an_answer_knows_what_was_gathered_before_it(at: Any) -> None:
    with gathered(at) as together:
        together.execute(ADD, ("一",))
        together.execute(WORDS)
        first = together.fetchall()
        together.execute(ADD, ("二",))
        together.execute("UPDATE kept SET word = word || '!'")
        changed = together.rowcount

    assert (first, changed, at.sent) == ([("一",)], 2, 2)


def test_what_fails_fails_within_the_block_and_changes_nothing(at: Any) -> None:
    at.connection.commit()

    def fail() -> None:
        with gathered(at) as together:
            together.execute(ADD, ("一",))
            together.execute("INSERT INTO kept (no_column) VALUES (1)")
            together.execute(ADD, ("二",))

    with pytest.raises(psycopg2.errors.UndefinedColumn):
        fail()
    at.connection.rollback()
    at.execute(WORDS)
    assert at.fetchall() == []


def test_statements_are_not_gathered_without_end(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "GATHERED", 200)

    with gathered(at) as together:
        for _ in range(20):
            together.execute(ADD, ("x" * 50,))

    assert 5 <= at.sent <= 10
    at.execute(WORDS)
    assert len(at.fetchall()) == 20


def test_nothing_gathered_is_nothing_sent(at: Any) -> None:
    with gathered(at):
        pass

    assert at.sent == 0
