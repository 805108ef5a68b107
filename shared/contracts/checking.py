"""Checking CloudEvents without sending them: facts as read, messages as they may be sent."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError

from shared.contracts.envelope import open_fact
from shared.contracts.events import UnknownEvent
from shared.contracts.inbound import Attributes, contract_of
from shared.contracts.schemas import Envelope


def faults_of(message: Mapping[str, Any]) -> list[dict[str, str]]:
    """What is wrong with one CloudEvent in the JSON format: ``field`` and ``reason`` each."""
    if "position" in message:
        return _of_fact(message)
    wrong: dict[str, Any] = dict(Attributes().validate(dict(message)))
    if "type" not in wrong:
        data = message.get("data")
        found: Any = ["is not a JSON object"]
        if isinstance(data, dict):
            found = contract_of(message["type"])().validate(data)
        wrong |= {"data": found} if found else {}
    return list(flat("", wrong))


def flat(path: str, messages: Any) -> Iterator[dict[str, str]]:
    """Messages by field, as marshmallow has them, one by one."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from flat(f"{path}.{name}" if path else str(name), inner)
    elif isinstance(messages, list):
        for inner in messages:
            yield from flat(path, inner)
    else:
        yield {"field": path, "reason": str(messages)}


def _of_fact(message: Mapping[str, Any]) -> list[dict[str, str]]:
    envelope = message.get("data")
    if not isinstance(envelope, dict):
        return [{"field": "data", "reason": "is not an envelope"}]
    if wrong := Envelope().validate(envelope):
        return list(flat("", {"data": wrong}))
    try:
        fact = open_fact(json.dumps(envelope).encode(), 0, None)
    except UnknownEvent as unknown:
        return [{"field": "data.type", "reason": f"no such event: {unknown}"}]
    except ValidationError as wrong_data:
        return list(flat("", {"data": {"data": wrong_data.messages}}))
    except ValueError as other:
        return [{"field": "data", "reason": str(other)}]
    told = {"id": str(fact.id), "type": fact.type, "source": fact.source}
    return [
        {"field": name, "reason": "differs from the envelope's"}
        for name, value in told.items() if message.get(name) != value
    ]
