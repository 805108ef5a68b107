"""Forks a service for every line that it reads: ``python -m tests.faults.mother 1 catalog``."""

import os
import signal
import sys
from importlib import import_module

from shared import serve  # it patches: nothing that has to do with sockets may stand before
from tests.faults import next_release


def main(release: int, name: str) -> None:
    """Load a service's modules; then start it for each line, and tell the number of the process."""
    next_release.register(release)
    import_module(f"services.{name}.service")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for _ in sys.stdin:
        if (pid := os.fork()) == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            serve.main(name)
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
