"""Tests in containers run where an engine has the images; elsewhere the summary says why not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ORIGINS
from tests.containers.deployment import Deployment
from tests.servers import POSTGRES_IMAGE, RABBITMQ_IMAGE, can_run

HERE = Path(__file__).parent
PYTHON_IMAGE = "python:3.11-slim-bookworm"
PROMETHEUS_IMAGE = "prom/prometheus:v3.5.0"
IMAGES = (POSTGRES_IMAGE, RABBITMQ_IMAGE, PYTHON_IMAGE, PROMETHEUS_IMAGE)


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Built, and up and healthy; gone with its volumes and images afterwards."""
    deployment = Deployment(tmp_path_factory.mktemp("compose"))
    try:
        deployment.start()
        ORIGINS["compose"] = (
            f"images built in {deployment.built_in:.0f} s, healthy {deployment.healthy_after:.0f} s"
            " later; without Grafana, whose image Debian cannot give"
        )
        yield deployment
    finally:
        deployment.end()


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """As it ships, with the broker over TLS: up and healthy; gone afterwards."""
    deployment = Deployment(tmp_path_factory.mktemp("tls"), tls=True)
    try:
        deployment.start()
        yield deployment
    finally:
        deployment.end()


def why_not() -> str:
    """What keeps containers from running here; empty where they can."""
    if told := os.environ.get("FUQUAN_NO_CONTAINERS"):
        return told
    lacking = [one for one in IMAGES if not can_run(one)]
    if lacking:
        return f"no engine answers that has or can fetch {', '.join(lacking)}; see make containers"
    return ""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the tests in containers out of a run that cannot have them, loudly."""
    ours = [item for item in items if HERE in item.path.parents]
    if not ours:
        return
    reason = why_not()
    if not reason:
        ORIGINS["containers"] = f"{len(ours)} tests"
        return
    if os.environ.get("FUQUAN_CONTAINERS") == "required":
        raise pytest.UsageError(f"containers are required and cannot run here: {reason}")
    ORIGINS["containers"] = f"NOT RUN, {len(ours)} tests: {reason}"
    items[:] = [item for item in items if item not in ours]
    config.hook.pytest_deselected(items=ours)
