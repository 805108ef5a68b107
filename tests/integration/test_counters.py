"""The counters that alerts read, each moved by what it counts; on real servers."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from uuid import uuid4

import psycopg2
import pytest
import requests
from marshmallow import ValidationError
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families as families

from shared.bus.consumer import Consumer
from shared.bus.message import CONTENT_TYPE
from shared.bus.relay import Relay
from shared.cli.run import Processes
from shared.database import Database
from shared.entrypoints import Facts
from shared.log.store import Log
from shared.projection import Projection
from shared.refusal import Refused
from shared.settings import Settings
from tests.brokers import unheard
from tests.integration.conftest import integrate, role_of
from tests.integration.test_bus import (
    alias_added,
    at_work,
    consumer,
    names,
    queue,
    relay,
    settings,
)
from tests.servers import free_port
from tests.waiting import until
from tests.world import World, programme_alone

__all__ = ["consumer", "queue", "relay", "settings"]

ALERTS = Path(__file__).parents[2] / "infra" / "prometheus" / "alerts.yml"
ALIAS = "catalog.DepartmentAliasAdded"
# What alerts read besides the gauges of shared/ops/gauges.py, and the test file that moves it.
MOVED = {
    "fuquan_broker_blocked": "test_relays_in_alarm.py",
    "fuquan_calls_not_taken_total": "test_broker_alarm.py",
    "fuquan_certificate_valid_seconds": "../unit/test_certificate_valid.py",
    "fuquan_commands_total": "test_counters.py",
    "fuquan_due_age_seconds": "test_timer.py",
    "fuquan_due_every_seconds": "test_timer.py",
    "fuquan_facts_late_total": "test_pulled.py",
    "fuquan_facts_pulled_total": "test_pulled.py",
    "fuquan_facts_returned_total": "test_counters.py",
    "fuquan_messages_waiting": "../unit/test_waiting.py",
    "fuquan_policy_retries_total": "test_counters.py",
    "fuquan_queue_readers": "../unit/test_waiting.py",
    "fuquan_reconnects_total": "test_counters.py",
    "fuquan_witness_doubts": "test_counters.py",
}
# The database refuses every command, as it does when its disk is full.
FULL = """
CREATE FUNCTION log.full() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON log.command EXECUTE FUNCTION log.full()
"""
Grown = Callable[[], float]


def grown(name: str, **labels: str) -> Grown:
    """How far a counter of this process has grown since."""

    def counted() -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    before = counted()
    return lambda: counted() - before


def nowhere() -> str:
    """Host and port of this machine where nobody listens."""
    return f"127.0.0.1:{free_port()}"


def test_each_metric_that_an_alert_reads_is_moved_by_a_test():
    alerts = ALERTS.read_text("utf-8")
    of_gauges = r"fuquan_(?:log|consumer|parked|relay|database|calendar)\w*"
    used = set(re.findall(r"\bfuquan_\w+", alerts))

    assert {name for name in used if not re.fullmatch(of_gauges, name)} == set(MOVED)
    assert all((Path(__file__).parent / name).exists() for name in MOVED.values())
    assert 'fuquan_commands_total{outcome="failed"}' in alerts


def test_what_the_broker_confirms_is_counted_and_nothing_of_it_as_returned(
    log: Log, settings: Settings, amqp_url: str, queue: str
):
    unheard(amqp_url)
    confirmed = grown("fuquan_facts_confirmed_total", service="catalog")
    returned = grown("fuquan_facts_returned_total", service="catalog")
    for number in range(3):
        alias_added(log, uuid4(), 1, f"名{number}")

    with at_work(Relay(settings, "catalog")) as relay:
        until(lambda: relay.progress.published == 3)

    assert (confirmed(), returned()) == (3, 0)


def test_what_no_queue_takes_is_counted_as_returned(
    log: Log, settings: Settings, amqp_url: str
):
    unheard(amqp_url)
    returned = grown("fuquan_facts_returned_total", service="catalog")
    for number in range(2):
        alias_added(log, uuid4(), 1, f"名{number}")

    with at_work(Relay(settings, "catalog")) as relay:
        until(lambda: relay.progress.returned == 2)

    assert returned() == 2


def test_a_relay_that_does_not_reach_its_broker_counts_each_attempt(
    log: Log, settings: Settings
):
    lost = grown("fuquan_reconnects_total", service="catalog", part="relay")
    confirmed = grown("fuquan_facts_confirmed_total", service="catalog")
    alias_added(log, uuid4(), 1, "名")

    with at_work(Relay(replace(settings, amqp_url=f"amqp://a:b@{nowhere()}//"), "catalog")):
        until(lambda: lost() >= 2)

    assert confirmed() == 0


@pytest.mark.parametrize("away", ["database", "broker"])
def test_a_consumer_that_does_not_reach_its_database_or_broker_counts_each_attempt(
    empty_log: Settings, amqp_url: str, away: str
):
    nobody = {"database": f"postgresql://a:b@{nowhere()}/", "broker": f"amqp://a:b@{nowhere()}//"}
    there = {"database": role_of(empty_log, "cases").database_url, "broker": amqp_url}
    one = there | {away: nobody[away]}
    own = replace(empty_log, database_url=one["database"], amqp_url=one["broker"])
    lost = grown("fuquan_reconnects_total", service="cases", part="facts")

    with following(own):
        until(lambda: lost() >= 2)


@contextmanager
def following(own: Settings) -> Iterator[None]:
    """Cases' consumer of catalog, as nameko runs it, until the block ends."""
    def spawned(run: Callable[[], None]) -> SimpleNamespace:
        thread = Thread(target=run, daemon=True)
        thread.start()
        return SimpleNamespace(wait=thread.join)

    facts = Facts("cases", from_=("catalog",), into=Projection())
    facts.container = SimpleNamespace(
        config={"settings": own}, service_cls=object, dependencies=(),
        spawn_managed_thread=spawned,
    )
    facts.start()
    try:
        yield
    finally:
        facts.stop()


