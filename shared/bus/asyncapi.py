"""The AsyncAPI 3.0 document of the bus: what is published, what may be sent, how it is answered."""

from importlib.metadata import version
from typing import Any

from shared.bus.inbound import INBOUND
from shared.bus.message import CONTENT_TYPE, EVENTS
from shared.contracts import inbound
from shared.contracts.events import SERVICES, all_contracts
from shared.contracts.schemas import all_schemas

HEADERS = {
    "type": "object",
    "required": [
        "ce-specversion", "ce-id", "ce-type", "ce-source", "ce-subject", "ce-time", "ce-position",
        "ce-previous",
    ],
    "properties": {
        "ce-specversion": {"const": "1.0"},
        "ce-id": {"type": "string", "format": "uuid"},
        "ce-type": {"type": "string"},
        "ce-source": {"enum": list(SERVICES)},
        "ce-subject": {"type": "string", "description": "The stream: what the fact is about"},
        "ce-time": {"type": "string", "format": "date-time"},
        "ce-position": {"type": "integer", "minimum": 0, "description": "In the source's log"},
        "ce-previous": {
            "type": "integer", "minimum": -1,
            "description": "Position of the stream's previous fact; -1: it begins here",
        },
    },
}


def document() -> dict[str, Any]:
    """The whole document, as JSON values; schemas and messages stand under ``components``."""
    schemas = {
        _key(path): {key: told for key, told in schema.items() if not key.startswith("$")}
        for path, schema in all_schemas().items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "赋权 Fuquan", "version": version("fuquan"),
            "description": "Facts about powers devolved to townships, and what platforms send.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            **{service: _facts(service) for service in SERVICES},
            "inbound": _inbound(),
            "answers": {
                "address": None, "title": "A queue of the sender's own, named in reply_to",
                "messages": {name: _message(f"answer.{name}") for name in inbound.ANSWERS},
            },
        },
        "operations": {
            **{f"publish_{service}": _publishing(service) for service in SERVICES},
            "take_in": {
                "action": "receive", "channel": {"$ref": "#/channels/inbound"},
                "summary": "Every message is answered, none is dropped.",
                "reply": {
                    "address": {"location": "$message.header#/reply_to"},
                    "channel": {"$ref": "#/channels/answers"},
                },
            },
        },
        "components": {"messages": _messages(), "schemas": {**schemas, "fact-headers": HEADERS}},
    }


def _facts(service: str) -> dict[str, Any]:
    return {
        "address": f"{{jurisdiction}}.{service}.{{event}}",
        "title": f"Facts of {service}",
        "parameters": {
            "jurisdiction": {"description": "GB/T 2260 code, e.g. 371702"},
            "event": {"description": "Name of the event, e.g. ItemRecalled"},
        },
        "messages": {_short(name): _message(f"event.{name}") for name in _of(service)},
        "bindings": _routed(EVENTS.name),
    }


def _inbound() -> dict[str, Any]:
    return {
        "address": "{type}",
        "title": "What other platforms send",
        "parameters": {"type": {"description": "The message's type"}},
        "messages": {
            type_.replace(".", "_"): _message(f"inbound.{type_}")
            for type_ in [*inbound.COMMANDS, inbound.REPLAY]
        },
        "bindings": _routed(INBOUND.name),
    }


def _routed(exchange: str) -> dict[str, Any]:
    told = {"name": exchange, "type": "topic", "durable": True, "autoDelete": False, "vhost": "/"}
    return {"amqp": {"is": "routingKey", "exchange": told}}


def _publishing(service: str) -> dict[str, Any]:
    return {
        "action": "send", "channel": {"$ref": f"#/channels/{service}"},
        "summary": "At least once, in order of position; drop what you have seen.",
        "bindings": {"amqp": {"deliveryMode": 2, "mandatory": True}},
    }


def _messages() -> dict[str, Any]:
    facts = {
        f"event.{name}": {
            "name": name, "title": name, "contentType": CONTENT_TYPE,
            "headers": {"$ref": "#/components/schemas/fact-headers"},
            "payload": {
                "allOf": [
                    _schema("envelope"),
                    {
                        "type": "object",
                        "properties": {
                            "type": {"const": name}, "schema": {"const": kind.contract_version},
                            "data": _schema(f"events.{name}.v{kind.contract_version}"),
                        },
                    },
                ]
            },
        }
        for name, kind in sorted(all_contracts().items())
    }
    sent = {
        f"inbound.{type_}": {
            "name": type_, "title": type_, "contentType": "application/cloudevents+json",
            "summary": "Binary mode does as well: attributes as ce- headers, the data as body.",
            "correlationId": {"location": "$message.header#/correlation_id"},
            "payload": {
                "allOf": [
                    _schema("attributes"),
                    {
                        "type": "object", "required": ["data"],
                        "properties": {
                            "type": {"const": type_}, "data": _schema(f"inbound.{type_}"),
                        },
                    },
                ]
            },
        }
        for type_ in [*inbound.COMMANDS, inbound.REPLAY]
    }
    answers = {
        f"answer.{outcome}": {
            "name": outcome, "title": outcome, "contentType": CONTENT_TYPE,
            "correlationId": {"location": "$message.header#/correlation_id"},
            "payload": _schema(f"answers.{outcome}"),
        }
        for outcome in inbound.ANSWERS
    }
    return {**facts, **sent, **answers}


def _of(service: str) -> list[str]:
    return sorted(name for name in all_contracts() if name.partition(".")[0] == service)


def _short(name: str) -> str:
    return name.partition(".")[2]


def _key(path: str) -> str:
    return path.removesuffix(".json").replace("/", ".")


def _schema(key: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{key}"}


def _message(key: str) -> dict[str, str]:
    return {"$ref": f"#/components/messages/{key}"}
