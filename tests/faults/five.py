"""Five services in one process, each on the broker and the database as if it were alone there."""

import os

os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")  # as `shared.serve` has it

import eventlet

eventlet.monkey_patch()

import signal  # noqa: E402 - everything after the patch
import sys  # noqa: E402
from dataclasses import replace  # noqa: E402

from shared.entrypoints import running  # noqa: E402
from shared.logs import configure  # noqa: E402
from shared.migrate import as_role  # noqa: E402
from shared.settings import WITH_DATABASE, Settings  # noqa: E402
from tests.faults import next_release  # noqa: E402


def main(release: int) -> None:
    """Run every service that has a database until told to end; a line when all take calls."""
    configure("five")
    next_release.register(release)
    admin, stop = Settings.from_environment(), eventlet.event.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.ready() or stop.send(None))
    own = {name: replace(admin, database_url=as_role(admin, name)) for name in WITH_DATABASE}
    with running(own):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