def test_a_reaction_that_fails_in_passing_is_tried_again_and_each_time_counted(
    log: Log, empty_log: Settings, consumer: tuple[Consumer, Database]
):
    one, database = consumer
    failures = [
        psycopg2.OperationalError("server closed the connection"),
        Refused("log.contended", {}, "请稍后重试"), psycopg2.errors.DiskFull("no space left"),
    ]
    retries = grown("fuquan_policy_retries_total", service="cases")
    taken = grown("fuquan_facts_taken_total", service="cases")

    def policy(_: object) -> None:
        if failures:
            raise failures.pop()

    one.policies[ALIAS].append(policy)
    alias_added(log, uuid4(), 1, "名")
    integrate(empty_log)

    one.catch_up()

    assert (retries(), taken()) == (3, 1)
    assert database.rows("SELECT * FROM bus.parked") == []


def test_a_reaction_that_never_will_do_is_parked_and_is_no_retry(
    log: Log, empty_log: Settings, consumer: tuple[Consumer, Database]
):
    one, database = consumer
    stages = ("read", "project", "react")
    parked = {
        stage: grown("fuquan_facts_parked_total", service="cases", stage=stage)
        for stage in stages
    }
    retries = grown("fuquan_policy_retries_total", service="cases")
    one.policies[ALIAS].append(lambda fact: 1 / (fact.data["alias"] != "苦"))
    for alias in ("毒", "苦", "甜"):
        alias_added(log, uuid4(), 1, alias)
    integrate(empty_log)

    one.catch_up()
    one.deliver([(b"garbage", {}, CONTENT_TYPE)])

    assert {stage: parked[stage]() for stage in stages} == dict.fromkeys(stages, 1)
    assert retries() == 0
    assert names(database) == ["苦", "甜"]


@pytest.fixture
def outcomes() -> Callable[[], dict[str, float]]:
    """How many commands of catalog have ended since in which way; those that have not: none."""
    since = {
        outcome: grown("fuquan_commands_total", service="catalog", outcome=outcome)
        for outcome in ("done", "refused", "invalid", "failed")
    }
    return lambda: {name: count() for name, count in since.items() if count()}


