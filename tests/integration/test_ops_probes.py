"""What operators see: probes and metrics of every process, and the files that rest on them."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner

from shared.cli import app
from shared.cli.run import PROCESSES, Processes
from shared.settings import SERVICES, WITH_DATABASE, Settings
from tests.brokers import unheard
from tests.servers import free_port
from tests.world import World

INFRA = Path(__file__).parents[2] / "infra"
RUNBOOK = Path(__file__).parents[2] / "docs" / "guide" / "operators.md"
NAMES = (*PROCESSES, "relay")


@pytest.fixture(scope="module")
def doors(migrated: Settings, amqp_url: str) -> Iterator[dict[str, str]]:
    """The side door of every process, by name."""
    unheard(amqp_url)
    world = World(migrated)
    world.empty()
    world.close()
    first = _free_ports(len(NAMES))
    admin = replace(
        migrated, amqp_url=amqp_url, http_port=free_port(), ops=f"127.0.0.1:{first}"
    )
    urls = {name: f"http://127.0.0.1:{first + index}" for index, name in enumerate(NAMES)}
    with Processes(admin, NAMES) as processes:
        deadline = time.monotonic() + 90
        while not all(_status(f"{url}/readyz") == 200 for url in urls.values()):
            assert time.monotonic() < deadline, {n: _status(f"{u}/readyz") for n, u in urls.items()}
            processes.restart_ended()
            time.sleep(0.5)
        yield urls


def _free_ports(count: int) -> int:
    """A port with *count* - 1 free ones after it, as far as one can tell."""
    return max(free_port() for _ in range(4)) - count


def _status(url: str) -> int:
    try:
        return requests.get(url, timeout=5).status_code
    except requests.ConnectionError:
        return 0


def test_every_process_says_that_it_is_ready_and_why(doors):
    found = {name: requests.get(f"{url}/readyz", timeout=5).json() for name, url in doors.items()}

    assert {name: one["status"] for name, one in found.items()} == dict.fromkeys(NAMES, "ready")
    for name in WITH_DATABASE:
        assert set(found[name]["checks"]) == {"database", "broker", "lag", "clock", "calendar"}
    assert set(found["relay"]["checks"]) == {
        "database", "broker", "clock", *(f"key {source}" for source in SERVICES)
    }


def test_every_metric_of_alerts_and_dashboards_is_exposed(doors):
    exposed = {
        line.split("{")[0].split(" ")[0]
        for url in doors.values()
        for line in requests.get(f"{url}/metrics", timeout=5).text.splitlines()
        if not line.startswith("#")
    }
    dashboard = json.loads((INFRA / "grafana/dashboards/fuquan.json").read_text("utf-8"))
    asked = "\n".join(
        target["expr"] for panel in dashboard["panels"] for target in panel["targets"]
    ) + (INFRA / "prometheus/alerts.yml").read_text("utf-8")

    used = set(re.findall(r"\bfuquan_\w+", asked))

    assert len(used) >= 15
    assert used <= exposed


def test_each_service_has_its_own_label_under_one_name(doors):
    texts = {
        name: requests.get(f"{url}/metrics", timeout=5).text for name, url in doors.items()
    }

    for name in WITH_DATABASE:
        assert f'fuquan_parked{{service="{name}",stage="project"}} 0.0' in texts[name]
    for source in SERVICES:
        assert f'fuquan_relay_active{{service="{source}"}} 1.0' in texts["relay"]


def test_promtool_accepts_the_alerts_and_their_tests():
    promtool = shutil.which("promtool")
    assert promtool, "install it: apt-get install prometheus (only promtool is used)"

    for arguments in (
        ["check", "config", "prometheus.yml"], ["check", "rules", "alerts.yml"],
        ["test", "rules", "alerts_test.yml"],
    ):
        done = subprocess.run(
            [promtool, *arguments], cwd=INFRA / "prometheus", capture_output=True, text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_accepts_what_the_processes_expose(doors):
    promtool = shutil.which("promtool")
    assert promtool, "install it: apt-get install prometheus (only promtool is used)"

    for url in doors.values():
        text = requests.get(f"{url}/metrics", timeout=5).text
        ours = "\n".join(line for line in text.splitlines() if "fuquan_" in line) + "\n"
        done = subprocess.run(
            [promtool, "check", "metrics"], input=ours, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_every_alert_has_its_page_in_the_runbook():
    alerts = re.findall(r"- alert: (\w+)", (INFRA / "prometheus/alerts.yml").read_text("utf-8"))

    pages = re.findall(r"^### (\w+)$", RUNBOOK.read_text("utf-8"), re.MULTILINE)

    assert sorted(alerts) == sorted(pages)


def test_the_queues_are_read_by_somebody(doors, amqp_url: str):
    ended = CliRunner().invoke(app, ["ops", "queues"], env={"FUQUAN_AMQP_URL": amqp_url})

    assert ended.exit_code == 0
    assert all(f"fuquan.{name} " in ended.stdout for name in WITH_DATABASE)
