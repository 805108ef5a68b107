"""Run seeds: `python -m tests.simulator --seeds 1000`, or look at one: `--seed 7 --trace`.

A PostgreSQL of its own is started for each process, since the sequencer waits for every writer of
its cluster; or FUQUAN_DATABASE_URL names one, for one process, with FUQUAN_PREFIX.
"""

import argparse
import logging
import multiprocessing
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path
from queue import Empty

import psycopg2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from shared.embedded import postgres
from shared.logs import configure
from shared.migrate import migrate
from shared.settings import Settings
from tests.simulator.planted import PLANTED
from tests.simulator.world import Outcome, Simulator, installed

FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off",
        "jit = off")


@dataclass
class Report:
    """How to state a reliability figure: what was tried, what befell it, what was wrong."""

    first: int
    server: str = ""
    seeds: int = 0
    steps: int = 0
    attempted: int = 0
    acknowledged: int = 0
    events: int = 0
    published: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[int, list[str]]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Count one seed in."""
        self.seeds += 1
        self.steps += outcome.steps
        self.attempted += outcome.attempted
        self.acknowledged += outcome.acknowledged
        self.events += outcome.events
        self.published += outcome.published
        self.faults.update(outcome.faults)
        if outcome.wrong:
            self.failed.append((outcome.seed, outcome.wrong))

    def __str__(self) -> str:
        befell = ", ".join(f"{kind} {count:,}" for kind, count in sorted(self.faults.items()))
        rows = {
            "date": datetime.now(UTC).date().isoformat(), "commit": _commit(),
            "versions": f"PostgreSQL {self.server}, Python {platform.python_version()}",
            "seeds": f"{self.seeds:,} from {self.first}", "steps": f"{self.steps:,}",
            "attempted": f"{self.attempted:,} commands",
            "acknowledged": f"{self.acknowledged:,}", "events": f"{self.events:,}",
            "published": f"{self.published:,} messages",
            "faults": f"{sum(self.faults.values()):,} ({befell})",
            "failed seeds": f"{len(self.failed):,}",
            "time": f"{self.seconds:,.0f} s, {1000 * self.seconds / max(self.seeds, 1):.0f} ms"
                    " a seed",
        }
        lines = [f"{name}: {value}" for name, value in rows.items()]
        if not self.failed and self.seeds:
            lines.append(f"bound: fewer than {3 / self.seeds:.1e} of such seeds fail (95 %)")
        for seed, wrong in self.failed:
            lines += [f"seed {seed}: {one}" for one in wrong]
        return "\n".join(lines)


@contextmanager
def simulator() -> Iterator[tuple[Simulator, str]]:
    """A simulator on a server of its own, and the server's version."""
    configure("simulator", logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="fuquan-simulator-") as folder:
        keys = Path(folder) / "keys"
        if url := os.environ.get("FUQUAN_DATABASE_URL"):
            yield from _on(url, keys)
        else:
            with postgres(Path(folder)) as own:
                yield from _on(own, keys)


def _on(url: str, keys: Path) -> Iterator[tuple[Simulator, str]]:
    admin = Settings(url, prefix=os.environ.get("FUQUAN_PREFIX", "simulator_"), keys=keys,
                     deployment="simulator", driven_clock=True)
    held = psycopg2.connect(url)
    held.autocommit = True
    with held.cursor() as at:
        if not os.environ.get("FUQUAN_DATABASE_URL"):
            for setting in FAST:
                at.execute(f"ALTER SYSTEM SET {setting}")
            at.execute("SELECT pg_reload_conf()")
        at.execute("SHOW server_version")
        ((version,),) = at.fetchall()
    held.close()
    migrate(admin)
    with installed(admin) as one:
        yield one, version


