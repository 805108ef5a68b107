"""RabbitMQ nodes of this machine's own server, each in a temporary folder: one, or a cluster."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import amqp
from kombu import Connection

from shared.bus.broker import connection
from shared.ops.queues import OF_ALL
from shared.settings import WITH_DATABASE
from tests.servers import RABBITMQ, Missing, free_port
from tests.waiting import until

TOOLS = Path(RABBITMQ).parent
INFRA = Path(__file__).parents[1] / "infra/rabbitmq"


class Node:
    """One node of RabbitMQ, which may be killed and started again.

    Args:
        folder: for everything it writes.
        configuration: lines of its ``rabbitmq.conf``, besides the port.
        plugins: to enable.
        cookie: the same for all nodes of a cluster.
        listen: the configuration's key for the port, ``listeners.tcp.1`` or ``listeners.ssl.1``.
    """

    def __init__(
        self, folder: Path, configuration: Sequence[str] = (), plugins: Sequence[str] = (),
        cookie: str = "", listen: str = "listeners.tcp.1",
    ) -> None:
        self.folder, self.port = folder, free_port()
        self.name = f"fuquan{self.port}@localhost"
        self.listen, self.configuration = listen, configuration
        folder.mkdir(parents=True)
        (folder / ".erlang.cookie").write_text(cookie or secrets.token_hex(10), "utf-8")
        (folder / ".erlang.cookie").chmod(0o400)
        (folder / "plugins").write_text(f"[{','.join(plugins)}].\n", "utf-8")
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": self.name, "RABBITMQ_NODE": self.name,
            "RABBITMQ_DIST_PORT": str(free_port()), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQCTL": str(TOOLS / "rabbitmqctl"),
            "RABBITMQ_QUEUES": str(TOOLS / "rabbitmq-queues"),
        }

    def start(self) -> None:
        """Start it, or start it again; `await_up` says when it is there.

        Raises:
            Missing: the server's program is not installed.
        """
        if not Path(RABBITMQ).exists():
            raise Missing(f"no {RABBITMQ}: install it (Debian, Ubuntu: rabbitmq-server)")
        lines = [f"{self.listen} = 127.0.0.1:{self.port}", *self.configuration]
        if not any(line.startswith("log.console") for line in lines):
            lines.append("log.console = false")
        (self.folder / "pid").unlink(missing_ok=True)
        (self.folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n", "utf-8")
        with (self.folder / "out").open("a") as out:
            self.process = subprocess.Popen(
                [RABBITMQ], env=self.environment, cwd=self.folder, stdout=out, stderr=out,
                start_new_session=True,
            )

    def await_up(self, timeout: float = 90.0) -> None:
        """Wait until it has started completely.

        Raises:
            Missing: it did not.
        """
        try:
            self.ctl("wait", str(self.folder / "pid"), "--timeout", str(int(timeout)))
        except RuntimeError as told:
            printed = (self.folder / "out").read_text("utf-8", "replace")[-2000:]
            raise Missing(f"{self.name} did not start: {told}\n{printed}") from told

    def kill(self) -> None:
        """kill −9: nothing is flushed, nobody is told."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()

    def ctl(self, *arguments: str, given: str = "", check: bool = True) -> str:
        """Run `rabbitmqctl` on this node; returns what it printed."""
        return self.run(str(TOOLS / "rabbitmqctl"), *arguments, given=given, check=check)

    def run(self, *command: str, given: str = "", check: bool = True, **more: str) -> str:
        """Run a program with this node's environment; returns what it printed.

        Raises:
            RuntimeError: it ended with an error.
        """
        done = subprocess.run(
            command, env=self.environment | more, input=given, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        if check and done.returncode:
            raise RuntimeError(f"{command[0]} {done.returncode}: {done.stdout}")
        return done.stdout

    def administrator(self) -> str:
        """A user who may do everything; its URL."""
        password = secrets.token_hex(8)
        self.ctl("add_user", "fuquan", password)
        self.ctl("set_user_tags", "fuquan", "administrator")
        self.ctl("set_permissions", "fuquan", ".*", ".*", ".*")
        return self.url("fuquan", password)

    def url(self, user: str, password: str) -> str:
        """The AMQP URL of a user of this node."""
        return f"amqp://{user}:{password}@127.0.0.1:{self.port}//"


@contextmanager
def folder_of_brokers() -> Iterator[Path]:
    """A short-lived folder outside of pytest's: paths of nodes must be short."""
    folder = Path(tempfile.mkdtemp(prefix="fuquan-mq-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(*nodes: Node) -> Iterator[None]:
    """Start these nodes one after another; they are killed at the end."""
    try:
        for node in nodes:
            node.start()
            node.await_up()
        yield
    finally:
        for node in nodes:
            if hasattr(node, "process"):
                node.kill()


def passwords(folder: Path, *words: str) -> None:
    """What `secrets.sh` makes of a deployment."""
    subprocess.run(
        ["sh", INFRA.parent / "secrets.sh", folder, *words],
        check=True, env={"PATH": os.environ["PATH"], "FUQUAN_DEPLOYMENT": "compose"},
    )


def reachable(url: str) -> None:
    """Wait until this URL lets us in."""
    def let_in() -> bool:
        with Connection(url, connect_timeout=2) as held:
            held.connect()
            return True

    until(let_in, despite=(OSError, amqp.AMQPError), every=0.3)


def unheard(url: str) -> None:
    """Delete the services' queues and those of all, with what other tests have left there."""
    with Connection(url) as held:
        for name in (*(f"fuquan.{one}" for one in WITH_DATABASE), *(one.name for one in OF_ALL)):
            held.default_channel.queue_delete(name)


def readers(url: str, queue: str) -> int:
    """How many read this queue; none where it is not there yet."""
    with connection(url) as held:  # a queue that is not there ends the channel
        try:
            count: int = held.default_channel.queue_declare(queue, passive=True).consumer_count
        except amqp.NotFound:
            return 0
    return count
