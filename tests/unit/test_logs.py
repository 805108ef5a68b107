"""Every line is one JSON object that names the service and tells no password, whoever writes it."""

import json
import subprocess
import sys

SAID = """
import logging
import structlog
from shared.logs import configure
configure("cases")
logging.getLogger("nameko").warning("trying amqp://cases:one@a//;amqp://cases:two@b:5672//")
log = structlog.get_logger()
try:
    raise OSError('the broker said "no"')
except OSError as no:
    logging.getLogger("kombu.mixins").warning("Connection lost, it's gone", exc_info=True)
    log.exception("inbound.lane-ended")
    log.error("gateway.fault", path="/api/办件", exc_info=no)
log.info("command", url="amqp://cases:three@a//")
"""


def said() -> list[dict[str, str]]:
    done = subprocess.run([sys.executable, "-c", SAID], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_line_is_one_json_object_with_the_same_fields_whoever_writes_it():
    lines = said()

    assert [(one["event"], one["level"]) for one in lines[1:]] == [
        ("Connection lost, it's gone", "warning"), ("inbound.lane-ended", "error"),
        ("gateway.fault", "error"), ("command", "info"),
    ]
    assert {one["service"] for one in lines} == {"cases"}
    assert all(one["timestamp"].endswith("Z") for one in lines)
    assert lines[1]["logger"] == "kombu.mixins"
    assert lines[3]["path"] == "/api/办件"


def test_what_went_wrong_is_told_with_its_trace_in_the_line():
    for one in said()[1:4]:
        assert one["exception"].endswith('OSError: the broker said "no"')
        assert "Traceback (most recent call last)" in one["exception"]


def test_a_line_tells_hosts_and_users_and_no_password():
    first, *_, last = said()

    assert first["event"] == "trying amqp://cases:********@a//;amqp://cases:********@b:5672//"
    assert last["url"] == "amqp://cases:********@a//"


def test_what_ends_a_process_is_a_line_too():
    done = subprocess.run(
        [sys.executable, "-c", "from shared.logs import configure\nconfigure('cases')\n1 / 0"],
        check=False, capture_output=True, text=True,
    )

    (line,) = done.stderr.splitlines()
    told = json.loads(line)
    assert done.returncode == 1
    assert (told["service"], told["event"], told["level"]) == (
        "cases", "process.failed", "critical",
    )
    assert told["exception"].endswith("ZeroDivisionError: division by zero")
