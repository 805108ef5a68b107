"""The consumer: two of one service, a policy that fails in mid-batch, messages of no log."""

import json
from collections.abc import Iterator
from threading import Thread
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from psycopg2.extensions import cursor

from shared.bus import consumer as consuming
from shared.bus.consumer import Consumer
from shared.bus.message import CONTENT_TYPE, headers
from shared.bus.reaction import Policy
from shared.contracts.envelope import Fact
from shared.database import Database
from shared.log.store import Log
from shared.projection import Projection
from shared.refusal import Refused
from shared.settings import Settings
from tests.integration.conftest import role_of
from tests.integration.test_bus import alias_added, names

TYPE = "catalog.DepartmentAliasAdded"
Message = tuple[bytes, dict[str, Any], str | None]


class Bench:
    """Cases' database as a consumer of catalog; as many consumers on it as a test wants."""

    def __init__(self, settings: Settings) -> None:
        own = role_of(settings, "cases")
        self.database = Database(own.dsn("cases"), size=4)
        self.source = Log(Database(own.dsn("catalog"), size=2))
        self.relay = Database(role_of(settings, "relay").dsn("catalog"), size=1)
        self.named = Projection()
        self.named.on(TYPE)(
            lambda at, fact: at.execute(
                "INSERT INTO named VALUES (%s, %s)", (fact.position, fact.data["alias"])
            )
        )

    def consumer(self, *policies: Policy) -> Consumer:
        logs = {"catalog": self.source}
        one = Consumer("cases", self.database, logs, self.named, {TYPE: policies})
        one.start()
        return one

    def messages(self) -> list[Message]:
        """What the relay would publish of the whole log."""
        self.relay.rows("SELECT log.integrate(1000)")
        entries = self.source.entries(0, 1000)
        return [message_of(e.envelope, e.position, e.previous) for e in entries]

    def parked(self) -> list[tuple[int, str, str]]:
        return self.database.rows(
            "SELECT position, stage, error FROM bus.parked ORDER BY position, stage"
        )

    def cursor(self) -> tuple[int, int]:
        ((projected, reacted),) = self.database.rows("SELECT projected, reacted FROM bus.cursor")
        return projected, reacted


def message_of(envelope: bytes, position: int, previous: int | None) -> Message:
    told = json.loads(envelope)
    given = headers(
        id_=told["id"], type_=told["type"], source=told["source"], stream=told["stream"],
        time=told["occurred_at"], position=position, previous=previous,
    )
    return envelope, given, CONTENT_TYPE


def envelope_with(**told: str) -> bytes:
    """An envelope of no known event."""
    some, at = "00000000-0000-0000-0000-000000000001", "2023-01-01T00:00:00+08:00"
    envelope = {
        "id": some, "type": "catalog.Unknown", "schema": 1, "source": "catalog", "stream": some,
        "version": 1, "programme": "", "jurisdiction": "", "occurred_at": at, "recorded_at": at,
        "actor": {}, "instrument": None, "rules": [], "correlation": some, "causation": some,
        "data": {},
    }
    return json.dumps(envelope | told).encode()


@pytest.fixture
def bench(empty_log: Settings) -> Iterator[Bench]:
    admin = psycopg2.connect(empty_log.dsn("cases"))
    with admin, admin.cursor() as at:
        at.execute(f'SET ROLE "{empty_log.prefix}owner"')
        at.execute("DROP TABLE IF EXISTS readmodel.named")
        at.execute("CREATE TABLE readmodel.named (position bigint, alias text)")
        at.execute("DELETE FROM bus.cursor; DELETE FROM bus.parked")
    admin.close()
    one = Bench(empty_log)
    yield one
    for database in (one.database, one.source.database, one.relay):
        database.close()


def test_one_that_starts_does_not_wait_for_another_that_takes_facts_in(bench: Bench) -> None:
    bench.consumer()
    with bench.database.transaction() as at:
        at.execute("UPDATE bus.cursor SET projected = projected + 1")
        second = Thread(target=bench.consumer, daemon=True)
        second.start()
        second.join(timeout=20)
        waits = second.is_alive()
    second.join(timeout=20)

    assert not waits


def test_two_processes_of_one_service_take_every_fact_in_once(log: Log, bench: Bench) -> None:
    reacted: list[int] = []
    one, two = (bench.consumer(lambda fact: reacted.append(fact.position)) for _ in range(2))
    for version in range(1, 4):
        alias_added(log, UUID(int=1), version, f"名{version}")
    messages = bench.messages()

    one.deliver(messages[:2])
    two.deliver(messages)
    one.deliver(messages)
    two.catch_up()

    assert names(bench.database) == ["名1", "名2", "名3"]
    assert set(reacted) == {0, 1, 2}
    assert (bench.cursor(), bench.parked()) == ((3, 3), [])


def test_a_process_that_slept_finds_its_batch_taken_in_by_another(log: Log, bench: Bench) -> None:
    """SIGSTOP before the first write; the stand-by takes the same facts in; SIGCONT."""
    stopped, stand_by = bench.consumer(), bench.consumer()
    alias_added(log, UUID(int=1), 1, "甲")
    alias_added(log, UUID(int=2), 1, "乙")
    messages = bench.messages()
    begin, meanwhile = stopped.database.transaction, []

    def asleep() -> Any:
        if not meanwhile:
            meanwhile.append(stand_by)
            stand_by.deliver(messages)
        return begin()

    stopped.database = Database(bench.database.dsn, size=1)
    begin, stopped.database.transaction = stopped.database.transaction, asleep  # type: ignore[method-assign]

    stopped.deliver(messages)

    assert names(bench.database) == ["甲", "乙"]


