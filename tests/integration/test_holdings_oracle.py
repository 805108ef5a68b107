"""Who held what when: the tables against the words of the rules, on random histories."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import cursor

from shared.clock import day_of
from shared.contracts.envelope import Fact, Given, open_fact, seal
from shared.database import Database, fetch_dicts
from shared.holdings.projection import holdings
from shared.holdings.questions import Holdings
from shared.settings import Settings
from tests.integration.conftest import role_of
from tests.notice import notice

ITEMS = {"ITEM-1": "DEPT-1", "ITEM-2": "DEPT-2"}
TOWNS, UNITS = ("TOWN-1", "TOWN-2"), ("UNIT-1", "UNIT-2")
MODES = (
    ("MD2023", "entrusted_handling"), ("MD2023", "entrusted_acceptance"), ("ST2021", "direct"),
)
ASKED = ("accept", "substantive_review", "decide", "seal", "named_authority", "liability")
EXAMPLES, QUESTIONS = 40, 25
FIRST_DAY = datetime.fromisoformat("2023-07-01T00:00:00+08:00")
INSTRUMENT = {"kind": "decision", "ref": "令", "dated": "2023-06-20", "sha256": None}


def instant(number: int) -> datetime:
    """The first instant of a day."""
    return FIRST_DAY + timedelta(days=number)


@dataclass
class Grant:
    """A grant or transfer, and everything recorded about it: (known from, kind, data)."""

    id: str
    item: str
    town: str
    exclusive: bool
    record: list[tuple[datetime, str, dict[str, Any]]] = field(default_factory=list)

    def known(self, kind: str, known_at: datetime | None = None) -> dict[str, Any] | None:
        """The latest fact of that kind, as known then; None: as known now."""
        found = [
            data for since, name, data in self.record
            if name == kind and (known_at is None or since <= known_at)
        ]
        return found[-1] if found else None

    def interval(self, known_at: datetime | None = None) -> tuple[datetime, datetime | None] | None:
        """From when (inclusive) to when (exclusive) it was known to hold (R065, R222)."""
        opened = self.known("ItemDelegated", known_at) or self.known("PowerTransferred", known_at)
        if opened is None:
            return None
        corrected = self.known("GrantCorrected", known_at)
        recalled = self.known("ItemRecalled", known_at)
        begins = opened.get("effective_from") or opened["transfer_at"]
        return (
            datetime.fromisoformat(corrected["new"]) if corrected else begins,
            recalled["effective_from"] if recalled else None,
        )

    def in_force(self, at: datetime, known_at: datetime | None = None) -> bool:
        found = self.interval(known_at)
        return found is not None and found[0] <= at and (found[1] is None or at < found[1])


class Oracle:
    """The history as the rules tell it, and the facts that tell it to the projection."""

    def __init__(self) -> None:
        self.grants: list[Grant] = []
        self.facts: list[Fact] = []
        self.now = instant(0)

    # What is told.

    def tell(self, grant: Grant, kind: str, data: dict[str, Any]) -> None:
        """Record one fact; a clock behind does not make it known before the facts before it."""
        envelope = seal(
            source="delegation", type_=f"delegation.{kind}", stream=UUID(grant.id),
            version=len(grant.record) + 1, index=0, data=data, programme="MD2023",
            jurisdiction="371702", recorded_at=self.now, given=Given(
                command=uuid4(), actor={"org": "o", "role": "officer", "operator": "op-1"},
                at=self.now, instrument=INSTRUMENT,
            ),
        )
        self.facts.append(open_fact(envelope, len(self.facts), None))
        since = max(self.now, grant.record[-1][0]) if grant.record else self.now
        grant.record.append((since, kind, data))

    def delegate(self, item: str, town: str, day: int, which: int) -> None:
        """The next grant of the item to the town, once the one before has been recalled."""
        before = [g for g in self.grants if (g.item, g.town) == (item, town)]
        if before and before[-1].known("ItemRecalled") is None:
            return
        programme, mode = MODES[which % len(MODES)]
        holders = {
            "town": town, "town_department": f"{town}-DEPT", "town_centre": f"{town}-CENTRE",
            "town_window": f"{town}-CENTRE", "district_department": ITEMS[item],
        }
        grant = self._new(item, town, exclusive=False)
        self.tell(grant, "ItemDelegated", {
            "grant_id": grant.id, "programme_id": programme, "town_id": town, "item_id": item,
            "scope": [], "mode": mode, "decided_by_org_id": ITEMS[item],
            "power_owner_org_id": ITEMS[item], "act_supervisor_org_id": ITEMS[item],
            "agreement_id": None, "claim_id": None, "predecessor_grant_id": None,
            "facets": facets(programme, mode, "town", holders), "exclusive": False,
            "effective_from": instant(day), "transition_until": None,
        })

    def transfer(self, item: str, town: str, day: int, which: int) -> None:
        """The whole power to the bureau of a unit; once per item and unit."""
        unit = UNITS[TOWNS.index(town)]
        if any((g.item, g.town) == (item, unit) for g in self.grants):
            return
        holders = {"bureau": f"{unit}-BUREAU", "former_department": ITEMS[item]}
        grant = self._new(item, unit, exclusive=True)
        self.tell(grant, "PowerTransferred", {
            "transfer_id": grant.id, "unit_id": unit, "item_id": item, "from_org_id": ITEMS[item],
            "to_org_id": holders["bureau"], "agreement_id": "a", "transfer_at": instant(day),
            "exclusive": True, "facets": facets("GZ2020", "transfer", "bureau", holders),
        })

    def recall(self, item: str, town: str, day: int, which: int) -> None:
        """The end of an open grant, not before its beginning."""
        if grant := self._open(item, town):
            begins = grant.interval()[0]
            self.tell(grant, "ItemRecalled", {
                "recall_id": str(uuid4()), "grant_id": grant.id, "item_id": item, "town_id": town,
                "ground": "poor_effect", "evidence_refs": ["e"], "decided_by_org_id": "o",
                "decided_on": day_of(begins), "effective_from": max(begins, instant(day)),
                "returns_to_org_id": ITEMS[item], "in_flight_policy": None,
            })

    def correct(self, item: str, town: str, day: int, which: int) -> None:
        """Another first day, before the end if there is one; of an ended grant too."""
        grants = [g for g in self.grants if (g.item, g.town) == (item, town)]
        if not grants:
            return
        grant = grants[which % len(grants)]
        begins, ends = grant.interval()
        if instant(day) != begins and (ends is None or instant(day) < ends):
            self.tell(grant, "GrantCorrected", {
                "grant_id": grant.id, "field": "effective_from", "old": begins.isoformat(),
                "new": instant(day).isoformat(), "reason": "r",
            })

    def start(self, item: str, town: str, day: int, which: int) -> None:
        """The town begins to work."""
        grant = self._open(item, town)
        if grant and grant.known("ItemImplementationStarted") is None:
            self.tell(grant, "ItemImplementationStarted", {
                "grant_id": grant.id, "item_id": item, "town_id": town, "started_at": instant(day),
            })

    def _new(self, item: str, town: str, *, exclusive: bool) -> Grant:
        name = str(uuid5(UUID(int=0), f"{item}/{town}/{len(self.grants)}"))
        self.grants.append(Grant(name, item, town, exclusive))
        return self.grants[-1]

    def _open(self, item: str, town: str) -> Grant | None:
        return next(
            (
                grant for grant in self.grants if (grant.item, grant.town) == (item, town)
                and grant.known("ItemRecalled") is None
            ),
            None,
        )

    # What must be answered.

    def holders(
        self, item: str, town: str | None, facet: str, at: datetime, known_at: datetime
    ) -> set[tuple[Any, ...]]:
        """R065: by grants in force; R064: and by the department, unless the power moved wholly."""
        force = [
            grant for grant in self.grants
            if (grant.item, grant.town) == (item, town) and grant.in_force(at, known_at)
        ]
        found = {
            (row["org_id"], row["capacity"], row["cross_town"], grant.id, *grant.interval(known_at))
            for grant in force for row in grant.record[0][2]["facets"] if row["facet"] == facet
        }
        concurrent = not any(grant.exclusive for grant in force)
        own = {(ITEMS[item], "own", "any", None, None, None)}
        return found | own if concurrent and known_at >= instant(0) else found

    def grants_in_force(self, item: str, town: str, at: datetime) -> dict[str, tuple[Any, ...]]:
        """As now known: the start and the end of each, and how many rows it has."""
        return {
            grant.id: (
                (grant.known("ItemImplementationStarted") or {}).get("started_at"),
                grant.interval()[1], len(grant.record[0][2]["facets"]),
            )
            for grant in self.grants
            if (grant.item, grant.town) == (item, town) and grant.in_force(at)
        }


def facets(
    programme: str, mode: str, filed_at: str, holders: dict[str, str]
) -> list[dict[str, Any]]:
    """The notice's rows for a mode, with organs for roles."""
    return [
        {
            "facet": row["facet"], "org_id": holders.get(row["holder"], row["holder"]),
            "capacity": row["capacity"] or "", "filed_at": filed_at,
            "cross_town": row["cross_town"],
        }
        for row in notice(programme).content["facets"]
        if (row["mode"], row["filed_at"]) == (mode, filed_at)
    ]


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
    """The empty tables, two items in the register; afterwards everything is as it was."""
    held = database.connect()
    try:
        with held.cursor() as at:
            for table in ("holding", "started", "item"):
                at.execute(f"DELETE FROM {table}")
            for seq, (item, department) in enumerate(ITEMS.items()):
                at.execute(
                    "INSERT INTO item (item_id, programme_id, seq, name, power_type,"
                    " granting_org_id, position, recorded_at, catalogue_id)"
                    " VALUES (%s, 'MD2023', %s, 'n', 't', %s, %s, %s, 'c')",
                    (item, seq, department, seq, instant(0)),
                )
            yield at
    finally:
        held.rollback()
        held.close()


