"""A process that calls: for each number that it reads, the answer of `cases` on a line.

Where the broker does not take a call it calls again, as a client does with the command's id.
"""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402 - everything after the patch
from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

from shared.bus.alarm import NotTaken  # noqa: E402
from shared.entrypoints import calling  # noqa: E402
from shared.logs import configure  # noqa: E402
from shared.settings import Settings  # noqa: E402


def doubled(call: Callable[..., Any], number: int) -> int:
    """The answer, once the broker takes the call."""
    while True:
        try:
            return int(call("cases", "double", number=number))
        except NotTaken:
            eventlet.sleep(0.5)


if __name__ == "__main__":
    configure("cluster-caller")
    with calling(Settings.from_environment()) as call:
        for line in sys.stdin:
            sys.stdout.write(f"{doubled(call, int(line))}\n")
            sys.stdout.flush()
