"""Scenarios 14 and 17: `python -m tests.faults.replays` replays a million events, twice.

Delegation's log is filled with grants that begin, are implemented and end. Every service takes it
in with its own consumer, then it is replayed in order into empty tables beside that: every table
must have the same hash. With a seed the consumer gets it as messages that a bad broker brings.
"""

import argparse
import logging
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from heapq import heappop, heappush
from itertools import islice
from pathlib import Path

from services.ledger.replay import facts_of, replayed
from shared.bus.consumer import Consumer
from shared.bus.message import CONTENT_TYPE, message_of
from shared.bus.reading import PREFETCH
from shared.database import Database
from shared.log.store import Log
from shared.logs import configure
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
WINDOW = 50  # a message overtakes at most so many
SOURCE = "delegation"
TAKEN = """
SELECT (SELECT projected FROM bus.cursor WHERE source = %s) - (SELECT count(*) FROM bus.parked)
"""
Message = tuple[bytes, dict[str, object], str | None]
FOLLOWING = ("catalog", "delegation", "cases", "supervision", "ledger")


def grants(first: int, end: int) -> Iterator[Row]:
    """Positions *first* to *end* of delegation's log; a thousand grants go on at the same time."""
    told = [
        Template(f"{SOURCE}.{name}", golden(name, **dict.fromkeys(own, str(SLOT))))
        for name, own in STORY.items()
    ]
    for place in range(first, end):
        stream, version = turn(place, len(STORY))
        yield told[version - 1].row(place, stream, version)


def filled(admin: Settings, events: int) -> None:
    """Put so many events into delegation's log."""
    Filled(admin, SOURCE, grants).grow(events)


def brought(log: Log, chance: random.Random) -> Iterator[Message]:
    """Every message of a log never, once or twice, before or after others (window 50)."""
    waiting: list[tuple[int, int, Message]] = []
    end = log.size()
    for first in range(0, end, PREFETCH):
        for entry in log.entries(first, PREFETCH):
            _, headers, body = message_of(
                SOURCE, entry.position, entry.previous, entry.type, entry.envelope
            )
            for again in range(chance.choices((0, 1, 2), (1, 8, 1))[0]):
                due = entry.position + chance.randint(0, WINDOW)
                heappush(waiting, (due, 2 * entry.position + again, (body, headers, CONTENT_TYPE)))
            while waiting and waiting[0][0] <= entry.position:
                yield heappop(waiting)[-1]
    yield from (heappop(waiting)[-1] for _ in range(len(waiting)))


def taken_in(admin: Settings, service: str, seed: int | None = None) -> int:
    """Let the service's consumer, without its policies, take in all that the logs hold.

    Args:
        seed: of the messages that it gets before it reads the rest from the log; None: no message.

    Returns:
        How many facts it has taken in and not parked.
    """
    facts, own = facts_of(service), Database(admin.dsn(service), size=2)
    logs = {
        name: Log(Database(admin.dsn(name), size=1, search_path="log")) for name in facts.from_
    }
    try:
        consumer = Consumer(service, own, logs, facts.into, {})
        consumer.start()
        if seed is not None:
            _deliver(consumer, brought(logs[SOURCE], random.Random(seed)))
        consumer.catch_up()
        ((taken,),) = own.rows(TAKEN, (SOURCE,))
        return int(taken)
    finally:
        for database in (own, *(one.database for one in logs.values())):
            database.close()


def _deliver(consumer: Consumer, messages: Iterable[Message]) -> None:
    coming = iter(messages)
    while some := list(islice(coming, PREFETCH)):
        consumer.deliver(some)


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
    given.add_argument("--seed", type=int, help="bring messages: lost, doubled, out of order")
    told, wrong = given.parse_args(), False
    configure("replays", logging.WARNING)  # not a line for every gap
    with ExitStack() as stack:
        server = stack.enter_context(postgresql())
        keys = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        admin = Settings(server.url, deployment="replays", prefix="replays_", keys=keys)
        migrate(admin)
        filled(admin, told.events)
        for service in told.services:
            began = time.monotonic()
            took = taken_in(admin, service, told.seed)
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
