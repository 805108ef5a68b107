"""Scenario 10: the disk of the database, then of the broker, is full under load."""

import os
import time
from pathlib import Path

from tests.faults.away import held_back, record, unsent
from tests.faults.county import County
from tests.faults.scenario import Seen, recovered, scenario, within
from tests.faults.servers import Rabbit

FULL = 8.0  # seconds
HIT = 60.0  # the log's segments are there in advance: it may take a while to reach the end
SPOILT = 5.0  # a queue that is down for so long after the start stays down
CLEAR = "DiskFull"  # PostgreSQL's 53100
ALERTED = 5  # failed commands, with which infra/prometheus/alerts.yml calls an operator
ALARMS = "rabbit_alarm:get_alarms()."
ALARM_AT = 50 * 2**20  # bytes; RabbitMQ's own disk_free_limit


@scenario(
    "10", "database_full",
    f"the file system of the database is full for {FULL:.0f} s (ext4 of its own)",
    f"commands fail with the error {CLEAR}, counted as FuquanCommandsFailing wants it; nothing"
    " acknowledged is missing; all goes on when there is room",
    aim=30.0, needs=("volumes",),
)
def database_full(county: County) -> Seen:
    told = county.caller.history.told
    before, counted = told[CLEAR], failed(county)
    ballast = filled(county.cluster.folder)
    county.fault("disk of the database full")
    try:
        hit = within(HIT, lambda: told[CLEAR] > before)
        shown = within(HIT, lambda: failed(county) > counted + ALERTED)
        time.sleep(FULL)
    finally:
        ballast.unlink()
    note = "the server stayed up"
    if not county.cluster.alive():
        county.cluster.kill()
        county.cluster.start()
        note = "the server had ended itself and was started again"
    seen = recovered(county)
    assert hit, f"no command was told {CLEAR} within {HIT:.0f} s, but {dict(told)}"
    assert shown, "the operators' counter of failed commands does not move"
    seen.notes.append(note)
    return seen


def failed(county: County) -> float:
    """How many commands have ended in an error, as catalog tells operators."""
    return county.metric("catalog", "fuquan_commands_total", 'outcome="failed"')


