"""An aggregate whose first event is of no special kind."""

from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from eventsourcing.domain import Aggregate

NEVER = datetime.min.replace(tzinfo=UTC)


class Stream(Aggregate):
    """There before its first event: empty, at version 0; so any of its events may come first."""

    class Happened(Aggregate.Event):
        """An event that may come first."""

        of: ClassVar[type["Stream"]]

        def mutate(self, aggregate: Any) -> Any:
            """Start from the empty stream when this is the first event."""
            return super().mutate(aggregate or self.of.empty(self.originator_id))

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        for kind in vars(cls).values():
            if isinstance(kind, type) and issubclass(kind, Stream.Happened):
                kind.of = cls

    @classmethod
    def empty(cls, name: UUID) -> Self:
        """The stream of that id before anything happened in it."""
        stream = cls.__new__(cls)
        stream.__base_init__(name, 0, NEVER)
        stream.begin()
        return stream

    def begin(self) -> None:
        """Assign what holds before the first event."""
