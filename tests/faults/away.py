"""Scenarios 5, 6, 8, 9 and 10: servers and networks that go away, fill up or fall silent."""

import os
import time
from pathlib import Path

from tests.faults.county import County
from tests.faults.scenario import Seen, recovered, scenario

CUT, HELD, DELAYED = 2.0, 6.0, 4.0
WAYS = (
    ("catalog", "database"), ("catalog", "broker"), ("delegation", "database"),
    ("delegation", "broker"), ("relay", "database"), ("relay", "broker"),
)


@scenario(
    "5", "database_killed", "kill −9 PostgreSQL, every process of it, under load; start it again",
    "0 lost, 0 doubled, dense",
)
def database_killed(county: County) -> Seen:
    since = time.monotonic()
    county.cluster.kill()
    county.fault("kill −9 PostgreSQL")
    county.cluster.start()
    return recovered(county, since)


@scenario(
    "6", "broker_killed", "kill −9 RabbitMQ under load; start it again", "0 lost effects", aim=None,
)
def broker_killed(county: County) -> Seen:
    county.rabbit.kill()
    county.fault("kill −9 RabbitMQ")
    county.rabbit.start()
    return recovered(county)


@scenario(
    "6", "broker_emptied", "kill −9 RabbitMQ, delete its data folder, start it empty",
    "consumers pull the gaps, 0 lost effects", aim=None,
)
def broker_emptied(county: County) -> Seen:
    county.rabbit.kill()
    county.rabbit.forget()
    county.fault("RabbitMQ's data deleted")
    county.rabbit.start()
    return recovered(county)


@scenario(
    "8", "broker_alarm", "RabbitMQ's memory alarm for 15 s",
    "nothing lost; unsent facts shown, drained after", aim=None,
)
def broker_alarm(county: County) -> Seen:
    before = len(county.caller.history.acknowledged())
    county.rabbit.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
    county.fault("memory alarm")
    try:
        time.sleep(15)
        meanwhile = len(county.caller.history.acknowledged()) - before
    finally:
        county.rabbit.ctl("set_vm_memory_high_watermark", "0.4")
    seen = recovered(county)
    county.until(lambda: _unsent(county) == 0, "what was unsent is not drained")
    seen.notes.append(f"{meanwhile} commands answered during the alarm")
    return seen


def _unsent(county: County) -> int:
    ((count,),) = county.rows(
        "catalog", "SELECT count(*) FROM log.entry"
        " WHERE position >= (SELECT next_position FROM log.relay)"
    )
    return int(count)


@scenario(
    "9", "way_cut", f"one process's way to its database or broker reset, refused for {CUT:.0f} s",
    "recovers by itself",
)
def way_cut(county: County) -> Seen:
    name, to = county.chance.choice(WAYS)
    way = getattr(county.units[name], to)
    way.cut()
    county.fault(f"network cut to the {to}")
    time.sleep(CUT)
    way.heal()
    return recovered(county)


@scenario(
    "9", "way_half_open", f"nothing passes in either direction for {HELD:.0f} s; connections stay",
    "recovers below twice the heartbeat (120 s), no hung worker", aim=120.0,
)
def way_half_open(county: County) -> Seen:
    name, to = county.chance.choice(WAYS)
    way = getattr(county.units[name], to)
    way.hold()
    county.fault(f"half-open way to the {to}")
    time.sleep(HELD)
    way.reset()
    way.heal()
    return recovered(county)


@scenario(
    "9", "way_slow", f"every piece {200} ms later for {DELAYED:.0f} s", "slower, nothing else",
)
def way_slow(county: County) -> Seen:
    name, to = county.chance.choice(WAYS)
    way = getattr(county.units[name], to)
    way.delay(0.2)
    county.fault(f"slow way to the {to}")
    time.sleep(DELAYED)
    way.heal()
    return recovered(county)


@scenario(
    "10", "database_full", "the file system of the database is full for 8 s (ext4 of its own)",
    "commands fail with an error, nothing acknowledged is missing, all goes on when there is room",
    aim=30.0, needs=("root",),
)
def database_full(county: County) -> Seen:
    errors = county.caller.history.errors
    ballast = county.cluster.folder / "ballast"
    _fill(ballast)
    county.fault("disk of the database full")
    # the log's segments are there in advance, so that it may take a while to reach the end
    deadline = time.monotonic() + 60
    while county.caller.history.errors == errors and time.monotonic() < deadline:
        time.sleep(0.2)
    hit = county.caller.history.errors > errors
    time.sleep(8)
    ballast.unlink()
    note = "the server stayed up"
    if not county.cluster.alive():
        county.cluster.kill()
        county.cluster.start()
        note = "the server had ended itself and was started again"
    seen = recovered(county)
    seen.notes.append(note if hit else "no command was hit within a minute")
    return seen


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (2**20, 4096):
            while True:
                try:
                    file.write(bytes(size))
                except OSError:
                    break
        os.fsync(file.fileno())
