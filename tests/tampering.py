"""What a superuser with the triggers off can do to a log; each says where the wrong begins."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from uuid import UUID

import psycopg2
from psycopg2.extensions import cursor

TABLES = {
    "event": "ord, stream, version, command_id, type, envelope",
    "entry": "position, ord, leaf_hash, previous, integrated_at",
    "checkpoint": "size, root, note, signed_at",
    "sequence": "one, next_position, last_ord",
}
OF = "ord = (SELECT ord FROM log.entry WHERE position = %s)"
REHASHED = (
    "UPDATE log.entry n SET leaf_hash = e.leaf_hash FROM log.event e"
    " WHERE e.ord = n.ord AND n.leaf_hash <> e.leaf_hash"
)
RELINKED = """
UPDATE log.entry n SET previous = linked.previous FROM (
  SELECT position, lag(position) OVER (PARTITION BY stream ORDER BY version) AS previous
    FROM log.entry JOIN log.event USING (ord)) AS linked
 WHERE linked.position = n.position AND linked.previous IS DISTINCT FROM n.previous
"""
FAR = 1_000_000


class Superuser:
    """The administrator of a service's database, who can put everything back."""

    def __init__(self, dsn: str) -> None:
        self.held = psycopg2.connect(dsn)
        with self.held, self.held.cursor() as at:
            for table in TABLES:
                at.execute(f"CREATE TABLE public.kept_{table} AS TABLE log.{table}")

    def tamper(self, how: "Tampering", chance: Random, size: int) -> int:
        """Do it to a log of *size* entries; returns the first position that is wrong then."""
        with self.held, self.held.cursor() as at:
            at.execute("SET session_replication_role = replica")
            return how(at, chance, size)

    def restore(self) -> None:
        """Put every row back."""
        with self.held, self.held.cursor() as at:
            at.execute("SET session_replication_role = replica")
            at.execute(f"TRUNCATE {', '.join(f'log.{table}' for table in TABLES)}")
            for table, columns in TABLES.items():
                at.execute(
                    f"INSERT INTO log.{table} ({columns}) OVERRIDING SYSTEM VALUE"
                    f" SELECT {columns} FROM public.kept_{table}"
                )

    def close(self) -> None:
        """Leave the database as it was."""
        self.restore()
        with self.held, self.held.cursor() as at:
            at.execute(f"DROP TABLE {', '.join(f'public.kept_{table}' for table in TABLES)}")
        self.held.close()


Tampering = Callable[[cursor, Random, int], int]


def edit_envelope(at: cursor, chance: Random, size: int) -> int:
    """One byte of what was recorded."""
    place = chance.randrange(size)
    at.execute(f"SELECT envelope FROM log.event WHERE {OF}", (place,))
    ((envelope,),) = at.fetchall()
    bent = bytearray(envelope)
    bent[chance.randrange(len(bent))] ^= 1 << chance.randrange(8)
    at.execute(f"UPDATE log.event SET envelope = %s WHERE {OF}", (bytes(bent), place))
    return place


def edit_envelope_and_hash(at: cursor, chance: Random, size: int) -> int:
    """A digit of an organ's code, so that all still reads well; and the recorded hash with it."""
    place = chance.randrange(size)
    at.execute(
        "UPDATE log.event SET envelope = convert_to(regexp_replace("
        f"convert_from(envelope, 'UTF8'), 'MD2023-ORG-05', 'MD2023-ORG-06'), 'UTF8') WHERE {OF}",
        (place,),
    )
    at.execute(REHASHED)
    return place


def edit_hash(at: cursor, chance: Random, size: int) -> int:
    """The recorded leaf hash alone."""
    place = chance.randrange(size)
    at.execute(
        "UPDATE log.entry SET leaf_hash = %s WHERE position = %s", (chance.randbytes(32), place)
    )
    return place


@dataclass(frozen=True)
class Edit:
    """A column beside the envelope."""

    column: str
    value: str

    def __call__(self, at: cursor, chance: Random, size: int) -> int:
        place = chance.randrange(size)
        at.execute(f"UPDATE log.event SET {self.column} = {self.value} WHERE {OF}", (place,))
        return place


def edit_previous(at: cursor, chance: Random, size: int) -> int:
    """Which entry of its stream came before."""
    place = chance.randrange(size)
    at.execute("UPDATE log.entry SET previous = position WHERE position = %s", (place,))
    return place


def delete_entry(at: cursor, chance: Random, size: int) -> int:
    """A row of the dense order, or of the events."""
    place = chance.randrange(size)
    if chance.random() < 0.5:
        at.execute(f"DELETE FROM log.event WHERE {OF}", (place,))
    at.execute("DELETE FROM log.entry WHERE position = %s", (place,))
    return place


