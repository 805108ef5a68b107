"""Scenarios 1 to 4 and 11: processes die, or stand still, at the worst moment."""

import time
from itertools import pairwise

from tests.faults.county import County
from tests.faults.forked import Forked
from tests.faults.proxy import Moment
from tests.faults.scenario import Seen, recovered, scenario

TRAP = 30.0
STRIKES = 1_000


def strike(county: County, name: str, *patterns: bytes, moment: Moment) -> float:
    """kill −9 a process when it does this with its database; returns when."""
    trap = county.units[name].database.trap(
        *patterns, moment=moment, act=lambda: county.kill(name)
    )
    assert trap.sprung.wait(TRAP), f"{name} never came to {patterns}"
    return time.monotonic()


@scenario(
    "1", "service_killed", "kill −9 catalog when its commit is durable and its answer is not sent",
    "the retry with the same command id gets the answer, one effect",
)
def service_killed(county: County) -> Seen:
    return recovered(county, strike(county, "catalog", b"append", moment="answered"))


@scenario(
    "1", "service_killed_again",
    f"the same {STRIKES:,} times in a row, each time at the first commit after the last",
    "the retry with the same command id gets the answer, one effect", once=True,
)
def service_killed_again(county: County) -> Seen:
    return killed_again(county, STRIKES)


def killed_again(county: County, times: int) -> Seen:
    """Strike so many times in a row; a process that has its modules loaded starts in a moment."""
    ordinary = county.units["catalog"].processes
    county.replace("catalog", Forked(ordinary))
    began = time.monotonic()
    struck = [strike(county, "catalog", b"append", moment="answered") for _ in range(times)]
    seen = recovered(county, struck[-1])
    apart = max(after - before for before, after in pairwise(struck))
    seen.notes.append(
        f"{times:,} kills in {struck[-1] - began:.0f} s, the next commit {apart:.1f} s after one at"
        " most"
    )
    county.replace("catalog", ordinary)
    county.recovered(time.monotonic())
    return seen


@scenario(
    "2", "relay_killed", "kill −9 the active relay after the confirms, before its cursor moves",
    "published again by the stand-by, dropped by the consumers, no doubled effect",
)
def relay_killed(county: County) -> Seen:
    name, before = county.active_relay(), brought_again(county, "delegation")
    seen = recovered(county, strike(county, name, b"SET next_position", moment="before"))
    county.until(
        lambda: brought_again(county, "delegation") > before, "nothing was published again"
    )
    return seen


@scenario(
    "3", "consumer_killed", "kill −9 a consumer after its commit, before its acknowledgement",
    "delivered again, seen, dropped: no further effect",
)
def consumer_killed(county: County) -> Seen:
    name = county.chance.choice([one for one in county.consumers() if one != "catalog"])
    cursor = county.chance.choice((b"SET projected", b"SET reacted"))
    seen = recovered(county, strike(county, name, cursor, b"COMMIT", moment="answered"))
    county.until(lambda: brought_again(county, name) > 0, "nothing was delivered again")
    return seen


def brought_again(county: County, name: str) -> float:
    """How many facts the bus has brought to this process that its service had already."""
    return county.metric(name, "fuquan_facts_late_total")


@scenario(
    "4", "sequencer_killed", "kill −9 the sequencer while it numbers a batch; a second stands by",
    "positions dense, one of the two at work",
)
def sequencer_killed(county: County) -> Seen:
    name = county.active_relay()
    return recovered(county, strike(county, name, b"log.integrate", moment="during"))


def _stopped(county: County, seconds: float) -> Seen:
    first = county.active_relay()
    epoch = _epoch(county)
    since = time.monotonic()
    county.pause(first)
    seen = recovered(county, since)
    second = county.active_relay()
    time.sleep(max(0.0, since + seconds - time.monotonic()))
    county.resume(first)
    county.recovered(time.monotonic())
    assert second != first, "the stand-by did not take over"
    assert _epoch(county) > epoch
    assert county.active_relay() == second, "the relay that slept was not fenced"
    return seen


def _epoch(county: County) -> int:
    return int(county.rows("catalog", "SELECT epoch FROM log.relay")[0][0])


@scenario(
    "11", "relay_stopped", "SIGSTOP the active relay for 12 s, then SIGCONT",
    "the stand-by takes over; the first is fenced when it wakes",
)
def relay_stopped(county: County) -> Seen:
    return _stopped(county, 12.0)


@scenario(
    "11", "relay_stopped_a_minute", "SIGSTOP the active relay for 60 s, then SIGCONT",
    "the stand-by takes over; the first is fenced when it wakes", once=True,
)
def relay_stopped_a_minute(county: County) -> Seen:
    return _stopped(county, 60.0)
