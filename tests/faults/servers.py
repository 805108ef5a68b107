"""PostgreSQL and RabbitMQ that can be killed, and that start again where they were."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg2
from kombu import Connection

from shared.embedded import postgres
from tests.servers import RABBITMQ, free_port

START = 60.0
CONNECTIONS = 900  # a hundred services at once keep five to nine each


class Cluster:
    """A PostgreSQL cluster of the embedded wheel, reached by its Unix socket.

    Args:
        folder: of its data; it stays when the server is killed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self._held = ExitStack()

    def start(self) -> None:
        """Start the server on its data, recovering what a crash left."""
        fresh = not self.folder.exists()
        self._enter()
        if fresh:
            with closing(psycopg2.connect(self.url)) as held:
                held.autocommit = True
                with held.cursor() as at:
                    at.execute(f"ALTER SYSTEM SET max_connections = {CONNECTIONS}")
            self._held.close()
            self._enter()

    def _enter(self) -> None:
        self._held = ExitStack()
        self.url = self._held.enter_context(postgres(self.folder))

    @property
    def socket(self) -> str:
        """Path of the Unix socket."""
        (folder,) = parse_qs(urlsplit(self.url).query)["host"]
        return f"{folder}/.s.PGSQL.5432"

    def kill(self) -> None:
        """SIGKILL to the postmaster and every process of its."""
        pid_file = self.folder / "postgres" / "postmaster.pid"
        if pid_file.exists():
            _kill_tree(int(pid_file.read_text("utf-8").split()[0]))
        self._held.close()

    def alive(self) -> bool:
        """Whether the server lets somebody in."""
        try:
            psycopg2.connect(self.url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop it in good order."""
        self._held.close()


class Rabbit:
    """A RabbitMQ node of this machine's own program, always at the same port.

    Args:
        folder: of its log and its configuration.
        data: of its data, where they are not to lie in *folder*.
    """

    def __init__(self, folder: Path, data: Path | None = None) -> None:
        self.folder, self.data = folder, data or folder / "data"
        self.port, self._dist = free_port(), free_port()
        self._password = secrets.token_hex(16)
        self.url = f"amqp://fuquan:{self._password}@127.0.0.1:{self.port}//"
        self.node = f"faults{self.port}@localhost"
        self._process: subprocess.Popen[bytes] | None = None
        for one in (folder, self.data):
            one.mkdir(parents=True, exist_ok=True)
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        definitions = {
            "users": [{"name": "fuquan", "password": self._password, "tags": ["administrator"]}],
            "vhosts": [{"name": "/"}],
            "permissions": [{"user": "fuquan", "vhost": "/", **everything}],
        }
        (folder / "definitions.json").write_text(json.dumps(definitions), "utf-8")
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"load_definitions = {folder}/definitions.json\nlog.console = false\n", "utf-8",
        )

    def start(self) -> None:
        """Start the node and wait until it answers."""
        with (self.folder / "out").open("a") as out:
            self._process = subprocess.Popen(
                [RABBITMQ], env=self._environment(), cwd=self.folder, stdout=out, stderr=out,
                start_new_session=True,
            )
        deadline = time.monotonic() + START
        while not self.alive():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise TimeoutError((self.folder / "out").read_text("utf-8", "replace")[-2000:])
            time.sleep(0.2)

    def alive(self) -> bool:
        """Whether the node lets somebody in."""
        try:
            with Connection(self.url, connect_timeout=2) as connection:
                connection.connect()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL to the node and every process of its."""
        if self._process is not None:
            _kill_tree(self._process.pid)
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """SIGKILL to whatever is left of the node, and start it on its data."""
        self.kill()
        self.start()

    def forget(self) -> None:
        """Delete the data of the node, which is not running."""
        shutil.rmtree(self.data / "mnesia")

    def ctl(self, *arguments: str) -> str:
        """The answer of ``rabbitmqctl``."""
        program = Path(RABBITMQ).with_name("rabbitmqctl")
        return subprocess.run(
            [program, "-q", "-n", self.node, *arguments], env=self._environment(),
            capture_output=True, text=True, check=True, timeout=60,
        ).stdout

    def _environment(self) -> dict[str, str]:
        folder = self.folder
        return {
            "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": self.node, "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self._dist), "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_MNESIA_BASE": str(self.data / "mnesia"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_PID_FILE": str(folder / "pid"),
        }


def _kill_tree(pid: int) -> None:
    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=10)
