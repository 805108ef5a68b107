"""What each user may do at a real broker with our definitions, and what it refuses them."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import amqp
import pytest
from kombu import Connection

from shared.bus.broker import stand
from shared.bus.message import DEAD, DEAD_LETTERS, EVENTS, queue_of
from shared.bus.publisher import Publisher
from shared.ops.queues import WATCHED, queues
from shared.settings import WITH_DATABASE
from tests.brokers import INFRA, Node, folder_of_brokers, passwords, running
from tests.unit.test_infra import SOURCES
from tests.waiting import PATIENCE

DEFINED = (
    "definitions.import_backend = local_filesystem",
    f"definitions.local.path = {INFRA}/definitions.json",
)
PLATFORM = "mudan-xt"

Act = Callable[[Any], object]


@pytest.fixture(scope="module")
def broker() -> Iterator[tuple[Node, Path, str]]:
    """A node with our topology and our users; their passwords; an administrator."""
    with folder_of_brokers() as folder:
        node, secrets = Node(folder / "node", DEFINED), folder / "secrets"
        passwords(secrets)
        with running(node):
            yield node, secrets, furnish(node, secrets)


def furnish(node: Node, secrets: Path) -> str:
    """Make our users, a platform's too; returns an administrator's URL."""
    node.run("sh", str(INFRA / "users.sh"), SECRETS=str(secrets))
    administrator = node.administrator()
    with Connection(administrator) as connection:  # nameko's, as it declares it
        connection.default_channel.exchange_declare("nameko-rpc", "topic", durable=True,
                                                    auto_delete=False)
    password = (secrets / "amqp_relay").read_text("utf-8")
    node.run("sh", str(INFRA / "platform.sh"), PLATFORM, "371702|370406", given=f"{password}\n")
    (secrets / f"amqp_{PLATFORM}").write_text(password, "utf-8")
    return administrator


@pytest.fixture
def at(broker: tuple[Node, Path, str]) -> Callable[[str], str]:
    node, secrets, _ = broker
    return lambda user: node.url(user, (secrets / f"amqp_{user}").read_text("utf-8").strip())


class Reading:
    """A reader of one queue, one message at a time."""

    def __init__(self, url: str, queue: str) -> None:
        self.connection, self.queue = Connection(url), queue

    def __enter__(self) -> Self:
        self.arrived: list[Any] = []
        channel = self.connection.default_channel
        channel.basic_qos(0, 1, False)
        channel.basic_consume(self.queue, callback=self.arrived.append)
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.release()

    def next(self, source: str = "") -> Any:
        """The next message of this source; those of others are acknowledged."""
        deadline = time.monotonic() + PATIENCE
        while True:
            while not self.arrived:
                assert time.monotonic() < deadline, f"nothing in {self.queue}"
                with suppress(TimeoutError):
                    self.connection.drain_events(timeout=1)
            got = self.arrived.pop()
            if source in got.delivery_info["routing_key"]:
                return got
            got.channel.basic_ack(got.delivery_tag)


def refusal(url: str, act: Act) -> int:
    """What the broker says to an act: 0, or the code with which it closes the channel."""
    with Connection(url, transport_options={"confirm_publish": True}) as connection:
        try:
            act(connection.default_channel)
        except amqp.AMQPError as told:
            return int(told.code)
    return 0


def publish(exchange: str, key: str, **properties: Any) -> Act:
    return lambda channel: channel.basic_publish_confirm(
        amqp.Message("{}", **properties), exchange=exchange, routing_key=key
    )


def call(door: str) -> Act:
    return publish("nameko-rpc", door)


def bind(queue: str, key: str, *, to: str = "fuquan.events") -> Act:
    return lambda channel: channel.queue_bind(queue, to, key)


def declare(queue: str, **arguments: Any) -> Act:
    return lambda channel: channel.queue_declare(
        queue, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum", **arguments}
    )


def read(queue: str) -> Act:
    return lambda channel: channel.basic_get(queue)


def delete_exchange(name: str) -> Act:
    return lambda channel: channel.exchange_delete(name)


FORBIDDEN = [
    *((user, "publish a fact", publish("fuquan.events", "371702.cases.ApprovalIssued"))
      for user in (*WITH_DATABASE, "gateway", PLATFORM)),
    *((user, "publish a dead letter", publish("fuquan.dead", key))
      for user in WITH_DATABASE for key in ("", "371702.cases.ApprovalIssued")),
    *((user, "do away with the exchange", delete_exchange("fuquan.events"))
      for user in (*WITH_DATABASE, "gateway", "relay", PLATFORM)),
    *((user, "read another's queue", read("fuquan.catalog"))
      for user in ("relay", "gateway", "cases", PLATFORM)),
    *((user, "read dead letters", read("fuquan.dead.letters"))
      for user in ("relay", "gateway", "cases", PLATFORM)),
    *((user, "write into a queue past the exchange", publish("", "fuquan.catalog"))
      for user in (*WITH_DATABASE, "relay", PLATFORM)),
    ("relay", "publish what no service records", publish("fuquan.events", "371702.ledger.Seen")),
    ("relay", "make a queue", declare("fuquan.relay")),
    ("relay", "send as a platform", publish("fuquan.inbound", "cases.Anything")),
    ("catalog", "follow a source that is not its own", bind("fuquan.catalog", "*.cases.*")),
    ("cases", "follow everything", bind("fuquan.cases", "#")),
    ("cases", "make another's queue", declare("fuquan.delegation")),
    ("cases", "send as a platform", publish("fuquan.inbound", "cases.Anything")),
    ("cases", "call another's door", call("catalog.do")),
    ("relay", "call a door", call("cases.do")),
    (PLATFORM, "call a door", call("cases.do")),
    (PLATFORM, "make a queue under another name", declare("facts.another.all")),
    (PLATFORM, "have its dead letters published as facts",
     declare(f"facts.{PLATFORM}.dead", **{"x-dead-letter-exchange": "fuquan.events"})),
    (PLATFORM, "read the messages of others", read("fuquan.inbound")),
    (PLATFORM, "send what no command is", publish("fuquan.inbound", "catalog.do")),
]


@pytest.mark.parametrize(
    ("user", "act"), [(user, act) for user, _, act in FORBIDDEN],
    ids=[f"{user} may not {what}" for user, what, _ in FORBIDDEN],
)
def test_the_broker_refuses_what_a_user_has_no_business_with(
    at: Callable[[str], str], user: str, act: Act
) -> None:
    assert refusal(at(user), act) == amqp.AccessRefused.code


@pytest.mark.parametrize("jurisdiction", ["*", "#", "360700"])
def test_a_platform_binds_only_the_jurisdictions_it_may_read(
    at: Callable[[str], str], jurisdiction: str
) -> None:
    queue = f"facts.{PLATFORM}.bound"

    made = refusal(at(PLATFORM), declare(queue))
    others = refusal(at(PLATFORM), bind(queue, f"{jurisdiction}.cases.*"))
    own = refusal(at(PLATFORM), bind(queue, "371702.#"))

    assert (made, others, own) == (0, 403, 0)


def test_a_platform_sends_under_its_own_name_alone(at: Callable[[str], str]) -> None:
    mine = publish("fuquan.inbound", "cases.SubmitApplication", user_id=PLATFORM)
    another = publish("fuquan.inbound", "cases.SubmitApplication", user_id="relay")

    assert (refusal(at(PLATFORM), mine), refusal(at(PLATFORM), another)) == (0, 406)


@pytest.mark.parametrize("service", WITH_DATABASE)
def test_a_service_declares_what_it_follows_as_the_definitions_do(
    at: Callable[[str], str], service: str
) -> None:
    with Connection(at(service)) as connection:
        stand(connection, EVENTS, DEAD, DEAD_LETTERS)
        declared = queue_of(service, SOURCES[service])(connection.default_channel).declare()

    assert declared == f"fuquan.{service}"


def test_a_queue_declared_otherwise_than_defined_is_refused(at: Callable[[str], str]) -> None:
    without = declare("fuquan.cases", **{"x-single-active-consumer": True})

    assert refusal(at("cases"), without) == amqp.PreconditionFailed.code


def test_the_relay_publishes_and_the_service_reads(at: Callable[[str], str]) -> None:
    publisher = Publisher(at("relay"))
    count = publisher.publish([("371702.supervision.Anything", {"ce-position": 0}, b"{}")])
    publisher.close()

    with Reading(at("supervision"), "fuquan.supervision") as reading:
        got = reading.next()
        got.channel.basic_ack(got.delivery_tag)
    assert (count, publisher.returned, got.body) == (1, 0, "{}")


def test_what_ends_its_reader_again_and_again_goes_to_the_dead_letters(
    broker: tuple[Node, Path, str], at: Callable[[str], str]
) -> None:
    *_, administrator = broker
    publisher = Publisher(at("relay"))
    publisher.publish([("371702.cases.Anything", {"ce-position": 7}, b"{}")])
    publisher.close()

    with Reading(at("ledger"), "fuquan.ledger") as reading:
        for _ in range(21):  # the delivery limit, and the one that is too many
            got = reading.next("cases")
            got.channel.basic_reject(got.delivery_tag, requeue=True)

    with Reading(administrator, "fuquan.dead.letters") as reading:
        dead = reading.next()
    told = dead.headers["x-death"][0]
    assert (dead.headers["ce-position"], told["queue"], told["reason"]) == (
        7, "fuquan.ledger", "delivery_limit",
    )


def test_the_gateway_sees_how_full_the_queues_are_that_it_may_not_read(at):
    with Reading(at("cases"), "fuquan.cases"):
        seen = queues(at("gateway"))

    assert set(seen) == {*WITH_DATABASE, *(queue.name for queue in WATCHED)}
    assert seen["cases"]["readers"] == 1
    assert refusal(at("gateway"), read("fuquan.cases")) == 403


def test_a_password_may_have_quotes_and_backslashes(broker):
    node, secrets, _ = broker
    odd = 'a "quoted" \\ word'
    (secrets / "amqp_supervision").write_text(odd, "utf-8")

    node.run("sh", str(INFRA / "users.sh"), SECRETS=str(secrets))

    assert "Success" in node.ctl("authenticate_user", "supervision", given=f"{odd}\n")
