"""Run the figures, print a line each, keep them in docs/bench.md.

`python -m tests.bench ledger holdings` runs these alone and leaves the document as it is.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg2
from kombu import Connection

from shared.migrate import migrate
from shared.settings import Settings
from tests.bench import append, auditing, bus, holdings, ledger
from tests.bench.figure import Figure, write
from tests.emptied import emptied
from tests.servers import postgresql, rabbitmq

DOCUMENT = Path(__file__).parents[2] / "docs" / "bench.md"


def main(names: Sequence[str]) -> None:
    """Measure everything, or the parts of these names, on servers of this run."""
    chosen = {name: PARTS[name] for name in names or PARTS}
    figures: list[Figure] = []
    with ExitStack() as stack:
        database = stack.enter_context(postgresql())
        broker = stack.enter_context(rabbitmq()) if BUS & set(chosen) else None
        keys = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        admin = Settings(
            database.url, broker.url if broker else Settings.amqp_url, "bench",
            f"b{uuid4().hex[:6]}_", keys,
        )
        migrate(admin)
        for name, part in chosen.items():
            emptied(admin, "catalog", ())
            _as_new(admin)
            for figure in part(replace(admin, keys=keys / name)):
                cells = zip(figure.cells(), (42, 20, 44, 10, 16), strict=True)
                print("  ".join(f"{cell:<{width}}" for cell, width in cells), flush=True)
                figures.append(figure)
        servers = {"PostgreSQL": f"{_postgresql_version(admin)}, {database.origin}"}
        if broker:
            servers["RabbitMQ"] = f"{_rabbitmq_version(admin)}, {broker.origin}"
    missed = [figure.name for figure in figures if figure.met is False]
    if not names:
        write(DOCUMENT, figures, servers)
    kept = f"in {DOCUMENT.name}" if not names else "not kept"
    print(f"{len(figures)} figures {kept}; aims missed: {', '.join(missed) or 'none'}")


def _as_new(admin: Settings) -> None:
    """Leave nothing of what was deleted in catalog's tables and indexes."""
    held = psycopg2.connect(admin.dsn("catalog"))
    held.autocommit = True
    with held.cursor() as at:
        at.execute("VACUUM (FULL)")
    held.close()


def _postgresql_version(admin: Settings) -> str:
    held = psycopg2.connect(admin.server())
    version = held.info.parameter_status("server_version")
    held.close()
    return str(version)


def _rabbitmq_version(admin: Settings) -> str:
    with Connection(admin.amqp_url) as connection:
        connection.connect()
        return str(connection.connection.server_properties["version"])


def _effect_figures(admin: Settings) -> Iterator[Figure]:
    """The waits that `tests.bench.effect` measured in a process of its own."""
    environment = {**os.environ, **replace(admin, driven_clock=False).environment()}
    out = subprocess.run([sys.executable, "-m", "tests.bench.effect"], env=environment,
                         stdout=subprocess.PIPE, check=True).stdout
    waits = json.loads(out.splitlines()[-1])
    median, p99 = statistics.median(waits), statistics.quantiles(waits, n=100)[98]
    yield Figure("command → effect in another service, median", median, "ms", aim="≤ 50 ms",
                 met=median <= 50)
    yield Figure("command → effect in another service, p99", p99, "ms")


PARTS: dict[str, Callable[[Settings], Iterator[Figure]]] = {
    "append": append.figures, "relay": bus.relay_figures, "projection": bus.projection_figures,
    "effect": _effect_figures, "holdings": holdings.as_of_figures, "ledger": ledger.figures,
    "audit": auditing.audit_figures,
}
BUS = {"relay", "projection", "effect"}

if __name__ == "__main__":
    main(sys.argv[1:])
