"""Scenario 16: grants, recalls, corrections and cases race on one power, held exclusively."""

import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

from services.catalog.domain.folder import load
from services.catalog.domain.steps import steps
from services.delegation.domain.grant import Grant
from shared.clock import start_of
from shared.contracts.envelope import Fact, open_fact
from shared.database import Database
from shared.log.store import Log
from tests.faults.client import Sent
from tests.faults.county import County
from tests.faults.holders import Replay
from tests.faults.scenario import Seen, recovered, scenario
from tests.sixth import MODE, P, folder

SECONDS = 30.0
WIDE = 4  # powers at once, each with up to twelve commands on their way
POWERS = 40  # of one race; each is raced on again and again, a day later
SPREAD = 0.03  # seconds within which the commands of a burst are sent
CORRECTED, RECALLED, FORWARDED = 0.3, 0.5, 0.5  # share of the bursts with such commands
TOWNS = (f"{P}-TOWN-01", f"{P}-TOWN-02")
DEPARTMENT = f"{P}-ORG-02"
FIRST = date(2026, 2, 1)
FACETS = ("accept", "decide", "seal")
# What the law answers to those who come too late, too early, or second.
MAY = frozenset({
    "delegation.already-granted", "delegation.wrong-state", "delegation.unknown-grant",
    "delegation.wrong-date-order", "delegation.nothing-to-do", "delegation.retroactive-recall",
    "delegation.effective-not-reached", "cases.no-grant-in-force", "cases.not-started",
    "cases.not-in-this-state", "cases.authority-lapsed",
})
LIVE = (
    "SELECT DISTINCT grant_id::text, effective_from, effective_to FROM readmodel.holding"
    " WHERE exclusive AND superseded_by IS NULL"
)


@scenario(
    "16", "power_raced",
    "grants, recalls, re-grants, corrections and cases sent at once, up to 48 on their way, on"
    " powers that only one may hold in a town",
    "never two exclusive holders at any instant of replay; every act under a grant in force",
    aim=None,
)
def power_raced(county: County) -> Seen:
    return raced(county, SECONDS)


def raced(county: County, seconds: float, least: int = 0) -> Seen:
    """Race for so long, and for so many interleavings at least; then replay the logs."""
    items, until = prepared(county), time.monotonic() + seconds
    return raced_while(
        county, items, lambda rounds: time.monotonic() < until or rounds < least
    )


def raced_while(county: County, items: list[str], on: Callable[[int], bool]) -> Seen:
    """Race as long as *on* says, which is told the interleavings so far; then replay the logs."""
    caller, race = county.caller, Race(county, items)
    race.run(on)
    caller.rest()
    county.settled()
    replay = Replay.of(facts_of(county, "delegation"))
    assert not replay.doubled, replay.doubled[:5]
    wrong, overtaken = replay.unfounded(facts_of(county, "cases"))
    assert not wrong, wrong[:5]
    kept = replay.kept(facts_of(county, "cases"))
    assert not kept, f"the grant has ended, and these cases are still in the town: {kept[:5]}"
    told = {
        (grant, *held.intervals[-1][1:]) for grant, held in replay.grants.items()
    }
    for name in ("delegation", "cases"):
        if name in county.names:
            assert set(county.rows(name, LIVE)) == told, f"{name} shows other intervals"
    assert race.done["delegate"] > race.rounds / 4, race.done
    assert race.done["recall"] > race.rounds / 8, race.done
    caller.go_on()
    seen = recovered(county)
    seen.notes.append(race.note() + (
        f"; {overtaken} acts overtaken by a recall told later" if "cases" in county.names
        else "; without cases"
    ))
    return seen


def facts_of(county: County, service: str) -> Iterator[Fact]:
    """A log from its beginning to its end."""
    database = Database(county.admin.dsn(service), size=1, search_path="log")
    try:
        log, first = Log(database), 0
        while entries := log.entries(first, 1000):
            yield from (open_fact(e.envelope, e.position, e.previous) for e in entries)
            first = entries[-1].position + 1
    finally:
        database.close()


def prepared(county: County) -> list[str]:
    """New items, each a power of its own, in a county whose one mode is exclusive."""
    county.caller.rest()
    with tempfile.TemporaryDirectory() as place:
        content = load(folder(Path(place)))
    (mode,) = content["modes"]
    mode["exclusive"] = True
    content["facets"] = [row for row in content["facets"] if row["facet"] in FACETS]
    ((listed,),) = county.rows(
        "catalog", "SELECT count(*) FROM readmodel.item WHERE programme_id = %s", (P,)
    )
    content["items"] = [
        content["items"][0] | {"item_id": f"YL26-{number}", "seq": number, "name": f"事项{number}"}
        for number in range(listed + 1, listed + 1 + POWERS)
    ]
    for step in steps(content):
        if step.door == "list_item" or not listed:
            county.caller.call(step.door, {"programme": P} | step.request)
    county.settled()
    return [row["item_id"] for row in content["items"]]


@dataclass
class Power:
    """An item in two towns, day by day; what was granted so far as the caller knows."""

    item: str
    day: date = FIRST
    grants: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOWNS, 0))
    cases: list[UUID] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)


