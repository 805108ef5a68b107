"""A damaged log rebuilt from a copy, as the administrator; what was found stays as evidence."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid5

import psycopg2
from psycopg2.extensions import connection, cursor
from psycopg2.extras import execute_values

from services.ledger import repair
from services.ledger.compared import Signed, compared
from services.ledger.copies import Copy
from services.ledger.sides import Difference, Unrestorable
from services.ledger.sources import Source, sources_of
from shared.log.keys import Verifier
from shared.log.verify import Recorded
from shared.settings import NotConfigured, Settings

BATCH = 500
MOST_EVENTS = 500  # of one command, as log.sql has it


class StillAtWork(RuntimeError):
    """A relay holds the log's lease; it must be stopped first."""


def planned(settings: Settings, service: str, copy: Copy) -> Difference:
    """What `restored` would change; nothing is changed, and no writer waits.

    Raises:
        Unrestorable: the copy may not take the log's place.
        NotConfigured: there is no key to check the copy with.
    """
    source = sources_of(settings)[service]
    held = psycopg2.connect(settings.dsn(service), connect_timeout=10)
    try:
        held.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with held, held.cursor() as at:
            return compared(
                at, copy, source.origin, _keys(source), last_signed(settings, service)
            )
    finally:
        held.close()


def restored(settings: Settings, service: str, copy: Copy) -> Difference:
    """Make the log what the copy is, in one transaction; the damaged rows are kept first.

    Args:
        settings: with the administrator's URL, and the relay's folder of keys.

    Raises:
        Unrestorable, NotConfigured: as for `planned`; nothing was changed.
        StillAtWork: a relay holds the log's lease.
    """
    source, last = sources_of(settings)[service], last_signed(settings, service)
    with _exclusive(settings, service) as held, held.cursor() as at:
        at.execute(repair.WANTED)
        rows: list[Recorded] = []

        def keep(row: Recorded) -> None:
            rows.append(row)
            if len(rows) >= BATCH:
                _store(held, rows)

        found = compared(at, copy, source.origin, _keys(source), last, keep)
        _store(held, rows)
        if found.any():
            at.execute(repair.STALE)
            _keep_evidence(settings, service, at, found)
            repair.repair(at, found, source.origin)
            left = compared(at, copy, source.origin, _keys(source), last)
            if left.any():
                raise Unrestorable(f"未能恢复 The log still differs at {left.first}.")
        held.commit()
    return found


def last_signed(settings: Settings, service: str) -> Signed | None:
    """What the relay signed last, as it keeps it beside its key."""
    path = settings.keys / f"{service}.last"
    if not path.exists():
        return None
    told = json.loads(path.read_text("utf-8"))
    return Signed(int(told["size"]), bytes.fromhex(told["root"]))


def _keys(source: Source) -> list[Verifier]:
    verifiers = source.verifiers()
    if not verifiers:
        raise NotConfigured(f"There is no {source.key}; set FUQUAN_KEYS to the relay's folder.")
    return verifiers


@contextmanager
def _exclusive(settings: Settings, service: str) -> Iterator[connection]:
    """A transaction in which nobody else appends, numbers, signs or takes over."""
    held = psycopg2.connect(settings.dsn(service), connect_timeout=10)
    try:
        with held.cursor() as at:
            at.execute("SET LOCAL lock_timeout = '30s'")
            at.execute("SELECT until > clock_timestamp() FROM log.relay FOR UPDATE")
            ((at_work,),) = at.fetchall()
            if at_work:
                raise StillAtWork(service)
            at.execute("SELECT pg_advisory_xact_lock(hashtext('log.integrate'))")
            at.execute(repair.ALONE)
        yield held
    finally:
        held.close()


def _store(held: connection, rows: list[Recorded]) -> None:
    with held.cursor() as at:
        execute_values(
            at, "INSERT INTO wanted VALUES %s",
            [
                (row.position, row.previous, row.stream, row.version, row.type,
                 *_command_of(row), row.envelope)
                for row in rows
            ],
        )
    rows.clear()


def _command_of(row: Recorded) -> tuple[UUID, str]:
    """The id of the command that wrote an event, and its operator.

    An event's id derives from its command's; that of a command of a person is its causation, that
    of a policy derives from the fact and the policy. Of a policy's further steps it is not known.
    """
    told = json.loads(row.envelope)
    id_, causation = UUID(told["id"]), UUID(told["causation"])
    operator = str(told["actor"].get("operator", ""))
    for command in (causation, uuid5(causation, operator)):
        if id_ in (uuid5(command, str(nth)) for nth in range(MOST_EVENTS)):
            return command, operator
    return uuid5(id_, "restored"), operator


def _keep_evidence(settings: Settings, service: str, at: cursor, found: Difference) -> None:
    """Into the ledger's database, and committed there, before anything is changed here."""
    ledger = psycopg2.connect(settings.dsn("ledger"), connect_timeout=10)
    try:
        with ledger, ledger.cursor() as to:
            for query in repair.EVIDENCE:
                with at.connection.cursor("damaged") as rows:  # on the server: they may be many
                    rows.execute(query, {"other": found.other_notes})
                    while block := rows.fetchmany(BATCH):
                        execute_values(
                            to, "INSERT INTO witness.damaged (source, found, position, stream,"
                            " version, type, envelope, leaf_hash, command_id, note) VALUES %s",
                            [(service, *row) for row in block],
                        )
    finally:
        ledger.close()
