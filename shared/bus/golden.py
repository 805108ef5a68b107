"""Every event as a message on the bus, with headers and exact body, for consumers' own tests."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from shared.bus.message import CONTENT_TYPE, EVENTS, headers, routing_key
from shared.contracts import events
from shared.contracts.envelope import Given, instant, seal
from shared.log.canonical import canonical

GOLDEN = Path(events.__file__).parent / "golden"
AT = instant("2023-07-03T09:00:00+08:00")
ACTOR = {"org": "MD2023-TOWN-11-CENTRE", "role": "officer", "operator": "op-1"}
INSTRUMENT = {
    "kind": "decision", "ref": "牡丹政办字〔2023〕9号", "dated": "2023-06-10", "sha256": None
}


def messages() -> Iterator[dict[str, Any]]:
    """One message per event and version, the same at every call; each begins a log of its own.

    Returns:
        ``exchange, routing_key, content_type, content_encoding, headers, body``; the body is the
        text whose UTF-8 bytes are sent, RFC 8785 canonical JSON.
    """
    for name, kind in sorted(events.all_contracts().items()):
        for version in range(1, kind.contract_version + 1):
            source = name.partition(".")[0]
            body = _body(name, version)
            told = json.loads(body)
            yield {
                "exchange": EVENTS.name,
                "routing_key": routing_key(told["jurisdiction"], name),
                "content_type": CONTENT_TYPE,
                "content_encoding": "utf-8",
                "headers": headers(
                    id_=told["id"], type_=name, source=source, stream=told["stream"],
                    time=told["occurred_at"], position=0, previous=None,
                ),
                "body": body.decode(),
            }


def _body(name: str, version: int) -> bytes:
    """The envelope of a golden example; one of an older version holds its data as they were."""
    path = GOLDEN / f"{name.partition('.')[2]}.v{version}.json"
    data = json.loads(path.read_text("utf-8"))["data"]
    stream = uuid5(NAMESPACE_URL, f"fuquan:golden:{name}:v{version}")
    sealed = seal(
        source=name.partition(".")[0], type_=name, stream=stream, version=1, index=0,
        data=events.load(name, data, version), programme="MD2023", jurisdiction="371702",
        given=Given(command=uuid5(stream, "command"), actor=ACTOR, at=AT, instrument=INSTRUMENT),
        recorded_at=AT,
    )
    return canonical(json.loads(sealed) | {"schema": version, "data": data})
