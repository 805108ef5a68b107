"""A scenario: what is done to the county, and what is to come of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.county import County


@dataclass
class Seen:
    """What one trial has shown.

    Args:
        recoveries: seconds from each fault until a later command is answered and in effect.
        notes: what else is worth telling, counted over all trials.
    """

    recoveries: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Scenario:
    """One row of the table.

    Args:
        run: does it once; raises AssertionError or TimeoutError where the outcome is another.
        aim: seconds until all is well again; None where the fault itself lasts.
        needs: processes besides the usual ones; "volumes" for servers with file systems of their
            own, "network" for a network namespace.
        once: it is done once in a run, since it takes long.
    """

    number: str
    name: str
    injected: str
    expected: str
    run: Callable[[County], Seen]
    aim: float | None = 10.0
    needs: tuple[str, ...] = ()
    once: bool = False

    def late(self, seen: Seen, times: float = 1.0) -> list[float]:
        """The recoveries of a trial that took more than so many times what is aimed at."""
        return [took for took in seen.recoveries if self.aim and took > self.aim * times]


SCENARIOS: list[Scenario] = []


def of(run: Callable[[County], Seen]) -> Scenario:
    """The scenario that a function does."""
    (one,) = (one for one in SCENARIOS if one.run is run)
    return one


def scenario(
    number: str, name: str, injected: str, expected: str, *, aim: float | None = 10.0,
    needs: tuple[str, ...] = (), once: bool = False,
) -> Callable[[Callable[[County], Seen]], Callable[[County], Seen]]:
    """Enter a function in the table."""
    def enter(run: Callable[[County], Seen]) -> Callable[[County], Seen]:
        SCENARIOS.append(Scenario(number, name, injected, expected, run, aim, needs, once))
        return run

    return enter


def recovered(county: County, since: float | None = None) -> Seen:
    """The usual end: wait until all is well again."""
    return Seen([county.recovered(time.monotonic() if since is None else since)])


def within(seconds: float, condition: Callable[[], object]) -> bool:
    """Whether something comes to be in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
