"""The profile `monitoring`: Prometheus. Grafana stays out: Debian has no package of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.containers.deployment import UP, Deployment
from tests.waiting import until

INFRA = Path(__file__).parents[2] / "infra"


@pytest.fixture(scope="module")
def prometheus(deployment: Deployment) -> Iterator[str]:
    """The URL of the Prometheus that Compose runs beside the deployment."""
    deployment.compose("--profile", "core", "--profile", "monitoring", *UP, "prometheus")
    yield f"http://{deployment.compose('port', 'prometheus', '9090')}/api/v1"
    deployment.compose("rm", "-sf", "prometheus")


def told(url: str) -> Any:
    """What Prometheus answers to a question."""
    answer = requests.get(url, timeout=10).json()
    assert answer["status"] == "success", answer
    return answer["data"]


def test_prometheus_reaches_every_process_and_the_broker(prometheus):
    configuration = yaml.safe_load((INFRA / "prometheus/prometheus.yml").read_text("utf-8"))
    named = {
        target for job in configuration["scrape_configs"] for one in job["static_configs"]
        for target in one["targets"]
    }

    well = dict.fromkeys(named, "up")
    until(lambda: _health(prometheus), lambda health: health == well, every=1)

    relays = told(f"{prometheus}/query?query=max by (service) (fuquan_relay_active)")["result"]
    assert {one["metric"]["service"]: one["value"][1] for one in relays} == dict.fromkeys(
        ("catalog", "delegation", "cases", "supervision"), "1"
    )


def test_prometheus_has_every_alert_and_can_evaluate_it(prometheus):
    written = yaml.safe_load((INFRA / "prometheus/alerts.yml").read_text("utf-8"))
    alerts = [rule["alert"] for group in written["groups"] for rule in group["rules"]]

    sound = dict.fromkeys(alerts, "ok")
    evaluated = until(lambda: _rules(prometheus), lambda told: told == sound, every=1)

    assert len(alerts) == len(evaluated) > 0


def _health(url: str) -> dict[str, str]:
    return {
        one["labels"]["instance"]: one["health"] for one in told(f"{url}/targets")["activeTargets"]
    }


def _rules(url: str) -> dict[str, str]:
    return {
        rule["name"]: rule["health"]
        for group in told(f"{url}/rules")["groups"] for rule in group["rules"]
    }
