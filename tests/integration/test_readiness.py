"""Whether a process may be given work: each check where all is well, and where it is not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest

from shared.bus.consumer import Consumer
from shared.clock import SHANGHAI, system_clock
from shared.database import Database
from shared.holidays import china
from shared.log.keyring import Held
from shared.log.keys import ED25519, SM2
from shared.log.store import Log
from shared.ops import readiness
from shared.ops.gauges import Consumption
from shared.ops.web import make_ops
from shared.settings import Settings
from tests.integration.conftest import integrate, role_of
from tests.integration.test_bus import alias_added, consumer
from tests.servers import free_port

__all__ = ["consumer"]

WELL = ""
Moved = Callable[[str], None]


@pytest.fixture
def own(migrated: Settings) -> Iterator[Database]:
    """Cases' own database."""
    database = Database(role_of(migrated, "cases").dsn("cases"), size=1)
    yield database
    database.close()


@pytest.fixture
def nowhere() -> Database:
    """A database where nobody answers."""
    return Database(f"postgresql://nobody:geheim@127.0.0.1:{free_port()}/none", size=1)


def clocks(monkeypatch: pytest.MonkeyPatch, apart: timedelta) -> None:
    """This process' clock is so far before the server's, or behind it."""
    monkeypatch.setattr("shared.ops.readiness.system_clock", lambda: system_clock() + apart)


