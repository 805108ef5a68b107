"""The deployment with the broker over TLS: no password there, a certificate for each process."""

import os
import subprocess
import sys

import pytest

from tests.containers.deployment import Deployment
from tests.containers.test_compose import PROCESSES
from tests.integration.test_broker_tls import certificates
from tests.integration.test_replay import NODE
from tests.waiting import until

TO_THE_BROKER = "import amqp; amqp.Connection({told}, connect_timeout=5).connect()"
TRUSTING = "ssl={'ca_certs': '/run/secrets/ca.pem', 'server_hostname': 'rabbitmq'}"
WITH_ITS_OWN = (
    "ssl={'ca_certs': '/run/secrets/ca.pem', 'server_hostname': 'rabbitmq',"
    " 'certfile': '/run/secrets/client-gateway.pem',"
    " 'keyfile': '/run/secrets/client-gateway.key'}"
)

# As docs/guide/platforms.md has it.
IN_PYTHON = """
import ssl, sys
from kombu import Connection
port, folder = sys.argv[1:]
with Connection(
    f"amqps://localhost:{port}/", login_method="EXTERNAL",
    ssl={"ca_certs": f"{folder}/ca.pem", "certfile": f"{folder}/client-mudan-xt.pem",
         "keyfile": f"{folder}/client-mudan-xt.key", "cert_reqs": ssl.CERT_REQUIRED,
         "server_hostname": "localhost"},
) as broker:
    broker.default_channel.queue_declare("facts.mudan-xt.python")
    broker.default_channel.queue_bind("facts.mudan-xt.python", "fuquan.events", "371702.#")
"""
IN_JAVASCRIPT = """
const amqp = require("amqplib"), { readFileSync: file } = require("fs");
(async ([port, folder]) => {
  const broker = await amqp.connect(`amqps://localhost:${port}`, {
    ca: file(`${folder}/ca.pem`), cert: file(`${folder}/client-mudan-xt.pem`),
    key: file(`${folder}/client-mudan-xt.key`), credentials: amqp.credentials.external(),
  });
  const channel = await broker.createChannel();
  await channel.assertQueue("facts.mudan-xt.node", { durable: false, exclusive: true });
  await channel.bindQueue("facts.mudan-xt.node", "fuquan.events", "371702.#");
  await broker.close();
})(process.argv.slice(1));
"""


def test_each_process_is_healthy_and_connected_over_tls_under_its_own_name(secured: Deployment):
    def connected() -> set[str]:
        told = secured.compose(
            "exec", "-T", "rabbitmq", "rabbitmqctl", "list_connections", "-q",
            "--no-table-headers", "user", "ssl", "auth_mechanism",
        )
        return set(told.splitlines())

    wanted = {f"{name}\ttrue\tEXTERNAL" for name in PROCESSES if name != "relay-standby"}
    health = {secured.container(name).attrs["State"]["Health"]["Status"] for name in PROCESSES}

    assert until(connected, lambda told: told == wanted, every=1) == wanted
    assert health == {"healthy"}


def test_a_command_is_answered_and_its_fact_taken_in(secured: Deployment):
    answer = secured.registered("MD2023")

    assert answer["events"] == ["catalog.ProgrammeRegistered"]
    until(lambda: secured.compose(
        "exec", "-T", "postgres", "psql", "-U", "postgres", "-d", "fuquan_delegation", "-Atc",
        "SELECT reacted FROM bus.cursor WHERE source = 'catalog'",
    ), lambda reacted: reacted == "1", every=0.5)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("'rabbitmq:5672'", "Connection refused"),
        (f"'rabbitmq:5671', {TRUSTING}, login_method='EXTERNAL'", "CERTIFICATE_REQUIRED"),
        (f"'rabbitmq:5671', {WITH_ITS_OWN}, login_method='PLAIN'", "available: EXTERNAL"),
    ],
    ids=["no TLS", "no certificate", "a password"],
)
def test_whoever_comes_otherwise_is_not_let_in(secured: Deployment, told: str, why: str):
    gateway = secured.container("gateway")

    tried = gateway.exec_run(["python", "-c", TO_THE_BROKER.format(told=told)])

    assert tried.exit_code != 0
    assert why in tried.output.decode()


@pytest.mark.parametrize(
    "command", [(sys.executable, "-c", IN_PYTHON), ("node", "-e", IN_JAVASCRIPT)],
    ids=["Python", "JavaScript"],
)
def test_a_platform_reads_its_facts_with_a_certificate_of_the_countys_ca(
    secured: Deployment, command: tuple[str, ...]
):
    certificates(secured.secrets / "tls", "client", "mudan-xt")
    secured.compose(
        "exec", "-T", "rabbitmq", "sh", "-c",
        "echo never-used | sh /fuquan/platform.sh mudan-xt 371702",
    )

    done = subprocess.run(
        [*command, str(secured.rabbitmq_port), secured.secrets / "tls"], check=False,
        capture_output=True, text=True, timeout=60, env={**os.environ, "NODE_PATH": str(NODE)},
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_sees_no_certificate_but_its_own(secured: Deployment):
    seen = {
        name: set(secured.container(name).exec_run(["ls", "/run/secrets"]).output.decode().split())
        for name in PROCESSES
    }

    assert {
        name: {one for one in files if one.endswith((".pem", ".key"))}
        for name, files in seen.items()
    } == {
        name: {"ca.pem", *(f"client-{name.partition('-')[0]}.{kind}" for kind in ("pem", "key"))}
        for name in PROCESSES
    }
