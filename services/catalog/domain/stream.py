"""An aggregate whose first event is of no special kind."""

from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.utils import resolve_topic

NEVER = datetime.min.replace(tzinfo=UTC)


class Stream(Aggregate):
    """There before its first event: empty, at version 0; so any of its events may come first."""

    @classmethod
    def empty(cls, name: UUID) -> Self:
        """The stream of that id before anything happened in it."""
        stream = cls.__new__(cls)
        stream.__base_init__(name, 0, NEVER)
        stream.begin()
        return stream

    def begin(self) -> None:
        """Assign what holds before the first event."""

    class Happened(Aggregate.Event):
        """An event that may come first."""

        def mutate(self, aggregate: Any) -> Any:
            """Start from the empty stream when this is the first event."""
            if aggregate is None:
                aggregate = resolve_topic(vars(self)["originator_topic"]).empty(self.originator_id)
            return super().mutate(aggregate)
