"""What an auditor checks alone: a log from its database, or a fact against what was signed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from services.ledger.pinpoint import Copy, pinpointed, signed_roots
from services.ledger.sources import Source, sources_of
from shared.database import Database
from shared.log.checkpoint import CheckpointError, open_checkpoint
from shared.log.keys import NoteError, Verifier
from shared.log.tree import leaf_hash, verify_inclusion
from shared.log.verify import Bad, Recorded, Verified, verify_entries
from shared.settings import NotConfigured, Settings

BLOCK = 1000
ENTRIES = (
    "SELECT n.position, n.previous, e.type, e.stream, e.version, e.envelope, n.leaf_hash"
    " FROM log.entry n JOIN log.event e USING (ord) WHERE n.position >= %s ORDER BY n.position"
)


def verified(settings: Settings, service: str) -> Verified | Bad:
    """Check every byte, stream and signed root of one log; it may grow meanwhile.

    Args:
        settings: with a role that may read the log, and the folder with ``<service>.vkey``;
            where the relay's ``<service>.last`` lies there too, the log must reach that far.
            A role that may read the ledger's mirror is told exactly where a wrong log begins.

    Raises:
        NotConfigured: the log is signed, and its key is missing or is none.
    """
    source = sources_of(settings)[service]
    last = _last(settings.keys / f"{service}.last")
    # what a checkpoint commits to was there before it; so the entries are read after
    ((most,),) = source.database.rows("SELECT coalesce(max(size), -1) FROM log.checkpoint")
    verifiers = [] if most < 0 else _known(source, service)
    found = verify_entries(
        entries_of(source.database), source.notes(most), origin=source.origin,
        verifiers=verifiers, last=last,
    )
    if isinstance(found, Verified):
        return found
    ledger = Database(settings.dsn("ledger"), size=1)
    try:
        return pinpointed(
            found, _leaves(source.database, found.vouched), Copy(ledger, service),
            dict([last] if last else [])
            | signed_roots(source.notes(most), source.origin, verifiers),
        )
    finally:
        ledger.close()


def proven(fact: Mapping[str, Any], position: int, keys: Sequence[Verifier]) -> bool | None:
    """Whether the signed log contains these very bytes at *position*; None: not signed yet.

    Args:
        fact: as the ledger tells it: ``envelope, checkpoint, proof``.
        keys: of the log, from another hand than the fact; one that is retired counts here, since
            a fact alone does not say since when (`verified` knows).
    """
    if fact["checkpoint"] is None:
        return None
    try:
        checkpoint = open_checkpoint(fact["checkpoint"], keys[0].name, keys)
        proof = [bytes.fromhex(step) for step in fact["proof"]]
    except (NoteError, CheckpointError, ValueError):
        return False
    leaf = leaf_hash(fact["envelope"].encode())
    return position < checkpoint.size and verify_inclusion(
        position, checkpoint.size, leaf, proof, checkpoint.root
    )


def _last(path: Path) -> tuple[int, bytes] | None:
    """Size and root that the relay keeps outside the database; None where that is elsewhere."""
    if not path.exists():
        return None
    told = json.loads(path.read_text("utf-8"))
    return told["size"], bytes.fromhex(told["root"])


def _leaves(database: Database, first: int) -> Iterator[bytes]:
    """The hashes of what is stored from position *first* on, up to the first hole."""
    for nth, entry in enumerate(entries_of(database, first), first):
        if entry.position != nth:
            return
        yield leaf_hash(entry.envelope)


def _known(source: Source, service: str) -> list[Verifier]:
    try:
        verifiers = source.verifiers()
    except NoteError as wrong:
        raise NotConfigured(
            f"{source.key} holds no public key of a log; fetch it again."
        ) from wrong
    if not verifiers:
        raise NotConfigured(
            f"There is no {service}.vkey in {source.key.parent}; set FUQUAN_KEYS to the folder"
            " with the public keys of the logs."
        )
    if other := next((key.name for key in verifiers if key.name != source.origin), None):
        raise NotConfigured(
            f"{source.key} is the key of {other}, not of {source.origin};"
            " set FUQUAN_DEPLOYMENT, or FUQUAN_KEYS to the folder with that key."
        )
    return verifiers


def entries_of(database: Database, first: int = 0) -> Iterator[Recorded]:
    """A service's log as recorded when it is first asked for, from position *first* on."""
    held = database.connect()
    try:
        with held.cursor("entries") as at:  # the server hands out a block at a time
            at.itersize = BLOCK
            at.execute(ENTRIES, (first,))
            for position, previous, type_, stream, version, envelope, leaf in at:
                yield Recorded(
                    position, previous, type_, stream, version, bytes(envelope), bytes(leaf)
                )
    finally:
        held.close()
