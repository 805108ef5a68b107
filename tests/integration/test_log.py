"""The log on a real PostgreSQL: outcomes, dense order, privileges, concurrency."""

import random
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg2
import psycopg2.errors
import pytest

from shared.database import Database
from shared.log.store import Append, Log, Outcome, request_hash
from shared.log.together import Together
from shared.settings import Settings
from tests.integration.conftest import Sequencing, integrate, role_of
from tests.waiting import until


def an_append(
    stream: UUID, expected: int, *, command: UUID | None = None, n: int = 1, body: bytes = b"{}"
) -> Append:
    return Append(
        command=command or uuid4(), stream=stream, expected=expected, actor="op-1",
        request=request_hash(body),
        types=["catalog.ItemListed"] * n, envelopes=[b'{"n":%d}' % i for i in range(n)],
    )


def test_the_same_command_twice_is_a_duplicate_with_the_same_version(log: Log) -> None:
    stream, command = uuid4(), uuid4()
    first = log.append(an_append(stream, 0, command=command, n=3))

    second = log.append(an_append(stream, 0, command=command, n=3))

    assert (first, second) == (Outcome("ok", 3), Outcome("duplicate", 3))
    assert len(log.events(stream)) == 3


def test_a_command_id_with_another_request_is_a_reused_key(log: Log) -> None:
    stream, command = uuid4(), uuid4()
    log.append(an_append(stream, 0, command=command))

    again = log.append(an_append(stream, 1, command=command, body=b"other"))

    assert again == Outcome("key-reused", None)


@pytest.mark.parametrize("expected", [0, 1, 3, 7])
def test_any_expected_version_but_the_current_one_conflicts(log: Log, expected: int) -> None:
    stream = uuid4()
    log.append(an_append(stream, 0, n=2))

    outcome = log.append(an_append(stream, expected))

    assert outcome == Outcome("conflict", None)
    assert [version for version, _, _ in log.events(stream)] == [1, 2]


def test_a_batch_gives_each_command_its_own_outcome(log: Log) -> None:
    seen, hot, fresh = uuid4(), uuid4(), uuid4()
    first = an_append(seen, 0, n=2)
    log.append(first)
    log.append(an_append(hot, 0))

    outcomes = log.append_batch(
        [an_append(fresh, 0, n=3), first, an_append(hot, 0), an_append(uuid4(), 5)]
    )

    assert outcomes == [
        Outcome("ok", 3), Outcome("duplicate", 2), Outcome("conflict", None),
        Outcome("conflict", None),
    ]
    assert [version for version, _, _ in log.events(fresh)] == [1, 2, 3]


def test_positions_are_dense_from_zero_and_name_their_predecessor(
    log: Log, empty_log: Settings
) -> None:
    one, two = uuid4(), uuid4()
    log.append(an_append(one, 0))
    log.append(an_append(two, 0))
    log.append(an_append(one, 1, n=2))

    integrate(empty_log)

    entries = log.entries(0, 10)
    assert [entry.position for entry in entries] == [0, 1, 2, 3]
    assert [entry.previous for entry in entries] == [None, None, 0, 2]


def test_a_rolled_back_writer_leaves_no_hole_in_the_positions(
    log: Log, empty_log: Settings
) -> None:
    with pytest.raises(psycopg2.errors.CheckViolation):
        log.append(Append(uuid4(), uuid4(), 0, "op-1", request_hash(b""), ["catalog.ItemListed"],
                          [b"x" * 65_536]))
    log.append(an_append(uuid4(), 0))

    integrate(empty_log)

    assert [entry.position for entry in log.entries(0, 10)] == [0]


def test_the_sequencer_waits_for_an_open_writer_below_its_barrier(
    log: Log, empty_log: Settings
) -> None:
    held = Database(role_of(empty_log, "catalog").dsn("catalog"), size=1).connect()
    with held.cursor() as at:
        at.execute(
            "SELECT * FROM log.append("
            "%s, %s, 0, 'op-1', %s, ARRAY['catalog.ItemListed'], ARRAY['early'::bytea])",
            (uuid4(), uuid4(), request_hash(b"")),
        )
        log.append(an_append(uuid4(), 0))

        before = integrate(empty_log)
        held.commit()
        after = integrate(empty_log)

    held.close()
    assert (before, after) == (0, 2)
    assert log.entries(0, 1)[0].envelope == b"early"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log.event SET envelope = ''", "DELETE FROM log.event", "TRUNCATE log.event CASCADE",
        "INSERT INTO log.entry (position, ord, leaf_hash) VALUES (0, 1, '')",
        "UPDATE log.entry SET previous = 0",
        ("INSERT INTO log.event (stream, version, command_id, type, envelope)"
         " VALUES (gen_random_uuid(), 1, gen_random_uuid(), 't', '')"),
        "ALTER TABLE log.event DISABLE TRIGGER ALL", "DROP TABLE log.event",
        "SELECT log.integrate(1)", "UPDATE log.relay SET next_position = 0",
        "INSERT INTO log.checkpoint (size, root, note) VALUES (1, '', '')",
        "CREATE TABLE readmodel.mine (a int)", "CREATE SCHEMA mine",
    ],
)
def test_the_service_may_append_and_read_and_nothing_else(log: Log, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        log.database.rows(statement)


def test_the_relay_may_not_append(empty_log: Settings) -> None:
    relay = Log(Database(role_of(empty_log, "relay").dsn("catalog"), size=1))

    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        relay.append(an_append(uuid4(), 0))


def test_another_service_reads_this_log_and_cannot_write_it(empty_log: Settings, log: Log) -> None:
    log.append(an_append(uuid4(), 0))
    integrate(empty_log)
    other = Log(Database(role_of(empty_log, "cases").dsn("catalog"), size=1))

    read = other.entries(0, 10)

    assert len(read) == 1
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        other.append(an_append(uuid4(), 0))


def test_even_the_owner_trips_over_a_trigger(empty_log: Settings, log: Log) -> None:
    log.append(an_append(uuid4(), 0))
    admin = Database(empty_log.dsn("catalog"), size=1)

    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
        admin.rows("DELETE FROM log.event RETURNING 1")


def test_eight_writers_on_five_hot_streams_leave_no_version_gap_and_no_inversion(
    log: Log, empty_log: Settings, sequencing: Sequencing
) -> None:
    streams = [uuid4() for _ in range(5)]
    accepted: list[tuple[UUID, int]] = []

    def write(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(60):
            stream = rng.choice(streams)
            outcome = log.append(an_append(stream, len(log.events(stream)), n=rng.randint(1, 3)))
            if outcome.status == "ok" and outcome.version:
                accepted.append((stream, outcome.version))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    written = sum(len(log.events(stream)) for stream in streams)
    until(log.size, lambda size: size >= written)

    entries = log.entries(0, 10_000)
    assert [e.position for e in entries] == list(range(written))
    for stream in streams:
        mine = [e for e in entries if e.stream == stream]
        assert [e.version for e in mine] == list(range(1, len(mine) + 1))
        assert [e.previous for e in mine] == [None, *[e.position for e in mine][:-1]]
        assert max(version for s, version in accepted if s == stream) == len(mine)


def test_grouped_commits_give_each_caller_its_own_outcome(log: Log) -> None:
    together, hot = Together(log), uuid4()

    def write(number: int) -> list[str]:
        return [
            together.append(an_append(uuid4() if number % 2 else hot, 0)).status for _ in range(20)
        ]

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(write, range(16)))
    together.close()

    statuses = [status for one in outcomes for status in one]
    assert statuses.count("ok") == 8 * 20 + 1
    assert statuses.count("conflict") == 8 * 20 - 1
