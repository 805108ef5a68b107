"""Logs that are signed, and a ledger that reads what they have signed: for receipts of cases."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2

from services.ledger import verify
from services.ledger.commands import Ledger
from services.ledger.sources import sources_of
from shared.database import Database
from shared.log.checkpoint import Checkpoint
from shared.log.note import Signer, sign
from shared.log.tree import root_of
from shared.log.trust import statement
from shared.migrate import as_role
from shared.settings import SERVICES
from tests.county import County
from tests.world import World

CHECKER = Path(verify.__file__)
NOBODY: Mapping[str, Signer] = {}


class Signing:
    """The keys of a world's logs, and a ledger with those logs for its sources."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = world.settings
        own = replace(self.settings, database_url=as_role(self.settings, "ledger"))
        self.admins = {name: Database(self.settings.dsn(name), size=1) for name in SERVICES}
        self.sources = sources_of(own)
        self.database = Database(own.dsn("ledger"), size=4)
        self.ledger = Ledger(self.database, None, self.sources)
        self.signers = {
            name: Signer.generate(self.settings.origin(name)) for name in SERVICES
        }
        self.settings.keys.mkdir(exist_ok=True)
        for name, signer in self.signers.items():
            key = self.settings.keys / f"{name}.key"
            key.unlink(missing_ok=True)
            signer.save(key)
            key.with_suffix(".vkey").write_text(f"{signer.verifier}\n", "utf-8")

    def rotate(self, service: str, programme: str, at: str) -> Signer:
        """The log's key hands over to a new one by its own event; returns the old one."""
        old, new = self.signers[service], Signer.generate(self.settings.origin(service))
        self.world.do(service, "rotate_signing_key", {
            "programme": programme, "old_key": str(old.verifier), "new_key": str(new.verifier),
            "statement": statement(old, new), "reason": "年度更换",
        }, at=at)
        self.sign(together={service: new})
        with (self.settings.keys / f"{service}.vkey").open("a", encoding="utf-8") as keys:
            keys.write(f"{new.verifier}\n")
        self.signers[service] = new
        return old

    def sign(self, together: Mapping[str, Signer] = NOBODY) -> None:
        """Deliver everything, and sign the logs as they stand.

        Args:
            together: who signs a log beside its own key.
        """
        self.world.settle()
        for name in SERVICES:
            signers = [one for one in (self.signers[name], together.get(name)) if one]
            leaves = [
                bytes(leaf) for (leaf,) in self.admins[name].rows(
                    "SELECT leaf_hash FROM log.entry ORDER BY position"
                )
            ]
            at = Checkpoint(self.settings.origin(name), len(leaves), root_of(leaves))
            self.admins[name].rows(
                "INSERT INTO log.checkpoint (size, root, note) VALUES (%s, %s, %s)"
                " ON CONFLICT DO NOTHING RETURNING 1",
                (at.size, at.root, sign(at.text(), *signers)),
            )

    def ask(self, door: str, **asked: Any) -> Any:
        """The ledger's answer."""
        return self.ledger.ask(door, asked)["answer"]

    def receipt(self, case: str) -> str:
        """The receipt of a case."""
        return str(self.ask("receipt", case=case)["receipt"])

    @property
    def trusted(self) -> list[str]:
        """Every log's verifier key."""
        return [str(signer.verifier) for signer in self.signers.values()]

    def tamper(self, sql: str, parameters: Any = None) -> None:
        """What only an administrator can do to the mirror."""
        held = psycopg2.connect(self.settings.dsn("ledger"))
        with held, held.cursor() as at:
            at.execute(sql, parameters)
        held.close()

    def close(self) -> None:
        """Close every connection; forget what was signed."""
        for name, admin in self.admins.items():
            admin.close()
            (self.settings.keys / f"{name}.last").unlink(missing_ok=True)
            held = psycopg2.connect(self.settings.dsn(name))
            with held, held.cursor() as at:
                at.execute("SET session_replication_role = replica")
                at.execute("DELETE FROM log.checkpoint")
            held.close()
        for database in (self.database, *(source.database for source in self.sources.values())):
            database.close()


class Registry(County):
    """Catalog, cases and the ledger for real; what delegation would say is told by the test."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._service("ledger", replace(
            self.settings, database_url=as_role(self.settings, "ledger")
        ))


# Runs verify.py as a program, and fails where that loads anything but the standard library and
# cryptography with what it needs.
STRANGER = """
import runpy, sys
before = set(sys.modules)
try:
    runpy.run_path("verify.py", run_name="__main__")
except SystemExit as ended:
    code = ended.code
known = {*sys.stdlib_module_names, "cryptography", "cffi", "_cffi_backend", "_openssl"}
loaded = {name.partition(".")[0] for name in set(sys.modules) - before} - known
if loaded:
    sys.exit(f"loaded: {sorted(loaded)}")
sys.exit(code)
"""


def alone(
    folder: Path, receipt: str, keys: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """The checker as a stranger runs it: a copy of the one file, Python isolated."""
    folder.mkdir(exist_ok=True)
    (folder / "verify.py").write_bytes(CHECKER.read_bytes())
    (folder / "receipt.json").write_bytes(receipt.encode())
    named = [part for key in keys for part in ("--key", key)]
    return subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "-c", STRANGER, "receipt.json", *named],
        cwd=folder, capture_output=True, check=False, encoding="utf-8",
    )
