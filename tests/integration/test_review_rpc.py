"""A refusal over RPC is the refusal that was raised."""

import json
from typing import Any

import nameko.exceptions
import pytest

from shared.entrypoints import Inbox
from shared.refusal import Refused


@pytest.mark.parametrize("of_record", [True, False])
def test_a_refusal_keeps_the_kinds_of_its_facts_over_rpc(
    of_record: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"expected": 3, "since": None, "late": False, "days": [1, 2.5], "of": {"n": 1}}
    refused = Refused("cases.outside-scope", facts, "不在范围", of_record)
    sent: list[str] = []

    def send(_: Any, message: Any, result: Any, exc_info: Any) -> Any:
        sent.append(json.dumps(nameko.exceptions.serialize(exc_info[1])))
        return result, exc_info

    monkeypatch.setattr("nameko.rpc.RpcConsumer.handle_result", send)
    Inbox().handle_result(None, None, (Refused, refused, None))
    arrived = nameko.exceptions.deserialize(json.loads(sent[0]))

    assert isinstance(arrived, Refused)
    assert (arrived.code, arrived.facts) == (refused.code, facts)
    assert (arrived.zh, arrived.of_record) == (refused.zh, of_record)
