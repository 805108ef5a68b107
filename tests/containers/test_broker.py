"""What each user may do, and dead letters, at the newest RabbitMQ, with the files Compose gives it.

The tests are those that run at the oldest, tests/integration/test_broker_users.py.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from testcontainers.core.container import DockerContainer

from tests.brokers import INFRA, Node, passwords
from tests.integration.test_broker_users import (
    at,
    furnish,
    test_a_platform_binds_only_the_jurisdictions_it_may_read,
    test_a_platform_sends_under_its_own_name_alone,
    test_a_queue_declared_otherwise_than_defined_is_refused,
    test_a_service_declares_what_it_follows_as_the_definitions_do,
    test_the_broker_refuses_what_a_user_has_no_business_with,
    test_the_relay_publishes_and_the_service_reads,
    test_what_ends_its_reader_again_and_again_goes_to_the_dead_letters,
)
from tests.servers import RABBITMQ_IMAGE
from tests.waiting import until

__all__ = [
    "at",
    "test_a_platform_binds_only_the_jurisdictions_it_may_read",
    "test_a_platform_sends_under_its_own_name_alone",
    "test_a_queue_declared_otherwise_than_defined_is_refused",
    "test_a_service_declares_what_it_follows_as_the_definitions_do",
    "test_the_broker_refuses_what_a_user_has_no_business_with",
    "test_the_relay_publishes_and_the_service_reads",
    "test_what_ends_its_reader_again_and_again_goes_to_the_dead_letters",
]
PLACES = ("rabbitmq.conf", "definitions.json", "enabled_plugins")


class Contained:
    """A node in a container; it is used as one on this machine is.

    Args:
        secrets: the folder of its users' passwords, which it sees under the same path.
    """

    def __init__(self, secrets: Path) -> None:
        files = [(str(INFRA / name), f"/etc/rabbitmq/{name}", "ro") for name in PLACES]
        folders = [(str(folder), str(folder), "ro") for folder in (INFRA, secrets)]
        self.container = DockerContainer(
            RABBITMQ_IMAGE, ports=[5672], volumes=files + folders, hostname="rabbitmq"
        )

    def __enter__(self) -> Self:
        self.container.start()
        until(self._state, lambda told: "is fully booted" in told, every=1)
        return self

    def __exit__(self, *_: object) -> None:
        self.container.stop()

    def _state(self) -> str:
        return self.run("rabbitmq-diagnostics", "check_running", check=False)

    def ctl(self, *arguments: str, given: str = "", check: bool = True) -> str:
        """Run `rabbitmqctl` in the container."""
        return self.run("rabbitmqctl", *arguments, given=given, check=check)

    def run(self, *command: str, given: str = "", check: bool = True, **more: str) -> str:
        """Run a program in the container, as the broker's user; returns what it printed."""
        told = [word for name, value in more.items() for word in ("-e", f"{name}={value}")]
        name = self.container.get_wrapped_container().name
        done = subprocess.run(
            ["docker", "exec", "-i", *told, name, *command], input=given, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        assert not (check and done.returncode), done.stdout
        return done.stdout

    def url(self, user: str, password: str) -> str:
        """The AMQP URL of a user, as the tests reach it."""
        host, port = (self.container.get_container_host_ip(), self.container.get_exposed_port(5672))
        return f"amqp://{user}:{password}@{host}:{port}//"

    administrator = Node.administrator


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Contained, Path, str]]:
    """A node with our topology and our users; their passwords; an administrator."""
    secrets = tmp_path_factory.mktemp("broker") / "secrets"
    passwords(secrets)
    secrets.chmod(0o755)  # the broker's user has another number
    with Contained(secrets) as node:
        yield node, secrets, furnish(node, secrets)
