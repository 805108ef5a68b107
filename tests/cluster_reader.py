"""A process with the services' own bus consumer, which writes down what it takes in."""

import eventlet

eventlet.monkey_patch()

import signal  # noqa: E402 - everything after the patch

from nameko.containers import ServiceContainer  # noqa: E402
from psycopg2.extensions import cursor  # noqa: E402

from shared.contracts.envelope import Fact  # noqa: E402
from shared.entrypoints import Facts, configuration, rpc  # noqa: E402
from shared.logs import configure  # noqa: E402
from shared.projection import Projection  # noqa: E402
from shared.settings import Settings  # noqa: E402

named = Projection()


@named.on("catalog.DepartmentAliasAdded")
def write(at: cursor, fact: Fact) -> None:
    """One row per effect, numbered as they come."""
    at.execute(
        "INSERT INTO named (position, alias) VALUES (%s, %s)", (fact.position, fact.data["alias"])
    )


class Reader:
    """Facts, and one door."""

    name = "cases"
    facts = Facts("cases", from_=("catalog",), into=named)

    @rpc
    def double(self, number: int) -> int:
        """Twice *number*."""
        return number * 2


def main() -> None:
    """Follow until told to end."""
    configure("cluster-reader")
    stop = eventlet.event.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.ready() or stop.send(None))
    container = ServiceContainer(Reader, configuration(Settings.from_environment()))
    container.start()
    stop.wait()
    container.stop()


if __name__ == "__main__":
    main()
