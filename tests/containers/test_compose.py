"""The deployment in containers: up, the demo's day, containers killed; images as they ship."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
import pytest
import requests

from tests.servers import free_port

ROOT = Path(__file__).parents[2]
HEALTHY_WITHIN = 120
DAY = 900
FILES = ("docker-compose.yml", "infra/offline/compose.yml", "tests/containers/compose.yml")
PROCESSES = (
    "relay", "relay-standby", "catalog", "delegation", "cases", "supervision", "ledger", "gateway"
)


class Deployment:
    """A project of Compose with secrets, volumes and ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.name = f"fuquan-test-{uuid4().hex[:8]}"
        self.folder = folder
        self.http_port = free_port()
        self.secrets = folder / "secrets"
        subprocess.run(["sh", ROOT / "infra/secrets.sh", self.secrets], check=True)
        configuration = Path("/etc/pip.conf")
        if not configuration.exists():
            configuration = folder / "pip.conf"
            configuration.touch()
        files = [word for file in FILES for word in ("-f", ROOT / file)]
        self._compose = [
            *os.environ.get("FUQUAN_COMPOSE", "docker compose").split(), "-p", self.name,
            *files, "--env-file", self.secrets / "env",
        ]
        self._environment = {
            "FUQUAN_PIP_CONF": str(configuration),
            "FUQUAN_CA": "/etc/ssl/certs/ca-certificates.crt",
            **os.environ, "FUQUAN_HTTP_PORT": str(self.http_port),
        }

    def compose(self, *words: str) -> str:
        """What Compose prints, which must succeed."""
        done = subprocess.run(
            [*self._compose, *words], check=False, capture_output=True, text=True,
            env=self._environment,
        )
        assert done.returncode == 0, f"{' '.join(words)}: {(done.stdout + done.stderr)[-4000:]}"
        return done.stdout.strip()

    def play(self, data: Path) -> subprocess.Popen[bytes]:
        """Play the demo's day on the containers, with the public keys that the relay shows."""
        keys = self.folder / "keys"
        if not keys.exists():
            self.compose("cp", "relay:/var/lib/fuquan/keys", str(keys))
        database = self.compose("port", "postgres", "5432")
        broker = self.compose("port", "rabbitmq", "5672")
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

    def container(self, service: str) -> Any:
        """The container of a service, as the engine knows it."""
        return docker.from_env().containers.get(self.compose("ps", "-aq", service))


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Built, and up and healthy; gone with its volumes and images afterwards."""
    deployment = Deployment(tmp_path_factory.mktemp("compose"))
    try:
        deployment.compose("build", "-q")
        started = time.monotonic()
        deployment.compose("up", "-d", "--wait", "--wait-timeout", "300")
        deployment.healthy_after = time.monotonic() - started
        yield deployment
    finally:
        deployment.compose("down", "-v", "--rmi", "local", "--timeout", "5")


def test_everything_is_healthy_within_two_minutes(deployment):
    assert deployment.healthy_after < HEALTHY_WITHIN


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_runs_without_rights_on_a_file_system_it_cannot_write(deployment, process):
    container = deployment.container(process)

    assert container.attrs["State"]["Health"]["Status"] == "healthy"
    assert container.exec_run(["id", "-u"]).output.strip() == b"10001"
    assert container.exec_run(["touch", "/opt/fuquan/x"]).exit_code != 0
    assert b"NoNewPrivs:\t1" in container.exec_run(["cat", "/proc/1/status"]).output
    assert b"CapEff:\t0000000000000000" in container.exec_run(["cat", "/proc/1/status"]).output


def test_an_image_has_its_own_service_and_no_tools_of_developers(deployment):
    cases = deployment.container("cases")
    places = "/opt/fuquan/lib/python3.11/site-packages"

    services = cases.exec_run(["ls", f"{places}/services"]).output.decode().split()
    libraries = cases.exec_run(["ls", places]).output.decode().split()

    assert [name for name in services if not name.startswith("_")] == ["cases"]
    assert not {"pytest", "mypy", "ruff", "testcontainers", "docker", "duckdb"} & set(libraries)


def test_the_ledger_keeps_its_own_key_and_cannot_write_the_logs_keys(deployment):
    ledger = deployment.container("ledger")

    own = ledger.exec_run(["ls", "/var/lib/fuquan/witness"]).output.decode().split()

    assert {"ledger.key", "ledger.vkey"} <= set(own)
    assert ledger.exec_run(["touch", "/var/lib/fuquan/keys/x"]).exit_code != 0


def test_the_broker_shows_its_metrics_where_prometheus_looks(deployment):
    told = "from urllib.request import urlopen; print(urlopen('http://{}').read()[:200000].decode())"
    ledger = deployment.container("ledger")

    broker = ledger.exec_run(["python", "-c", told.format("rabbitmq:15692/metrics")]).output
    process = ledger.exec_run(["python", "-c", told.format("cases:9100/metrics")]).output

    assert b"rabbitmq_connections" in broker
    assert b"fuquan_" in process


def test_the_days_facts_survive_containers_that_are_killed_while_it_is_played(deployment, tmp_path):
    data = tmp_path / "day"
    killed = ("cases", "relay", "delegation")

    first = deployment.play(data)
    _until(data / "acknowledged.jsonl", lines=300, process=first)
    for service in killed:
        deployment.container(service).kill("SIGKILL")
    first.wait(DAY)
    deployment.compose("up", "-d", "--wait", "--wait-timeout", "300")
    again = deployment.play(data).wait(DAY)

    out = (deployment.folder / "day.out").read_text("utf-8")
    assert again == 0, out[-6000:]
    summary = json.loads((data / "summary.json").read_text("utf-8"))
    assert summary["mode"] == "deployment"
    assert summary["holds"] is True
    assert requests.get(f"http://127.0.0.1:{deployment.http_port}/healthz", timeout=10).ok


def _until(journal: Path, *, lines: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until that many commands have been acknowledged."""
    deadline = time.monotonic() + DAY
    while not (journal.exists() and len(journal.read_bytes().splitlines()) > lines):
        assert process.poll() is None, "the day ended before a container could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.2)
