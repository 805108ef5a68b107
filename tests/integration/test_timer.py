"""Time passes and nobody calls: the services ask themselves what is due (R075, R131, R224)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import psycopg2
import pytest
import requests
from prometheus_client import REGISTRY

from services.supervision.commands import Supervision
from shared.cli.run import Processes
from shared.clock import system_clock
from shared.contracts.envelope import Fact
from shared.database import Database
from shared.due import Timer
from shared.migrate import as_role
from shared.settings import NotConfigured, Settings
from tests import county as of_cases
from tests import delegating, office
from tests.brokers import unheard
from tests.servers import free_port
from tests.waiting import until
from tests.world import World

EVERY = 0.5
TOWN, HUANGGANG = "MD2023-TOWN-18", "MD2023-TOWN-13"
TASKS = "2020-04-28T09:00:00+08:00"


@contextmanager
def process(world: World, name: str, amqp_url: str, *, driven: bool = False) -> Iterator[str]:
    """A service as a process, asked nothing from outside; the URL of its side door."""
    unheard(amqp_url)
    url = f"127.0.0.1:{free_port()}"
    admin = replace(
        world.settings, amqp_url=amqp_url, driven_clock=driven, due_every=EVERY, ops=url
    )
    with Processes(admin, (name,)):
        yield f"http://{url}"


def metrics(url: str) -> list[str]:
    try:
        return requests.get(f"{url}/metrics", timeout=5).text.splitlines()
    except requests.ConnectionError:
        return []


def in_(seconds: float) -> datetime:
    """An instant soon, in whole milliseconds."""
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


@pytest.fixture
def supervision(migrated: Settings) -> Iterator[office.Office]:
    """Supervision on empty logs."""
    one = office.Office(migrated)
    one.empty()
    yield one
    one.close()


@pytest.fixture
def tasks(supervision: office.Office) -> office.Office:
    """The obligations of SR2020, all of them due long ago and nothing done."""
    supervision.knows("SR2020")
    supervision.do("supervision", "assign_obligations", {"programme": "SR2020"}, at=TASKS)
    supervision.settle()
    return supervision


def owing(world: office.Office, due: datetime) -> None:
    """黄堽镇 has to pass a case on until then."""
    world.knows("MD2023")
    world.tell_case_accepted(
        "c-1", item="MD23-30", town=HUANGGANG, mode="entrusted_acceptance",
        at=in_(-60).isoformat(), forward_due=due.isoformat(),
    )


def overdue(world: World) -> list[Fact]:
    return world.facts("supervision", "ForwardOverdue")


@pytest.mark.rule("R118")
@pytest.mark.rule("R224")
def test_a_forward_is_overdue_when_its_limit_has_passed_and_nobody_called(supervision, amqp_url):
    due = in_(8)
    owing(supervision, due)

    with process(supervision, "supervision", amqp_url) as url:
        (fact,) = until(lambda: overdue(supervision))
        told = metrics(url)

    assert fact.occurred_at == due <= fact.recorded_at
    assert fact.actor == {"org": "supervision", "role": "policy", "operator": "timer"}
    assert fact.correlation != fact.causation  # of the round; and its own command
    assert 'fuquan_due_every_seconds{service="supervision"} 0.5' in told
    assert 'fuquan_due_rounds_total{outcome="failed",service="supervision"} 0.0' in told
    (age,) = [line for line in told if line.startswith("fuquan_due_age_seconds{")]
    assert float(age.partition(" ")[2]) < 10 * EVERY


@pytest.mark.rule("R075")
@pytest.mark.rule("R224")
def test_an_agreement_whose_term_is_over_expires_and_takes_its_grants_along(migrated, amqp_url):
    county = delegating.County(migrated)
    county.fresh()
    county.entrusted("MD23-04")

    with process(county, "delegation", amqp_url):
        (expired,) = until(lambda: county.recorded("AgreementExpired"))
        (recalled,) = until(lambda: county.recorded("ItemRecalled"))
    county.close()

    assert expired.actor == {"org": "delegation", "role": "policy", "operator": "timer"}
    assert recalled.causation == expired.id


@pytest.mark.rule("R131")
@pytest.mark.rule("R224")
def test_a_case_goes_up_when_the_day_comes_on_which_its_grant_ends(migrated, amqp_url):
    county = of_cases.County(migrated)
    county.fresh("MD2023", "ST2021", "GZ2020", "SR2020", "ZZ2021")
    grant = county.granted("MD23-12", TOWN, "entrusted_handling")
    case = county.accepted("MD23-12", f"{TOWN}-CENTRE", at=in_(-60).isoformat())
    ends = in_(8)
    county.recalled(
        grant, "MD23-12", TOWN, from_=ends.isoformat(), at=in_(-30).isoformat()
    )
    county.settle()
    before = county.events_of(case)

    with process(county, "cases", amqp_url):
        (fact,) = until(lambda: county.facts("cases", "CaseHandedUp"))
    county.close()

    assert before == ["ApplicationSubmitted", "CaseAccepted"]
    assert ends <= fact.occurred_at <= fact.recorded_at
    assert fact.actor["operator"] == "timer"


@pytest.mark.rule("R224")
def test_with_a_driven_clock_there_is_no_timer_and_no_metric_of_it(supervision, amqp_url):
    owing(supervision, in_(-5))

    with process(supervision, "supervision", amqp_url, driven=True) as url:
        until(lambda: metrics(url))
        time.sleep(8 * EVERY)
        told = metrics(url)

    assert overdue(supervision) == []
    assert not [line for line in told if line.startswith("fuquan_due_")]


def own(settings: Settings, kind: type[Supervision] = Supervision) -> Supervision:
    """Supervision's commands of another process, by the wall clock."""
    database_url = as_role(settings, "supervision")
    dsn = replace(settings, database_url=database_url).dsn("supervision")
    return kind(Database(dsn, size=2), system_clock)