def unread(*_: object) -> Fact:
    """What a release says of a fact that only the next one knows."""
    raise ValueError(f"{TYPE} v2: known up to v1")


def test_what_the_next_release_takes_in_the_one_before_it_does_not_park(
    log: Log, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes while a release is rolled out; seed 29660 of the simulator at 6c47d23."""
    older, newer = bench.consumer(), bench.consumer()
    alias_added(log, UUID(int=10), 1, "甲")
    messages = bench.messages()
    older.database = Database(bench.database.dsn, size=2)
    begin, begun = older.database.transaction, []

    def late() -> Any:
        begun.append(begin)
        if len(begun) == 2:  # the entry is read, and not parked yet
            newer.deliver(messages)
        return begin()

    monkeypatch.setattr(older.database, "transaction", late)
    monkeypatch.setattr(consuming, "open_fact", unread)
    older.catch_up()

    assert len(begun) > 2
    assert (names(bench.database), bench.parked(), bench.cursor()) == (["甲"], [], (1, 1))
    older.database.close()


def test_a_reaction_that_the_next_release_owes_is_parked_as_a_reaction_by_the_one_before_it(
    log: Log, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_: Fact) -> None:
        raise KeyboardInterrupt

    newer = bench.consumer(crash)
    alias_added(log, UUID(int=11), 1, "甲")
    with pytest.raises(KeyboardInterrupt):
        newer.deliver(bench.messages())
    assert bench.cursor() == (1, 0)

    monkeypatch.setattr(consuming, "open_fact", unread)
    bench.consumer()

    assert bench.parked() == [(0, "react", f"{TYPE} v2: known up to v1")]
    assert (names(bench.database), bench.cursor()) == (["甲"], (1, 1))


def test_behind_a_failed_reaction_the_later_reactions_of_its_stream_are_parked_not_dropped(
    log: Log, bench: Bench
) -> None:
    reacted: list[int] = []

    def policy(fact: Fact) -> None:
        if fact.data["alias"] == "毒":
            raise ValueError("cannot react")
        reacted.append(fact.position)

    one, sick = bench.consumer(policy), UUID(int=3)
    for version, alias in enumerate(("甲", "毒", "丙"), 1):
        alias_added(log, sick, version, alias)
    alias_added(log, UUID(int=4), 1, "乙")

    one.deliver(bench.messages())

    behind = "behind a parked fact of its stream"
    assert bench.parked() == [(1, "react", "ValueError('cannot react')"), (2, "react", behind)]
    assert reacted == [0, 3]
    assert names(bench.database) == ["甲", "毒", "丙", "乙"]

    alias_added(log, sick, 4, "丁")
    one.deliver(bench.messages())

    assert bench.parked()[2:] == [(4, "project", behind)]
    assert bench.cursor() == (5, 5)


@pytest.mark.parametrize("code", ["log.contended", "log.not-yet"])
def test_a_refusal_that_passes_loses_no_reaction(log: Log, bench: Bench, code: str) -> None:
    tries: list[int] = []

    def policy(fact: Fact) -> None:
        tries.append(fact.position)
        if len(tries) < 3:
            raise Refused(code)

    one = bench.consumer(policy)
    alias_added(log, UUID(int=5), 1, "甲")

    one.deliver(bench.messages())

    assert tries == [0, 0, 0]


def test_a_message_that_the_log_does_not_hold_at_its_position_is_parked_and_the_logs_fact_taken(
    log: Log, bench: Bench
) -> None:
    """A queue outlives its log: databases restored from a backup, or made anew."""
    alias_added(log, UUID(int=6), 1, "旧")
    ((stale, *_),) = bench.messages()
    alias_added(log, UUID(int=7), 1, "新")
    true = bench.messages()[1]
    one = bench.consumer()
    forged = message_of(stale, 1, None)

    one.deliver([
        bench.messages()[0], forged, message_of(stale, 2, None), message_of(stale, 9, None), true,
    ])
    one.catch_up()

    assert names(bench.database) == ["旧", "新"]
    assert {error for _, _, error in bench.parked()} == {
        "not what the log of catalog holds at 1", "not what the log of catalog holds at 2",
        "the log of catalog holds nothing at 9",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        envelope_with(type="catalog.\x00"),
        envelope_with(type="catalog.\ud800"),
        envelope_with(occurred_at="0001-01-01T00:00:00+14:00"),
    ],
    ids=["deep", "nul", "surrogate", "before-time"],
)
def test_no_body_whatever_stops_the_consumer(log: Log, bench: Bench, body: bytes) -> None:
    one = bench.consumer()
    alias_added(log, UUID(int=8), 1, "甲")

    one.deliver([(body, {"ce-position": 0, "ce-previous": -1}, CONTENT_TYPE)])
    one.deliver(bench.messages())

    assert names(bench.database) == ["甲"]
    assert len(bench.parked()) == 1


def test_a_column_that_is_not_there_yet_parks_nothing(log: Log, bench: Bench) -> None:
    """A new release started before its migration."""

    def ahead(at: cursor, fact: Fact) -> None:
        at.execute("UPDATE named SET not_there_yet = 1")

    bench.named.on(TYPE)(ahead)
    one = bench.consumer()
    alias_added(log, UUID(int=9), 1, "甲")

    with pytest.raises(psycopg2.errors.UndefinedColumn):
        one.deliver(bench.messages())

    assert (bench.parked(), bench.cursor()) == ([], (0, 0))
