"""Scenario 9 on packets: a process whose link goes down, loses packets, or is slow and uneven."""

import time
from contextlib import closing
from dataclasses import replace

import psycopg2

from tests.faults.county import County
from tests.faults.scenario import Seen, recovered, scenario

DOWN, LONG, UNEVEN = 45.0, 150.0, 15.0  # seconds; a database is given up after 30, a broker 120
SEVERED = 75.0  # libpq gives up what is not confirmed after 30 s, and who is silent after 60
LOSS, DELAY, JITTER = 0.3, 0.2, 0.1
WORKERS, POOL, PATIENCE = 32, 8, 60.0  # of a service; seconds for all of them
HEARTBEAT = 60.0
APART = ("delegation", "relay", "catalog")
AT_WORK = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = %s"
)


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
    "9", "way_severed", "catalog's connections to its database vanish for ever, without RST; new"
    f" ones pass after {SEVERED:.0f} s",
    f"recovers below twice the heartbeat ({2 * HEARTBEAT:.0f} s), no hung worker: {POOL} statements"
    f" and {WORKERS} calls at once",
    aim=2 * HEARTBEAT, needs=("network",), once=True,
)
def way_severed(county: County) -> Seen:
    with county.apart("catalog") as wire:
        county.recovered(time.monotonic())
        wire.sever(county.units["catalog"].database.port)
        county.fault("connections to the database vanished")
        time.sleep(SEVERED)
        wire.heal()
        seen = recovered(county)
        all_at_work(county)
        assert wire.lost, "no packet was lost"
    county.recovered(time.monotonic())
    return seen


def unacknowledged(county: County) -> list[str]:
    """What each queue has given to a reader that has not acknowledged it."""
    return county.rabbit.ctl("list_queues", "name", "messages_unacknowledged").splitlines()


def all_at_work(county: County) -> None:
    """Let every connection of catalog's pool work at once, and every worker answer a call.

    A command is answered before its call is acknowledged, and one sent again may be at hand twice.
    """
    caller, service = county.caller, "catalog"
    caller.rest()
    county.until(
        lambda: f"rpc-{service}\t0" in unacknowledged(county), "a worker holds its call", PATIENCE
    )
    some = [replace(caller.work.next(), patience=PATIENCE) for _ in range(WORKERS)]
    role = (county.admin.prefix + service,)
    with closing(psycopg2.connect(county.admin.dsn(service))) as held, held.cursor() as at:
        at.execute("LOCK TABLE log.event IN ACCESS EXCLUSIVE MODE")
        caller.also(*some)
        county.until(
            lambda: county.rows(service, AT_WORK, role)[0][0] >= POOL,
            "a connection of the pool does not work", PATIENCE,
        )
    county.until(lambda: all(one.answer for one in some), "a call is not answered", PATIENCE)
    caller.go_on()


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
