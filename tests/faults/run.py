"""Runs scenarios against a county, checks after each, and keeps what was seen."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tests.faults import (
    away,
    contended,
    disks,
    messages,
    network,
    processes,
    races,
    starts,
    under_fire,
    upgrades,
    wire,
)
from tests.faults.county import County
from tests.faults.invariants import Found, Invariants
from tests.faults.scenario import SCENARIOS, Scenario

# They enter their scenarios into the table.
MODULES = (
    processes, away, network, disks, messages, contended, races, under_fire, starts,
    upgrades,
)
VOLUME = "6G"  # for half a million commands and, at the end, their replay


@dataclass
class Row:
    """What was seen of one scenario."""

    scenario: Scenario
    trials: int = 0
    recoveries: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass
class Result:
    """What a run has shown."""

    seed: int
    seconds: float = 0.0
    attempted: int = 0
    acknowledged: int = 0
    repeated: int = 0
    refused: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    found: Found = field(default_factory=Found)
    outage: float = 0.0
    rows: dict[str, Row] = field(default_factory=dict)
    postgresql: str = ""

    @property
    def recovered(self) -> int:
        return sum(len(row.recoveries) for row in self.rows.values())

    @property
    def late(self) -> int:
        return sum(len(row.late) for row in self.rows.values())

    def __bool__(self) -> bool:
        """Whether something was otherwise than expected, and be it only later."""
        return bool(self.found or self.late)


def attempt(county: County, one: Scenario, invariants: Invariants, result: Result) -> None:
    """Do a scenario once, and check what has to hold after it."""
    row = result.rows.setdefault(one.run.__name__, Row(one))
    row.trials += 1
    try:
        seen = one.run(county)
        row.recoveries += seen.recoveries
        row.notes += seen.notes
        late = one.late(seen)
        row.late += late
        row.failures += [f"took {took:.1f} s" for took in late]
        found = invariants.check()
    except (AssertionError, TimeoutError) as wrong:
        found = Found(unexpected=[f"{one.name}: {type(wrong).__name__}: {wrong}"])
        county.heal()
    row.failures += [*found.lost, *found.doubled, *found.unexpected]
    result.found.add(found)


def _at_the_end(invariants: Invariants) -> Found:
    try:
        return invariants.deep()
    except (AssertionError, TimeoutError) as wrong:  # the report is written all the same
        return Found(unexpected=[f"at the end: {type(wrong).__name__}: {wrong}"])


def take_stock(county: County, result: Result) -> Result:
    """Put the caller's history into figures."""
    history = county.caller.history
    sent = [one for one in history.sent.values() if one.times]
    acked = sorted(one.acked for one in sent if one.acked is not None)
    result.attempted, result.acknowledged = len(sent), len(history.acknowledged())
    result.repeated = sum(one.times > 1 for one in sent)
    result.refused = history.refused
    result.faults = dict(sorted(county.faults.items()))
    gaps = (later - earlier for earlier, later in pairwise(acked))
    result.outage = max(gaps, default=0.0)
    return result


def mountable() -> bool:
    """Whether this user may mount file systems here."""
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as place:
        if subprocess.run(["mount", "-t", "tmpfs", "none", place], check=False).returncode:
            return False
        subprocess.run(["umount", place], check=True)
    return True


def possible(names: Iterable[str], *, volumes: bool) -> Iterator[Scenario]:
    """The scenarios that these processes and this user allow."""
    able = {"volumes": volumes, "network": wire.allowed()}
    for one in SCENARIOS:
        if all(able.get(need, need in names) for need in one.needs):
            yield one


@contextmanager
def volume(folder: Path, name: str, *, own: bool) -> Iterator[Path]:
    """A folder for a server's data; with *own*, on a file system of its own."""
    place = folder / f"{name}-volume"
    place.mkdir()
    if not own:
        yield place / name
        return
    image = folder / f"{name}.img"
    subprocess.run(["truncate", "-s", VOLUME, image], check=True)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, place], check=True)
    try:
        yield place / name
    finally:
        subprocess.run(["umount", "-l", place], check=True)
        image.unlink()


def _line(seconds: float, county: County, row: Row) -> str:
    took = "".join(f" {one:.1f} s" for one in row.recoveries[-1:])
    return (
        f"{seconds:6.0f} s {len(county.caller.history.sent):>7} commands"
        f" {row.scenario.number:>3} {row.scenario.run.__name__}{took} {row.failures or ''}"
    )


def long_run(
    folder: Path, seed: int, minutes: float, rate: float, names: Sequence[str], chosen: set[str],
    tell: Callable[[str], None],
) -> Result:
    """Every scenario in seeded order, again and again until the time is over; then all is read."""
    result, began, own = Result(seed), time.monotonic(), mountable()
    with (
        volume(folder, "database", own=own) as database,
        volume(folder, "broker", own=own) as broker,
    ):
        county = County(folder, seed, names, database, broker, rate=rate)
        with county.running():
            ((result.postgresql,),) = county.rows("catalog", "SHOW server_version")
            table = [one for one in possible(names, volumes=own) if one.run.__name__ in chosen]
            invariants = Invariants(county)
            county.caller.go_on()
            done: set[str] = set()
            while time.monotonic() - began < minutes * 60:
                county.chance.shuffle(table)
                for one in table:
                    if time.monotonic() - began > minutes * 60:
                        break
                    if one.once and one.name in done:
                        continue
                    done.add(one.name)
                    attempt(county, one, invariants, result)
                    row = result.rows[one.run.__name__]
                    tell(_line(time.monotonic() - began, county, row))
            result.found.add(_at_the_end(invariants))
            county.caller.rest()  # the history stands still
            result.seconds = time.monotonic() - began
            take_stock(county, result)
    shutil.rmtree(folder / "broker", ignore_errors=True)
    return result
