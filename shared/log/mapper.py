"""Between a domain's event objects and the log's envelopes; stored names are contract names."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, AggregateEvent
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from eventsourcing.utils import get_topic

from shared.contracts import events
from shared.contracts.envelope import instant

LIBRARY_FIELDS = frozenset({"originator_id", "originator_version", "originator_topic", "timestamp"})


class EnvelopeMapper(Mapper[UUID]):
    """Finds the event class of ``delegation.ItemDelegated`` in the aggregates of one service.

    Args:
        service: first part of the contract names.
        aggregates: the aggregate classes whose nested event classes carry the second part.
    """

    def __init__(self, service: str, aggregates: Iterable[type[Aggregate]]) -> None:
        super().__init__(JSONTranscoder())
        self.service = service
        self._classes: dict[str, tuple[type[AggregateEvent], str]] = {}
        for aggregate in aggregates:
            for name, kind in vars(aggregate).items():
                if isinstance(kind, type) and issubclass(kind, AggregateEvent) and name != "Event":
                    self._classes[f"{service}.{name}"] = (kind, get_topic(aggregate))

    def name_of(self, event: object) -> str:
        """The contract name of a domain event."""
        return f"{self.service}.{type(event).__name__}"

    @staticmethod
    def data_of(event: object) -> Mapping[str, Any]:
        """The event's own fields, without those of the library."""
        return {name: value for name, value in vars(event).items() if name not in LIBRARY_FIELDS}

    def to_domain_event(self, stored_event: StoredEvent) -> AggregateEvent:
        """The domain event that an envelope holds."""
        kind, topic = self._classes[stored_event.topic]
        body = json.loads(stored_event.state)
        event: AggregateEvent = object.__new__(kind)
        event.__dict__.update(events.load(stored_event.topic, body["data"], body["schema"]))
        event.__dict__.update(
            originator_id=stored_event.originator_id,
            originator_version=stored_event.originator_version,
            originator_topic=topic,
            timestamp=instant(body["occurred_at"]),
        )
        return event
