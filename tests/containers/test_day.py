"""The demo's day on the deployment in containers, each kind of which is killed in the middle."""

import json
import time
from pathlib import Path

import pytest
import requests

from shared.settings import SERVICES
from tests.containers.deployment import UP, Deployment
from tests.containers.test_compose import PROCESSES

DAY = 900
PLAYED = 6  # times at most: who has no answer within a minute gives the same commands again
SERVERS = ("postgres", "rabbitmq")
KILLED = {  # after so many of some 7,000 commands, these
    300: ("cases", "relay", "delegation"),
    2500: (*SERVERS, "gateway"),
}


class Day:
    """The demo's day, given again where it ended for want of an answer.

    Args:
        data: the folder that remembers what was acknowledged.
    """

    def __init__(self, deployment: Deployment, data: Path) -> None:
        self._deployment = deployment
        self._journal = data / "acknowledged.jsonl"
        self._data = data
        self._played = 0
        self._play()

    def until(self, commands: int) -> None:
        """Wait until more than that many commands have been acknowledged."""
        deadline = time.monotonic() + DAY
        while self.acknowledged() <= commands:
            if (ended := self._process.poll()) is not None:
                assert ended, "the day ended before a container could be killed"
                self._play()
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def repeated(self) -> int:
        """Wait for its end, and give the same commands again, once at least; the last exit code."""
        ended = self._process.wait(DAY)
        while self._played < PLAYED and (ended or self._played == 1):
            self._play()
            ended = self._process.wait(DAY)
        return ended

    def _play(self) -> None:
        self._played += 1
        self._process = self._deployment.play(self._data)

    def acknowledged(self) -> int:
        """How many different commands were acknowledged so far."""
        lines = self._journal.read_bytes().splitlines() if self._journal.exists() else []
        return len(set(lines))


@pytest.fixture
def day(deployment: Deployment, tmp_path: Path) -> Day:
    """Being played."""
    return Day(deployment, tmp_path / "day")


def test_the_days_facts_survive_containers_that_are_killed_while_it_is_played(
    deployment: Deployment, day: Day, tmp_path: Path
):
    for commands, services in KILLED.items():
        day.until(commands)
        for service in services:
            deployment.container(service).kill("SIGKILL")
        deployment.compose(*UP, "--no-deps", *services)
    ended = day.repeated()
    url = f"http://127.0.0.1:{deployment.http_port}"

    out = (deployment.folder / "day.out").read_text("utf-8")
    assert ended == 0, out[-6000:]
    summary = json.loads((tmp_path / "day" / "summary.json").read_text("utf-8"))
    assert summary["mode"] == "deployment"
    assert summary["holds"] is True
    assert {_health(deployment, name) for name in (*SERVERS, *PROCESSES)} == {"healthy"}
    for source in SERVICES:  # the gateway asks the ledger over the broker
        assert requests.get(f"{url}/log/{source}/checkpoint", timeout=30).ok


def _health(deployment: Deployment, service: str) -> str:
    found: str = deployment.container(service).attrs["State"]["Health"]["Status"]
    return found
