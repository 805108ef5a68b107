"""A refusal over RPC is the refusal that was raised."""

import json
from typing import Any

import pytest

import nameko.exceptions
from shared.entrypoints import Door
from shared.refusal import Refused


class Wire:
    """Keeps what a door would send back."""

    def __init__(self) -> None:
        self.sent: Any = None


@pytest.mark.parametrize("of_record", [True, False])
def test_facts_keep_their_kinds_over_rpc(of_record: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"expected": 3, "since": None, "late": False, "days": [1, 2.5], "of": {"n": 1}}
    refused = Refused("cases.outside-scope", facts, "不在范围", of_record)

    class Caught:
        @classmethod
        def handle(cls, door: Any, message: Any, context: Any, result: Any = None, exc_info: Any = None) -> Any:
            cls.sent = json.loads(json.dumps(nameko.exceptions.serialize(exc_info[1])))

    monkeypatch.setattr("nameko.rpc.Rpc.handle_result", Caught.handle.__func__.__get__(Caught))
    Door.handle_result(Door(), None, None, result=None, exc_info=(Refused, refused, None))
    arrived = nameko.exceptions.deserialize(Caught.sent)

    assert isinstance(arrived, Refused)
    assert (arrived.code, arrived.facts, arrived.zh, arrived.of_record) == (refused.code, facts, refused.zh, of_record)