def delete_and_close_the_hole(at: cursor, chance: Random, size: int) -> int:
    """As if it had never been: every later position moves up, every link follows."""
    place = chance.randrange(size)
    at.execute("DELETE FROM log.entry WHERE position = %s", (place,))
    _move(at, place + 1, -1)
    at.execute(RELINKED)
    return place


def insert(at: cursor, chance: Random, size: int) -> int:
    """An event that reads well, on a stream of its own; half the time every link follows too."""
    place = chance.randrange(size)
    at.execute(f"SELECT type, convert_from(envelope, 'UTF8'), stream FROM log.event WHERE {OF}",
               (place,))
    ((type_, envelope, stream),) = at.fetchall()
    own = UUID(int=chance.getrandbits(128))
    told = envelope.replace(str(stream), str(own))
    at.execute(
        "INSERT INTO log.event (stream, version, command_id, type, envelope)"
        " SELECT %s, version, %s, %s, %s FROM log.event"
        f" WHERE {OF} RETURNING ord, leaf_hash",
        (str(own), str(own), type_, told.encode(), place),
    )
    ((ord_, leaf),) = at.fetchall()
    _move(at, place, 1)
    at.execute("INSERT INTO log.entry (position, ord, leaf_hash) VALUES (%s, %s, %s)",
               (place, ord_, leaf))
    if chance.random() < 0.5:
        at.execute(RELINKED)
    return place


def swap_envelopes(at: cursor, chance: Random, size: int) -> int:
    """The bytes of two events."""
    first, second = _two(chance, size)
    at.execute(
        "WITH pair AS (SELECT n.position, e.ord, e.envelope FROM log.entry n"
        " JOIN log.event e USING (ord) WHERE n.position IN (%(first)s, %(second)s))"
        " UPDATE log.event e SET envelope = other.envelope FROM pair own, pair other"
        " WHERE e.ord = own.ord AND other.ord <> own.ord",
        {"first": first, "second": second},
    )
    if chance.random() < 0.5:
        at.execute(REHASHED)
    return first


def swap_positions(at: cursor, chance: Random, size: int) -> int:
    """Two entries change places; half the time every link follows."""
    first, second = _two(chance, size)
    for old, new in ((first, FAR), (second, first), (FAR, second)):
        at.execute("UPDATE log.entry SET position = %s WHERE position = %s", (new, old))
    if chance.random() < 0.5:
        at.execute(RELINKED)
    return first


def swap_events(at: cursor, chance: Random, size: int) -> int:
    """Two positions point to each other's events; half the time with their hashes."""
    first, second = _two(chance, size)
    at.execute("SELECT ord FROM log.entry WHERE position IN (%s, %s) ORDER BY position",
               (first, second))
    (one,), (other,) = at.fetchall()
    for place, ord_ in ((first, -1), (second, one), (first, other)):
        at.execute("UPDATE log.entry SET ord = %s WHERE position = %s", (ord_, place))
    if chance.random() < 0.5:
        at.execute(REHASHED)
    return first


def truncate_the_tail(at: cursor, chance: Random, size: int) -> int:
    """Everything from a position on, as in an older backup; half the time its checkpoints too."""
    place = chance.randrange(size)
    at.execute("DELETE FROM log.entry WHERE position >= %s", (place,))
    at.execute("DELETE FROM log.event WHERE ord NOT IN (SELECT ord FROM log.entry)")
    at.execute("UPDATE log.sequence SET next_position = %s", (place,))
    if chance.random() < 0.5:
        at.execute("DELETE FROM log.checkpoint WHERE size > %s", (place,))
    return place


def rewrite_the_tail(at: cursor, chance: Random, size: int) -> int:
    """The last entries go in another order, and the checkpoints over them go."""
    place = chance.randrange(size - 1)
    at.execute(
        "UPDATE log.entry SET position = %s + %s - position WHERE position >= %s",
        (FAR + place, size - 1, place),
    )
    at.execute("UPDATE log.entry SET position = position - %s WHERE position >= %s", (FAR, FAR))
    at.execute("DELETE FROM log.checkpoint WHERE size > %s", (place,))
    at.execute(RELINKED)
    return place


TAMPERINGS: tuple[Tampering, ...] = (
    edit_envelope, edit_envelope_and_hash, edit_hash, edit_previous,
    Edit("stream", "md5(stream::text)::uuid"), Edit("version", "version + 1000"),
    Edit("type", "'supervision.TaskAssigned'"),
    delete_entry, delete_and_close_the_hole, insert, swap_envelopes, swap_positions, swap_events,
    truncate_the_tail, rewrite_the_tail,
)


def _two(chance: Random, size: int) -> tuple[int, int]:
    first, second = sorted(chance.sample(range(size), 2))
    return first, second


def _move(at: cursor, start: int, by: int) -> None:
    at.execute("UPDATE log.entry SET position = position + %s WHERE position >= %s", (FAR, start))
    at.execute(
        "UPDATE log.entry SET position = position - %s WHERE position >= %s", (FAR - by, FAR)
    )
