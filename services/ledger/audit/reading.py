"""The logs for an audit: of the services' databases, or of the ledger's mirror."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from services.ledger.audit.told import READ_IN, Stored
from services.ledger.sources import Source
from shared.database import Database

BLOCK = 1000
ENTRIES = (
    "SELECT n.position, e.envelope FROM log.entry n JOIN log.event e USING (ord)"
    " WHERE n.position BETWEEN %s AND %s ORDER BY n.position LIMIT %s"
)
END = "SELECT coalesce(max(position), -1) FROM log.entry"
MIRRORED = (
    "SELECT position, envelope FROM mirror"
    " WHERE source = %s AND position BETWEEN %s AND %s ORDER BY position LIMIT %s"
)


class Reading(Protocol):
    """Where an audit reads from."""

    def log(self, source: str) -> Iterator[Stored]:
        """A log in dense order, as far as it reached when the reading began."""

    def entry(self, source: str, position: int) -> Stored:
        """One entry again."""

    def sizes(self) -> Mapping[str, int]:
        """How many entries of each log are read."""


@dataclass
class Databases:
    """The logs of the services' own databases; they may grow meanwhile.

    Args:
        sources: with a role that may read the logs.
    """

    sources: Mapping[str, Source]

    def __post_init__(self) -> None:
        self._ends = {
            name: int(source.database.rows(END)[0][0]) for name, source in self.sources.items()
        }

    def sizes(self) -> Mapping[str, int]:
        return {name: end + 1 for name, end in self._ends.items()}

    def log(self, source: str) -> Iterator[Stored]:
        return _blocks(self.sources[source].database, ENTRIES, (), self._ends[source])

    def entry(self, source: str, position: int) -> Stored:
        (found,) = self.sources[source].database.rows(ENTRIES, (position, position, 1))
        return _stored(*found)


@dataclass
class Mirrored:
    """The ledger's own copy."""

    database: Database

    def __post_init__(self) -> None:
        ends = dict(self.database.rows("SELECT source, max(position) FROM mirror GROUP BY source"))
        self._ends = {name: ends.get(name, -1) for name in READ_IN}

    def sizes(self) -> Mapping[str, int]:
        return {name: end + 1 for name, end in self._ends.items()}

    def log(self, source: str) -> Iterator[Stored]:
        return _blocks(self.database, MIRRORED, (source,), self._ends[source])

    def entry(self, source: str, position: int) -> Stored:
        (found,) = self.database.rows(MIRRORED, (source, position, position, 1))
        return _stored(*found)


def _blocks(
    database: Database, query: str, given: tuple[str, ...], end: int
) -> Iterator[Stored]:
    first = 0
    while rows := database.rows(query, (*given, first, end, BLOCK)):
        yield from (_stored(position, envelope) for position, envelope in rows)
        first = rows[-1][0] + 1


def _stored(position: int, envelope: memoryview) -> Stored:
    return Stored(position, bytes(envelope))
