"""What operators see: probes and metrics of every process, and the files that rest on them."""

import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
import yaml
from prometheus_client.parser import text_string_to_metric_families as families
from typer.testing import CliRunner, Result

from services.gateway.operating import PATIENCE
from services.gateway.tokens import issue
from shared.cli import app
from shared.cli.run import PROCESSES, Processes
from shared.settings import SERVICES, WITH_DATABASE, Settings
from tests.brokers import unheard
from tests.servers import free_port
from tests.waiting import until
from tests.world import World

INFRA = Path(__file__).parents[2] / "infra"
RUNBOOK = Path(__file__).parents[2] / "docs" / "guide" / "operators.md"
NAMES = (*PROCESSES, "relay")
GIVEN_BY_PROMETHEUS = {"instance", "job"}
OVER_TLS = {"fuquan_certificate_valid_seconds": {"service"}}  # see test_broker_tls.py
ANSWERS = ["✓", "0", "0", "1"]  # it does; nothing parked, nothing waiting, one reader


@pytest.fixture(scope="module")
def system(migrated: Settings, amqp_url: str) -> Iterator[Processes]:
    """Every process, ready."""
    unheard(amqp_url)
    world = World(migrated)
    world.empty()
    world.close()
    first = _free_ports(len(NAMES))
    admin = replace(
        migrated, amqp_url=amqp_url, http_port=free_port(), ops=f"127.0.0.1:{first}",
        driven_clock=False,  # as in operation: the services have their timers
    )
    with Processes(admin, NAMES) as processes:
        urls = _side_doors(processes).values()

        def told() -> set[int]:
            processes.restart_ended()
            return {_status(f"{url}/readyz") for url in urls}

        until(told, lambda told: told == {200}, every=0.5)
        yield processes


@pytest.fixture
def doors(system: Processes) -> dict[str, str]:
    """The side door of every process, by name."""
    return _side_doors(system)


@pytest.fixture
def operator(system: Processes, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `fuquan ops` at that gateway with an operator's token."""
    monkeypatch.setenv("FUQUAN_URL", f"http://127.0.0.1:{system.admin.http_port}")
    monkeypatch.setenv("FUQUAN_AMQP_URL", system.admin.amqp_url)
    monkeypatch.setenv("FUQUAN_TOKEN", issue(system.admin, "MD2023", "operator", "op-9", 1))
    return lambda *line: CliRunner().invoke(app, ["ops", *line])


def _side_doors(system: Processes) -> dict[str, str]:
    host, first = system.admin.side_door() or ("", 0)
    return {name: f"http://{host}:{first + index}" for index, name in enumerate(NAMES)}


def _free_ports(count: int) -> int:
    """A port with *count* - 1 free ones after it, as far as one can tell."""
    return max(free_port() for _ in range(4)) - count


def _status(url: str) -> int:
    try:
        return requests.get(url, timeout=5).status_code
    except (requests.ConnectionError, requests.Timeout):
        return 0


def test_every_process_says_that_it_is_ready_and_why(doors):
    found = {name: requests.get(f"{url}/readyz", timeout=5).json() for name, url in doors.items()}

    assert {name: one["status"] for name, one in found.items()} == dict.fromkeys(NAMES, "ready")
    for name in WITH_DATABASE:
        assert set(found[name]["checks"]) == {"database", "broker", "lag", "clock", "calendar"}
    assert set(found["relay"]["checks"]) == {
        "database", "broker", "clock", "logs", *(f"key {source}" for source in SERVICES)
    }


def test_every_metric_of_alerts_and_dashboards_is_exposed(doors):
    exposed = {
        line.split("{")[0].split(" ")[0]
        for url in doors.values()
        for line in requests.get(f"{url}/metrics", timeout=5).text.splitlines()
        if not line.startswith("#")
    }
    asked = "\n".join(target["expr"] for target in _targets()) + (
        INFRA / "prometheus/alerts.yml"
    ).read_text("utf-8")

    used = set(re.findall(r"\bfuquan_\w+", asked))

    assert len(used) >= 15
    assert used <= exposed | OVER_TLS.keys()


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


def test_promtool_accepts_every_expression_of_the_dashboard(tmp_path):
    promtool = shutil.which("promtool")
    assert promtool, "install it: apt-get install prometheus (only promtool is used)"
    expressions = [_at_rest(target["expr"]) for target in _targets()]
    recorded = [
        {"record": f"dashboard:{number}", "expr": one} for number, one in enumerate(expressions)
    ]
    rules = {"groups": [{"name": "dashboard", "rules": recorded}]}
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules), "utf-8")

    done = subprocess.run(
        [promtool, "check", "rules", tmp_path / "rules.yml"], capture_output=True, text=True,
        check=False,
    )

    assert len(expressions) == 18
    assert done.returncode == 0, done.stdout + done.stderr
    assert "18 rules found" in done.stdout


