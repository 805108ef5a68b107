"""What the gauges tell of logs, consumers and the calendar: the very figures, on a real server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import psycopg2
import pytest
from prometheus_client.registry import Collector

from shared.bus.consumer import Consumer
from shared.bus.message import CONTENT_TYPE
from shared.clock import SHANGHAI
from shared.contracts.envelope import Fact
from shared.database import Database
from shared.holidays import china
from shared.log.store import Append, Log, request_hash
from shared.ops.gauges import Calendar, Consumption, Logs
from shared.settings import Settings
from tests.integration.conftest import integrate, role_of
from tests.integration.test_bus import alias_added, consumer, names
from tests.servers import free_port

__all__ = ["consumer"]

CATALOG = ("catalog",)
OF_CATALOG = ("cases", "catalog")
SLACK = 30.0  # seconds that a busy machine may take over a test
Moved = Callable[[str], None]


def told(collector: Collector) -> dict[str, dict[tuple[str, ...], float]]:
    """Every gauge's samples, by name and by the values of their labels."""
    return {
        family.name: {tuple(one.labels.values()): one.value for one in family.samples}
        for family in collector.collect()
    }


def about(seconds: float) -> object:
    """An age of so many seconds, and of the time that the test has taken since."""
    return pytest.approx(seconds + SLACK / 2, abs=SLACK / 2)


def named(log: Log, count: int) -> None:
    """Record so many facts, in a stream of their own."""
    stream = uuid4()
    for version in range(1, count + 1):
        alias_added(log, stream, version, f"名{version}")


@contextmanager
def opened(*databases: Database) -> Iterator[None]:
    """Close these at the end."""
    try:
        yield
    finally:
        for database in databases:
            database.close()


@pytest.fixture
def moved(empty_log: Settings) -> Moved:
    """Run a statement on a database of the cluster as its administrator, past the triggers."""

    def run(sql: str, service: str = "catalog") -> None:
        held = psycopg2.connect(empty_log.dsn(service))
        with held, held.cursor() as at:
            at.execute("SET session_replication_role = replica")
            at.execute(sql)
        held.close()

    return run


@pytest.fixture
def logs(empty_log: Settings) -> Iterator[Logs]:
    """Catalog's log, as the relay watches it."""
    database = Database(role_of(empty_log, "relay").dsn("catalog"), size=1, search_path="log")
    with opened(database):
        yield Logs({"catalog": database})


@pytest.fixture
def consumption(
    empty_log: Settings, consumer: tuple[Consumer, Database]
) -> Iterator[Consumption]:
    """Cases, which follows catalog, as it watches itself."""
    own, source = (
        Database(role_of(empty_log, "cases").dsn(name), size=1, search_path=path)
        for name, path in (("cases", "readmodel"), ("catalog", "log"))
    )
    with opened(own, source):
        yield Consumption("cases", own, {"catalog": source})


@pytest.fixture
def nowhere() -> Database:
    """A database where nobody answers."""
    return Database(f"postgresql://nobody:none@127.0.0.1:{free_port()}/none", size=1)


def test_of_a_log_in_which_nothing_waits_every_gauge_is_zero(logs):
    found = told(logs)

    assert found.pop("fuquan_database_up") == {("relay", "catalog"): 1.0}
    assert set(found) == {
        "fuquan_log_size", "fuquan_log_unsent", "fuquan_log_unsigned",
        "fuquan_log_barrier_age_seconds", "fuquan_log_unsent_age_seconds",
        "fuquan_log_unsigned_age_seconds", "fuquan_relay_active",
    }
    assert all(samples == {CATALOG: 0.0} for samples in found.values())


def test_the_barrier_is_as_old_as_the_oldest_fact_without_a_position(
    log: Log, empty_log: Settings, logs: Logs, moved: Moved
):
    named(log, 1)
    integrate(empty_log)
    named(log, 1)
    named(log, 1)
    moved(
        "UPDATE log.command SET received_at = clock_timestamp() - interval '1 s' * (SELECT"
        " (array[900, 200, 100])[ord - (SELECT min(ord) FROM log.event) + 1] FROM log.event e"
        " WHERE e.command_id = command.command_id)"
    )

    waiting = told(logs)
    integrate(empty_log)
    positioned = told(logs)

    assert waiting["fuquan_log_barrier_age_seconds"] == {CATALOG: about(200)}
    assert waiting["fuquan_log_size"] == {CATALOG: 1.0}
    assert positioned["fuquan_log_barrier_age_seconds"] == {CATALOG: 0.0}
    assert positioned["fuquan_log_size"] == {CATALOG: 3.0}


