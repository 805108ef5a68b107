"""Scenario 20 and the rolling restart: many processes start, or one after the other anew."""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

from kombu import Connection

from shared.settings import WITH_DATABASE
from tests.brokers import readers
from tests.conftest import drop
from tests.faults import next_release
from tests.faults.county import County
from tests.faults.scenario import Seen, recovered, scenario

HOLDING_FIVE, MIGRATING = 20, 4
SERVICES = HOLDING_FIVE * len(WITH_DATABASE)
ROOT = Path(__file__).parents[2]
START = 120.0
AIM = 30.0
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"


@scenario(
    "20", "many_starts",
    f"{SERVICES} services start at once in {HOLDING_FIVE} processes, beside {MIGRATING} of"
    " `fuquan migrate` on databases that are not there yet",
    f"no DDL race, all ready in {AIM:.0f} s", aim=AIM, once=True,
)
def many_starts(county: County) -> Seen:
    """The caller rests meanwhile: the machine is the starting ones' alone."""
    county.caller.rest()
    since, before = time.monotonic(), _readers(county)
    with _migrating(county) as migrations, _started(county, HOLDING_FIVE) as (processes, ready):
        county.until(lambda: len(ready) == HOLDING_FIVE, "not all services are ready", START)
        took = sorted(at - since for at in ready)
        assert all(process.poll() is None for process in processes)
        now = _readers(county)
        assert all(now[name] - before[name] == HOLDING_FIVE for name in WITH_DATABASE), now
        ((connections,),) = county.rows("catalog", CONNECTIONS)
        said = [migration.communicate(timeout=START)[0] for migration in migrations]
        applied = [line for one in said for line in one.splitlines() if line.startswith("applied ")]
        assert [migration.returncode for migration in migrations] == [0] * MIGRATING, said
        assert len(applied) == len(set(applied)), "a migration was applied twice"
    county.caller.go_on()
    seen = recovered(county)
    seen.recoveries.append(took[-1])
    seen.notes.append(
        f"{SERVICES} ready after {took[-1]:.0f} s (half of them after {statistics.median(took):.0f}"
        f" s), load average {os.getloadavg()[0]:.0f};"
        f" {connections} connections to PostgreSQL; {len(applied)} migrations applied once each"
    )
    return seen


@contextmanager
def _started(
    county: County, processes: int
) -> Iterator[tuple[list[subprocess.Popen[str]], list[float]]]:
    """Processes that run every service, and when each said that all its doors take calls."""
    environment = {"PATH": os.environ["PATH"], **replace(county.admin, ops="").environment()}
    release = next_release.latest(county)
    five = (sys.executable, "-W", "ignore", "-m", "tests.faults.five", str(release))
    started = [
        subprocess.Popen(five, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    ready: list[float] = []
    listeners = [Thread(target=_listen, args=(one, ready), daemon=True) for one in started]
    for listener in listeners:
        listener.start()
    try:
        yield started, ready
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 30
        for process, listener in zip(started, listeners, strict=True):
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            listener.join()
        for name in set(WITH_DATABASE) - set(county.names):  # nobody reads these any more
            with Connection(county.rabbit.url) as connection:
                connection.default_channel.queue_delete(f"fuquan.{name}")


def _listen(process: subprocess.Popen[str], ready: list[float]) -> None:
    assert process.stdout is not None
    ready.extend(time.monotonic() for line in process.stdout if line == "ready\n")


@contextmanager
def _migrating(county: County) -> Iterator[list[subprocess.Popen[str]]]:
    """Migrations of one new county, all at once; its databases go when the block ends."""
    new = replace(county.admin, prefix="starting_", ops="")
    try:
        yield [
            subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "shared.cli", "migrate"], text=True,
                env={"PATH": os.environ["PATH"], "COLUMNS": "200", **new.environment()}, cwd=ROOT,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            ) for _ in range(MIGRATING)
        ]
    finally:
        drop(new)


def _readers(county: County) -> dict[str, int]:
    """How many processes read each service's calls."""
    return {name: readers(county.rabbit.url, f"rpc-{name}") for name in WITH_DATABASE}


@scenario(
    "19", "rolling_restart", "every process ended in good order and started again, one by one",
    "0 parked; a service that restarts is waited for", aim=30.0,
)
def rolling_restart(county: County) -> Seen:
    seen = Seen()
    for name in county.names:
        since = time.monotonic()
        county.terminate(name)
        seen.recoveries.append(county.recovered(since))
    return seen
