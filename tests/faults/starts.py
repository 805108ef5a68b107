"""Scenario 20 and the rolling restart: many processes start, or one after the other anew."""

import signal
import subprocess
import sys
import time
from dataclasses import replace

from shared.cli.run import settings_of
from shared.migrate import migrate
from tests.faults.county import County
from tests.faults.scenario import Seen, recovered, scenario

MANY = 20
START = 90.0


@scenario(
    "20", "many_starts", f"{MANY} more processes of catalog start at once, beside `fuquan migrate`",
    "no DDL race, all ready", aim=None, once=True,
)
def many_starts(county: County) -> Seen:
    since = time.monotonic()
    own = replace(settings_of(county.admin, "catalog"), ops="")
    started = [
        subprocess.Popen([sys.executable, "-W", "ignore", "-m", "shared.serve", "catalog"],
                         env={"PATH": "/usr/bin:/bin", **own.environment()})
        for _ in range(MANY)
    ]
    try:
        assert migrate(county.admin) == []
        county.until(lambda: _readers(county) > MANY, "not all of them answer calls", START)
        took = time.monotonic() - since
        assert all(process.poll() is None for process in started)
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(60)
    seen = recovered(county)
    seen.notes.append(f"{MANY} ready after {took:.0f} s")
    return seen


def _readers(county: County) -> int:
    """How many processes read catalog's calls."""
    for line in county.rabbit.ctl("list_queues", "name", "consumers").splitlines():
        name, _, count = line.partition("\t")
        if name == "rpc-catalog":
            return int(count)
    return 0


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