class Race:
    """Sends what belongs to some powers at once, in random order and at random moments.

    One interleaving is one power's burst: all its commands are on their way before the first of
    them need be answered, and the next burst of the power waits for all of them.
    """

    def __init__(self, county: County, items: list[str]) -> None:
        self.chance = Random(county.chance.random())
        self.caller, self.with_cases = county.caller, "cases" in county.names
        self.waiting = deque(Power(item) for item in items)
        self.rounds = 0
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def run(self, on: Callable[[int], bool]) -> None:
        """Race as long as *on* says of the interleavings so far."""
        counted = time.monotonic()
        racing = [self.waiting.popleft() for _ in range(WIDE)]
        due: list[tuple[float, int, Sent]] = []
        for power in racing:
            self._burst(power, due)
        while racing:
            now = time.monotonic()
            while due and due[0][0] <= now:
                self.caller.also(heappop(due)[2])
            for power in list(racing):
                if any(one.answer is None for one in power.sent):
                    continue
                counted = now
                self._count(power)
                racing.remove(power)
                if on(self.rounds):
                    self.waiting.append(power)
                    racing.append(self.waiting.popleft())
                    self._burst(racing[-1], due)
            assert now < counted + 120, "commands of the race are not answered"
            time.sleep(0.002)

    def note(self) -> str:
        """What came of it."""
        done = ", ".join(f"{door} {count}" for door, count in sorted(self.done.items()))
        codes = ", ".join(f"{code} {count}" for code, count in sorted(self.refused.items()))
        return f"{self.rounds:,} interleavings: {done}; refused {codes}"

    def _count(self, power: Power) -> None:
        self.rounds += 1
        for one in power.sent:
            if one.refused is not None:
                self.refused[one.refused] += 1
                continue
            self.done[one.door] += 1
            if one.door == "delegate":
                power.grants[one.request["town"]] += 1
        power.day += timedelta(days=1)

    def _burst(self, power: Power, due: list[tuple[float, int, Sent]]) -> None:
        power.sent = list(self._commands(power))
        for one in power.sent:
            heappush(due, (time.monotonic() + self.chance.random() * SPREAD, one.id.int, one))

    def _commands(self, power: Power) -> Iterator[Sent]:
        """Grants and ends of one power, for the day, with cases under it."""
        for town in (TOWNS[0], TOWNS[0], self.chance.choice(TOWNS)):
            yield self._sent(power, "delegate", {
                "town": town, "item": power.item, "mode": MODE, "effective_from": self._near(power),
            })
        last, next_ = (
            str(Grant.create_id(P, TOWNS[0], power.item, max(0, power.grants[TOWNS[0]] + more)))
            for more in (-1, 0)
        )
        other = str(Grant.create_id(P, TOWNS[1], power.item, max(0, power.grants[TOWNS[1]] - 1)))
        ended = (last, self.chance.choice((last, next_)), other)
        for grant in ended if self.chance.random() < RECALLED else ():
            ends = self._near(power, 0)
            yield self._sent(power, "recall", {
                "grant": grant, "ground": "runs_badly", "evidence_refs": ["E-1"],
                "decided_on": power.day.isoformat(), "effective_from": ends,
            })
        grant = self.chance.choice((last, next_))
        yield self._sent(power, "start_implementation", {"grant": grant})
        if self.chance.random() < CORRECTED:
            yield self._sent(power, "correct_grant", {
                "grant": grant, "effective_from": self._near(power), "reason": "误记",
            })
        if self.with_cases:
            yield from self._of_cases(power)

    def _of_cases(self, power: Power) -> Iterator[Sent]:
        centre = f"{TOWNS[0]}-CENTRE"
        for case in power.cases[-1:]:
            yield self._sent(power, "accept", {"case": str(case)}, "cases", centre)
        for case in power.cases[-3:] if self.chance.random() < FORWARDED else ():
            yield self._sent(
                power, "forward", {"case": str(case), "to": DEPARTMENT}, "cases", centre
            )
        power.cases.append(uuid4())
        yield self._sent(power, "submit", {
            "case": str(power.cases[-1]), "item": power.item, "applicant_ref": "ref-1",
            "applicant_key": f"a-{power.cases[-1]}", "subject_key": f"s-{power.cases[-1]}",
            "towns_concerned": [], "channel": "window", "chosen_org": centre,
        }, "cases", centre)

    def _near(self, power: Power, least: int = -1) -> str:
        return (power.day + timedelta(days=self.chance.randint(least, 1))).isoformat()

    def _sent(
        self, power: Power, door: str, request: dict[str, Any], service: str = "delegation",
        org: str = DEPARTMENT,
    ) -> Sent:
        at = start_of(power.day) + timedelta(seconds=self.chance.randint(1, 86_399))
        return Sent(
            uuid4(), door, {"programme": P} | request, time.monotonic(), service=service,
            patience=60.0, may=MAY, given={
                "at": at.isoformat(), "actor": {"org": org, "role": "officer", "operator": "op-1"},
                "instrument": {
                    "kind": "decision", "ref": "令", "dated": power.day.isoformat(), "sha256": None,
                },
            },
        )
