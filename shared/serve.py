"""One service as a process, by `fuquan up` or a container: ``python -m shared.serve cases``."""

import os

# eventlet's own resolver costs a quarter of the start; libpq looks names up by the system anyway.
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")

import eventlet

eventlet.monkey_patch()

import signal  # noqa: E402 - everything after the patch
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402

from shared.entrypoints import running  # noqa: E402
from shared.logs import configure  # noqa: E402
from shared.ops.watched import watched  # noqa: E402
from shared.ops.web import serving  # noqa: E402
from shared.settings import Settings  # noqa: E402


def main(name: str) -> None:
    """Run the service until it is told to end; if its container ends, the process does too.

    Raises:
        Exception: what its container failed of; the process ends with 1, to be started again.
    """
    configure(name)
    stop = eventlet.event.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.ready() or stop.send(None))
    settings = Settings.from_environment()
    with (
        watched(name, settings) as checks, serving(settings.side_door(), checks),
        running({name: settings}) as (container,),
    ):
        watcher = eventlet.spawn(_watch, container.wait, stop)
        stop.wait()
        watcher.kill()


def _watch(wait: Callable[[], object], stop: eventlet.event.Event) -> None:
    failure = None
    try:
        wait()
    except Exception as wrong:  # noqa: BLE001 - whatever it is, the process says it and ends
        failure = wrong
    if not stop.ready():
        stop.send(exc=failure)


if __name__ == "__main__":
    main(sys.argv[1])