# A clock that goes back now and then; days that are close, so that intervals meet.
HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(
            ("delegate", "delegate", "transfer", "recall", "recall", "correct", "start")
        ),
        st.sampled_from(tuple(ITEMS)), st.sampled_from(TOWNS), st.integers(-3, 9),
        st.integers(0, 5), st.sampled_from((0, 0, 1, 1, 1, 2, -1)),
    ),
    min_size=8, max_size=24,
)


def told(history: list[tuple[Any, ...]]) -> Oracle:
    oracle = Oracle()
    for door, item, town, day, which, passes in history:
        oracle.now = max(instant(0), oracle.now + timedelta(days=passes))
        getattr(oracle, door)(item, town, day, which)
    return oracle


def when(chance: Random) -> datetime:
    """A day's first instant, or the last one before it."""
    return instant(chance.randint(-4, 14)) - chance.choice(
        (timedelta(), timedelta(), timedelta(microseconds=1))
    )


@pytest.mark.rule("R064")
@pytest.mark.rule("R065")
@pytest.mark.rule("R222")
@settings(
    max_examples=EXAMPLES, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=HISTORIES, seed=st.integers(0, 2**32))
def test_who_held_what_when_is_as_the_rules_say(delegation, history, seed):
    oracle, chance = told(history), Random(seed)
    with emptied(delegation) as at:
        for fact in oracle.facts:
            holdings.apply(at, fact)
        questions = Holdings(Within(at))
        for _ in range(QUESTIONS):
            item, facet = chance.choice(tuple(ITEMS)), chance.choice(ASKED)
            town = chance.choice((*TOWNS, *TOWNS, *UNITS, None))
            then, known_at = when(chance), when(chance)

            rows = questions.holders(item=item, town=town, facet=facet, at=then, known_at=known_at)

            answer = [
                (row["org_id"], row["capacity"], row["cross_town"], row["grant_id"],
                 row["effective_from"], row["effective_to"])
                for row in rows
            ]
            assert len(answer) == len(set(answer))
            assert set(answer) == oracle.holders(item, town, facet, then, known_at)


