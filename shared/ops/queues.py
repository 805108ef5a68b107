"""What waits in the queues, facts, calls and those of all, and whether somebody reads it."""

from typing import Any

import amqp
from kombu import Connection, Queue
from kombu.exceptions import OperationalError as BrokerAway

from shared.bus.broker import connection
from shared.bus.inbound import ARRIVALS, REFUSED
from shared.bus.message import DEAD_LETTERS, queue_of
from shared.settings import WITH_DATABASE

WITHIN = 3.0
OF_ALL = (ARRIVALS, REFUSED, DEAD_LETTERS)  # what other platforms send, and what is set aside
CALLS = tuple(Queue(f"rpc-{name}") for name in WITH_DATABASE)  # as nameko names them
WATCHED = (*CALLS, *OF_ALL)
NO_BROKER = (OSError, BrokerAway, amqp.AMQPError)  # what `queues` raises


def queues(url: str) -> dict[str, dict[str, Any]]:
    """Each service's queue, and those `WATCHED`: how many messages are ready, how many read it.

    Args:
        url: of the broker; ``memory://`` has no queues that another process could see.

    Returns:
        ``{"waiting", "readers"}`` by service, and by a queue's full name; ``waiting`` is None
        where there is no queue.

    Raises:
        OSError, kombu.exceptions.OperationalError, amqp.AMQPError: the broker does not answer.
    """
    if url.startswith("memory:"):
        return {}
    with connection(url, connect_timeout=WITHIN) as broker:
        broker.connection.transport.sock.settimeout(WITHIN)  # a broker that hangs ends in OSError
        named = {name: queue_of(name, ()) for name in WITH_DATABASE}
        named |= {queue.name: queue for queue in WATCHED}
        return {name: _queue(broker, queue) for name, queue in named.items()}


def _queue(broker: Connection, queue: Queue) -> dict[str, Any]:
    with broker.channel() as channel:
        try:
            found = queue(channel).queue_declare(passive=True)
        except amqp.NotFound:
            return {"waiting": None, "readers": 0}
        return {"waiting": found.message_count, "readers": found.consumer_count}
