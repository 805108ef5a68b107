"""Scenario 9 on packets: a process whose link goes down, loses packets, or is slow and uneven."""

import time

from tests.faults.county import County
from tests.faults.scenario import Seen, recovered, scenario

DOWN, LONG, UNEVEN = 45.0, 150.0, 15.0  # seconds; a database is given up after 30, a broker 120
LOSS, DELAY, JITTER = 0.3, 0.2, 0.1
HEARTBEAT = 60.0
APART = ("delegation", "relay", "catalog")


def _down(county: County, seconds: float) -> Seen:
    name = county.chance.choice(APART)
    with county.apart(name) as wire:
        county.recovered(time.monotonic())
        wire.cut()
        county.fault(f"link down to {name}")
        time.sleep(seconds)
        wire.heal()
        seen = recovered(county)
    county.recovered(time.monotonic())
    seen.notes.append(f"{name} was cut off")
    return seen


@scenario(
    "9", "link_down", "a process in a network namespace of its own: every packet vanishes for"
    f" {DOWN:.0f} s, no RST",
    f"recovers below twice the heartbeat ({2 * HEARTBEAT:.0f} s), no hung worker",
    aim=2 * HEARTBEAT, needs=("network",),
)
def link_down(county: County) -> Seen:
    return _down(county, DOWN)


@scenario(
    "9", "link_down_long", f"the same for {LONG:.0f} s, longer than the broker waits",
    f"recovers below twice the heartbeat ({2 * HEARTBEAT:.0f} s), no hung worker",
    aim=2 * HEARTBEAT, needs=("network",), once=True,
)
def link_down_long(county: County) -> Seen:
    return _down(county, LONG)


@scenario(
    "9", "link_lossy", f"the same link loses {LOSS:.0%} of the packets, both ways, for"
    f" {UNEVEN:.0f} s",
    "slower, nothing else", aim=2 * HEARTBEAT, needs=("network",),
)
def link_lossy(county: County) -> Seen:
    name = county.chance.choice(APART)
    with county.apart(name) as wire:
        county.recovered(time.monotonic())
        wire.lose(LOSS)
        county.fault(f"{LOSS:.0%} loss to {name}")
        time.sleep(UNEVEN)
        wire.heal()
        seen = recovered(county)
        assert wire.lost, "no packet was lost"
    county.recovered(time.monotonic())
    return seen


@scenario(
    "9", "link_uneven", f"the same link is {DELAY * 1000:.0f} ms ± {JITTER * 1000:.0f} ms slow, so"
    f" that packets overtake each other, for {UNEVEN:.0f} s",
    "slower, nothing else", aim=2 * HEARTBEAT, needs=("network",),
)
def link_uneven(county: County) -> Seen:
    name = county.chance.choice(APART)
    with county.apart(name) as wire:
        county.recovered(time.monotonic())
        wire.delay(DELAY, JITTER)
        county.fault(f"slow and uneven link to {name}")
        time.sleep(UNEVEN)
        wire.heal()
        seen = recovered(county)
    county.recovered(time.monotonic())
    return seen