@scenario(
    "10", "broker_nearly_full",
    f"RabbitMQ's file system (ext4 of its own) has less than disk_free_limit for {FULL:.0f} s",
    "the disk alarm blocks publishers; unsent facts are shown; all goes on when there is room",
    aim=30.0, needs=("volumes",),
)
def broker_nearly_full(county: County) -> Seen:
    ballast = filled(county.rabbit.data, but=ALARM_AT // 2)
    county.fault("disk alarm of the broker")
    try:
        alarmed = within(HIT, lambda: "disk" in county.rabbit.ctl("eval", ALARMS))
        record(county)
        shown = within(FULL, lambda: held_back(county))
        time.sleep(FULL)
    finally:
        ballast.unlink()
    assert alarmed, "there was no disk alarm"
    assert shown, "no unsent fact is shown"
    since = time.monotonic()
    seen = recovered(county, since)
    county.until(lambda: unsent(county) == 0, "what was unsent is not drained")
    return seen


@scenario(
    "10", "broker_full",
    "RabbitMQ's file system is full to the last block (ENOSPC), its alarm comes too late",
    "nothing acknowledged is missing; unsent facts are shown; all goes on when there is room",
    aim=60.0, needs=("volumes",),
)
def broker_full(county: County) -> Seen:
    county.rabbit.ctl("set_disk_free_limit", "1")
    ballast = filled(county.rabbit.data)
    county.fault("disk of the broker full")
    answered = len(county.caller.history.sent)
    try:
        stuck = within(HIT, lambda: _stands_still(county))
        record(county)
        shown = within(HIT, lambda: held_back(county))
        time.sleep(FULL)
    finally:
        ballast.unlink()
    note = _looked_after(county)
    seen = recovered(county)
    county.until(lambda: unsent(county) == 0, "what was unsent is not drained")
    assert stuck, f"commands went on, {len(county.caller.history.sent) - answered} of them"
    assert shown, "no unsent fact is shown"
    seen.notes.append(note)
    return seen


@scenario(
    "10", "queue_spoilt",
    "kill −9 RabbitMQ and spoil what it has on its disk of catalog's queue; start it again",
    "the queue stays down, and what it would get is unsent, which is shown; deleted, it is declared"
    " anew, 0 lost; it is there after the next kill −9 too",
)
def queue_spoilt(county: County) -> Seen:
    county.rabbit.kill()
    (own,) = (
        one for one in county.rabbit.data.glob("mnesia/*/quorum/*/*/config")
        if "fuquan.catalog" in one.read_text("utf-8")
    )
    own.write_text("spoilt", "utf-8")
    county.fault("queue spoilt on the disk")
    county.rabbit.start()
    record(county)
    shown = within(HIT, lambda: held_back(county))
    note = _looked_after(county)
    seen = recovered(county)
    county.until(lambda: unsent(county) == 0, "what was unsent is not drained")
    county.rabbit.kill()
    county.fault("kill −9 RabbitMQ")
    county.rabbit.start()
    seen.recoveries += recovered(county).recoveries
    county.until(lambda: unsent(county) == 0, "what was unsent is not drained after the next start")
    assert shown, "no unsent fact is shown"
    assert "deleted" in note, note
    seen.notes.append(note)
    return seen


def _looked_after(county: County) -> str:
    """Do what the operators' guide says of a broker whose disk was full (FuquanUnsentOld)."""
    rabbit = county.rabbit
    if not rabbit.alive():
        note = f"the broker had ended itself and {_started_again(rabbit)}"
    elif _down(county):
        note = f"the broker lived on with quorum queues down, and {_started_again(rabbit)}"
    else:
        note = "the broker went on by itself"
        rabbit.ctl("set_disk_free_limit", str(ALARM_AT))
    if not within(SPOILT, lambda: not _down(county)):
        _delete(county, spoilt := _down(county))
        note += f"; it could not open {len(spoilt)} of its queues again: deleted"
    return note


def _delete(county: County, spoilt: list[str]) -> None:
    """Delete these queues, and once more when they have been declared anew and run.

    RabbitMQ 3.10 does not forget where the data of a queue were that could not start: at the next
    start it looks there for what was declared in its place. To delete that while it runs ends it.
    """
    for _ in range(2):
        for name in set(spoilt) & set(_states(county)):
            county.rabbit.ctl("delete_queue", name)
        within(HIT, lambda: all(_states(county).get(name) == "running" for name in spoilt))


def _started_again(rabbit: Rabbit) -> str:
    try:
        rabbit.restart()
    except TimeoutError:  # of what it holds, all facts are in the logs
        rabbit.kill()
        rabbit.forget()
        rabbit.start()
        return "did not start again on its data, but empty"
    return "was started again"


def _down(county: County) -> list[str]:
    return [name for name, state in _states(county).items() if state == "down"]


def _states(county: County) -> dict[str, str]:
    told = county.rabbit.ctl("list_queues", "name", "state").splitlines()
    return {name: state for name, _, state in (line.partition("\t") for line in told)}


def filled(folder: Path, but: int = 0) -> Path:
    """A file that takes all the room on a file system, but so many bytes."""
    path = folder / "ballast"
    with path.open("wb", buffering=0) as file:
        about = os.statvfs(folder)
        room = about.f_bavail * about.f_frsize - but
        os.posix_fallocate(file.fileno(), 0, room - room // 64 if not but else room)
        file.seek(0, os.SEEK_END)
        while not but:
            try:
                file.write(bytes(4096))
            except OSError:
                break
        os.fsync(file.fileno())
    return path


def _stands_still(county: County, seconds: float = 3.0) -> bool:
    """Whether no command is answered for a while."""
    before = county.caller.history.answered
    time.sleep(seconds)
    return county.caller.history.answered == before
