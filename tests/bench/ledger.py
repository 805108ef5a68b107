"""The verifiable log: sealing, verifying, publishing, proving; per million entries."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from pymerkle import InmemoryTree
from pymerkle import verify_inclusion as their_check

from services.ledger.folder import Folder
from services.ledger.published import checked
from shared.database import Database
from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.note import Signer
from shared.log.proof import Proof
from shared.log.store import Append, Log, request_hash
from shared.log.tree import Range, leaf_hash, verify_inclusion
from shared.settings import Settings
from tests.bench.figure import Figure
from tests.bench.filled import SIGNED_EVERY, TYPE, Filled, accepted
from tests.integration.conftest import role_of

MILLION = 1_000_000
LARGEST = int(os.environ.get("FUQUAN_BENCH_ENTRIES", MILLION))  # fewer, for a quick look
SMALL = LARGEST // 10
SEALED, THEIRS, PROOFS = 20_000, 100_000, 300
PER_MILLION = "s per million"


def figures(admin: Settings) -> Iterator[Figure]:
    """Seal, verify with its memory, publish, prove."""
    envelopes = [envelope for *_, envelope in accepted(0, THEIRS)]
    loop = timed(lambda: [sha256(b"\x00" + one).digest() for one in envelopes], THEIRS)
    tree = InmemoryTree(algorithm="sha256")
    theirs = timed(lambda: (tree.append_entries(envelopes), tree.get_root()), THEIRS)
    both = ((theirs, "pymerkle, append and root"), (loop, "sha256 of each entry"))
    sealing = seal(admin, envelopes[:SEALED])
    for other, name in both:
        yield Figure("seal: append, number, hash, sign", sealing, PER_MILLION, other, name)
    filled = Filled(admin)
    filled.grow(SMALL)
    small = _verified(admin, SMALL)
    filled.grow(LARGEST)
    large = _verified(admin, LARGEST)
    verifying = large["seconds"] / LARGEST * MILLION
    aims = (("≤ 60 s", verifying <= 60), ("", None))
    for (other, name), (aim, met) in zip(both, aims, strict=True):
        yield Figure(f"verify {LARGEST:,} in PostgreSQL", verifying, PER_MILLION, other, name,
                     aim, met)
    yield Figure(f"verify {LARGEST:,}, peak memory", large["peak"], "MB", small["peak"],
                 f"{SMALL:,} entries", "≤ 1.5 ×", large["peak"] <= 1.5 * small["peak"])
    yield from _published(filled, admin.keys / "log", tree)


def timed(work: Callable[[], object], count: int = MILLION) -> float:
    """Seconds that *work* takes, for a million of its *count*."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) / count * MILLION


def seal(admin: Settings, envelopes: Sequence[bytes]) -> float:
    """Seconds per million from the first append to the last signature, one writer, in batches."""
    database = Database(role_of(admin, "catalog").dsn("catalog"), size=1, search_path="log")
    relay = Database(role_of(admin, "relay").dsn("catalog"), size=1, search_path="log")
    log, tree, signer = Log(database), Range(), Signer.generate(admin.origin("catalog"))
    appends = [
        Append(UUID(int=nth), UUID(int=nth), 0, "op", request_hash(b""), [TYPE], [one])
        for nth, one in enumerate(envelopes)
    ]

    def work() -> None:
        for first in range(0, len(appends), SIGNED_EVERY):
            for at in range(first, first + SIGNED_EVERY, 50):
                log.append_batch(appends[at:at + 50])
            numbered = 0
            while numbered < SIGNED_EVERY:
                numbered += relay.rows("SELECT log.integrate(1000)")[0][0]
            for leaf in log.leaves(first, first + SIGNED_EVERY - 1).values():
                tree.append(leaf)
            note = sign_checkpoint(Checkpoint(signer.name, tree.size, tree.root()), signer)
            relay.rows("INSERT INTO log.checkpoint (size, root, note) VALUES (%s, %s, %s)"
                       " RETURNING 1", (tree.size, tree.root(), note))

    found = timed(work, len(appends))
    database.close()
    relay.close()
    return found


def _verified(admin: Settings, size: int) -> dict[str, Any]:
    """What a process that verifies cases' log of *size* entries says of itself."""
    environment = {**os.environ, **admin.environment()}
    out = subprocess.run([sys.executable, "-m", "tests.bench.verifying"], env=environment,
                         stdout=subprocess.PIPE, check=True).stdout
    told: dict[str, Any] = json.loads(out)
    assert (told["size"], told["vouched"]) == (size, size), told
    return told


def _published(filled: Filled, root: Path, theirs: InmemoryTree) -> Iterator[Figure]:
    """The same log as a static folder, and proofs out of it."""
    folder, size = Folder(root), filled.tree.size
    note = sign_checkpoint(Checkpoint(filled.signer.name, size, filled.tree.root()), filled.signer)
    keys = [filled.signer.verifier]
    own = (envelope for *_, envelope in accepted(0, size))
    writing = timed(lambda: folder.extend(own, note), size)
    yield Figure(f"static folder of {size:,} entries", writing, PER_MILLION)
    yield Figure("  = checked offline",
                 timed(lambda: checked(root, filled.signer.name, keys), size), PER_MILLION)
    chance = Random(size)
    places = [chance.randrange(size) for _ in range(PROOFS)]
    other = [chance.randrange(THEIRS) + 1 for _ in range(PROOFS)]
    proofs = [Proof(at, tuple(folder.tree().inclusion(at)), note) for at in places]
    name = f"pymerkle, {THEIRS:,} in memory"
    their_proofs = [theirs.prove_inclusion(at) for at in other]
    yield Figure("inclusion proof out of the folder", median(
        lambda at: folder.tree().inclusion(at), places
    ), "ms", median(theirs.prove_inclusion, other), name)
    yield Figure("  = path", len(b"".join(proofs[0].path)), "bytes",
                 sum(map(len, their_proofs[0].path[1:])), name)
    yield Figure("  = as tlog-proof, signed", len(proofs[0].text()), "bytes",
                 len(json.dumps(their_proofs[0].serialize())), "pymerkle's JSON, unsigned")
    leaves = {at: leaf_hash(next(accepted(at, at + 1))[-1]) for at in places}
    yield Figure("  = checked, path alone", median(
        lambda one: verify_inclusion(
            one.index, size, leaves[one.index], one.path, filled.tree.root()
        ), proofs,
    ), "ms", median(lambda one: their_check(
        one.path[0], theirs.get_root(), one
    ), their_proofs), name)
    yield Figure("  = checked, with its signature", median(
        lambda one: Proof.parse(one.text()).holds(leaves[one.index], filled.signer.name, keys),
        proofs,
    ), "ms")


def median(work: Callable[[Any], object], over: Sequence[Any]) -> float:
    """Milliseconds of one turn."""
    return statistics.median(timed(lambda one=one: work(one), 1000) for one in over)
