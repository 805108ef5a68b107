"""A recorded history with something forged in it, as only who owns the database could do it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from services.ledger.audit.findings import Finding
from services.ledger.audit.run import Audit, Bounds
from services.ledger.audit.told import Stored

Place = tuple[str, int]
Body = dict[str, Any]


class Forged:
    """Copies of the logs; what is added gets a position beyond the log's own."""

    def __init__(self, logs: Mapping[str, Sequence[Stored]]) -> None:
        self.logs = {
            source: [(entry.position, json.loads(entry.envelope)) for entry in entries]
            for source, entries in logs.items()
        }
        self.bytes: dict[Place, bytes] = {}
        self.next = 100_000

    # Where things are.

    def places(self, name: str, **told: Any) -> list[Place]:
        """Every fact of that name whose data say so; *story* names a case of `tests.played`."""
        if "story" in told:
            told["case_id"] = str(uuid5(NAMESPACE_URL, f"fuquan:demo:case:{told.pop('story')}"))
        return [
            (source, position) for source, entries in self.logs.items()
            for position, body in entries
            if body["type"].endswith(f".{name}")
            and all(body["data"].get(key) == value for key, value in told.items())
        ]

    def place(self, name: str, **told: Any) -> Place:
        """The first of them."""
        return self.places(name, **told)[0]

    def body(self, place: Place) -> Body:
        """The envelope at a place."""
        return next(body for position, body in self.logs[place[0]] if position == place[1])

    # What may be done to them.

    def tell(self, place: Place, **data: Any) -> Place:
        """Other data; ``authority__org_id`` is a field within a field."""
        for key, value in data.items():
            at = self.body(place)["data"]
            *way, last = key.split("__")
            for step in way:
                at = at[step]
            at[last] = value
        return place

    def by(self, place: Place, org: str | None = None, operator: str | None = None) -> Place:
        """Another actor."""
        actor = self.body(place)["actor"]
        self.body(place)["actor"] = actor | {
            key: value for key, value in (("org", org), ("operator", operator)) if value
        }
        return place

    def at(self, place: Place, occurred: str, recorded: str | None = None) -> Place:
        """Another instant."""
        self.body(place).update(occurred_at=occurred, recorded_at=recorded or occurred)
        return place

    def drop(self, *places: Place) -> None:
        """Take facts out."""
        for source, position in places:
            self.logs[source] = [one for one in self.logs[source] if one[0] != position]

    def add(
        self, like: Place, name: str | None = None, *, after: Place | None = None,
        at: str | None = None, whole: Body | None = None, **data: Any,
    ) -> Place:
        """A fact like another, of a command of its own: after *after*, else at the end."""
        body = json.loads(json.dumps(self.body(like)))
        command = uuid4()
        body |= {"id": str(uuid5(command, "0")), "causation": str(command),
                 "correlation": str(command)}
        if name is not None:
            body["type"] = f"{like[0]}.{name}"
        if whole is not None:
            body["data"] = dict(whole)
        entries, place = self.logs[like[0]], (like[0], self.next)
        self.next += 1
        index = len(entries)
        if after is not None:
            index = [position for position, _ in entries].index(after[1]) + 1
        entries.insert(index, (place[1], body))
        if at is not None:
            self.at(place, at)
        return self.tell(place, **data)

    def become(self, place: Place, name: str, **data: Any) -> Place:
        """A fact of another kind in its place."""
        self.body(place)["type"] = f"{place[0]}.{name}"
        return self.tell(place, **data)

    def garble(self, place: Place) -> Place:
        """Bytes that are no envelope."""
        self.bytes[place] = b"{"
        return place

    # What an auditor finds.

    @staticmethod
    def instant(text: str) -> datetime:
        """An instant from its text."""
        return datetime.fromisoformat(text)

    def findings(self, **bounds: Any) -> list[Finding]:
        """Everything an audit says of it."""
        return list(Audit(self._log, self._entry, Bounds(**bounds)).run())

    def violations(self, **bounds: Any) -> list[tuple[str, str, Place]]:
        """Rule, check and place of each violation."""
        return sorted(
            (one.rule, one.code, (one.source, one.position)) for one in self.findings(**bounds)
            if one.weight == "violation"
        )

    def _log(self, source: str) -> Iterator[Stored]:
        for position, body in self.logs[source]:
            told = self.bytes.get((source, position)) or json.dumps(body).encode()
            yield Stored(position, told)

    def _entry(self, source: str, position: int) -> Stored:
        return next(entry for entry in self._log(source) if entry.position == position)
