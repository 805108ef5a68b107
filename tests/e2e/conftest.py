"""The whole system in a process of its own, as it is and as one that stays unchanged."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from shared.settings import WITH_DATABASE
from tests.e2e.bad_input_caller import LIMIT, Running


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Whatever the tests send to it: at their end nothing is parked and nothing was a fault."""
    errors = tmp_path_factory.mktemp("system") / "errors"
    command = [sys.executable, "-W", "ignore", "-m", "tests.e2e.bad_input_system"]
    with errors.open("w") as log, subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, errors.read_text("utf-8")[-4000:]
        one = Running(process, json.loads(line), errors)
        yield one
        parked = [one.rows(name, "SELECT error FROM bus.parked") for name in WITH_DATABASE]
        process.communicate(timeout=LIMIT)
    assert (process.returncode, parked) == (0, [[]] * len(WITH_DATABASE))
    assert "gateway.fault" not in errors.read_text("utf-8")


@pytest.fixture
def unchanged(system: Running) -> Iterator[Running]:
    """The running system, on which nothing is recorded meanwhile, and which lives on."""
    before = system.recorded()
    yield system
    assert system.recorded() == before
    assert system.process.poll() is None
