"""The recorder interface of the eventsourcing library, on this log and psycopg2."""

import hashlib
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    StoredEvent,
    Subscription,
)

from shared.log.store import Append, Log


class LogRecorder(ApplicationRecorder):
    """Lets the library read aggregates from the log, and write to it without a command of ours.

    Notification ids are dense positions counted from 1. They exist once the sequencer has passed,
    so `insert_events` waits for it.

    Args:
        sequencing_timeout: seconds to wait for the sequencer.
    """

    def __init__(self, log: Log, sequencing_timeout: float = 10.0) -> None:
        self.log = log
        self.sequencing_timeout = sequencing_timeout

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Append the events of one stream, all or none.

        Raises:
            IntegrityError: a version exists already, or would leave a gap.
            TimeoutError: recorded, but no sequencer has numbered them in time.
        """
        if not stored_events:
            return None
        stream, first = stored_events[0].originator_id, stored_events[0].originator_version
        assert isinstance(stream, UUID)
        expected = [(stream, first + i) for i in range(len(stored_events))]
        if [(e.originator_id, e.originator_version) for e in stored_events] != expected:
            raise IntegrityError("the events of one insert are successive versions of one stream")
        outcome = self.log.append(
            Append(
                command=uuid4(), stream=stream, expected=first - 1, actor="eventsourcing",
                request=hashlib.sha256(b"".join(e.state for e in stored_events)).digest(),
                types=[e.topic for e in stored_events], envelopes=[e.state for e in stored_events],
            )
        )
        if outcome.status != "ok":
            raise IntegrityError(f"{stream} at version {first}: {outcome.status}")
        deadline = time.monotonic() + self.sequencing_timeout
        while len(
            positions := self.log.positions(stream, first, first + len(stored_events) - 1)
        ) < len(stored_events):
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"recorded, but not numbered within {self.sequencing_timeout:g} s:"
                    " see whether `fuquan relay` is at work"
                )
            time.sleep(0.001)
        return [position + 1 for position in positions]

    def select_events(
        self, originator_id: UUID | str, *, gt: int | None = None, lte: int | None = None,
        desc: bool = False, limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of one stream, by version."""
        assert isinstance(originator_id, UUID)
        rows = self.log.events(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        return [StoredEvent(originator_id, version, topic, state) for version, topic, state in rows]

    def select_notifications(
        self, start: int | None, limit: int, stop: int | None = None, topics: Sequence[str] = (),
        *, inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events in dense order; ids are positions counted from 1."""
        first = 1 if start is None else start + (not inclusive_of_start)
        last = None if stop is None else stop - 1
        return [
            Notification(e.stream, e.version, e.type, e.envelope, e.position + 1)
            for e in self.log.entries(first - 1, limit, last, topics)
        ]

    def max_notification_id(self) -> int | None:
        """The last dense position, counted from 1, or None for an empty log."""
        return self.log.size() or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Follow the dense order from after *gt*; blocks at the end for what is sequenced next."""
        return Following(self, gt, topics)


class Following(Subscription["LogRecorder"]):
    """Notifications one by one, polled: the writer holds no lock that a NOTIFY would need."""

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            found = self._recorder.select_notifications(
                self._last_notification_id, 1, topics=self._topics, inclusive_of_start=False
            )
            if found:
                self._last_notification_id = found[0].id
                return found[0]
            time.sleep(0.01)
        raise StopIteration
