"""Who held what when: the tables against the words of the rules, on random histories."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import cursor

from shared.contracts.delegation_fields import FACETS
from shared.database import Database, fetch_dicts
from shared.holdings.projection import holdings
from shared.holdings.questions import Holdings
from shared.settings import Settings
from tests.holdings_history import (
    CLOCK_BEHIND,
    DEEP,
    ITEMS,
    PLACES,
    TAKEN_BACK,
    TOWNS,
    UNITS,
    WIDE,
    Grant,
    History,
    Holding,
    Interval,
    instant,
    told,
    when,
)
from tests.integration.conftest import role_of

# Twice, so more than ten thousand in all; FUQUAN_TEST_HISTORIES=500 asks a hundred thousand.
EXAMPLES, QUESTIONS = int(os.environ.get("FUQUAN_TEST_HISTORIES", "60")), 100
FEW = 25
FIXTURES = [HealthCheck.function_scoped_fixture]
DEPARTMENTS = ("DEPT-1", "DEPT-2", "SUPERVISOR")
ORGANS = (
    *DEPARTMENTS, *TOWNS, *(f"{town}-{body}" for town in TOWNS for body in ("DEPT", "CENTRE")),
    *(f"{unit}-BUREAU" for unit in UNITS),
)


class Within:
    """A database of one open transaction."""

    def __init__(self, at: cursor) -> None:
        self.at = at

    def dicts(self, sql: str, parameters: Any = None) -> list[dict[str, Any]]:
        """All rows of one query, each by column name."""
        return fetch_dicts(self.at, sql, parameters)


@pytest.fixture(scope="module")
def delegation(migrated: Settings) -> Database:
    """Delegation's database under its own role."""
    return Database(role_of(migrated, "delegation").dsn("delegation"), size=1)


@contextmanager
def emptied(database: Database) -> Iterator[cursor]:
    """The empty tables, three items in the register; afterwards everything is as it was."""
    held = database.connect()
    try:
        with held.cursor() as at:
            for table in ("holding", "started", "item", "supervisor"):
                at.execute(f"DELETE FROM {table}")
            for seq, (item, (department, supervisor, _)) in enumerate(ITEMS.items()):
                at.execute(
                    "INSERT INTO item (item_id, programme_id, seq, name, power_type,"
                    " granting_org_id, supervising_org_id, position, recorded_at, catalogue_id)"
                    " VALUES (%s, 'MD2023', %s, 'n', 't', %s, %s, %s, %s, 'c')",
                    (item, seq, department, supervisor, seq, instant(0)),
                )
                if supervisor:
                    at.execute(
                        "INSERT INTO supervisor VALUES (%s, %s, %s, '-infinity', %s)",
                        (item, seq, supervisor, instant(0)),
                    )
            yield at
    finally:
        held.rollback()
        held.close()


def lived(at: cursor, history: History) -> Holdings:
    """The questions, after all that was told."""
    for fact in history.facts:
        holdings.apply(at, fact)
    return Holdings(Within(at))


def of(row: dict[str, Any], item: str, facet: str) -> Holding:
    """A row of an answer in the words of the history."""
    interval = Interval(
        row["effective_from"], row["effective_to"], tuple(row["scope"]), row["opened_by"],
        row["closed_by"],
    )
    return Holding(
        item, row["town_id"], facet, row["org_id"], row["capacity"], row["cross_town"],
        row["grant_id"], interval if row["grant_id"] else None,
    )


@pytest.mark.rule("R060")
@pytest.mark.rule("R064")
@pytest.mark.rule("R065")
@pytest.mark.rule("R067")
@pytest.mark.rule("R222")
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=FIXTURES)
@given(steps=WIDE, seed=st.integers(0, 2**32))
@example(steps=CLOCK_BEHIND, seed=32614)
def test_who_held_what_when_is_as_the_rules_say(delegation, steps, seed):
    history, chance = told(steps), Random(seed)
    with emptied(delegation) as at:
        questions = lived(at, history)
        for _ in range(QUESTIONS):
            item, town = chance.choice(tuple(ITEMS)), chance.choice((*TOWNS, *PLACES))
            facet, then, known_at = chance.choice(FACETS), when(chance), when(chance)

            answer = holders(questions, item, town, facet, then, known_at)

            assert answer == history.holders(item, town, facet, then, known_at)


