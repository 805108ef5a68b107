"""TLS at a real broker: our files, our certificates, our URL; and nobody without one."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import amqp
import pytest
from kombu.exceptions import OperationalError as BrokerAway

from shared.bus.broker import connection
from shared.bus.publisher import Publisher
from tests.brokers import INFRA, Node, folder_of_brokers, running


def certificates(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["sh", INFRA / "certificates.sh", folder, *arguments],
        check=True, env={"PATH": os.environ["PATH"]},
    )


@pytest.fixture(scope="module")
def broker() -> Iterator[tuple[Node, Path]]:
    """A node that takes only clients with a certificate; the folder of certificates."""
    with folder_of_brokers() as folder:
        made = folder / "tls"
        certificates(made, "server", "localhost", "127.0.0.1")
        certificates(made, "client", "relay")
        certificates(made, "client", "nobody")
        certificates(folder / "strangers", "server", "localhost")
        certificates(folder / "strangers", "client", "relay")
        lines = (INFRA / "rabbitmq-tls.conf").read_text("utf-8")
        ours = [
            line.replace("/etc/rabbitmq/tls", str(made))
            for line in lines.splitlines() if not line.startswith("listeners.ssl")
        ]
        node = Node(folder / "node", ours, ["rabbitmq_auth_mechanism_ssl"],
                    listen="listeners.ssl.1")
        with running(node):
            node.ctl("add_user", "relay", "never-used")
            node.ctl("set_permissions", "relay", "^fuquan.events$", "^fuquan.events$", "^$")
            yield node, folder


def url(node: Node, folder: Path, client: str = "", ca: str = "tls") -> str:
    own = f"&certfile={folder}/{client}.pem&keyfile={folder}/{client}.key" if client else ""
    return (
        f"amqps://localhost:{node.port}//?cacertfile={folder}/{ca}/ca.pem"
        f"{own}&auth_mechanism=external"
    )


def test_the_relay_publishes_with_its_certificate_and_no_password(
    broker: tuple[Node, Path]
) -> None:
    publisher = Publisher(url(*broker, "tls/client-relay"))

    sent = publisher.publish([("371702.cases.Anything", {}, b"{}")])

    publisher.close()
    assert sent == 1


@pytest.mark.parametrize(
    ("client", "ca"),
    [
        ("", "tls"),
        ("strangers/client-relay", "tls"),
        ("tls/client-nobody", "tls"),
        ("tls/client-relay", "strangers"),
    ],
    ids=["no certificate", "of another CA", "a name that is no user", "the broker is another's"],
)
def test_without_the_countys_certificates_nobody_connects(
    broker: tuple[Node, Path], client: str, ca: str
) -> None:
    with (
        connection(url(*broker, client, ca), connect_timeout=2) as refused,
        pytest.raises((OSError, amqp.AMQPError, BrokerAway)),
    ):
        refused.ensure_connection(max_retries=1, timeout=2)


def test_a_password_is_not_asked_for(broker: tuple[Node, Path]) -> None:
    node, folder = broker
    with_password = url(node, folder, "tls/client-relay").replace(
        "amqps://", "amqps://relay:never-used@"
    ).replace("external", "plain")

    with (
        connection(with_password, connect_timeout=2) as refused,
        pytest.raises((OSError, amqp.AMQPError)),
    ):
        refused.ensure_connection(max_retries=1, timeout=2)


def test_the_brokers_name_is_checked(broker: tuple[Node, Path]) -> None:
    elsewhere = url(*broker, "tls/client-relay") + "&server_name_indication=elsewhere"

    with (
        connection(elsewhere, connect_timeout=2) as refused,
        pytest.raises(OSError, match="Hostname mismatch"),
    ):
        refused.connect()


def test_keys_are_for_their_owner_alone(broker: tuple[Node, Path]) -> None:
    _, folder = broker

    modes = {one.name: one.stat().st_mode & 0o077 for one in (folder / "tls").iterdir()}

    assert set(modes) == {
        f"{name}.{kind}" for name in ("ca", "server", "client-relay", "client-nobody")
        for kind in ("key", "pem")
    }
    assert set(modes.values()) == {0}
