"""The deployment in containers: up, and as it ships."""

import docker
import pytest

from shared.settings import SERVICES
from tests.containers.conftest import PYTHON_IMAGE

HEALTHY_WITHIN = 120
OWN = 220_000_000  # bytes beyond the base image; libraries are 199 million of them, ours up to 7
PROCESSES = (
    "relay", "relay-standby", "catalog", "delegation", "cases", "supervision", "ledger", "gateway"
)


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


def test_an_image_is_small(deployment):
    base = docker.from_env().images.get(PYTHON_IMAGE).attrs["Size"]

    own = {name: deployment.container(name).image.attrs["Size"] - base for name in PROCESSES}

    assert min(own.values()) > 0
    assert max(own.values()) < OWN, own


def test_the_ledger_keeps_its_own_key_and_sees_no_private_key_of_a_log(deployment):
    ledger, relay = deployment.container("ledger"), deployment.container("relay")
    folder = "/var/lib/fuquan/keys"

    own = ledger.exec_run(["ls", "/var/lib/fuquan/witness"]).output.decode().split()
    seen = ledger.exec_run(["ls", folder]).output.decode().split()
    held = relay.exec_run(["ls", folder]).output.decode().split()

    assert {"ledger.key", "ledger.vkey"} <= set(own)
    assert set(seen) == {f"{service}.vkey" for service in SERVICES}
    assert {f"{service}.key" for service in SERVICES} <= set(held)
    assert ledger.exec_run(["touch", f"{folder}/x"]).exit_code != 0
