"""What the bus did not bring: counted and told, so that a lost binding or a purge is seen."""

from collections import Counter
from collections.abc import Iterable

import structlog

from shared.contracts.envelope import Fact
from shared.ops import counters

log = structlog.get_logger()


def pulled(consumer: str, source: str, first: int, end: int, count: int) -> None:
    """Facts were taken in from the source's log, from position *first* to before *end*.

    Whoever begins with a log finds none of its past on the bus: what is pulled from its first
    position on is told and not counted.
    """
    if not count:
        return
    log.info(
        "facts.pulled", consumer=consumer, source=source, count=count,
        **{"from": first, "to": end},
    )
    if first > 0:
        counters.PULLED.labels(consumer, source).inc(count)


def late(consumer: str, brought: Iterable[Fact], taken: Iterable[Fact]) -> None:
    """The bus has brought facts, of which some were not new: pulled before, or doubled."""
    known = Counter(fact.source for fact in brought)
    known.subtract(fact.source for fact in taken)
    for source, count in known.items():
        counters.LATE.labels(consumer, source).inc(count)
