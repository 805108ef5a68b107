"""Random histories of grants, and who held what by the words of the rules: no SQL in it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID, uuid4, uuid5

from hypothesis import strategies as st

from shared.clock import day_of
from shared.contracts.delegation_fields import FACETS
from shared.contracts.envelope import Fact, Given, open_fact, seal
from tests.notice import notice

# Item: granting department, supervising department, whether it is granted exclusively.
ITEMS = {
    "ITEM-1": ("DEPT-1", "SUPERVISOR", False), "ITEM-2": ("DEPT-2", None, False),
    "ITEM-3": ("DEPT-2", "DEPT-1", True),
}
TOWNS, UNITS = ("TOWN-1", "TOWN-2"), ("UNIT-1", "UNIT-2")
PLACES = (*TOWNS, *UNITS, None)
MODES = (
    ("MD2023", "entrusted_handling"), ("MD2023", "entrusted_acceptance"), ("ST2021", "direct"),
)
OWN = tuple(facet for facet in FACETS if facet != "trade_supervision")
ENDS, STARTED = ("ItemRecalled", "GrantModeChanged"), "ItemImplementationStarted"
FIRST_DAY = datetime.fromisoformat("2023-07-01T00:00:00+08:00")
INSTRUMENT = {"kind": "decision", "ref": "令", "dated": "2023-06-20", "sha256": None}


def instant(number: int) -> datetime:
    """The first instant of a day."""
    return FIRST_DAY + timedelta(days=number)


class Told(NamedTuple):
    """A fact about a grant, and since when it is known."""

    since: datetime
    kind: str
    data: dict[str, Any]
    position: int


class Interval(NamedTuple):
    """From when (inclusive) to when (exclusive) a grant held over one scope."""

    begins: datetime
    ends: datetime | None
    scope: tuple[str, ...]
    opened_by: int
    closed_by: int | None


class Holding(NamedTuple):
    """One row of an answer; without a town it is the department's own power."""

    item: str
    town: str | None
    facet: str
    org: str
    capacity: str
    cross_town: str
    grant: str | None = None
    interval: Interval | None = None


@dataclass
class Grant:
    """A grant or transfer, and everything recorded about it."""

    id: str
    item: str
    town: str
    exclusive: bool
    record: list[Told] = field(default_factory=list)

    def known(self, *kinds: str, at: datetime | None = None) -> list[Told]:
        """The facts of these kinds, as known then; None: as known now."""
        return [
            told for told in self.record
            if told.kind in kinds and (at is None or told.since <= at)
        ]

    def begins(self, known_at: datetime | None = None) -> datetime:
        """The first instant: the corrected one, if there is a correction (R222)."""
        if corrections := self.known("GrantCorrected", at=known_at):
            return datetime.fromisoformat(corrections[-1].data["new"])
        opened = self.record[0].data
        return opened.get("effective_from") or opened["transfer_at"]

    def ended(self) -> bool:
        return bool(self.known(*ENDS))

    def interval(self, at: datetime, known_at: datetime | None = None) -> Interval | None:
        """That to which the instant *at* belongs (R065, R183)."""
        if known_at is not None and self.record[0].since > known_at:
            return None
        begins, opened = self.begins(known_at), self.record[0]
        scope = tuple(opened.data.get("scope", ()))
        changes = self.known("GrantScopeChanged", at=known_at)
        later = [told for told in changes if told.data["effective_from"] > at]
        ends = later + self.known(*ENDS, at=known_at)
        closed = min(ends, key=lambda told: told.data["effective_from"], default=None)
        for told in changes:
            if told.data["effective_from"] <= at:
                opened, scope = told, tuple(told.data["scope_after"])
                begins = max(begins, told.data["effective_from"])
        until = closed and closed.data["effective_from"]
        if at < begins or (until is not None and at >= until):
            return None
        return Interval(begins, until, scope, opened.position, closed and closed.position)

    def first_change(self) -> datetime | None:
        changes = self.known("GrantScopeChanged")
        return changes[0].data["effective_from"] if changes else None


