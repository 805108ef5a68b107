"""A long, signed log of cases, put into PostgreSQL in one go: what auditors have to read."""

import struct
from collections.abc import Iterator
from io import BytesIO
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
    """Cases' log, which grows and is signed; the key lies in the settings' folder.

    Args:
        admin: the administrator's settings; the log is empty.
    """

    def __init__(self, admin: Settings) -> None:
        self.admin = admin
        self.signer = Signer.generate(admin.origin("cases"))
        admin.keys.mkdir(parents=True, exist_ok=True)
        (admin.keys / "cases.vkey").write_text(f"{self.signer.verifier}\n", "utf-8")
        self.tree = Range()
        self._first: int | None = None

    def grow(self, size: int) -> None:
        """Make it *size* entries long; what it had before ends with a whole round of cases."""
        held = psycopg2.connect(self.admin.dsn("cases"))
        with held, held.cursor() as at:
            at.execute("SET session_replication_role = replica")
            self._append(at, self.tree.size, size)
        held.autocommit = True
        held.cursor().execute("VACUUM ANALYZE log.event, log.entry")
        held.close()

    def _append(self, at: cursor, start: int, end: int) -> None:
        notes = []
        for first in range(start, end, BLOCK):
            block = list(entries(first, min(first + BLOCK, end)))
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


def entries(first: int, end: int) -> Iterator[tuple[UUID, int, bytes]]:
    """(stream, version, envelope) of positions *first* to *end*: real envelopes but for ids."""
    given = Given(
        command=UUID(int=3), at=instant("2023-07-03T09:00:00+08:00"),
        actor={"org": "MD2023-TOWN-08-CENTRE", "role": "officer", "operator": "op-1"},
    )
    sealed = seal(
        source="cases", type_=TYPE, stream=UUID(int=2), version=1, index=0,
        data=events.load(TYPE, golden("CaseAccepted"), 1), given=given, programme="MD2023",
        jurisdiction="371702", recorded_at=given.at,
    )
    head, middle, tail = _around(sealed, str(uuid5(given.command, "0")), str(UUID(int=2)))
    for place in range(first, end):
        turn, case = divmod(place, OPEN)
        case += turn // STEPS * OPEN
        version = turn % STEPS + 1
        stream = UUID(int=1 << 100 | case)
        own = UUID(int=place)
        yield stream, version, b"".join((
            head, str(own).encode(), middle, str(stream).encode(), tail[0],
            str(version).encode(), tail[1],
        ))


def _around(sealed: bytes, own: str, stream: str) -> tuple[bytes, bytes, tuple[bytes, bytes]]:
    """The bytes before the id, between id and stream, and around the version."""
    head, _, rest = sealed.partition(own.encode())
    middle, _, rest = rest.partition(stream.encode())
    before, _, after = rest.rpartition(b'"version":1')
    return head, middle, (before + b'"version":', after)


def _binary(rows: list[tuple[UUID, int, bytes]]) -> BytesIO:
    """The rows as COPY takes them in binary form. Source: PostgreSQL's documentation of COPY."""
    command, type_ = UUID(int=4).bytes, TYPE.encode()
    parts = [b"PGCOPY\n\xff\r\n\x00", bytes(8)]
    for stream, version, envelope in rows:
        parts += [
            struct.pack(">hi16sii", 5, 16, stream.bytes, 4, version),
            struct.pack(">i16si", 16, command, len(type_)), type_,
            struct.pack(">i", len(envelope)), envelope,
        ]
    parts.append(struct.pack(">h", -1))
    return BytesIO(b"".join(parts))