@settings(
    max_examples=EXAMPLES, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=HISTORIES)
def test_the_grants_in_force_are_those_now_known(delegation, history):
    oracle = told(history)
    with emptied(delegation) as at:
        for fact in oracle.facts:
            holdings.apply(at, fact)
        questions = Holdings(Within(at))
        for item in ITEMS:
            for town in (*TOWNS, *UNITS):
                for day in (-4, -1, 0, 3, 6, 20):
                    rows = questions.grants(item=item, town=town, at=instant(day))

                    assert {
                        row["grant_id"]: (
                            row["started_at"], row["effective_to"], len(row["facets"])
                        )
                        for row in rows
                    } == oracle.grants_in_force(item, town, instant(day))


# Two exclusive holders of one facet.


def moved(oracle: Oracle, unit: str, day: int, name: str) -> None:
    """A second transfer, past the check that there is only one."""
    oracle.transfer("ITEM-1", TOWNS[UNITS.index(unit)], day, 0)
    oracle.grants[-1].town = name


@pytest.mark.rule("R064")
@pytest.mark.parametrize("second_day", [-3, 0, 2])
def test_two_exclusive_holders_of_one_facet_at_one_instant_are_refused(delegation, second_day):
    oracle = Oracle()
    moved(oracle, "UNIT-1", 0, "first")
    moved(oracle, "UNIT-1", second_day, "second")

    with emptied(delegation) as at:
        holdings.apply(at, oracle.facts[0])

        with pytest.raises(psycopg2.errors.ExclusionViolation):
            holdings.apply(at, oracle.facts[1])


@pytest.mark.rule("R065")
def test_an_exclusive_holder_may_begin_at_the_instant_at_which_another_ends(delegation):
    oracle = Oracle()
    moved(oracle, "UNIT-1", 0, "TOWN-1")
    oracle.recall("ITEM-1", "TOWN-1", 5, 0)
    moved(oracle, "UNIT-1", 5, "second")

    with emptied(delegation) as at:
        for fact in oracle.facts:
            holdings.apply(at, fact)
        rows = Holdings(Within(at)).holders(
            item="ITEM-1", town="UNIT-1", facet="decide", at=instant(5), known_at=instant(9)
        )

    assert [(row["org_id"], row["effective_from"]) for row in rows] == [
        ("UNIT-1-BUREAU", instant(5))
    ]


def test_two_units_may_each_have_an_exclusive_holder(delegation):
    oracle = Oracle()
    oracle.transfer("ITEM-1", "TOWN-1", 0, 0)
    oracle.transfer("ITEM-1", "TOWN-2", 0, 0)

    with emptied(delegation) as at:
        for fact in oracle.facts:
            holdings.apply(at, fact)
        at.execute("SELECT count(DISTINCT town_id) FROM holding WHERE exclusive")

        assert at.fetchone() == (2,)
