"""The demo's day on the deployment in containers, some of which are killed."""

import json
import subprocess
import time
from pathlib import Path

import requests

from tests.containers.deployment import UP

DAY = 900
REPEATED = 3  # times: who has no answer within a minute gives the same commands again
KILLED = ("cases", "relay", "delegation")


def test_the_days_facts_survive_containers_that_are_killed_while_it_is_played(deployment, tmp_path):
    data = tmp_path / "day"

    first = deployment.play(data)
    _until(data / "acknowledged.jsonl", lines=300, process=first)
    for service in KILLED:
        deployment.container(service).kill("SIGKILL")
    deployment.compose(*UP, "--no-deps", *KILLED)
    first.wait(DAY)
    repeated = [deployment.play(data).wait(DAY)]
    while repeated[-1] != 0 and len(repeated) < REPEATED:
        repeated.append(deployment.play(data).wait(DAY))

    out = (deployment.folder / "day.out").read_text("utf-8")
    assert repeated[-1] == 0, out[-6000:]
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
