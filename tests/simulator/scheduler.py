"""One seeded scheduler: which process takes the next step, and what befalls it there."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from greenlet import getcurrent, greenlet

HOUR = 3600.0
HOURS = 100  # in which everything must have come to rest


class Crash(BaseException):
    """The process ends here, between two of its steps."""


class Stuck(Exception):
    """The world does not come to rest, though nothing befalls it any more."""


@dataclass
class Rates:
    """How likely, at each step, something befalls a process or a message.

    Args:
        crash: the process ends, before or after the step.
        cut: its connection breaks, before or after the step.
        drop, double, shift, garbage: of a message on its way into the queue.
        purge: of the whole queue, at a delivery.
        late: an hour passes in which this process slept.
    """

    crash: float = 0.0
    cut: float = 0.0
    drop: float = 0.0
    double: float = 0.0
    shift: float = 0.0
    garbage: float = 0.0
    purge: float = 0.0
    late: float = 0.0

    @classmethod
    def drawn(cls, rng: random.Random) -> "Rates":
        """Some seeds are quiet, some rough, and each in its own way."""
        return cls(
            crash=rng.choice((0.0, 0.004, 0.015)), cut=rng.choice((0.0, 0.002, 0.008)),
            drop=rng.choice((0.0, 0.1, 0.5)), double=rng.choice((0.0, 0.1, 0.4)),
            shift=rng.choice((0.0, 0.2, 0.6)), garbage=rng.choice((0.0, 0.0, 0.05)),
            purge=rng.choice((0.0, 0.0, 0.02)), late=rng.choice((0.0, 0.002)),
        )


@dataclass(eq=False)
class Process:
    """Something that runs, crashes and is started again; its state outside it is the world's."""

    name: str
    main: Callable[[], None]
    topic: str  # of the news that wake it
    running: greenlet | None = None
    dead: bool = False
    done: bool = False
    blocked_at: int | None = None  # the transaction ends that had been seen when it had to wait
    idle_at: int | None = None  # the news that had been seen when it found nothing to do
    held: list[Any] = field(default_factory=list)  # what breaks when it ends


class Scheduler:
    """Lets one process at a time take one step; every choice comes from one generator.

    Args:
        seed: the same seed gives the same steps.
        an_hour_passes: tells the databases that time has passed.
    """

    def __init__(self, seed: int, an_hour_passes: Callable[[], None]) -> None:
        self.rng = random.Random(seed)
        self.rates = Rates()
        self.trace: list[str] = []
        self.faults: Counter[str] = Counter()
        self.processes: list[Process] = []
        self.now = 1_000_000.0
        self.news: Counter[str] = Counter()  # by topic, what an idle process may want to look at
        self.ends = 0  # transactions ended: a lock may be free
        self.current: Process | None = None
        self._an_hour_passes = an_hour_passes
        self._hub = getcurrent()

    def add(self, name: str, main: Callable[[], None], topic: str = "") -> None:
        """A process that begins at its first step, and again after every crash."""
        self.processes.append(Process(name, main, topic))

    def note(self, what: str) -> None:
        """A line of the trace."""
        name = self.current.name if self.current else "world"
        self.trace.append(f"{name}: {what}")

    def befalls(self, fault: str) -> bool:
        """Whether this fault happens now; counted and traced."""
        if self.rng.random() >= getattr(self.rates, fault):
            return False
        self.faults[fault] += 1
        self.note(f"!! {fault}")
        return True

    # --- called by the processes ---

    def step(self, what: str) -> None:
        """Let the others go first, as many steps as the scheduler likes; then maybe crash."""
        self._away()
        self.note(what)
        if self.befalls("late"):
            self.an_hour_passes()
            self._away()
        self.maybe_crash()

    def maybe_crash(self) -> None:
        """Raises: Crash."""
        if self.befalls("crash"):
            self.end(self._process())
            raise Crash

    def pause(self, *_: Any) -> None:
        """Nothing to do until there are news or time passes."""
        self._process().idle_at = self.news[self._process().topic]
        self._away()

    def wait_for_lock(self) -> None:
        """A lock is held by another process: come back when a transaction has ended."""
        self._process().blocked_at = self.ends
        self._away()

    def _process(self) -> Process:
        assert self.current is not None
        return self.current

    def _away(self) -> None:
        self._hub.switch()

    # --- called by the world ---

    def an_hour_passes(self) -> None:
        """Leases run out, timers fire."""
        self.now += HOUR + 1
        self._an_hour_passes()
        for process in self.processes:
            process.idle_at = None

    def run(self, until: Callable[[], bool], *, most: int) -> bool:
        """Steps until *until* holds (asked when all rest), or *most* of them; whether it holds."""
        hours = 0
        for _ in range(most):
            process = self._next()
            if process is None:
                if until():
                    return True
                hours += 1
                if hours > HOURS:
                    return False
                self.an_hour_passes()
                continue
            self._resume(process)
        return False

    def end(self, process: Process) -> None:
        """What a process held breaks with it."""
        process.dead = True
        for one in process.held:
            one.broken()
        process.held.clear()
        self.ends += 1

    def close(self) -> None:
        """End every process."""
        for process in self.processes:
            self.end(process)
            if process.running:
                self.current = process
                process.running.throw(Crash)
        self.current = None

    def _next(self) -> Process | None:
        ready = [
            one for one in self.processes
            if not one.done
            and (one.idle_at is None or one.idle_at < self.news[one.topic])
            and (one.blocked_at is None or one.blocked_at < self.ends)
        ]
        return self.rng.choice(ready) if ready else None

    def _resume(self, process: Process) -> None:
        process.idle_at = process.blocked_at = None
        if process.running is None:
            process.dead = False
            process.running = greenlet(lambda: self._main(process), self._hub)
        self.current = process
        process.running.switch()
        self.current = None

    def _main(self, process: Process) -> None:
        try:
            process.main()
            process.done = True
        except Crash:
            pass
        finally:
            if not process.dead:
                self.end(process)
            process.running = None
