"""What a command answers when others are always faster, and when it follows from a fact."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from shared import commands
from shared.clock import system_clock
from shared.commands import Commands
from shared.contracts.envelope import Given
from shared.log.store import Log
from shared.refusal import Refused


class Bench(Commands):
    """A service of two doors."""

    service = "catalog"
    aggregates = ()

    def many_steps(self, given: Given, programme: str) -> None:
        return None

    def forbidden(self, given: Given, programme: str) -> None:
        raise Refused("catalog.forbidden", of_record=True)

    def record_refusal(self, *_: Any) -> Any:
        return SimpleNamespace()

    def _save(self, *_: Any) -> None:
        """Somebody else was faster."""


@pytest.fixture
def bench(log: Log, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(commands, "load_request", lambda *_, **__: {"programme": "MD2023"})
    one = Bench(log.database)
    yield one
    one.together.close()


def given(**told: Any) -> Given:
    actor = {"org": "o", "role": "r", "operator": "op"}
    return Given(**{"command": uuid4(), "actor": actor, "at": system_clock()} | told)


def test_a_refusal_of_record_is_not_told_before_it_is_recorded(bench: Bench) -> None:
    with pytest.raises(Refused) as refused:
        bench.do("forbidden", {}, given())

    assert refused.value.code == "log.contended"


def test_a_policys_command_has_its_facts_time_though_this_clock_is_behind(bench: Bench) -> None:
    ahead = system_clock() + commands.EARLY + timedelta(seconds=5)

    with pytest.raises(Refused, match="occurred-in-future"):
        bench.do("many_steps", {}, given(at=ahead))
    bench.do("many_steps", {}, given(at=ahead, causation=uuid4()))
