"""Scenario 17: `python -m tests.faults.replays` replays a million events into empty tables, twice.

Delegation's log is filled with grants that begin, are implemented and end. Every service takes it
in with its own consumer, then it is replayed beside that: every table must have the same hash.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from services.ledger.replay import facts_of, replayed
from shared.bus.consumer import Consumer
from shared.database import Database
from shared.log.store import Log
from shared.migrate import migrate
from shared.rebuild import Compared
from shared.settings import Settings
from tests.bench.filled import SLOT, Filled, Row, Template, turn
from tests.receipts import golden
from tests.servers import postgresql

STORY = {  # the events of a grant, and what in each is its own
    "ItemDelegated": ("grant_id",), "ItemImplementationStarted": ("grant_id",),
    "ItemRecalled": ("grant_id", "recall_id"),
}
FOLLOWING = ("catalog", "delegation", "cases", "supervision", "ledger")


def grants(first: int, end: int) -> Iterator[Row]:
    """Positions *first* to *end* of delegation's log; a thousand grants go on at the same time."""
    told = [
        Template(f"delegation.{name}", golden(name, **dict.fromkeys(own, str(SLOT))))
        for name, own in STORY.items()
    ]
    for place in range(first, end):
        stream, version = turn(place, len(STORY))
        yield told[version - 1].row(place, stream, version)


def filled(admin: Settings, events: int) -> None:
    """Put so many events into delegation's log."""
    Filled(admin, "delegation", grants).grow(events)


def taken_in(admin: Settings, service: str) -> int:
    """Let the service's consumer, without its policies, take in all that the logs hold.

    Returns:
        How many facts it has taken in and not parked.
    """
    facts, own = facts_of(service), Database(admin.dsn(service), size=2)
    logs = {
        name: Log(Database(admin.dsn(name), size=1, search_path="log")) for name in facts.from_
    }
    try:
        took = Consumer(service, own, logs, facts.into, {}).catch_up()
        ((parked,),) = own.rows("SELECT count(*) FROM bus.parked")
        return took - int(parked)
    finally:
        for database in (own, *(one.database for one in logs.values())):
            database.close()


def differing(compared: dict[str, Compared]) -> list[str]:
    """The tables that a second replay has made otherwise."""
    return [table for table, one in compared.items() if one.live != one.rebuilt]


def main() -> None:
    """Print a line for each service; end with 1 if a table differs."""
    given = argparse.ArgumentParser(
        prog="python -m tests.faults.replays", description=(__doc__ or "").partition("\n")[0],
    )
    given.add_argument("--events", type=int, default=1_000_000, help="in delegation's log")
    given.add_argument("services", nargs="*", default=FOLLOWING, help="which follow it; all")
    told, wrong = given.parse_args(), False
    with ExitStack() as stack:
        server = stack.enter_context(postgresql())
        keys = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        admin = Settings(server.url, deployment="replays", prefix="replays_", keys=keys)
        migrate(admin)
        filled(admin, told.events)
        for service in told.services:
            began = time.monotonic()
            took = taken_in(admin, service)
            between, compared = time.monotonic(), replayed(admin, service)
            differ = differing(compared)
            rows = sum(one.rows for one in compared.values())
            sys.stdout.write(
                f"{service}: {took:,} facts taken in ({between - began:.0f} s) and replayed"
                f" ({time.monotonic() - between:.0f} s): {rows:,} rows in {len(compared)} tables,"
                f" {'differing: ' + ', '.join(differ) if differ else 'all with the same hash'}\n"
            )
            sys.stdout.flush()
            wrong |= bool(differ) or took != told.events
    sys.exit(wrong)


if __name__ == "__main__":
    main()