def _targets() -> list[dict[str, str]]:
    """What the dashboard asks of Prometheus, each with how its lines are named."""
    dashboard = json.loads((INFRA / "grafana/dashboards/fuquan.json").read_text("utf-8"))
    return [target for panel in dashboard["panels"] for target in panel["targets"]]


def _at_rest(expression: str) -> str:
    """An expression with five minutes in the place of Grafana's intervals."""
    return re.sub(r"\$\{?__\w+\}?", "5m", expression)


def test_every_label_that_dashboard_and_alerts_use_is_one_of_the_metric(doors):
    labels: dict[str, set[str]] = {**OVER_TLS}
    for url in doors.values():
        for family in families(requests.get(f"{url}/metrics", timeout=5).text):
            for sample in family.samples:
                labels.setdefault(sample.name, set()).update(sample.labels)
    rules = yaml.safe_load((INFRA / "prometheus/alerts.yml").read_text("utf-8"))
    asked = [(target["expr"], target["legendFormat"]) for target in _targets()] + [
        (rule["expr"], rule["annotations"]["summary"])
        for group in rules["groups"] for rule in group["rules"]
    ]

    wrong = [
        (expression, label)
        for expression, text in asked
        for metric in re.findall(r"\bfuquan_\w+", expression)
        for label in _unknown(expression, text, labels[metric] | GIVEN_BY_PROMETHEUS)
    ]

    assert len(asked) == 18 + 25
    assert wrong == []


def _unknown(expression: str, text: str, known: set[str]) -> set[str]:
    """Labels in an expression that are not known, and in its text those that it does not keep."""
    grouped = set(re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", expression))))
    selected = set(re.findall(r"[{,]\s*(\w+)\s*(?:=~|!~|!=|=)", expression))
    named = set(re.findall(r"\{\{\s*(?:\$labels\.)?(\w+)", text))
    return (grouped | selected) - known | named - (grouped or known)


def test_a_label_that_is_not_there_or_is_grouped_away_would_be_found():
    known = {"service", "stage"}

    assert _unknown('sum by (service) (x{stage="read"})', "{{service}}", known) == set()
    assert _unknown('sum by (organ) (x{part!="relay"})', "", known) == {"organ", "part"}
    assert _unknown("sum by (service) (x)", "{{ $labels.stage }}", known) == {"stage"}
    assert _unknown("x > 1", "{{ $labels.organ }} {{ $value }}", known) == {"organ"}


def test_every_alert_has_a_time_when_it_fires_and_one_when_it_is_silent():
    rules = yaml.safe_load((INFRA / "prometheus/alerts.yml").read_text("utf-8"))
    shown = yaml.safe_load((INFRA / "prometheus/alerts_test.yml").read_text("utf-8"))
    cases = [case for test in shown["tests"] for case in test["alert_rule_test"]]
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}

    firing = {case["alertname"] for case in cases if case["exp_alerts"]}
    silent = {case["alertname"] for case in cases if not case["exp_alerts"]}

    assert firing == alerts
    assert silent == alerts


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


def test_the_queues_are_read_by_somebody(operator):
    ended = operator("queues")

    assert ended.exit_code == 0
    named = [*WITH_DATABASE, *(f"rpc-{name}" for name in WITH_DATABASE)]
    assert all(f" {name} " in ended.stdout for name in named)


def test_a_system_that_moves_is_told_with_its_queues(operator):
    ended = operator("status")

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert set(WITH_DATABASE) <= {
        line.split()[0] for line in ended.stdout.splitlines() if line.split()[1:] == ANSWERS
    }


def test_a_process_that_hangs_is_told_soon_beside_the_others(system: Processes, operator):
    system.running["cases"].send_signal(signal.SIGSTOP)
    begun = time.monotonic()
    try:
        ended = operator("status")
    finally:
        system.running["cases"].send_signal(signal.SIGCONT)

    assert time.monotonic() - begun < 4 * PATIENCE
    assert ended.exit_code == 1
    assert "cases: does not answer (gateway.timeout)" in ended.stderr
    assert "delegation: does not answer" not in ended.stderr
