"""No password in the logs, whoever writes the line."""

import subprocess
import sys

SAID = """
import logging
from shared.logs import configure
configure("cases")
logging.getLogger("nameko").warning("trying amqp://cases:one@a//;amqp://cases:two@b:5672//")
"""


def test_a_librarys_line_tells_hosts_and_users_and_no_password():
    done = subprocess.run(
        [sys.executable, "-c", SAID], check=True, capture_output=True, text=True
    )

    assert "amqp://cases:********@a//;amqp://cases:********@b:5672//" in done.stderr
    assert '"level": "WARNING", "logger": "nameko"' in done.stderr