CODE = {"programme": "MD2023", "item": "MD23-04", "code": "3700000131001"}


def test_a_command_that_is_done_is_counted_so(world: World, outcomes):
    programme_alone(world)

    assert outcomes() == {"done": 1}


def test_a_refusal_is_counted_so(world: World, outcomes):
    with pytest.raises(Refused):
        world.do("catalog", "assign_code", CODE)

    assert outcomes() == {"refused": 1}


def test_a_request_that_is_not_as_agreed_is_counted_as_invalid(world: World, outcomes):
    with pytest.raises(ValidationError):
        world.do("catalog", "assign_code", CODE | {"colour": "red"})

    assert outcomes() == {"invalid": 1}


@pytest.fixture
def full(migrated: Settings) -> Iterator[None]:
    """Catalog's database has no space left."""
    with _admin(migrated) as at:
        at.execute(FULL)
    yield
    with _admin(migrated) as at:
        at.execute("DROP FUNCTION log.full() CASCADE")


@contextmanager
def _admin(settings: Settings) -> Iterator[psycopg2.extensions.cursor]:
    held = psycopg2.connect(settings.dsn("catalog"))
    with held, held.cursor() as at:
        yield at
    held.close()


def test_a_command_that_a_full_disk_stops_is_counted_as_failed(world: World, full, outcomes):
    with pytest.raises(psycopg2.errors.DiskFull):
        programme_alone(world)

    assert outcomes() == {"failed": 1}
    assert world.facts("catalog") == []


def test_a_command_whose_database_is_away_is_counted_as_failed(world: World, outcomes):
    world.commands("catalog").database.close()
    world.services["catalog"].commands = type(world.commands("catalog"))(
        Database(f"postgresql://nobody:none@{nowhere()}/none", size=1), None
    )

    with pytest.raises(psycopg2.OperationalError):
        world.do("catalog", "assign_code", CODE)

    assert outcomes() == {"failed": 1}


def doubts_told(door: str) -> list[float]:
    """The ledger's gauge of its doubts in catalog's log; none while it does not answer."""
    text = ""
    with suppress(requests.ConnectionError):
        text = requests.get(f"http://{door}/metrics", timeout=5).text
    return [
        one.value for family in families(text) for one in family.samples
        if (one.name, one.labels.get("source")) == ("fuquan_witness_doubts", "catalog")
    ]


def test_a_witness_that_cannot_look_is_no_witness_that_sees_all_is_well_and_looks_again(
    log: Log, relay: Relay, settings: Settings, migrated: Settings
):
    door = nowhere()
    own = replace(settings, database_url=migrated.database_url, ops=door)
    key, aside = settings.keys / "catalog.vkey", settings.keys / "aside"

    with Processes(own, ("ledger",)) as processes:
        until(key.exists)
        until(lambda: doubts_told(door), lambda told: told == [0.0])
        key.rename(aside)
        key.mkdir()  # an OSError for who reads it
        until(lambda: doubts_told(door), lambda told: told == [1.0])
        key.rmdir()
        aside.rename(key)
        until(lambda: doubts_told(door), lambda told: told == [0.0])
        ended = processes.running["ledger"].poll()

    assert ended is None


def test_a_log_that_shows_less_than_its_witness_has_seen_is_doubted(
    world: World, log: Log, relay: Relay, settings: Settings, migrated: Settings
):
    door = nowhere()
    own = replace(settings, database_url=migrated.database_url, ops=door)

    def doubts() -> list[float]:
        return doubts_told(door)

    def vouched() -> bool:
        return bool(witness.rows("SELECT 1 FROM witness.cosigned WHERE source = 'catalog'"))

    witness = Database(migrated.dsn("ledger"), size=1)
    with Processes(own, ("ledger",)):
        alias_added(log, uuid4(), 1, "名")
        until(vouched)
        until(doubts, lambda told: told == [0.0])
        with _admin(migrated) as at:
            at.execute("SET session_replication_role = replica; DELETE FROM log.checkpoint")
        until(doubts, lambda told: told == [1.0])
    witness.close()
