"""A command that changes nothing is answered once and for all, like every other."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.log.store import Append, Log, Outcome
from shared.refusal import Refused
from tests.integration.test_log import an_append
from tests.world import World

BUREAU = "MD2023-ORG-19"


def nothing(stream: UUID, expected: int, *, command: UUID) -> Append:
    return an_append(stream, expected, command=command, n=0)


def guide(world: World, url: str, *, command: UUID, author: str = BUREAU) -> dict[str, Any]:
    return world.do("catalog", "publish_guide", {
        "programme": "MD2023", "item": "MD23-30", "town": None, "author": author, "url": url,
        "published_at": "2023-07-03T09:00:00+08:00",
    }, command=command)


def test_a_late_copy_gets_the_first_answer_whatever_others_have_changed_since(world: World):
    world.imported("MD2023", counters=False)
    guide(world, "https://guide.example/1", command=uuid4())
    late = uuid4()
    first = guide(world, "https://guide.example/1", command=late)
    changed = guide(world, "https://guide.example/2", command=uuid4())
    recorded = len(world.facts("catalog"))

    again = guide(world, "https://guide.example/1", command=late)

    assert (first["events"], again) == ([], first)
    assert changed["version"] == first["version"] + 1
    assert len(world.facts("catalog")) == recorded


def test_an_id_that_changed_nothing_stands_for_its_request(world: World):
    world.imported("MD2023", counters=False)
    guide(world, "https://guide.example/1", command=uuid4())
    mine = uuid4()
    guide(world, "https://guide.example/1", command=mine)

    with pytest.raises(Refused) as refused:
        guide(world, "https://guide.example/2", command=mine)

    assert refused.value.code == "log.command-id-reused"


def test_the_log_remembers_a_command_without_events_at_the_version_it_found(log: Log):
    stream, command = uuid4(), uuid4()
    log.append(an_append(stream, 0, n=2))

    outcomes = [log.append(nothing(stream, 2, command=command))]
    moved = log.append(an_append(stream, 2))
    outcomes.append(log.append(nothing(stream, 2, command=command)))
    seen = log.seen(command)

    assert outcomes == [Outcome("ok", 2), Outcome("duplicate", 2)]
    assert moved == Outcome("ok", 3)
    assert seen is not None
    assert (seen.stream, seen.version, seen.types) == (stream, 2, [])


def test_nothing_is_to_be_done_only_at_the_version_that_was_seen(log: Log):
    stream = uuid4()
    log.append(an_append(stream, 0, n=2))

    assert log.append(nothing(stream, 1, command=uuid4())) == Outcome("conflict", None)


def test_a_batch_remembers_those_without_events_beside_the_others(log: Log):
    stream, first, second = uuid4(), uuid4(), uuid4()
    log.append(an_append(stream, 0, n=2))
    batch = [
        nothing(stream, 2, command=first), an_append(uuid4(), 0, n=3),
        nothing(uuid4(), 4, command=second),
    ]

    outcomes = log.append_batch(batch)
    again = log.append_batch(batch[:1])

    assert outcomes == [Outcome("ok", 2), Outcome("ok", 3), Outcome("conflict", None)]
    assert again == [Outcome("duplicate", 2)]
