"""Run the figures, print a line each, keep them in docs/bench.md."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg2
from kombu import Connection

from shared.migrate import migrate
from shared.settings import Settings
from tests.bench import append, bus, holdings
from tests.bench.figure import Figure, write
from tests.integration.conftest import empty_catalog
from tests.servers import postgresql, rabbitmq

DOCUMENT = Path(__file__).parents[2] / "docs" / "bench.md"


def main() -> None:
    """Measure everything on servers of this run."""
    figures: list[Figure] = []
    with ExitStack() as stack:
        database, broker = stack.enter_context(postgresql()), stack.enter_context(rabbitmq())
        keys = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        admin = Settings(database.url, broker.url, "bench", f"b{uuid4().hex[:6]}_", keys)
        migrate(admin)
        for part in (
            append.figures, bus.relay_figures, bus.projection_figures, _effect_figures,
            holdings.as_of_figures,
        ):
            empty_catalog(admin)
            for figure in part(replace(admin, keys=keys / part.__name__)):
                cells = zip(figure.cells(), (42, 20, 44, 10, 16), strict=True)
                print("  ".join(f"{cell:<{width}}" for cell, width in cells), flush=True)
                figures.append(figure)
        servers = {
            "PostgreSQL": f"{_postgresql_version(admin)}, {database.origin}",
            "RabbitMQ": f"{_rabbitmq_version(admin)}, {broker.origin}",
        }
    write(DOCUMENT, figures, servers)
    missed = [figure.name for figure in figures if figure.met is False]
    print(f"{len(figures)} figures in {DOCUMENT.name}; aims missed: {', '.join(missed) or 'none'}")


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


if __name__ == "__main__":
    main()