@pytest.mark.rule("R065")
@pytest.mark.rule("R183")
@pytest.mark.rule("R222")
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=FIXTURES)
@given(steps=DEEP, seed=st.integers(0, 2**32))
@example(steps=TAKEN_BACK, seed=0)
def test_a_grant_that_was_often_changed_held_as_the_rules_say(delegation, steps, seed):
    history, chance = told(steps), Random(seed)
    with emptied(delegation) as at:
        questions = lived(at, history)
        for _ in range(QUESTIONS):
            asked = ("ITEM-1", "TOWN-1", "decide", when(chance), when(chance))

            answer = holders(questions, *asked)

            assert answer == history.holders(*asked)


def holders(
    questions: Holdings, item: str, town: str | None, facet: str, at: datetime, known_at: datetime
) -> set[Holding]:
    """The answer, which has no row twice."""
    rows = questions.holders(item=item, town=town, facet=facet, at=at, known_at=known_at)
    answer = {of(row, item, facet) for row in rows}
    assert len(answer) == len(rows)
    return answer


@pytest.mark.rule("R065")
@pytest.mark.rule("R222")
@settings(max_examples=FEW, deadline=None, suppress_health_check=FIXTURES)
@given(steps=WIDE, seed=st.integers(0, 2**32), limit=st.integers(1, 40))
def test_what_an_organ_held_is_as_the_rules_say_page_by_page(delegation, steps, seed, limit):
    history, chance = told(steps), Random(seed)
    with emptied(delegation) as at:
        questions = lived(at, history)
        for org in ORGANS:
            then, known_at = when(chance), when(chance)

            rows = paged(questions, limit, org=org, at=then, known_at=known_at)

            answer = [of(row, row["item_id"], row["facet"]) for row in rows]
            assert len(answer) == len(set(answer))
            assert set(answer) == history.held_by(org, then, known_at)


def paged(questions: Holdings, limit: int, **asked: Any) -> list[dict[str, Any]]:
    """All pages; each but the last is full."""
    rows: list[dict[str, Any]] = []
    while page := questions.held_by(
        **asked, limit=limit, beyond=rows[-1]["place"] if rows else None
    ):
        rows += page
        if len(page) < limit:
            break
    return rows


@pytest.mark.rule("R065")
@settings(max_examples=FEW, deadline=None, suppress_health_check=FIXTURES)
@given(steps=WIDE, seed=st.integers(0, 2**32))
def test_who_holds_a_power_and_what_an_organ_holds_agree(delegation, steps, seed):
    history, chance = told(steps), Random(seed)
    then, known_at = when(chance), when(chance)
    with emptied(delegation) as at:
        questions = lived(at, history)
        held = [
            row for org in ORGANS
            for row in questions.held_by(org=org, at=then, known_at=known_at, limit=1000)
        ]
        for item in ITEMS:
            for town in PLACES:
                for facet in FACETS:
                    rows = questions.holders(
                        item=item, town=town, facet=facet, at=then, known_at=known_at
                    )

                    assert sorted(row["org_id"] for row in rows if row["org_id"] in ORGANS) == (
                        sorted(holders_of(held, item, town, facet))
                    )


def holders_of(
    held: list[dict[str, Any]], item: str, town: str | None, facet: str
) -> Iterator[str]:
    """Who holds it by what each organ was told to hold."""
    moved = {
        row["town_id"] for row in held if (row["item_id"], row["filed_at"]) == (item, "bureau")
    }
    places = {town} if town in moved else {town, *moved}
    for row in held:
        own = row["town_id"] is None and town not in row["except_towns"]
        if (row["item_id"], row["facet"]) == (item, facet) and (own or row["town_id"] in places):
            yield row["org_id"]


@pytest.mark.rule("R065")
@pytest.mark.rule("R183")
@settings(max_examples=FEW, deadline=None, suppress_health_check=FIXTURES)
@given(steps=WIDE)
def test_the_grants_in_force_are_those_now_known(delegation, steps):
    history = told(steps)
    with emptied(delegation) as at:
        questions = lived(at, history)
        for item in ITEMS:
            for town in (*TOWNS, *UNITS):
                for day in (-4, -1, 0, 3, 6, 20):
                    rows = questions.grants(item=item, town=town, at=instant(day))

                    assert {
                        row["grant_id"]: (
                            row["started_at"], row["effective_to"], tuple(row["scope"]),
                            len(row["facets"]),
                        )
                        for row in rows
                    } == {
                        grant.id: (
                            started(grant), interval.ends, interval.scope,
                            len(grant.record[0].data["facets"]),
                        )
                        for grant, interval in history.in_force(item, instant(day))
                        if grant.town == town
                    }


