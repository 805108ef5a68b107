"""Another platform sends to running services that are killed meanwhile: one effect, one answer."""

import json
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from kombu import Connection

from shared.bus.inbound import ARRIVALS, REFUSED
from shared.cli.run import Processes
from shared.migrate import migrate
from shared.settings import Settings
from tests.brokers import readers
from tests.conftest import drop
from tests.e2e.test_bad_messages import imported
from tests.platform import CENTRE, Platform, application, empty_queues, message
from tests.servers import free_port
from tests.waiting import until

SEED = 20260611
SENT = 100
KILLS = ("gateway", "cases", "gateway")


@pytest.fixture
def settings(database_url: str, amqp_url: str, tmp_path: Path) -> Iterator[Settings]:
    """Databases and a folder of keys of this test alone."""
    own = Settings(
        database_url=database_url, amqp_url=amqp_url, prefix=f"p{uuid4().hex[:8]}_",
        deployment="test", keys=tmp_path / "keys", driven_clock=True, http_port=free_port(),
    )
    own.keys.mkdir()
    emptied(amqp_url)
    yield own
    emptied(amqp_url)
    drop(own)


def emptied(url: str) -> None:
    """Remove the queues that the processes of this test read."""
    empty_queues(url)
    with Connection(url) as connection:
        for name in ("fuquan.catalog", "fuquan.cases"):
            connection.default_channel.queue_delete(name)


def recorded(settings: Settings) -> list[dict[str, Any]]:
    """The applications in the log of cases."""
    with closing(psycopg2.connect(settings.dsn("cases"))) as held, held.cursor() as at:
        at.execute("SELECT envelope FROM log.event WHERE type = 'cases.ApplicationSubmitted'")
        return [json.loads(bytes(envelope)) for (envelope,) in at.fetchall()]


def known_to_cases(settings: Settings) -> bool:
    """Whether cases knows all that catalog has recorded."""
    (recorded,), (taken_in,) = (
        row(settings, service, query) for service, query in (
            ("catalog", "SELECT count(*) FROM log.event"),
            ("cases", "SELECT sum(projected) FROM bus.cursor WHERE source = 'catalog'"),
        )
    )
    return bool(recorded == taken_in)


def row(settings: Settings, service: str, query: str) -> tuple[Any, ...]:
    with closing(psycopg2.connect(settings.dsn(service))) as held, held.cursor() as at:
        at.execute(query)
        found: tuple[Any, ...] = at.fetchall()[0]
        return found


def test_killed_gateways_and_services_neither_lose_nor_double_what_a_platform_sends(
    settings: Settings,
):
    migrate(replace(settings, amqp_url="memory://"))
    platform, moments = Platform(settings.amqp_url), random.Random(SEED)
    (settings.keys / "platforms.toml").write_text(
        f'[{platform.user}]\norgs = ["{CENTRE}"]\n', "utf-8"
    )
    told = [message(application()) for _ in range(SENT)]
    with Processes(settings, ("catalog", "cases", "relay", "gateway")) as processes:
        until(lambda: readers(settings.amqp_url, "rpc-catalog"))
        imported(settings, "MD2023")
        until(lambda: known_to_cases(settings))
        strikes = dict(zip(sorted(moments.sample(range(SENT), len(KILLS))), KILLS, strict=True))
        for number, one in enumerate(told):
            platform.send(one)
            if number in strikes:
                until(lambda before=number // 2: len(recorded(settings)) > before // 2)
                processes.running[strikes[number]].kill()
                processes.running[strikes[number]].wait()
                processes.restart_ended()
        until(lambda: len(recorded(settings)) >= SENT)
        until(lambda: platform.waiting(platform.replies) >= SENT)
        until(lambda: platform.waiting(ARRIVALS.name) == 0)

        answers = [json.loads(one.body) for one in
                   platform.take(platform.replies, platform.waiting(platform.replies))]
        refused = platform.waiting(REFUSED.name)
    platform.close()

    facts = recorded(settings)
    outcomes = {one["id"]: {json.dumps(a) for a in answers if a["id"] == one["id"]} for one in told}
    assert sorted(fact["data"]["case_id"] for fact in facts) == sorted(
        one["data"]["case"] for one in told
    )
    assert {len(found) for found in outcomes.values()} == {1}
    assert {one["outcome"] for one in answers} == {"accepted"}
    assert refused == 0
