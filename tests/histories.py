"""A history beside the aggregate that makes it: every fact once through its contract, replayed."""

import json
from typing import Any

from eventsourcing.domain import Aggregate

from shared.contracts import events
from shared.log.mapper import EnvelopeMapper


class History:
    """What an aggregate has told so far, and a second aggregate made of nothing else.

    Args:
        service: whose contracts the events have.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self.told: list[Any] = []
        self.replayed: Any = None

    def take(self, aggregate: Aggregate) -> list[Any]:
        """The newly told events, read back as the log would give them."""
        fresh = list(aggregate.collect_events())
        for event in fresh:
            self.replayed = self._stored(event).mutate(self.replayed)
        self.told += fresh
        return fresh

    def names(self) -> list[str]:
        """The names of all events, in order."""
        return [type(event).__name__ for event in self.told]

    def agrees_with(self, aggregate: Aggregate) -> bool:
        """Whether the replayed state is the live one, and its version the number of events."""
        return self.replayed == aggregate and aggregate.version == len(self.told)

    def _stored(self, event: Any) -> Any:
        name = f"{self.service}.{type(event).__name__}"
        written = json.dumps(events.dump(name, EnvelopeMapper.data_of(event)))
        read = object.__new__(type(event))
        read.__dict__.update(vars(event) | events.load(name, json.loads(written)))
        return read
