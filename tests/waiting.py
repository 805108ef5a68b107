"""Waiting for what another thread or process brings about: one way, one patience."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
# Seconds. Disks that others keep busy have been seen to stand still for ten of them; a test that
# gives up sooner tells of the machine, and one that goes well is none the slower for it.
PATIENCE = 120.0


def until(
    found: Callable[[], T], like: Callable[[T], object] = bool, *,
    despite: type[Exception] | tuple[type[Exception], ...] = (), every: float = 0.05,
) -> T:
    """What *found* gives, as soon as it is *like* what is waited for: at first, anything true.

    Args:
        despite: errors of one who is still on the way.
        every: seconds between two looks.

    Raises:
        AssertionError: not in time; tells what was found last.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            answer = found()
            if like(answer):
                return answer
            last: object = answer
        except despite as error:
            last = error
        assert time.monotonic() < deadline, f"{last!r} after {PATIENCE:g} s"
        time.sleep(every)
