"""Facts that a platform's binding brings to the intake: passed over, and no message with them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Producer
from structlog.testing import capture_logs

from shared.bus.cloudevents import STRUCTURED
from shared.bus.inbound import ARRIVALS, INBOUND, REFUSED
from shared.bus.message import EVENTS
from shared.bus.publisher import Publisher
from shared.cli.sending import Broker
from shared.settings import Settings
from tests.brokers import Node
from tests.integration.test_broker_users import PLATFORM, Act, at, broker
from tests.integration.test_counters import grown
from tests.platform import House, Platform, application, house, message
from tests.waiting import PATIENCE, until
from tests.world import World

__all__ = ["at", "broker"]

KEY = "371702.#"
OWN = f"facts.{PLATFORM}.copies"
TASK = ("371702.supervision.TaskReported", {"ce-position": 0}, b"{}")


def bind_the_queue(channel: Any) -> None:
    channel.queue_bind(ARRIVALS.name, EVENTS.name, KEY)


def bind_the_exchange(channel: Any) -> None:
    channel.exchange_bind(INBOUND.name, EVENTS.name, KEY)


def bind_by_an_exchange_of_its_own(channel: Any) -> None:
    channel.exchange_declare(OWN, "topic", durable=False, auto_delete=False)
    channel.exchange_bind(OWN, EVENTS.name, KEY)
    channel.queue_bind(ARRIVALS.name, OWN, "#")


@pytest.fixture
def county(
    migrated: Settings, broker: tuple[Node, Path, str], at: Callable[[str], str], tmp_path: Path
) -> Iterator[House]:
    """牡丹区's intake and the relay of cases, each under its own user; nothing bound by others."""
    world = World(migrated)
    world.empty()
    world.imported("MD2023")
    settings = replace(migrated, amqp_url=at("relay"), keys=tmp_path)
    with house(world, settings, ("cases",)) as one:
        one.settings = replace(settings, amqp_url=at("gateway"))
        one.knows(user=PLATFORM)
        yield one
    world.close()
    with Connection(broker[-1]) as connection:
        channel = connection.default_channel
        channel.queue_unbind(ARRIVALS.name, EVENTS.name, KEY)
        channel.exchange_unbind(INBOUND.name, EVENTS.name, KEY)
        channel.exchange_delete(OWN)
        channel.queue_purge(REFUSED.name)


@pytest.mark.parametrize(
    "bind", [bind_the_queue, bind_the_exchange, bind_by_an_exchange_of_its_own]
)
def test_facts_that_a_platform_binds_to_the_intake_are_counted_and_its_messages_answered(
    county: House, broker: tuple[Node, Path, str], at: Callable[[str], str], bind: Act
):
    strayed = grown("fuquan_facts_strayed_total", service="gateway")
    with Connection(at(PLATFORM)) as theirs:
        bind(theirs.default_channel)
    relay, operator = Publisher(at("relay")), Platform(broker[-1])

    with county.open(), Broker(at(PLATFORM)) as desk, capture_logs() as lines:
        relay.publish([TASK])
        (answer,) = desk.ask([message(application())], PATIENCE)
        until(lambda: strayed() + operator.waiting(REFUSED.name) == 2)

    told = [line["routing_key"] for line in lines if line["event"] == "inbound.stray"]
    assert answer["outcome"] == "accepted"
    assert (strayed(), operator.waiting(REFUSED.name)) == (2, 0)
    assert told == [TASK[0], "371702.cases.ApplicationSubmitted"]
    relay.close()
    operator.close()


def test_a_message_that_an_operator_puts_back_into_the_queue_is_answered(
    county: House, broker: tuple[Node, Path, str]
):
    operator = Platform(broker[-1])
    county.knows(user=operator.user)

    with county.open():
        Producer(operator.channel).publish(
            json.dumps(message(application())).encode(), exchange="", routing_key=ARRIVALS.name,
            serializer=None, content_type=STRUCTURED, content_encoding="binary",
            user_id=operator.user, reply_to=operator.replies,
        )
        answer = operator.answer()

    assert answer["outcome"] == "accepted"
    operator.close()
