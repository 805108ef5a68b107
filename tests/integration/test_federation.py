"""County and city, two brokers: facts cross as they are, also those of an hour without a line."""

import secrets
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from kombu import Connection

from shared.bus.golden import messages
from shared.bus.message import fact_of
from shared.bus.publisher import Publisher
from tests.brokers import INFRA, Node, folder_of_brokers, reachable, running
from tests.integration.test_broker_tls import certificates, url, with_tls
from tests.waiting import until

COUNTY, NEIGHBOUR, LINK = "371702", "360700", "city-3717"
EXCHANGE, QUEUE = f"fuquan.events.{COUNTY}", "facts.ledger.county"
SETTLED = 3.0  # seconds, that a link which may takes a binding over in


class Pair(NamedTuple):
    """Two brokers, and their administrators' URLs."""

    county: Node
    city: Node
    at_county: str
    at_city: str


@pytest.fixture(scope="module")
def brokers() -> Iterator[Pair]:
    """A county's broker with our definitions, and a city's with a link to it."""
    defined = (
        "definitions.import_backend = local_filesystem",
        f"definitions.local.path = {INFRA}/definitions.json",
    )
    with folder_of_brokers() as folder:
        county = Node(folder / "county", defined, ["rabbitmq_federation"])
        city = Node(folder / "city", (), ["rabbitmq_federation"])
        password = secrets.token_hex(10)
        with running(county, city):
            script = ("sh", str(INFRA / "federation.sh"))
            county.run(*script, "county", LINK, COUNTY, given=f"{password}\n")
            city.run(*script, "city", COUNTY, given=f"{county.url(LINK, password)[:-1]}%2F\n")
            yield Pair(county, city, county.administrator(), city.administrator())


def linked(city: Node) -> None:
    """Wait until the city's link to the county runs."""
    until(lambda: city.ctl("federation_status"), lambda told: "running" in told)


def sent(url: str, golden: list[dict[str, Any]]) -> None:
    publisher = Publisher(url)
    publisher.publish((one["routing_key"], one["headers"], one["body"].encode()) for one in golden)
    publisher.close()


def arrived(url: str, count: int) -> list[Any]:
    """The next messages of the city's queue."""
    with Connection(url) as connection:
        channel = connection.default_channel
        return [until(lambda: channel.basic_get(QUEUE, no_ack=True)) for _ in range(count)]


def followed(city: Node, url: str) -> None:
    """A queue at the city, as its ledger would have one; it is on the disk before we return.

    RabbitMQ 3.10 keeps its list of quorum queues in memory for some seconds after a declaration. A
    node that is killed in them comes back with a queue that never finds a leader again.
    """
    with Connection(url) as connection:
        channel = connection.default_channel
        channel.queue_declare(QUEUE, durable=True, auto_delete=False,
                              arguments={"x-queue-type": "quorum"})
        channel.queue_bind(QUEUE, EXCHANGE, f"{COUNTY}.#")
    until(lambda: any(
        QUEUE.encode() in one.read_bytes() for one in city.folder.rglob("names.dets")
    ), every=0.2)


def test_a_countys_facts_arrive_at_the_city_in_order_with_headers_and_bytes_as_they_were(
    brokers: Pair
) -> None:
    followed(brokers.city, brokers.at_city)
    linked(brokers.city)
    golden = list(messages())

    sent(brokers.at_county, golden)

    found = arrived(brokers.at_city, len(golden))
    assert [one.body.encode() for one in found] == [one["body"].encode() for one in golden]
    told = [
        {name: value for name, value in one.headers.items() if name.startswith("ce-")}
        for one in found
    ]
    assert told == [one["headers"] for one in golden]
    assert [one.delivery_info["routing_key"] for one in found] == [
        one["routing_key"] for one in golden
    ]
    facts = [
        fact_of(one.body.encode(), one.headers, one.properties["content_type"]) for one in found
    ]
    assert [str(fact.id) for fact in facts] == [one["headers"]["ce-id"] for one in golden]


def test_what_a_county_publishes_while_the_city_is_down_arrives_when_it_is_back(
    brokers: Pair
) -> None:
    golden = list(messages())[:20]

    brokers.city.kill()
    sent(brokers.at_county, golden)
    brokers.city.start()
    brokers.city.await_up()
    reachable(brokers.at_city)

    found = arrived(brokers.at_city, len(golden))
    assert [one.body.encode() for one in found] == [one["body"].encode() for one in golden]


def test_the_link_gets_no_other_jurisdiction(brokers: Pair) -> None:
    """Were the city to ask for all, the county's broker would refuse the link."""
    golden = list(messages())[:3]
    another = [one | {"routing_key": f"{NEIGHBOUR}.{one['routing_key'].partition('.')[2]}"}
               for one in golden]
    with Connection(brokers.at_city) as connection:
        channel = connection.default_channel
        channel.queue_bind(QUEUE, EXCHANGE, f"{NEIGHBOUR}.#")
        time.sleep(SETTLED)  # the link tries to take the binding over
        sent(brokers.at_county, [*another, *golden])
        time.sleep(SETTLED)
        channel.queue_unbind(QUEUE, EXCHANGE, f"{NEIGHBOUR}.#")

    found = arrived(brokers.at_city, len(golden))
    assert [one.delivery_info["routing_key"] for one in found] == [
        one["routing_key"] for one in golden
    ]


def test_a_county_that_takes_certificates_alone_is_followed_with_the_links_own() -> None:
    """The URI is the one of `federation.sh`; the link has a user there, and never its password."""
    golden = list(messages())[:20]
    with folder_of_brokers() as folder:
        made = folder / "tls"
        certificates(made, "server", "localhost")
        for user in (LINK, "relay"):
            certificates(made, "client", user)
        county = with_tls(
            folder / "county", made, "definitions.import_backend = local_filesystem",
            f"definitions.local.path = {INFRA}/definitions.json", plugins=["rabbitmq_federation"],
        )
        city = Node(folder / "city", (), ["rabbitmq_federation"])
        files = "&".join(
            f"{name}={path}" for name, path in (
                ("cacertfile", made / "ca.pem"), ("certfile", made / f"client-{LINK}.pem"),
                ("keyfile", made / f"client-{LINK}.key"),
            )
        )
        with running(county, city):
            script = ("sh", str(INFRA / "federation.sh"))
            county.run(*script, "county", LINK, COUNTY, given="never-used\n")
            county.ctl("add_user", "relay", "never-used")
            county.ctl("set_permissions", "relay", "^$", "^fuquan.events$", "^$")
            city.run(*script, "city", COUNTY, given=(
                f"amqps://localhost:{county.port}/%2F?{files}&verify=verify_peer"
                "&auth_mechanism=external\n"
            ))
            at_city = city.administrator()
            followed(city, at_city)
            linked(city)

            sent(url(county, folder, "tls/client-relay"), golden)

            found = arrived(at_city, len(golden))
    assert [one.body.encode() for one in found] == [one["body"].encode() for one in golden]