def run(
    seeds: Sequence[int], told: "multiprocessing.Queue[Outcome | str]", stopping: Event, cpu: int
) -> None:
    """Run these seeds in this process; tell each outcome, without its trace.

    The process and its server take turns: on one processor neither has to be woken on another.
    """
    os.sched_setaffinity(0, {cpu})
    for ending in (signal.SIGTERM, signal.SIGINT):  # it ends between two seeds
        signal.signal(ending, signal.SIG_IGN)
    parent = os.getppid()
    with simulator() as (one, version):
        told.put(version)
        for seed in seeds:
            if stopping.is_set() or os.getppid() != parent:
                break
            told.put(replace(one.run(seed), trace=[]))


def run_all(first: int, count: int, processes: int) -> Report:
    """Run many seeds, with a progress bar on standard error."""
    report, began = Report(first), time.monotonic()
    told: multiprocessing.Queue[Outcome | str] = multiprocessing.Queue()
    stopping = multiprocessing.Event()
    cpus = sorted(os.sched_getaffinity(0))
    workers = [
        multiprocessing.Process(
            target=run, args=(range(first + n, first + count, processes), told, stopping,
                              cpus[n % len(cpus)]),
        )
        for n in range(processes)
    ]
    for worker in workers:
        worker.start()
    bar = Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                   console=Console(stderr=True), disable=not sys.stderr.isatty())
    task = bar.add_task("", total=count)
    try:
        with bar, suppress(KeyboardInterrupt):  # what has run until then is reported
            while report.seeds < count:
                one = _next(told, workers)
                if isinstance(one, str):
                    report.server = one
                else:
                    report.add(one)
                    bar.advance(task)
                    report.seconds = time.monotonic() - began
    finally:
        stopping.set()
        while any(worker.is_alive() for worker in workers):
            with suppress(Empty):
                told.get(timeout=0.2)
    return report


def _next(
    told: "multiprocessing.Queue[Outcome | str]", workers: list[multiprocessing.Process]
) -> Outcome | str:
    while True:
        try:
            return told.get(timeout=5)
        except Empty:
            if any(worker.exitcode for worker in workers):  # it has printed why
                sys.exit("a process of the simulator has failed, see above")


def find(one: Simulator, most: int) -> bool:
    """Whether each planted defect is found; prints by which seed."""
    missed = False
    for name, code in PLANTED.items():
        found = next(
            ((seed, wrong) for seed in range(1, most + 1) if (wrong := one.run(seed, code).wrong)),
            None,
        )
        missed |= found is None
        told = f"found by seed {found[0]}: {found[1][0]}" if found else f"missed by {most} seeds"
        sys.stdout.write(f"{name}: {told}\n")
    return not missed


def _commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False,
                          cwd=Path(__file__).parent)
    return told.stdout.strip() or "unknown"


def main() -> None:
    """The command line; ends with 1 if a seed fails, or a planted defect is missed."""
    given = argparse.ArgumentParser(prog="python -m tests.simulator")
    given.add_argument("--seed", type=int, help="run one seed")
    given.add_argument("--trace", action="store_true", help="print its steps")
    given.add_argument("--seeds", type=int, default=300, help="how many")
    given.add_argument("--first", type=int, default=1, help="the first of them")
    given.add_argument("--processes", type=int, default=os.cpu_count())
    given.add_argument("--planted", action="store_true", help="find the planted defects")
    told = given.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if told.seed is None and not told.planted:
        report = run_all(told.first, told.seeds, told.processes)
        sys.stdout.write(f"{report}\n")
        sys.exit(bool(report.failed))
    with simulator() as (one, _):
        if told.planted:
            sys.exit(not find(one, told.seeds))
        outcome = one.run(told.seed)
        if told.trace:
            sys.stdout.write("\n".join(outcome.trace) + "\n")
        sys.stdout.write(f"seed {outcome.seed}: {outcome.digest}\n")
        sys.stdout.writelines(f"{wrong}\n" for wrong in outcome.wrong)
        sys.exit(bool(outcome.wrong))


if __name__ == "__main__":
    main()
