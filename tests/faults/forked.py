"""A service that starts in a moment: forked from a process that has its modules loaded already.

So a thousand starts cost one import of the modules, and a thousand kills some minutes.
"""

import signal
import subprocess
import sys
from typing import Self

import psutil

from shared.cli.run import Processes
from tests.faults import next_release


class Child(psutil.Process):
    """A process that the mother has started, with what `Processes` asks of a child of its own."""

    returncode = None

    def poll(self) -> int | None:
        return None if self.is_running() else -signal.SIGKILL


class Forked(Processes):
    """A process that is forked whenever it has ended, without loading its modules again.

    Args:
        processes: how it would start from nothing.
    """

    def __init__(self, processes: Processes) -> None:
        super().__init__(processes.admin, processes.names)
        self.release = next_release.of(processes)

    def __enter__(self) -> Self:
        (name,) = self.names
        module = ("tests.faults.mother", str(self.release), name)
        self._mother = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", *module], env=self._environment(name), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        super().__enter__()
        return self

    def __exit__(self, *ended: object) -> None:
        super().__exit__(*ended)
        self._mother.communicate(timeout=10)

    def start(self, name: str) -> None:
        """Start it once more."""
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.write("\n")
        self._mother.stdin.flush()
        self.running[name] = Child(int(self._mother.stdout.readline()))

    def restart_ended(self) -> None:
        """Start it again at once."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.start(name)
