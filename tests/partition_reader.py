"""A reader of one partition in a process of its own, which may be killed at any moment.

python -m tests.partition_reader URL QUEUE: prints ``stream position`` of each message as it comes
and acknowledges ten at a time.
"""

import sys
import time
from typing import Any

from kombu import Connection

AT_ONCE, EACH = 50, 0.005


def read(url: str, queue: str) -> None:
    """Read until somebody ends this process."""
    count = 0

    def arrived(message: Any) -> None:
        nonlocal count
        count += 1
        told = message.headers
        sys.stdout.write(f"{told['ce-subject']} {told['ce-position']}\n")
        sys.stdout.flush()
        time.sleep(EACH)
        if count % 10 == 0:
            message.channel.basic_ack(message.delivery_tag, multiple=True)

    with Connection(url) as connection:
        channel = connection.default_channel
        channel.basic_qos(0, AT_ONCE, a_global=False)
        channel.basic_consume(queue, callback=arrived)
        while True:
            connection.drain_events()


if __name__ == "__main__":
    read(*sys.argv[1:])