def test_what_the_broker_has_not_confirmed_and_nobody_has_signed_is_told_with_its_age(
    log: Log, empty_log: Settings, logs: Logs, moved: Moved
):
    named(log, 7)
    integrate(empty_log)
    moved(  # position 0 is 1000 s old, 1 is 900, … 6 is 400
        "UPDATE log.entry"
        " SET integrated_at = clock_timestamp() - interval '1 s' * (1000 - 100 * position)"
    )
    moved("UPDATE log.relay SET next_position = 2")
    moved("INSERT INTO log.checkpoint (size, root, note)"
          " VALUES (1, sha256('1'), ''), (4, sha256('4'), '')")

    found = told(logs)

    assert found["fuquan_log_size"] == {CATALOG: 7.0}
    assert found["fuquan_log_unsent"] == {CATALOG: 5.0}
    assert found["fuquan_log_unsent_age_seconds"] == {CATALOG: about(800)}
    assert found["fuquan_log_unsigned"] == {CATALOG: 3.0}
    assert found["fuquan_log_unsigned_age_seconds"] == {CATALOG: about(600)}


def test_what_is_sent_and_signed_up_to_the_end_has_no_age(
    log: Log, empty_log: Settings, logs: Logs, moved: Moved
):
    named(log, 2)
    integrate(empty_log)
    moved("UPDATE log.entry SET integrated_at = clock_timestamp() - interval '1000 s'")
    moved("UPDATE log.relay SET next_position = 2")
    moved("INSERT INTO log.checkpoint (size, root, note) VALUES (2, sha256('2'), '')")

    found = told(logs)

    for name in ("unsent", "unsent_age_seconds", "unsigned", "unsigned_age_seconds"):
        assert found[f"fuquan_log_{name}"] == {CATALOG: 0.0}, name


@pytest.mark.parametrize(("until", "active"), [("60 s", 1.0), ("-1 s", 0.0)])
def test_a_relay_is_active_for_as_long_as_its_lease_runs(
    logs: Logs, moved: Moved, until: str, active: float
):
    moved(f"UPDATE log.relay SET holder = 'me', until = clock_timestamp() + interval '{until}'")

    assert told(logs)["fuquan_relay_active"] == {CATALOG: active}


def test_a_log_that_does_not_answer_is_told_and_left_out_and_the_others_are_told(
    log: Log, empty_log: Settings, logs: Logs, nowhere: Database
):
    named(log, 2)
    integrate(empty_log)

    found = told(Logs({"supervision": nowhere, **logs.databases}))

    assert found["fuquan_database_up"] == {
        ("relay", "supervision"): 0.0, ("relay", "catalog"): 1.0,
    }
    assert found["fuquan_log_size"] == {CATALOG: 2.0}


def test_how_far_a_consumer_is_behind_is_told_with_the_age_of_what_it_has_not_taken_in(
    log: Log, empty_log: Settings, consumer: tuple[Consumer, Database], consumption: Consumption,
    moved: Moved,
):
    named(log, 7)
    integrate(empty_log)
    moved(
        "UPDATE log.entry"
        " SET integrated_at = clock_timestamp() - interval '1 s' * (1000 - 100 * position)"
    )
    moved("UPDATE bus.cursor SET projected = 5, reacted = 3", "cases")

    found, ages = told(consumption), consumption.ages()

    assert found["fuquan_consumer_behind"] == {OF_CATALOG: 2.0}
    assert found["fuquan_consumer_unreacted"] == {OF_CATALOG: 4.0}
    assert found["fuquan_consumer_undelivered_age_seconds"] == {OF_CATALOG: about(700)}
    assert ages == {"catalog": about(700)}


