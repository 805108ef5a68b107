"""A long, signed log, put into PostgreSQL in one go: what auditors have to read."""

import struct
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from uuid import UUID, uuid5

import psycopg2
from psycopg2.extensions import cursor

from shared.contracts import events
from shared.contracts.envelope import Given, instant, seal
from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.note import Signer
from shared.log.tree import Range, leaf_hash
from shared.settings import Settings
from tests.receipts import golden

TYPE = "cases.CaseAccepted"
Row = tuple[UUID, int, str, bytes]  # stream, version, type, envelope
SLOT = UUID(int=1 << 99)  # stands for the stream in a template
STEPS, OPEN = 10, 1_000  # events of a case, and cases that go on at the same time
SIGNED_EVERY = 1_000
BLOCK = 10_000
COPY = "COPY log.event (stream, version, command_id, type, envelope) FROM STDIN (FORMAT binary)"
NUMBERED = """
INSERT INTO log.entry (position, ord, leaf_hash, previous)
SELECT ord - %(first)s, ord, leaf_hash,
       lag(ord) OVER (PARTITION BY stream ORDER BY version) - %(first)s
  FROM log.event WHERE ord >= %(first)s + %(size)s
"""


class Filled:
    """A service's log, which grows and is signed; the key lies in the settings' folder.

    Args:
        admin: the administrator's settings; the log is empty.
        source: whose log.
        rows: what stands from one position to another; by default `accepted`, cases' log.
    """

    def __init__(
        self, admin: Settings, source: str = "cases",
        rows: "Callable[[int, int], Iterator[Row]] | None" = None,
    ) -> None:
        self.admin, self.source, self.rows = admin, source, rows or accepted
        self.signer = Signer.generate(admin.origin(source))
        admin.keys.mkdir(parents=True, exist_ok=True)
        (admin.keys / f"{source}.vkey").write_text(f"{self.signer.verifier}\n", "utf-8")
        self.tree = Range()
        self._first: int | None = None

    def grow(self, size: int) -> None:
        """Make it *size* entries long; what it had before ends with a whole round of cases."""
        held = psycopg2.connect(self.admin.dsn(self.source))
        with held, held.cursor() as at:
            at.execute("SET session_replication_role = replica")
            self._append(at, self.tree.size, size)
        held.autocommit = True
        held.cursor().execute("VACUUM ANALYZE log.event, log.entry")
        held.close()

    def _append(self, at: cursor, start: int, end: int) -> None:
        notes = []
        for first in range(start, end, BLOCK):
            block = list(self.rows(first, min(first + BLOCK, end)))
            at.copy_expert(COPY, _binary(block))
            for *_, envelope in block:
                self.tree.append(leaf_hash(envelope))
                if self.tree.size % SIGNED_EVERY == 0 or self.tree.size == end:
                    notes.append(self._signed())
        if self._first is None:
            at.execute("SELECT min(ord) FROM log.event")
            ((self._first,),) = at.fetchall()
        at.execute(NUMBERED, {"first": self._first, "size": start})
        at.executemany("INSERT INTO log.checkpoint (size, root, note) VALUES (%s, %s, %s)", notes)

    def _signed(self) -> tuple[int, bytes, str]:
        size, root = self.tree.size, self.tree.root()
        note = sign_checkpoint(Checkpoint(self.signer.name, size, root), self.signer)
        return size, root, note


class Template:
    """An event's envelope as it is sealed, filled with ids; what else it says stays the same.

    Args:
        type_: with its source.
        data: in which `SLOT` stands for the stream.
    """

    def __init__(self, type_: str, data: dict[str, Any]) -> None:
        self.type = type_
        given = Given(
            command=UUID(int=3), at=instant("2023-07-03T09:00:00+08:00"),
            actor={"org": "MD2023-TOWN-08-CENTRE", "role": "officer", "operator": "op-1"},
        )
        sealed = seal(
            source=type_.partition(".")[0], type_=type_, stream=SLOT, version=1, index=0,
            data=events.load(type_, data, 1), given=given, programme="MD2023",
            jurisdiction="371702", recorded_at=given.at,
        )
        head, _, self._tail = sealed.rpartition(b'"version":1')
        self._head = head.split(str(uuid5(given.command, "0")).encode())

    def row(self, place: int, stream: UUID, version: int) -> Row:
        """The event at that position."""
        head = str(UUID(int=place)).encode().join(self._head)
        sealed = b"".join((head, b'"version":', str(version).encode(), self._tail))
        return stream, version, self.type, sealed.replace(str(SLOT).encode(), str(stream).encode())


def accepted(first: int, end: int) -> Iterator[Row]:
    """Positions *first* to *end* of a log of cases."""
    event = Template(TYPE, golden("CaseAccepted"))
    return (event.row(place, *turn(place, STEPS)) for place in range(first, end))


def turn(place: int, steps: int) -> tuple[UUID, int]:
    """Stream and version at a position: some go on at the same time, each for so many steps."""
    round_, stream = divmod(place, OPEN)
    return UUID(int=1 << 100 | stream + round_ // steps * OPEN), round_ % steps + 1


def _binary(rows: list[Row]) -> BytesIO:
    """The rows as COPY takes them in binary form. Source: PostgreSQL's documentation of COPY."""
    command = UUID(int=4).bytes
    parts = [b"PGCOPY\n\xff\r\n\x00", bytes(8)]
    for stream, version, name, envelope in rows:
        type_ = name.encode()
        parts += [
            struct.pack(">hi16sii", 5, 16, stream.bytes, 4, version),
            struct.pack(">i16si", 16, command, len(type_)), type_,
            struct.pack(">i", len(envelope)), envelope,
        ]
    parts.append(struct.pack(">h", -1))
    return BytesIO(b"".join(parts))
