"""The log's edges: what one bad command does to the others, and where a stream may begin."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest

from shared.log.recorder import LogRecorder
from shared.log.store import Append, Log, Outcome
from shared.log.together import Together
from tests.integration.conftest import Sequencing
from tests.integration.test_log import an_append
from tests.waiting import PATIENCE


class Gathered(Log):
    """Lets the commands queue up behind the first, so that the rest becomes one batch."""

    def append(self, append: Append) -> Outcome:
        time.sleep(0.2)
        return super().append(append)


def outcome_of(together: Together, one: Append) -> Any:
    try:
        return together.append(one).status
    except Exception as error:  # noqa: BLE001 - looked at by the test
        return type(error)


def all_at_once(together: Together, appends: list[Append]) -> list[Any]:
    with ThreadPoolExecutor(len(appends)) as pool:
        found = [pool.submit(outcome_of, together, one) for one in appends]
        return [one.result(timeout=PATIENCE) for one in found]


def test_a_command_that_the_driver_cannot_write_leaves_nobody_waiting(log: Log) -> None:
    together = Together(log)
    answers: list[Any] = []

    for one in (replace(an_append(uuid4(), 0), actor="a\x00b"), an_append(uuid4(), 0)):
        caller = Thread(
            target=lambda one=one: answers.append(outcome_of(together, one)), daemon=True
        )
        caller.start()
        caller.join(5)

    assert answers == [ValueError, "ok"]


def test_a_bad_command_does_not_fail_the_others_of_its_batch(log: Log) -> None:
    together = Together(Gathered(log.database))
    too_long = replace(an_append(uuid4(), 0), envelopes=[b"x" * 65_536])

    answers = all_at_once(together, [*(an_append(uuid4(), 0) for _ in range(6)), too_long])
    together.close()

    assert sorted(map(str, answers)) == [str(psycopg2.errors.CheckViolation), *["ok"] * 6]


def test_who_comes_after_the_end_is_told_so(log: Log) -> None:
    together = Together(log)
    together.close()

    with pytest.raises(RuntimeError, match="closed"):
        together.append(an_append(uuid4(), 0))


def test_a_stream_that_began_at_one_gets_no_version_zero_afterwards(log: Log) -> None:
    stream = uuid4()
    log.append(an_append(stream, 0))

    alone = log.append(an_append(stream, -1))
    in_batch = log.append_batch([an_append(stream, -1), an_append(uuid4(), 0)])

    assert [alone.status, *(one.status for one in in_batch)] == ["conflict", "conflict", "ok"]
    assert [version for version, _, _ in log.events(stream)] == [1]


def test_a_follower_from_zero_misses_nothing(log: Log, sequencing: Sequencing) -> None:
    log.append(an_append(UUID(int=1), 0, n=2))
    recorder = LogRecorder(log)
    while recorder.max_notification_id() != 2:
        time.sleep(0.01)

    found = recorder.select_notifications(0, 10, inclusive_of_start=False)

    assert [one.id for one in found] == [1, 2]


def test_a_caller_that_is_ended_while_it_waits_or_writes_holds_up_nobody() -> None:
    """Under green threads: killed callers, and the ones beside them (in a process of its own)."""
    out = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED_CALLERS], capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )

    assert out.stdout.split() == ["ok"] * 6, out.stderr


KILLED_CALLERS = """
import eventlet
eventlet.monkey_patch()
from uuid import uuid4
from shared.log.store import Append, Outcome
from shared.log.together import Together

class Slow:
    def append(self, one):
        eventlet.sleep(0.05)
        return Outcome("ok", 1)

    def append_batch(self, many):
        eventlet.sleep(0.05)
        return [Outcome("ok", 1) for _ in many]

together = Together(Slow(), writers=1)
one = lambda: Append(uuid4(), uuid4(), 0, "op", b"", ["t"], [b""])
def call():
    print(together.append(one()).status)
first = eventlet.spawn(call)
eventlet.sleep(0)
waiting = [eventlet.spawn(call) for _ in range(4)]
eventlet.sleep(0.01)
waiting[0].kill()          # waits; would lead the next batch
first.kill()               # writes
for green in waiting[1:]:
    green.wait()
last = [eventlet.spawn(call) for _ in range(3)]
for green in last:
    green.wait()
"""