@pytest.mark.rule("R224")
def test_of_two_processes_that_ask_at_once_each_due_thing_is_a_fact_once(tasks):
    at_once, several = Barrier(2), [own(tasks.settings) for _ in range(2)]

    def asked(commands: Supervision) -> None:
        at_once.wait()
        Timer(commands, EVERY).round(system_clock())

    threads = [Thread(target=asked, args=(commands,)) for commands in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for commands in several:
        commands.database.close()

    streams = [fact.stream for fact in tasks.facts("supervision", "TaskOverdue")]
    assert len(streams) > 1
    assert len(streams) == len(set(streams))


def rounds(outcome: str) -> float:
    labels = {"service": "supervision", "outcome": outcome}
    return REGISTRY.get_sample_value("fuquan_due_rounds_total", labels) or 0.0


@contextmanager
def shut_out(settings: Settings) -> Iterator[None]:
    """Until the block ends, supervision's role is not let into its database."""
    role = f"{settings.prefix}supervision"
    held = psycopg2.connect(settings.database_url)
    held.autocommit = True
    with held.cursor() as at:
        at.execute(f'ALTER ROLE "{role}" NOLOGIN')
        at.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
                   (role,))
        try:
            yield
        finally:
            at.execute(f'ALTER ROLE "{role}" LOGIN')
    held.close()


@pytest.mark.rule("R224")
def test_a_round_that_the_database_fails_is_counted_and_the_next_one_does_it(tasks):
    commands = own(tasks.settings)
    timer, failed = Timer(commands, 0.1), rounds("failed")
    thread = Thread(target=timer.run, daemon=True)
    with shut_out(tasks.settings):
        thread.start()
        until(lambda: [1] if rounds("failed") > failed + 1 else [])
        age = timer.age()
    answered = rounds("done")
    until(lambda: tasks.facts("supervision", "TaskOverdue"))
    until(lambda: [1] if rounds("done") > answered + 1 else [])
    alive = thread.is_alive()
    timer.stopping.set()
    thread.join()
    commands.database.close()

    assert alive
    assert timer.age() < age + 0.1
    assert len(tasks.facts("supervision", "TaskOverdue")) > 1


class Slow(Supervision):
    """Takes longer than the interval, and fails in a way that nobody has foreseen."""

    def __init__(self, database: Database, clock: Any) -> None:
        super().__init__(database, clock)
        self.seen: list[str] = []

    def run_due(self, given: Any, *, programme: str | None, now: datetime) -> None:
        self.seen.append("begun")
        time.sleep(0.3)
        self.seen.append("over")
        raise KeyError(programme)


def test_a_slow_round_is_over_before_the_next_begins_and_no_error_ends_the_timer(tasks):
    commands = own(tasks.settings, Slow)
    timer = Timer(commands, 0.05)
    thread = Thread(target=timer.run, daemon=True)
    thread.start()
    until(lambda: commands.seen[7:])  # type: ignore[attr-defined]
    timer.stopping.set()
    thread.join()
    commands.database.close()

    assert commands.seen[:8] == ["begun", "over"] * 4  # type: ignore[attr-defined]


def test_the_interval_is_a_number_of_seconds(monkeypatch):
    monkeypatch.setenv("FUQUAN_AMQP_URL", "memory://")
    monkeypatch.setenv("FUQUAN_DUE_EVERY", "2.5")
    told = Settings.from_environment()
    monkeypatch.setenv("FUQUAN_DUE_EVERY", "soon")

    with pytest.raises(NotConfigured, match="FUQUAN_DUE_EVERY=soon"):
        Settings.from_environment()

    assert (told.due_every, told.environment()["FUQUAN_DUE_EVERY"]) == (2.5, "2.5")
