"""The project's own Compose file, built and started with secrets, volumes and ports of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import docker
import requests

from services.catalog.domain.steps import steps
from tests.brokers import passwords
from tests.servers import free_port
from tests.world import programme_content

ROOT = Path(__file__).parents[2]
FILES = ("docker-compose.yml", "infra/offline/compose.yml")
DRIVEN = "tests/containers/compose.yml"
TLS = "infra/rabbitmq/compose.tls.yml"
UP = ("up", "-d", "--wait", "--wait-timeout", "300")


class Deployment:
    """A project of Compose.

    Args:
        folder: for its secrets and what is copied out of it.
        tls: as it ships with the broker over TLS; else with a clock that the commands drive, and
            servers that this machine reaches.
    """

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        self.name = f"fuquan-test-{uuid4().hex[:8]}"
        self.folder = folder
        self.http_port, self._postgres_port, self.rabbitmq_port = (free_port() for _ in range(3))
        self.secrets = folder / "secrets"
        passwords(self.secrets, *(["tls", "localhost"] if tls else []))
        configuration = Path("/etc/pip.conf")
        if not configuration.exists():
            configuration = folder / "pip.conf"
            configuration.touch()
        files = [word for file in (*FILES, TLS if tls else DRIVEN) for word in ("-f", ROOT / file)]
        self._compose = [
            *os.environ.get("FUQUAN_COMPOSE", "docker compose").split(), "-p", self.name,
            *files, "--env-file", self.secrets / "env",
        ]
        self._environment = {
            "FUQUAN_PIP_CONF": str(configuration),
            "FUQUAN_CA": "/etc/ssl/certs/ca-certificates.crt",
            **os.environ, "FUQUAN_HTTP_PORT": str(self.http_port),
            "FUQUAN_TEST_POSTGRES_PORT": str(self._postgres_port),
            "FUQUAN_TEST_RABBITMQ_PORT": str(self.rabbitmq_port),
            "FUQUAN_AMQPS_AT": f"127.0.0.1:{self.rabbitmq_port}",
        }

    def start(self) -> None:
        """Build the images, then start everything; `built_in` and `healthy_after` are seconds."""
        began = time.monotonic()
        self.compose("build", "-q")
        built = time.monotonic()
        self.compose(*UP)
        self.built_in, self.healthy_after = built - began, time.monotonic() - built

    def end(self) -> None:
        """Do away with it, its volumes and its images."""
        self.compose("down", "-v", "--rmi", "local", "--timeout", "5")

    def compose(
        self, *words: str, given: IO[bytes] | None = None, into: IO[bytes] | None = None
    ) -> str:
        """What Compose prints, which must succeed; it reads *given*, *into* gets all it prints."""
        done = subprocess.run(
            [*self._compose, *words], check=False, text=True, env=self._environment,
            stdin=given, stdout=into or subprocess.PIPE, stderr=subprocess.PIPE,
        )
        told = done.stdout or ""
        assert done.returncode == 0, f"{' '.join(words)}: {(told + done.stderr)[-4000:]}"
        return told.strip()

    def container(self, service: str) -> Any:
        """The container of a service, as the engine knows it."""
        return docker.from_env().containers.get(self.compose("ps", "-aq", service))

    def registered(self, programme: str) -> dict[str, Any]:
        """Register a programme over HTTP, by the wall clock; the answer."""
        (register, *_) = steps(programme_content(programme))
        answer = requests.post(
            f"http://127.0.0.1:{self.http_port}/api/catalog/{register.door}", timeout=60,
            json={"programme": programme} | register.request,
            headers=self.caller() | {"Idempotency-Key": programme},
        )
        return dict(answer.json())

    def caller(self, role: str = "registrar") -> dict[str, str]:
        """The headers of somebody in that role; without one, who may register programmes."""
        token = self.compose(
            "exec", "-T", "gateway", "fuquan", "token", "--org", "MD2023-ORG-02",
            "--role", role, "--operator", "op-1",
        )
        return {"Authorization": f"Bearer {token}"}

    def play(self, data: Path) -> subprocess.Popen[bytes]:
        """Play the demo's day on the containers, with the public keys that the relay shows."""
        keys = self.folder / "keys"
        if not keys.exists():
            self.compose("cp", "ledger:/var/lib/fuquan/keys", str(keys))
        database, broker = f"127.0.0.1:{self._postgres_port}", f"127.0.0.1:{self.rabbitmq_port}"
        told = {
            "FUQUAN_DATABASE_URL": f"postgresql://postgres:{self._secret('postgres_admin')}@{database}/",
            "FUQUAN_AMQP_URL": f"amqp://gateway:{self._secret('amqp_gateway')}@{broker}/",
            "FUQUAN_KEYS": str(keys), "FUQUAN_DEPLOYMENT": "compose",
        }
        command = [sys.executable, "-W", "ignore", "-m", "demo", "--data", data, "--running",
                   "--port", str(self.http_port), "--exit"]
        with (self.folder / "day.out").open("ab") as out:
            return subprocess.Popen(command, env={**os.environ, **told}, stdout=out, stderr=out)

    def _secret(self, name: str) -> str:
        return (self.secrets / name).read_text("utf-8")
