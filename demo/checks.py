"""What must hold when the day is over: recomputed from the stored bytes, not asked of services."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from demo.player import Player
from demo.system import System
from shared.database import Database
from shared.entrypoints import Facts
from shared.log.note import Verifier
from shared.log.store import Log
from shared.log.verify import Bad, Recorded, verify_entries
from shared.rebuild import rebuild
from shared.settings import SERVICES, WITH_DATABASE

BLOCK = 1000


@dataclass(frozen=True)
class Check:
    """One line of the summary."""

    name: str
    holds: bool
    found: str


def log_of(system: System, source: str) -> Check:
    """Dense, every stream in order, root recomputed, the last checkpoint signed and complete."""
    database = system.database(source)
    verifier = Verifier.parse((system.admin.keys / f"{source}.vkey").read_text("utf-8").strip())
    notes = [note for (note,) in database.rows("SELECT note FROM log.checkpoint ORDER BY size")]
    found = verify_entries(
        _entries(database), notes, origin=system.admin.origin(source), verifiers=[verifier]
    )
    if isinstance(found, Bad):
        told = f"{found.reason} at position {found.position}"
        return Check(f"log {source}", holds=False, found=told)
    return Check(
        f"log {source}", found.vouched == found.size and found.size > 0,
        f"{found.size} events, root {found.root.hex()[:16]}…, {found.vouched} signed",
    )


def _entries(database: Database) -> Iterator[Recorded]:
    first = 0
    while rows := database.rows(
        "SELECT n.position, n.previous, e.type, e.stream, e.version, e.envelope, n.leaf_hash"
        " FROM log.entry n JOIN log.event e USING (ord)"
        " WHERE n.position >= %s ORDER BY n.position LIMIT %s", (first, BLOCK),
    ):
        for *told, envelope, leaf in rows:
            yield Recorded(*told, bytes(envelope), bytes(leaf))
        first = rows[-1][0] + 1


def read_model_of(system: System, service: str) -> Check:
    """Rebuilt from the logs into empty tables, every table equals the live one by hash."""
    (found,) = entry_points(group="fuquan.services", name=service)
    facts = next(value for value in vars(found.load()).values() if isinstance(value, Facts))
    logs = {source: Log(system.database(source)) for source in facts.from_}
    tables = rebuild(system.database(service), facts.into, logs, facts.from_)
    differing = [name for name, table in tables.items() if table.live != table.rebuilt]
    rows = sum(table.rows for table in tables.values())
    return Check(
        f"read model {service}", not differing,
        f"differ: {', '.join(differing)}" if differing else f"{len(tables)} tables, {rows} rows",
    )


def authority(player: Player) -> Check:
    """Every ApprovalIssued, judged again against the delegation log (R131)."""
    found = player.ask("ledger", "authority_check", {})
    return Check(
        "approvals re-checked", found["checked"] > 0 and not found["without_authority"],
        f"{found['checked']} approvals, {len(found['without_authority'])} without authority",
    )


def competence(player: Player) -> Check:
    """Every item in every town always had an acceptor and one decider (R064, R065)."""
    found = player.ask("ledger", "prove", {})
    counts = ", ".join(f"{count} {what}" for what, count in found["checked"].items())
    return Check(
        "competence proved", found["checked"]["grants"] > 0 and not found["found"],
        f"{counts}, {found['found']} findings",
    )


def audited(player: Player) -> Check:
    """Every recorded act judged again, from the logs alone (R123)."""
    found = player.ask("ledger", "audit", {})
    judged = sum(found["judged"].values())
    return Check(
        "acts audited", judged > 0 and not found["violations"],
        f"{judged} facts, {found['violations']} violations",
    )


def nothing_parked(system: System) -> Check:
    """No fact that a service could not digest."""
    parked = {name: system.database(name).rows("SELECT count(*) FROM bus.parked")[0][0]
              for name in WITH_DATABASE}
    return Check("parked facts", not any(parked.values()),
                 ", ".join(f"{n} {c}" for n, c in parked.items() if c) or "0")


def nothing_lost(system: System, player: Player) -> Check:
    """Every command that was acknowledged, in this run or an earlier one, is in its log; once."""
    told = player.acknowledged()
    missing = 0
    for service in SERVICES:
        commands = system.database(service).rows(
            "SELECT command_id, stream, from_version + n - 1 FROM log.command"
        )
        recorded = {(str(command), str(stream), version) for command, stream, version in commands}
        missing += sum(
            (one["command"], one["stream"], one["version"]) not in recorded
            for one in told if one["service"] == service
        )
    distinct = len({one["command"] for one in told})
    return Check("acknowledged commands", missing == 0 and distinct > 0,
                 f"{distinct} acknowledged, {missing} missing")


def digest(answers: Any) -> str:
    """One hash over answers, to compare two runs."""
    text = json.dumps(answers, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def expected(name: str, found: Mapping[str, int], wanted: Mapping[str, int]) -> Check:
    """Counts that the notices fix."""
    wrong = {
        key: (found.get(key), count) for key, count in wanted.items() if found.get(key) != count
    }
    shown = ", ".join(f"{key} {found.get(key)}" for key in wanted)
    return Check(name, not wrong, shown if not wrong else f"found, wanted: {wrong}")
