"""A service as a process: it ends with 0 where it is told to, and with 1 where it fails."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from shared.settings import Settings
from tests.servers import free_port
from tests.waiting import PATIENCE, until

FAILING = """
import sys
from shared import serve
from nameko.containers import ServiceContainer

def wait(container):
    raise RuntimeError("a managed thread has failed")

ServiceContainer.wait = wait
serve.main(sys.argv[1])
"""


@pytest.fixture
def settings(amqp_url: str, tmp_path: Path) -> Settings:
    """Of a gateway, which has no database."""
    return Settings(
        database_url="postgresql://nobody@127.0.0.1:1", amqp_url=amqp_url, prefix="",
        deployment="test", keys=tmp_path, http_port=free_port(),
    )


@contextmanager
def gateway(settings: Settings, *command: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", *command, "gateway"], stderr=subprocess.PIPE, text=True,
        env=os.environ | settings.environment(),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_service_whose_container_fails_says_why_in_one_line_and_ends_with_1(
    settings: Settings
) -> None:
    with gateway(settings, "-c", FAILING) as process:
        _, told = process.communicate(timeout=PATIENCE)

    line = json.loads(told.splitlines()[-1])
    assert process.returncode == 1
    assert (line["service"], line["event"]) == ("gateway", "process.failed")
    assert line["exception"].endswith("RuntimeError: a managed thread has failed")


def test_a_service_whose_container_ends_by_itself_ends_too(settings: Settings) -> None:
    ending = FAILING.replace('raise RuntimeError("a managed thread has failed")', "return")
    with gateway(settings, "-c", ending) as process:
        process.communicate(timeout=PATIENCE)

    assert process.returncode == 0


def test_a_service_that_is_told_to_end_ends_with_0(settings: Settings) -> None:
    with gateway(settings, "-m", "shared.serve") as process:
        url = f"http://127.0.0.1:{settings.http_port}/healthz"
        until(lambda: requests.get(url, timeout=5).ok, despite=requests.ConnectionError)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