def today(monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    """It is so many days before the last that the calendar knows, early in the morning."""
    day = china().known_to - timedelta(days=before)
    early = datetime.combine(day, time(0, 30), SHANGHAI).astimezone(UTC)
    monkeypatch.setattr("shared.ops.readiness.system_clock", lambda: early)


def test_a_database_that_answers_is_well(own: Database):
    assert readiness.answers(own)() == WELL


def test_a_database_that_is_away_is_told_without_its_password(nowhere: Database):
    found = readiness.answers(nowhere)()

    assert found.startswith("PostgreSQL does not answer: ")
    assert "Connection refused" in found
    assert "geheim" not in found


def test_a_broker_that_takes_a_connection_is_well(amqp_url: str):
    assert readiness.broker(Settings(amqp_url=amqp_url))() == WELL


def test_a_broker_that_is_away_is_told():
    away = Settings(amqp_url=f"amqp://a:geheim@127.0.0.1:{free_port()}//")

    found = readiness.broker(away)()

    assert found.startswith("the broker does not answer: ")
    assert "geheim" not in found


def test_a_broker_that_does_not_let_us_in_is_told(amqp_url: str):
    barred = Settings(amqp_url=amqp_url.replace("fuquan:", "fuquan:x"))

    assert readiness.broker(barred)().startswith("the broker does not answer: ")


@pytest.mark.parametrize("seconds", [0, 3, -3])
def test_clocks_that_agree_within_five_seconds_are_well(
    own: Database, monkeypatch: pytest.MonkeyPatch, seconds: int
):
    clocks(monkeypatch, timedelta(seconds=seconds))

    assert readiness.clock(own)() == WELL


@pytest.mark.parametrize("seconds", [60, -60])
def test_clocks_that_are_apart_are_told_with_the_difference(
    own: Database, monkeypatch: pytest.MonkeyPatch, seconds: int
):
    clocks(monkeypatch, timedelta(seconds=seconds))

    found = readiness.clock(own)()

    apart = float(found.removeprefix("the clocks are ").partition(" s apart; ")[0])
    assert apart == pytest.approx(60, abs=5)
    assert found.endswith("mend the time service")


def test_without_a_database_there_is_no_clock_to_compare(nowhere: Database):
    assert readiness.clock(nowhere)() == "PostgreSQL does not tell the time"


def test_a_calendar_that_reaches_thirty_days_ahead_is_well(monkeypatch: pytest.MonkeyPatch):
    today(monkeypatch, before=30)

    assert readiness.calendar() == WELL


@pytest.mark.parametrize("before", [29, 0, -1])
def test_a_calendar_that_ends_within_thirty_days_is_told_and_the_process_stays_ready(
    monkeypatch: pytest.MonkeyPatch, before: int
):
    today(monkeypatch, before)

    well, found = readiness.ready({"calendar": readiness.calendar})

    assert well
    assert found == {"calendar": {
        "ok": False, "detail": f"days off are known to {china().known_to};"
        " install the calendar of the new year",
    }}


@pytest.fixture
def keys(tmp_path: Path) -> Settings:
    """A folder with the key of catalog's log."""
    settings = Settings(keys=tmp_path, deployment="test")
    Held(tmp_path, "catalog", settings.origin("catalog"), ED25519).made()
    return settings


def test_a_key_that_can_be_used_is_well(keys: Settings):
    assert readiness.key(keys, "catalog")() == WELL


def test_both_keys_are_wanted_where_the_log_is_signed_in_both_profiles(keys: Settings):
    both = replace(keys, sm=True)

    without = readiness.key(both, "catalog")()
    Held(both.keys, "catalog", both.origin("catalog"), SM2).made()

    assert without.startswith("catalog.sm2.key cannot be used: ")
    assert readiness.key(both, "catalog")() == WELL


def removed(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def no_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe" * 40)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [removed, emptied, halved, no_text, a_folder])
def test_a_key_that_cannot_be_used_is_told_with_its_file(
    keys: Settings, spoil: Callable[[Path], None]
):
    spoil(keys.keys / "catalog.key")

    found = readiness.key(keys, "catalog")()

    assert found.startswith("catalog.key cannot be used: ")
    assert found.endswith("; put back the folder of keys")


@pytest.fixture
def followed(
    log: Log, empty_log: Settings, consumer: tuple[Consumer, Database], own: Database
) -> Iterator[tuple[Consumption, Moved]]:
    """Cases, which has not taken in the one fact of catalog; and how to make that fact older."""
    alias_added(log, uuid4(), 1, "名")
    integrate(empty_log)
    source = Database(role_of(empty_log, "cases").dsn("catalog"), size=1, search_path="log")

    def old(seconds: str) -> None:
        held = psycopg2.connect(empty_log.dsn("catalog"))
        with held, held.cursor() as at:
            at.execute("SET session_replication_role = replica")
            at.execute("UPDATE log.entry SET integrated_at"
                       " = clock_timestamp() - %s::interval", (seconds,))
        held.close()

    yield Consumption("cases", own, {"catalog": source}), old
    source.close()


def test_a_fact_that_is_waited_for_less_than_a_minute_is_no_lag(followed):
    consumption, old = followed
    old("20 s")

    assert readiness.lag(consumption.ages)() == WELL


def test_a_fact_that_is_older_than_a_minute_names_the_log_it_stands_in(followed, consumer):
    consumption, old = followed
    old("600 s")
    one, _ = consumer

    found = readiness.lag(consumption.ages)()
    one.catch_up()

    source, _, told = found.partition(": ")
    assert source == "catalog"
    assert float(told.removesuffix(" s behind")) == pytest.approx(615, abs=15)
    assert readiness.lag(consumption.ages)() == WELL


def test_of_several_logs_only_those_that_are_late_are_named():
    ages = {"catalog": 60.0, "delegation": 61.0, "cases": 0.0, "supervision": 3600.4}

    assert readiness.lag(lambda: ages)() == "delegation: 61 s behind, supervision: 3600 s behind"


def test_a_log_that_cannot_be_read_is_told_as_lag(followed, own: Database, nowhere: Database):
    lost = Consumption("cases", own, {"catalog": nowhere})

    assert readiness.lag(lost.ages)().startswith("a log cannot be read: ")


def test_one_check_that_fails_makes_the_process_not_ready_and_it_is_alive(
    own: Database, nowhere: Database
):
    checks = {"database": readiness.answers(own), "lag": readiness.lag(lambda: {"cases": 90.0})}
    door = make_ops(checks).test_client()

    ready, alive = door.get("/readyz"), door.get("/healthz")

    assert ready.status_code == 503
    assert ready.json == {"status": "not-ready", "checks": {
        "database": {"ok": True, "detail": ""},
        "lag": {"ok": False, "detail": "cases: 90 s behind"},
    }}
    assert (alive.status_code, alive.json) == (200, {"status": "ok"})


def test_without_its_broker_a_process_is_not_ready_and_says_so():
    away = Settings(amqp_url=f"amqp://a:b@127.0.0.1:{free_port()}//")

    ready = make_ops({"broker": readiness.broker(away)}).test_client().get("/readyz")

    assert ready.status_code == 503
    assert ready.json["checks"]["broker"]["detail"].startswith("the broker does not answer: ")


def test_where_every_check_passes_the_process_is_ready_whatever_the_calendar_warns_of(
    own: Database, monkeypatch: pytest.MonkeyPatch
):
    today(monkeypatch, before=1)
    checks = {"database": readiness.answers(own), "calendar": readiness.calendar}

    ready = make_ops(checks).test_client().get("/readyz")

    assert (ready.status_code, ready.json["status"]) == (200, "ready")
    assert {name: one["ok"] for name, one in ready.json["checks"].items()} == {
        "database": True, "calendar": False,
    }
