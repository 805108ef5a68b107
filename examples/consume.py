"""Every fact of one jurisdiction as it is recorded, from a durable queue of one's own.

python examples/consume.py amqp://mudan-xt:password@host:5672/ facts.mudan-xt.all '371702.#'
"""

import sys

from kombu import Connection, Exchange, Queue

# Of several readers one at a time: or facts overtake each other when a connection is lost.
IN_ORDER = {"x-queue-type": "quorum", "x-single-active-consumer": True}

facts = Exchange("fuquan.events", "topic", no_declare=True)
queue = Queue(sys.argv[2], facts, sys.argv[3], queue_arguments=IN_ORDER)
with Connection(sys.argv[1]) as broker, broker.SimpleQueue(queue) as mine:
    while message := mine.get():  # at least once: drop what is not above the last position seen
        message.ack(print(message.headers["ce-type"], message.headers["ce-position"], flush=True))
