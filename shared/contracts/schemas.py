"""JSON Schemas (draft 2020-12) of everything that other platforms read and send."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields
from marshmallow.validate import OneOf, Range

from shared.contracts import inbound
from shared.contracts.events import SERVICES, EventSchema, all_contracts

DIALECT = "https://json-schema.org/draft/2020-12/schema"

END = r"\Z"

# OpenAPI 3.1 speaks JSON Schema 2020-12; schemas without a name of their own stand in place
_converter = OpenAPIConverter(
    "3.1.0", schema_name_resolver=lambda _: "", spec=APISpec("schemas", "1", "3.1.0")
)


class Acting(Schema):
    """Who did it: an organ, in a role, through an operator known by an opaque id."""

    org = fields.String(required=True)
    role = fields.String(required=True)
    operator = fields.String(required=True)


class Document(Schema):
    """The document that an act rests on (R220)."""

    kind = fields.String(required=True)
    ref = fields.String(required=True)
    dated = fields.Date(allow_none=True)
    sha256 = fields.String(allow_none=True)


class Envelope(Schema):
    """What stands around the data of every event (DESIGN, section 5)."""

    id = fields.UUID(required=True)
    type = fields.String(required=True)
    schema = fields.Integer(required=True, validate=Range(min=1))
    source = fields.String(required=True, validate=OneOf(SERVICES))
    stream = fields.UUID(required=True)
    version = fields.Integer(required=True, validate=Range(min=1))
    programme = fields.String(required=True)
    jurisdiction = fields.String(required=True)
    occurred_at = fields.AwareDateTime(format="iso", required=True)
    recorded_at = fields.AwareDateTime(format="iso", required=True)
    actor = fields.Nested(Acting, required=True)
    instrument = fields.Nested(Document, required=True, allow_none=True)
    rules = fields.List(fields.String(), required=True)
    correlation = fields.UUID(required=True)
    causation = fields.UUID(required=True)
    data = fields.Dict(required=True)


def event_schema(kind: type[EventSchema]) -> dict[str, Any]:
    """Of an event's ``data`` in its current version; a reader lets unknown fields pass."""
    name, version = kind.contract_name, kind.contract_version
    return _document(f"event:{name}:v{version}", name, kind, tolerant=True)


def inbound_schema(type_: str) -> dict[str, Any]:
    """Of the ``data`` of a message to `fuquan.inbound`; an unknown field is an error."""
    kind = inbound.contract_of(type_)
    return _document(f"inbound:{type_}", type_, kind, tolerant=False)


def all_schemas() -> dict[str, dict[str, Any]]:
    """Every schema by the path of its file: events, inbound messages, answers, the rest."""
    events = {
        f"events/{name}.v{kind.contract_version}.json": event_schema(kind)
        for name, kind in sorted(all_contracts().items())
    }
    sent = {
        f"inbound/{type_}.json": inbound_schema(type_)
        for type_ in [*inbound.COMMANDS, inbound.REPLAY]
    }
    answers = {
        f"answers/{outcome}.json": _document(f"answer:{outcome}", outcome, kind, tolerant=True)
        for outcome, kind in inbound.ANSWERS.items()
    }
    return {
        **events, **sent, **answers,
        "envelope.json": _document("envelope", "Envelope", Envelope, tolerant=True),
        "attributes.json": _document("attributes", "Attributes", inbound.Attributes, tolerant=True),
    }


def _document(id_: str, title: str, kind: type[Schema], *, tolerant: bool) -> dict[str, Any]:
    told: dict[str, Any] = _converter.schema2jsonschema(kind())  # type: ignore[no-untyped-call]
    body = _portable(_open(told) if tolerant else told)
    return {
        "$schema": DIALECT, "$id": f"urn:fuquan:{id_}", "title": title,
        "description": " ".join((kind.__doc__ or "").split()), **body,
    }


def _portable(told: Any) -> Any:
    """The same, but patterns as ECMA-262 has them: anchored, with ``$`` for Python's end."""
    if isinstance(told, dict):
        return {
            key: f"^(?:{value.removesuffix(END)})" + "$" * value.endswith(END)
            if key == "pattern" and isinstance(value, str) else _portable(value)
            for key, value in told.items()
        }
    return [_portable(one) for one in told] if isinstance(told, list) else told


def _open(told: Any) -> Any:
    """The same, but unknown fields pass at any depth."""
    if isinstance(told, dict):
        return {
            key: _open(value) for key, value in told.items()
            if (key, value) != ("additionalProperties", False)
        }
    return [_open(one) for one in told] if isinstance(told, list) else told
