"""TLS at a real broker: our files, our certificates, our URL; and nobody without one."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import amqp
import pytest
import requests
from kombu.exceptions import OperationalError as BrokerAway
from prometheus_client.parser import text_string_to_metric_families as families

from services.catalog.domain.steps import steps
from services.gateway.tokens import issue
from shared.bus.broker import connection
from shared.bus.publisher import Publisher
from shared.cli.run import Processes
from shared.database import Database
from shared.settings import Settings
from tests.brokers import INFRA, Node, folder_of_brokers, passwords, running
from tests.servers import free_port
from tests.waiting import until
from tests.world import World, programme_content

SYSTEM = ("catalog", "delegation", "relay", "gateway")
VALID = 825 * 86_400.0  # seconds
SLACK = 600.0  # that a busy machine may take over a test


def certificates(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["sh", INFRA / "certificates.sh", folder, *arguments],
        check=True, env={"PATH": os.environ["PATH"]},
    )


def with_tls(folder: Path, made: Path, *more: str, plugins: Sequence[str] = ()) -> Node:
    """A node as `rabbitmq-tls.conf` has it."""
    lines = (INFRA / "rabbitmq-tls.conf").read_text("utf-8")
    ours = [
        line.replace("/etc/rabbitmq/tls", str(made))
        for line in lines.splitlines() if not line.startswith("listeners.ssl")
    ]
    enabled = ["rabbitmq_auth_mechanism_ssl", *plugins]
    return Node(folder, [*ours, *more], enabled, listen="listeners.ssl.1")


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
        with running(node := with_tls(folder / "node", made)):
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


def test_a_container_connects_with_what_its_entry_point_makes_of_the_certificates(
    broker: tuple[Node, Path]
) -> None:
    node, folder = broker
    told = subprocess.run(
        ["sh", INFRA.parent / "docker/entrypoint.sh", "printenv", "FUQUAN_AMQP_URL"],
        check=True, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "FUQUAN_AMQP_TLS": str(folder / "tls"),
             "FUQUAN_AMQP_AT": f"relay@localhost:{free_port()},localhost:{node.port}"},
    )
    publisher = Publisher(told.stdout.strip())

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


def test_without_the_countys_ca_no_other_is_made_in_its_place(tmp_path: Path) -> None:
    certificates(tmp_path, "client", "relay")
    (tmp_path / "ca.key").unlink()
    before = (tmp_path / "ca.pem").read_bytes()

    with pytest.raises(subprocess.CalledProcessError):
        certificates(tmp_path, "client", "cases")

    assert (tmp_path / "ca.pem").read_bytes() == before
    assert not (tmp_path / "client-cases.pem").exists()


def test_keys_are_for_their_owner_alone(broker: tuple[Node, Path]) -> None:
    _, folder = broker

    modes = {one.name: one.stat().st_mode & 0o077 for one in (folder / "tls").iterdir()}

    assert set(modes) == {
        f"{name}.{kind}" for name in ("ca", "server", "client-relay", "client-nobody")
        for kind in ("key", "pem")
    }
    assert set(modes.values()) == {0}


def test_the_whole_system_works_over_tls_each_process_with_its_own_certificate(
    migrated: Settings, tmp_path: Path
) -> None:
    """Commands, answers, facts and what operators ask; nobody has more than `users.sh` gives."""
    world = World(migrated)
    world.empty()
    world.close()
    told = replace(migrated, keys=tmp_path, http_port=free_port())
    doors = {user: f"127.0.0.1:{free_port()}" for user in SYSTEM}
    with folder_of_brokers() as folder, ExitStack() as stack:
        certificates(made := folder / "tls", "server", "localhost", "127.0.0.1")
        for user in SYSTEM:
            certificates(made, "client", user)
        secrets = folder / "secrets"
        passwords(secrets)
        node = with_tls(
            folder / "node", made, "definitions.import_backend = local_filesystem",
            f"definitions.local.path = {INFRA}/definitions.json",
        )
        stack.enter_context(running(node))
        node.run("sh", str(INFRA / "users.sh"), SECRETS=str(secrets))
        for user in SYSTEM:
            mine = url(node, folder, f"tls/client-{user}")
            own = replace(told, amqp_url=mine, ops=doors[user])
            stack.enter_context(Processes(own, (user,)))
        (register, *_) = steps(programme_content("MD2023"))

        answer = answered(told, register.door, {"programme": "MD2023"} | register.request)

        assert answer["events"] == ["catalog.ProgrammeRegistered"]
        delegation = Database(migrated.dsn("delegation"), size=1)
        until(lambda: delegation.rows(
            "SELECT reacted FROM bus.cursor WHERE source = 'catalog'"
        ) == [(1,)])
        delegation.close()
        connections = node.ctl("list_connections", "--no-table-headers", "-q", "user", "ssl")
        assert set(connections.splitlines()) == {f"{user}\ttrue" for user in SYSTEM}
        assert {user: valid(door) for user, door in doors.items()} == {
            user: {user: pytest.approx(VALID, abs=SLACK)} for user in SYSTEM
        }


def valid(door: str) -> dict[str, float]:
    """For how many seconds each certificate is valid that a process tells of at its side door."""
    text = requests.get(f"http://{door}/metrics", timeout=5).text
    return {
        one.labels["service"]: one.value for family in families(text)
        for one in family.samples if one.name == "fuquan_certificate_valid_seconds"
    }


def answered(settings: Settings, door: str, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to a command of catalog's over HTTP; processes may still be starting."""
    token = issue(settings, "MD2023-ORG-02", "registrar", "op-1", 1)
    told = until(
        lambda: requests.post(
            f"http://127.0.0.1:{settings.http_port}/api/catalog/{door}", json=request,
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "tls"}, timeout=30,
        ),
        lambda told: told.ok, despite=requests.ConnectionError, every=0.5,
    )
    return dict(told.json())
