"""What waits in each service's queue, and whether somebody reads it."""

from typing import Any

import amqp
from kombu import Connection
from kombu.exceptions import OperationalError as BrokerAway

from shared.bus.broker import connection
from shared.bus.message import queue_of
from shared.settings import WITH_DATABASE

WITHIN = 3.0
NO_BROKER = (OSError, BrokerAway, amqp.AMQPError)  # what `queues` raises


def queues(url: str) -> dict[str, dict[str, Any]]:
    """The queue of each service: how many messages are ready, how many processes read it.

    Args:
        url: of the broker; ``memory://`` has no queues that another process could see.

    Returns:
        ``{"waiting", "readers"}`` by service; ``waiting`` is None where there is no queue.

    Raises:
        OSError, kombu.exceptions.OperationalError, amqp.AMQPError: the broker does not answer.
    """
    if url.startswith("memory:"):
        return {}
    with connection(url, connect_timeout=WITHIN) as broker:
        return {name: _queue(broker, name) for name in WITH_DATABASE}


def _queue(broker: Connection, service: str) -> dict[str, Any]:
    with broker.channel() as channel:
        try:
            found = queue_of(service, ())(channel).queue_declare(passive=True)
        except amqp.NotFound:
            return {"waiting": None, "readers": 0}
        return {"waiting": found.message_count, "readers": found.consumer_count}