class History:
    """What was done, as facts for the projection; and who held what by it."""

    def __init__(self) -> None:
        self.grants: list[Grant] = []
        self.facts: list[Fact] = []
        self.now = instant(0)

    # What is told.

    def tell(self, grant: Grant, kind: str, data: dict[str, Any]) -> None:
        """Record one fact; a clock behind does not make it known before what it builds upon.

        That the town has begun to work says nothing of who holds what: nothing builds upon it.
        """
        envelope = seal(
            source="delegation", type_=f"delegation.{kind}", stream=UUID(grant.id),
            version=len(grant.record) + 1, index=0, data=data, programme="MD2023",
            jurisdiction="371702", recorded_at=self.now, given=Given(
                command=uuid4(), actor={"org": "o", "role": "officer", "operator": "op-1"},
                at=self.now, instrument=INSTRUMENT,
            ),
        )
        position = len(self.facts)
        self.facts.append(open_fact(envelope, position, None))
        before = [told.since for told in grant.record if told.kind != STARTED]
        since = max([self.now, *before[-1:]])
        grant.record.append(Told(since, kind, data, position))

    def delegate(self, item: str, town: str, day: int, which: int) -> None:
        """The next grant of the item to the town, once the one before has ended; or its first."""
        before = [g for g in self.grants if (g.item, g.town) == (item, town)]
        owner, _, exclusive = ITEMS[item]
        if before and (exclusive or not before[-1].ended()):
            return
        programme, mode = MODES[which % len(MODES)]
        holders = {
            "town": town, "town_department": f"{town}-DEPT", "town_centre": f"{town}-CENTRE",
            "town_window": f"{town}-CENTRE", "district_department": owner,
        }
        grant = self._new(item, town, exclusive=exclusive)
        self.tell(grant, "ItemDelegated", {
            "grant_id": grant.id, "programme_id": programme, "town_id": town, "item_id": item,
            "scope": [], "mode": mode, "decided_by_org_id": owner, "power_owner_org_id": owner,
            "act_supervisor_org_id": owner, "agreement_id": None, "claim_id": None,
            "predecessor_grant_id": None, "exclusive": exclusive,
            "facets": facets(programme, mode, "town", holders), "effective_from": instant(day),
            "transition_until": None,
        })

    def transfer(self, item: str, town: str, day: int, which: int) -> None:
        """The whole power to the bureau of a unit; once per item and unit."""
        unit = UNITS[TOWNS.index(town)]
        if any((g.item, g.town) == (item, unit) for g in self.grants):
            return
        owner = ITEMS[item][0]
        holders = {"bureau": f"{unit}-BUREAU", "former_department": owner}
        grant = self._new(item, unit, exclusive=True)
        self.tell(grant, "PowerTransferred", {
            "transfer_id": grant.id, "unit_id": unit, "item_id": item, "from_org_id": owner,
            "to_org_id": holders["bureau"], "agreement_id": "a", "transfer_at": instant(day),
            "exclusive": True, "facets": facets("GZ2020", "transfer", "bureau", holders),
        })

    def recall(self, item: str, town: str, day: int, which: int) -> None:
        """The end of an open grant, not before its beginning."""
        if grant := self._open(item, town):
            ends = max(grant.begins(), instant(day))
            self.tell(grant, "ItemRecalled", {
                "recall_id": str(uuid4()), "grant_id": grant.id, "item_id": item, "town_id": town,
                "ground": "poor_effect", "evidence_refs": ["e"], "decided_by_org_id": "o",
                "decided_on": day_of(ends), "effective_from": ends,
                "returns_to_org_id": ITEMS[item][0], "in_flight_policy": None,
            })

    def change_mode(self, item: str, town: str, day: int, which: int) -> None:
        """The end of an open grant where its successor begins."""
        grant = self._open(item, town)
        if grant and not ITEMS[item][2]:
            begins = max(grant.begins(), instant(day))
            self.tell(grant, "GrantModeChanged", {
                "grant_id": grant.id, "item_id": item, "town_id": town,
                "successor_grant_id": str(uuid4()), "from_mode": "direct", "to_mode": "direct",
                "effective_from": begins, "decided_by_org_id": "o", "agreement_id": None,
                "transition_until": None, "in_flight_policy": None,
            })
            self.delegate(item, town, (begins - FIRST_DAY).days, which)

    def change_scope(self, item: str, town: str, day: int, which: int) -> None:
        """Other sub-items from a day on, not before the last change."""
        if grant := self._open(item, town):
            changes = grant.known("GrantScopeChanged")
            last = changes[-1].data["effective_from"] if changes else grant.begins()
            self.tell(grant, "GrantScopeChanged", {
                "grant_id": grant.id, "item_id": item, "town_id": town, "scope_before": [],
                "scope_after": [f"sub-item {which}"] if which else [],
                "effective_from": max(last, instant(day)), "in_flight_policy": None,
            })

    def correct(self, item: str, town: str, day: int, which: int) -> None:
        """Another first day, before the end if there is one; of an ended grant too."""
        grants = [g for g in self.grants if (g.item, g.town) == (item, town)]
        if not grants:
            return
        grant = grants[which % len(grants)]
        begins, ends = grant.begins(), grant.known(*ENDS, "GrantScopeChanged")
        if instant(day) != begins and all(
            instant(day) < told.data["effective_from"] for told in ends[-1:]
        ) and all(begins < told.data["effective_from"] for told in grant.known(*ENDS)):
            self.tell(grant, "GrantCorrected", {
                "grant_id": grant.id, "field": "effective_from", "old": begins.isoformat(),
                "new": instant(day).isoformat(), "reason": "r",
            })

    def start(self, item: str, town: str, day: int, which: int) -> None:
        """The town begins to work."""
        grant = self._open(item, town)
        if grant and not grant.known(STARTED):
            self.tell(grant, STARTED, {
                "grant_id": grant.id, "item_id": item, "town_id": town, "started_at": instant(day),
            })

    def _new(self, item: str, town: str, *, exclusive: bool) -> Grant:
        name = str(uuid5(UUID(int=0), f"{item}/{town}/{len(self.grants)}"))
        self.grants.append(Grant(name, item, town, exclusive))
        return self.grants[-1]

    def _open(self, item: str, town: str) -> Grant | None:
        return next(
            (g for g in self.grants if (g.item, g.town) == (item, town) and not g.ended()), None
        )

    # What must be answered.

    def in_force(
        self, item: str, at: datetime, known_at: datetime | None = None
    ) -> list[tuple[Grant, Interval]]:
        """The grants and transfers of an item to which the instant belongs."""
        return [
            (grant, interval) for grant in self.grants if grant.item == item
            and (interval := grant.interval(at, known_at)) is not None
        ]

    def holders(
        self, item: str, town: str | None, facet: str, at: datetime, known_at: datetime
    ) -> set[Holding]:
        """By grants in force (R065); and by the department, which keeps a concurrent right.

        Unless the power was granted exclusively to this town, or moved wholly: then the unit's
        bureau has it, here and everywhere (R064, R067).
        """
        force = self.in_force(item, at, known_at)
        moved = {grant.town for grant, _ in force if grant.town in UNITS}
        places = {town} if town in moved else {town, *moved}
        found = {
            Holding(item, grant.town, facet, row["org_id"], row["capacity"], row["cross_town"],
                    grant.id, interval)
            for grant, interval in force if grant.town in places
            for row in grant.record[0].data["facets"] if row["facet"] == facet
        }
        if moved or any(grant.exclusive and grant.town == town for grant, _ in force):
            return found
        return found | self._own(item, facet, known_at)

    def _own(self, item: str, facet: str, known_at: datetime) -> set[Holding]:
        """R060: the granting department has the bundle, the supervising one supervises."""
        owner, supervisor, _ = ITEMS[item]
        org = owner if facet in OWN else supervisor
        known = org is not None and known_at >= instant(0)
        return {Holding(item, None, facet, str(org), "own", "any")} if known else set()

    def held_by(self, org: str, at: datetime, known_at: datetime) -> set[Holding]:
        """Everything: by grant or transfer, and of its own, unless that moved wholly."""
        found: set[Holding] = set()
        for item in ITEMS:
            force = self.in_force(item, at, known_at)
            for town in PLACES:
                here = {grant.town for grant, _ in force} & {town}
                for facet in FACETS:
                    found |= {
                        holding for holding in self.holders(item, town, facet, at, known_at)
                        if holding.org == org and (holding.town is None or holding.town in here)
                    }
        return found


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


