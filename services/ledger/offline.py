"""What an auditor checks alone: a log from its database, or a fact against what was signed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
    " FROM log.entry n JOIN log.event e USING (ord) WHERE n.position > %s"
    " ORDER BY n.position LIMIT %s"
)


def verified(settings: Settings, service: str) -> Verified | Bad:
    """Check every byte, stream and signed root of one log; it may grow meanwhile.

    Args:
        settings: with a role that may read the log, and the folder with ``<service>.vkey``;
            where the relay's ``<service>.last`` lies there too, the log must reach that far.

    Raises:
        NotConfigured: the log is signed, and its key is missing or is none.
    """
    source = sources_of(settings)[service]
    last = settings.keys / f"{service}.last"
    signed = json.loads(last.read_text("utf-8"))["size"] if last.exists() else 0
    # what a checkpoint commits to was there before it; so the entries are read after
    ((most,),) = source.database.rows("SELECT coalesce(max(size), -1) FROM log.checkpoint")
    found = verify_entries(
        entries_of(source.database), source.notes(most), origin=source.origin,
        verifiers=[] if most < 0 else _known(source, service),
    )
    if isinstance(found, Verified) and found.size < signed:
        return Bad(found.size, "missing", found.vouched)
    return found


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
    """A service's log as recorded, from position *first* on."""
    above = first - 1
    while rows := database.rows(ENTRIES, (above, BLOCK)):
        for position, previous, type_, stream, version, envelope, leaf in rows:
            yield Recorded(
                position, previous, type_, stream, version, bytes(envelope), bytes(leaf)
            )
        above = rows[-1][0]
