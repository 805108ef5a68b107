"""CloudEvents 1.0 between platforms: binary and structured messages read, facts written."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.bus.message import CONTENT_TYPE, told_of

STRUCTURED = "application/cloudevents+json"
# RabbitMQ's habit, and the two of the AMQP protocol binding (CloudEvents 1.0.2, section 3.1.3).
PREFIXES = ("ce-", "cloudEvents:", "cloudEvents_")


class NotCloudEvent(ValueError):
    """A message that is no CloudEvent.

    Args:
        field: what is wrong: ``content_type``, ``body``, or an attribute.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True)
class Event:
    """One CloudEvent: its attributes by name, without prefix, and its data as JSON values."""

    attributes: Mapping[str, Any]
    data: Any


def read(body: bytes, headers: Mapping[Any, Any], content_type: str | None) -> Event:
    """The CloudEvent that a message carries, in either mode.

    Raises:
        NotCloudEvent: it carries none.

    Source:
        CloudEvents 1.0.2, AMQP protocol binding and JSON event format.
    """
    media = (content_type or "").partition(";")[0].strip().lower()
    if media == STRUCTURED:
        return structured(body)
    if media != CONTENT_TYPE:
        raise NotCloudEvent("content_type", f"{content_type} is not {CONTENT_TYPE}")
    return Event(_attributes(headers), _json(body))


def structured(body: bytes) -> Event:
    """A CloudEvent in the JSON event format.

    Raises:
        NotCloudEvent: it is none, or its data are not JSON.
    """
    told = _json(body)
    if not isinstance(told, dict):
        raise NotCloudEvent("body", "is not a JSON object")
    if "data_base64" in told or "data" not in told:
        raise NotCloudEvent("data", "the data have to be JSON, in the member data")
    media = told.get("datacontenttype", CONTENT_TYPE)
    if media != CONTENT_TYPE:
        raise NotCloudEvent("datacontenttype", f"is not {CONTENT_TYPE}")
    return Event({key: value for key, value in told.items() if key != "data"}, told["data"])


def line(
    source: str, position: int, previous: int | None, type_: str, envelope: bytes
) -> bytes:
    """A recorded fact in the JSON event format on one line; ``data`` are the envelope's bytes.

    What was written past the contracts and is no JSON stands in ``data_base64``.
    """
    told = told_of(envelope)
    attributes = {
        "specversion": "1.0", "id": told["id"], "source": source, "type": type_,
        "subject": told["stream"], "time": told["occurred_at"], "datacontenttype": CONTENT_TYPE,
        "position": position, "previous": -1 if previous is None else previous,
    }
    head = json.dumps(attributes, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        json.loads(envelope)
    except ValueError:
        return head[:-1] + b',"data_base64":"' + b64encode(envelope) + b'"}\n'
    return head[:-1] + b',"data":' + envelope + b"}\n"


def _attributes(headers: Mapping[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in headers.items():
        for prefix in PREFIXES:
            if isinstance(name, str) and name.startswith(prefix):  # else it is not in UTF-8
                found[name.removeprefix(prefix)] = value
    return found


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as wrong:
        raise NotCloudEvent("body", "is not JSON in UTF-8") from wrong