def started(grant: Grant) -> Any:
    """When the town began to work, if it has."""
    facts = grant.known("ItemImplementationStarted")
    return facts[0].data["started_at"] if facts else None


@pytest.mark.rule("R222")
@settings(max_examples=FEW, deadline=None, suppress_health_check=FIXTURES)
@given(steps=WIDE, seed=st.integers(0, 2**32))
def test_a_history_has_every_interval_that_was_ever_known(delegation, steps, seed):
    history, chance = told(steps), Random(seed)
    then, known_at = when(chance), when(chance)
    with emptied(delegation) as at:
        questions = lived(at, history)
        for item in ITEMS:
            for town in (*TOWNS, *UNITS):
                rows = questions.history(item=item, town=town, facet="decide")

                in_force = {
                    of(row, item, "decide") for row in rows
                    if row["effective_from"] <= then < (row["effective_to"] or instant(99))
                    and row["known_from"] <= known_at < (row["known_to"] or instant(99))
                }
                assert in_force == {
                    holding for holding in history.holders(item, town, "decide", then, known_at)
                    if holding.town == town
                }
                assert all(
                    row["known_to"] is None or row["superseded_by"] > row["written_by"]
                    for row in rows
                )


@pytest.mark.rule("R221")
@settings(max_examples=FEW, deadline=None, suppress_health_check=FIXTURES)
@given(steps=WIDE, seed=st.integers(0, 2**32))
def test_a_replay_of_any_first_part_gives_the_tables_as_they_were_then(delegation, steps, seed):
    history, chance = told(steps), Random(seed)
    with emptied(delegation) as at:
        live = [tables(at)]
        for fact in history.facts:
            holdings.apply(at, fact)
            live.append(tables(at))
    size = chance.randint(0, len(history.facts))

    with emptied(delegation) as at:
        for fact in history.facts[:size]:
            holdings.apply(at, fact)

        assert tables(at) == live[size]


def tables(at: cursor) -> list[Any]:
    """Every row, in an order of its own."""
    rows = []
    for table in ("holding", "started"):
        at.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
        rows.append(at.fetchall())
    return rows


# Two exclusive holders of one facet.


def moved(history: History, unit: str, day: int, name: str) -> None:
    """A second transfer, past the check that there is only one."""
    history.transfer("ITEM-1", TOWNS[UNITS.index(unit)], day, 0)
    history.grants[-1].town = name


@pytest.mark.rule("R064")
@pytest.mark.parametrize("second_day", [-3, 0, 2])
def test_two_exclusive_holders_of_one_facet_at_one_instant_are_refused(delegation, second_day):
    history = History()
    moved(history, "UNIT-1", 0, "first")
    moved(history, "UNIT-1", second_day, "second")

    with emptied(delegation) as at:
        holdings.apply(at, history.facts[0])

        with pytest.raises(psycopg2.errors.ExclusionViolation):
            holdings.apply(at, history.facts[1])


@pytest.mark.rule("R065")
def test_an_exclusive_holder_may_begin_at_the_instant_at_which_another_ends(delegation):
    history = History()
    moved(history, "UNIT-1", 0, "TOWN-1")
    history.recall("ITEM-1", "TOWN-1", 5, 0)
    moved(history, "UNIT-1", 5, "second")

    with emptied(delegation) as at:
        rows = lived(at, history).holders(
            item="ITEM-1", town="UNIT-1", facet="decide", at=instant(5), known_at=instant(9)
        )

    assert [(row["org_id"], row["effective_from"]) for row in rows] == [
        ("UNIT-1-BUREAU", instant(5))
    ]


def test_two_units_may_each_have_an_exclusive_holder(delegation):
    history = History()
    history.transfer("ITEM-1", "TOWN-1", 0, 0)
    history.transfer("ITEM-1", "TOWN-2", 0, 0)

    with emptied(delegation) as at:
        lived(at, history)
        at.execute("SELECT count(DISTINCT town_id) FROM holding WHERE exclusive")

        assert at.fetchone() == (2,)