def test_a_consumer_that_has_caught_up_is_not_behind(
    log: Log, empty_log: Settings, consumer: tuple[Consumer, Database], consumption: Consumption,
    moved: Moved,
):
    one, _ = consumer
    named(log, 3)
    integrate(empty_log)
    moved("UPDATE log.entry SET integrated_at = clock_timestamp() - interval '1000 s'")
    before = told(consumption)

    one.catch_up()

    found = told(consumption)
    for name, waiting in (
        ("behind", 3.0), ("unreacted", 3.0), ("undelivered_age_seconds", about(1000)),
    ):
        assert before[f"fuquan_consumer_{name}"] == {OF_CATALOG: waiting}, name
        assert found[f"fuquan_consumer_{name}"] == {OF_CATALOG: 0.0}, name


def test_what_is_parked_is_told_by_stage_with_the_age_of_the_oldest(
    log: Log, empty_log: Settings, consumer: tuple[Consumer, Database], consumption: Consumption,
    moved: Moved,
):
    one, database = consumer
    one.policies["catalog.DepartmentAliasAdded"].append(refusing_bitter)
    nothing = told(consumption)
    sick = uuid4()
    for version, alias in enumerate(("毒", "乙", "丙"), 1):
        alias_added(log, sick, version, alias)
    alias_added(log, uuid4(), 1, "苦")
    future = b'{"id":"x","type":"catalog.FromTheFuture"}'
    log.append(Append(uuid4(), uuid4(), 0, "op", request_hash(future),
                      ["catalog.FromTheFuture"], [future]))
    integrate(empty_log)

    one.catch_up()
    one.deliver([(b"garbage", {}, CONTENT_TYPE)])
    moved(  # position 0 waits for 2000 s, 1 for 1900, …; what is no fact for 5000 s
        "UPDATE bus.parked SET parked_at = clock_timestamp() - interval '1 s' *"
        " coalesce(2000 - 100 * position, 5000)", "cases",
    )
    found = told(consumption)

    assert names(database) == ["苦"]
    assert nothing["fuquan_parked"] == by_stage(0, 0, 0)
    assert nothing["fuquan_parked_age_seconds"] == by_stage(0, 0, 0)
    assert found["fuquan_parked"] == by_stage(2, 3, 1)
    assert found["fuquan_parked_age_seconds"] == by_stage(about(5000), about(2000), about(1700))


def refusing_bitter(fact: Fact) -> None:
    """A policy that cannot do with one alias."""
    if fact.data["alias"] == "苦":
        raise ValueError("too bitter")


def by_stage(read: object, project: object, react: object) -> dict[tuple[str, str], object]:
    """What is told of the stages of cases."""
    return {("cases", "read"): read, ("cases", "project"): project, ("cases", "react"): react}


def test_a_log_that_a_consumer_cannot_ask_is_told_and_its_own_database_is_told_of(
    log: Log, empty_log: Settings, consumption: Consumption, nowhere: Database
):
    found = told(Consumption("cases", consumption.database, {"catalog": nowhere}))

    assert found["fuquan_database_up"] == {("cases", "cases"): 1.0, ("cases", "catalog"): 0.0}
    assert found["fuquan_consumer_behind"] == {}
    assert found["fuquan_parked"] == by_stage(0, 0, 0)


def test_of_a_consumer_whose_own_database_is_away_nothing_is_made_up(
    consumption: Consumption, nowhere: Database
):
    found = told(Consumption("cases", nowhere, consumption.sources))

    assert found.pop("fuquan_database_up") == {("cases", "cases"): 0.0}
    assert all(samples == {} for samples in found.values())


@pytest.mark.parametrize(("days", "left"), [(10, 864_000.0), (0, 0.0), (-1, -86_400.0)])
def test_the_calendar_tells_for_how_long_days_off_are_known(
    monkeypatch: pytest.MonkeyPatch, days: int, left: float
):
    today = china().known_to - timedelta(days=days)
    early = datetime.combine(today, time(0, 30), SHANGHAI).astimezone(UTC)  # the day before
    monkeypatch.setattr("shared.ops.gauges.system_clock", lambda: early)

    assert told(Calendar("cases")) == {"fuquan_calendar_known_seconds": {("cases",): left}}
