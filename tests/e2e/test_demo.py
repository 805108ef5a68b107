"""The demo's day: embedded, repeated, killed at any moment, and on servers; always the same end."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shared.settings import Settings
from tests.brokers import unheard
from tests.conftest import drop
from tests.servers import free_port

SEED = 20231120
KILLS = 4
LIMIT = 900


def start(data: Path, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start a demo that ends by itself, in a process group of its own."""
    command = [sys.executable, "-m", "demo", "--data", str(data), "--port", str(free_port()),
               "--exit", *arguments]
    with (data.parent / f"{data.name}.out").open("ab") as out:
        return subprocess.Popen(command, env={**os.environ, **environment}, stdout=out, stderr=out,
                                start_new_session=True)


def finish(data: Path, *arguments: str, **environment: str) -> dict[str, Any]:
    """Run a demo to its end; its summary, where every check holds."""
    process = start(data, *arguments, **environment)
    try:
        code = process.wait(LIMIT)
    finally:
        with suppress(ProcessLookupError):  # one that is late leaves nothing to the next test
            os.killpg(process.pid, signal.SIGKILL)
    assert code == 0, (data.parent / f"{data.name}.out").read_text("utf-8")[-4000:]
    summary: dict[str, Any] = json.loads((data / "summary.json").read_text("utf-8"))
    return summary


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A first run in a folder of its own."""
    data = tmp_path_factory.mktemp("demo") / "first"
    return data, finish(data)


def test_every_check_of_the_summary_holds(undisturbed: tuple[Path, dict[str, Any]]) -> None:
    _, summary = undisturbed

    assert summary["holds"] is True


def test_a_second_run_on_the_same_folder_changes_nothing(
    undisturbed: tuple[Path, dict[str, Any]],
) -> None:
    data, first = undisturbed

    second = finish(data)

    logs = [name for name in first["checks"] if name.startswith("log ")]
    assert {name: second["checks"][name].split(",")[:2] for name in logs} == {
        name: first["checks"][name].split(",")[:2] for name in logs
    }
    assert (second["holders"], second["outcomes"]) == (first["holders"], first["outcomes"])


def test_a_demo_killed_at_any_moment_goes_on_and_ends_the_same(
    undisturbed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    _, first = undisturbed
    data, moments = tmp_path / "killed", random.Random(SEED)

    for _ in range(KILLS):
        process = start(data)
        time.sleep(moments.uniform(2, first["seconds"] * 0.6))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    last = finish(data)

    assert last["checks"]["acknowledged commands"].endswith(" 0 missing")
    assert (last["holders"], last["outcomes"]) == (first["holders"], first["outcomes"])


def test_on_servers_the_day_ends_with_the_same_holders_and_outcomes(
    undisturbed: tuple[Path, dict[str, Any]], tmp_path: Path, database_url: str, amqp_url: str
) -> None:
    _, first = undisturbed
    prefix = f"d{uuid4().hex[:6]}_"
    unheard(amqp_url)

    summary = finish(
        tmp_path / "servers", "--servers",
        FUQUAN_DATABASE_URL=database_url, FUQUAN_AMQP_URL=amqp_url, FUQUAN_PREFIX=prefix,
    )

    drop(Settings(database_url, prefix=prefix))
    assert summary["mode"] == "servers"
    assert (summary["holders"], summary["outcomes"]) == (first["holders"], first["outcomes"])
