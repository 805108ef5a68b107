"""Streams whose every event may be the first one or a later one."""

from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, CanMutateAggregate

A = TypeVar("A", bound=Aggregate)


def stream_id(*key: object) -> UUID:
    """The id of a stream by its natural key, so that two creations of one thing collide."""
    return uuid5(NAMESPACE_URL, "fuquan:delegation:" + "/".join(str(part) for part in key))


class Recorded(Aggregate.Created):
    """An event that begins a history or continues it."""

    def mutate(self, aggregate: Any) -> Any:
        if aggregate is None:
            return super().mutate(None)
        return CanMutateAggregate.mutate(self, aggregate)


def record(kind: type[A], before: A | None, stream: UUID, event: type[Any], /, **fields: Any) -> A:
    """*before* with one more event, or a new history that begins with it."""
    if before is None:
        return kind._create(event, id=stream, **fields)  # noqa: SLF001 - the library's own way in
    topic = f"{kind.__module__}:{kind.__qualname__}"
    before.trigger_event(event, originator_topic=topic, **fields)
    return before