def _steps(
    doors: tuple[str, ...], items: tuple[str, ...], towns: tuple[str, ...], passes: tuple[int, ...]
) -> Any:
    """What is done on which day, and how many days pass; near ones, so that intervals meet."""
    return st.tuples(
        st.sampled_from(doors), st.sampled_from(items), st.sampled_from(towns),
        st.integers(-3, 9), st.integers(0, 5), st.sampled_from(passes),
    )


# Many powers, or much about one; the clock goes back now and then.
WIDE = st.lists(
    _steps(
        ("delegate", "delegate", "delegate", "transfer", "recall", "recall", "correct",
         "change_scope", "change_mode", "start"), tuple(ITEMS), TOWNS, (0, 0, 1, 1, 1, 2, -1),
    ),
    min_size=8, max_size=30,
)
DEEP = st.lists(
    _steps(
        ("change_scope", "change_scope", "correct", "correct", "recall"), ("ITEM-1",), ("TOWN-1",),
        (0, 1, 2, 3, -1, -2),
    ),
    min_size=3, max_size=9,
).map(lambda steps: [("delegate", "ITEM-1", "TOWN-1", 0, 0, 0), *steps])
CLOCK_BEHIND = [  # a recall, by a clock behind that which told the beginning of the work
    (door, "ITEM-1", "TOWN-2", 0, 0, passes) for door, passes in (
        ("delegate", 2), ("start", 1), ("recall", -1),
    )
]
TAKEN_BACK = [  # a first day that was moved past a change of scope, and moved back
    (door, "ITEM-1", "TOWN-1", day, which, 0) for door, day, which in (
        ("delegate", 0, 0), ("change_scope", 3, 1), ("change_scope", 6, 2), ("correct", 4, 0),
        ("correct", 1, 0),
    )
]


def told(steps: list[tuple[Any, ...]]) -> History:
    """The history of random steps; those that cannot be are left out."""
    history = History()
    for door, item, town, day, which, passes in steps:
        history.now = max(instant(0), history.now + timedelta(days=passes))
        getattr(history, door)(item, town, day, which)
    return history


def when(chance: Random) -> datetime:
    """A day's first instant, or the last one before it."""
    return instant(chance.randint(-4, 14)) - chance.choice(
        (timedelta(), timedelta(), timedelta(microseconds=1))
    )
