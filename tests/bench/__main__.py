"""Run the figures, print a line each, keep them in docs/bench.md."""

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from shared.migrate import migrate
from shared.settings import Settings
from tests.bench import append, bus
from tests.bench.figure import Figure, write
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
        for part in (append.figures, bus.relay_figures, bus.projection_figures, bus.effect_figures):
            append.clear(admin)
            for figure in part(replace(admin, keys=keys / part.__name__)):
                print("  ".join(f"{cell:<{width}}" for cell, width in zip(figure.cells(), (42, 20, 44, 10, 16), strict=True)), flush=True)
                figures.append(figure)
        servers = {"PostgreSQL": database.origin, "RabbitMQ": broker.origin}
    write(DOCUMENT, figures, servers)
    missed = [figure.name for figure in figures if figure.met is False]
    print(f"{len(figures)} figures in {DOCUMENT.name}; aims missed: {', '.join(missed) or 'none'}")


if __name__ == "__main__":
    main()
