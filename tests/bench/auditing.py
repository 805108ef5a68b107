"""The audit of a long history: content, order and legality of a hundred thousand and a million."""

import json
import logging
import os
import re
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from io import StringIO
from pathlib import Path
from subprocess import DEVNULL, Popen
from tempfile import TemporaryFile
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import psutil
import psycopg2
from psycopg2.extensions import connection

from services.ledger.audit.told import Stored
from shared.log.canonical import canonical
from shared.logs import configure
from shared.settings import SERVICES, Settings
from tests.bench.figure import Figure
from tests.forged import Forged
from tests.played import played

MANY = 1_000_000
LARGEST = int(os.environ.get("FUQUAN_BENCH_FACTS", MANY))  # fewer, for a quick look
SIZES = [size for size in (100_000, MANY) if size <= LARGEST]
AIM = 120.0
BATCH = 20_000

# The applications of the played history that can be filed again and again: every path but the ends.
STORIES = ("handled", "crossing", "forwarded", "at-district", "denied", "direct", "both", "on-seal",
           "window", "print", "bureau")
COPIED = "COPY log.event (stream, version, command_id, type, envelope) FROM STDIN"
SEQUENCED = """
INSERT INTO log.entry (position, ord, leaf_hash, previous)
SELECT position, ord, leaf_hash, lag(position) OVER (PARTITION BY stream ORDER BY version)
  FROM (SELECT e.*, %(above)s - 1 + row_number() OVER (ORDER BY ord) AS position
          FROM log.event e WHERE ord > %(ord)s) AS fresh
"""


def audit_figures(admin: Settings) -> Iterator[Figure]:
    """The command as an auditor runs it, in a process of its own."""
    configure("bench", logging.ERROR)  # a line for each command is no figure
    logs = played(admin)
    held = {name: psycopg2.connect(admin.dsn(name)) for name in SERVICES}
    for name, entries in logs.items():
        _put(held[name], [json.loads(entry.envelope) for entry in entries])
    told = _stories(logs)
    peaks: list[float] = []
    there = sum(len(entries) for entries in logs.values())
    for size in SIZES:
        there += _filed(held["cases"], told, size - there)
        seconds, worked, (peak, beside) = _audited(admin, there)
        peaks.append(peak)
        many = size == MANY
        yield Figure(f"audit of {size:,} facts: content, order, legality", seconds, "s",
                     aim=f"≤ {AIM:.0f} s" if many else "", met=seconds <= AIM if many else None)
        yield Figure(f"audit of {size:,} facts, its processor time", worked, "s")
        yield Figure(f"audit of {size:,} facts, peak memory", peak, "MB", beside,
                     "content and order beside it")
    yield Figure(f"audit, peak memory, {SIZES[-1]:,} against {SIZES[0]:,}", peaks[-1] / peaks[0],
                 "×")
    for one in held.values():
        one.close()


def _stories(logs: dict[str, list[Stored]]) -> list[list[dict[str, Any]]]:
    """The facts of each application, its seal's among them, as recorded."""
    forged = Forged(logs)
    cases = {str(uuid5(NAMESPACE_URL, f"fuquan:demo:case:{story}")) for story in STORIES}
    return [
        [body for _, body in forged.logs["cases"] if body["data"]["case_id"] == case]
        for case in sorted(cases)
    ]


def _filed(held: connection, told: list[list[dict[str, Any]]], wanted: int) -> int:
    """File the applications again until there are so many facts more; how many there are."""
    filed, number = 0, 0
    batch: list[dict[str, Any]] = []
    while filed < wanted:
        batch += _again(told[number % len(told)])
        number += 1
        if len(batch) >= BATCH or filed + len(batch) >= wanted:
            filed += len(batch)
            _put(held, batch)
            batch = []
    return filed


def _again(story: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The same application of somebody else, under ids of its own."""
    case, document = str(uuid4()), sha256(uuid4().bytes).hexdigest()
    commands: dict[str, UUID] = {}
    for body in story:
        data = body["data"] | {"case_id": case}
        if "document_hash" in data and data["document_hash"] is not None:
            data["document_hash"] = document
        for key in ("applicant_key", "subject_key"):
            if key in data:
                data[key] = f"{key}-{case}"
        sealed = body["type"] == "cases.SealApplied"
        number = int(body["causation"] in commands)  # two facts of one command at most
        command = commands.setdefault(body["causation"], uuid4())
        yield body | {
            "id": str(uuid5(command, str(number))), "causation": str(command),
            "correlation": str(command), "data": data,
            "stream": str(uuid5(NAMESPACE_URL, f"fuquan:seal-use:{document}")) if sealed else case,
        }


def _put(held: connection, bodies: list[dict[str, Any]]) -> None:
    """Into the log, as its owner, in this order."""
    rows = StringIO()
    for body in bodies:
        envelope = canonical(body).hex()
        told = (body["stream"], body["version"], body["causation"], body["type"])
        rows.write("\t".join((*map(str, told), f"\\\\x{envelope}\n")))
    rows.seek(0)
    with held, held.cursor() as at:
        at.execute("SELECT coalesce(max(position) + 1, 0), coalesce(max(ord), 0) FROM log.entry")
        ((above, ord_),) = at.fetchall()
        at.copy_expert(COPIED, rows)
        at.execute(SEQUENCED, {"above": above, "ord": ord_})


def _audited(admin: Settings, facts: int) -> tuple[float, float, list[float]]:
    """Seconds of `fuquan ledger audit` and of its own work, MB of it and of the verifier beside.

    Nothing may be found wrong.
    """
    command = [sys.executable, "-W", "ignore", "-c", "from shared.cli import main; main()",
               "ledger", "audit", "--json"]
    started = time.perf_counter()
    with TemporaryFile("w+") as out:
        process = Popen(command, env={**os.environ, **admin.environment()}, stdout=out,
                        stderr=DEVNULL)
        peaks: dict[int, float] = {}
        worked = 0.0
        while process.poll() is None:
            peaks |= dict(_peaks(process.pid))
            with suppress(psutil.Error):
                times = psutil.Process(process.pid).cpu_times()
                worked = times.user + times.system
            time.sleep(0.2)
        seconds = time.perf_counter() - started
        out.seek(0)
        (last,) = deque(out, 1)
    summary = json.loads(last)["summary"]
    assert (summary["violations"], sum(summary["judged"].values())) == (0, facts), summary
    own = peaks.pop(process.pid)
    return seconds, worked, [own, max(peaks.values())]


def _peaks(pid: int) -> Iterator[tuple[int, float]]:
    """Of the process and those it has started: the highest resident memory so far, in MB."""
    with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        for one in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            status = Path(f"/proc/{one.pid}/status").read_text("utf-8")
            if found := re.search(r"VmHWM:\s+(\d+) kB", status):
                yield one.pid, int(found[1]) / 1024
