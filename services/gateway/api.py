"""One HTTP operation for every door: POST for a command, GET for a question; OpenAPI from both."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import urlencode

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask, g, request
from flask_smorest import Api
from marshmallow import Schema, fields

from services.gateway.events import events_blueprint
from services.gateway.problems import CONTENT_TYPE, ProblemSchema
from services.gateway.requests import FILES, SHEET, CommandHeaders, Doors, given_of
from services.gateway.tokens import Gate, has_role, may_command
from shared.contracts.requests import SERVICES, Request, all_requests

Call = Callable[..., Any]

SERVICES_ZH = {
    "catalog": "目录：方案、单位、镇街与事项",
    "delegation": "赋权：认领、协议、授予与收回",
    "cases": "办件：受理、审核、决定与用印",
    "supervision": "监督：稽核、评估与任务",
    "ledger": "账本：存证、核验与权力查询",
}
# What a town has published is public by its nature (R105).
PUBLIC = frozenset({("catalog", "published_list")})


PROOF = "urn:fuquan:rel:proof"
ANSWERED = {
    "ETag": {"schema": {"type": "string"}, "description": "The version now, for If-Match (版本)"},
    "Link": {
        "schema": {"type": "string"},
        "description": f"rel={PROOF}: the promise that this is recorded, later the proof (收据)",
    },
}


class Done(Schema):
    """The answer to a command; the same for every repetition."""

    stream = fields.String(
        allow_none=True, metadata={"description": "What was changed; null for many at once"}
    )
    version = fields.Integer(allow_none=True, metadata={"description": "Its version now"})
    events = fields.List(fields.String(), metadata={"description": "What was recorded"})
    shown = fields.Dict(
        metadata={"description": "What was asked to be shown, and is in no record (个人信息)"}
    )


class Answer(Schema):
    """The answer to a question, and how much of each log it knows."""

    answer = fields.Raw(allow_none=True, metadata={"description": "The answer"})
    as_of = fields.Dict(
        keys=fields.String(), values=fields.Integer(),
        metadata={"description": "Next position of each log not yet seen"},
    )


class Documented(Api):
    """OpenAPI of the doors; every operation may also answer with a problem."""

    ERROR_SCHEMA = ProblemSchema


def add_api(app: Flask, call: Call, gate: Gate) -> dict[str, Any]:
    """Add an operation for every registered request; returns their OpenAPI description."""
    api = Documented(
        app,
        spec_kwargs={
            "title": "赋权 Fuquan", "version": "1", "openapi_version": "3.0.3",
            "marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_name_of),
            "info": {"description": "县级权力下放镇街的登记系统：每一决定都载明其权力来源。"},
        },
    )
    api.spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    )
    doors = all_requests()
    for service in SERVICES:
        blueprint = Doors(
            service, __name__, url_prefix=f"/api/{service}", description=SERVICES_ZH[service]
        )
        own = {door: kind for (of, door), kind in sorted(doors.items()) if of == service}
        blueprint.before_request(_admission(own, gate))
        for kind in own.values():
            add = _add_command if kind.is_command else _add_question
            add(blueprint, kind, call)
        api.register_blueprint(blueprint)
    api.register_blueprint(events_blueprint(call, gate))
    return _described(api)


def _described(api: Api) -> dict[str, Any]:
    """Problems get their own media type, and objects in a query are JSON."""
    spec: dict[str, Any] = deepcopy(api.spec.to_dict())
    for response in spec["components"]["responses"].values():
        response["content"] = {CONTENT_TYPE: response["content"].pop("application/json")}
    for path in spec["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter.get("schema", {}).get("type") == "object":
                    parameter["content"] = {"application/json": {"schema": parameter.pop("schema")}}
            _accept_files(spec, operation)
    return spec


def _accept_files(spec: Mapping[str, Any], operation: dict[str, Any]) -> None:
    """Where a table may be sent as JSON, its file may be sent, and the rest in the query."""
    content = operation.get("requestBody", {}).get("content", {})
    name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    if SHEET in spec["components"]["schemas"].get(name, {}).get("properties", {}):
        for media in FILES:
            content[media] = {"schema": {"type": "string", "format": "binary"}}


def _admission(doors: Mapping[str, type[Request]], gate: Gate) -> Callable[[], None]:
    def admit() -> None:
        kind = doors[str(request.endpoint).rpartition(".")[2]]
        if (kind.service, kind.door) in PUBLIC:
            return
        g.actor = gate.actor(request.headers.get("Authorization"))
        if kind.is_command:
            may_command(g.actor)
        has_role(g.actor, kind.roles)

    return admit


def _add_command(blueprint: Doors, kind: type[Request], call: Call) -> None:
    @blueprint.doc(operationId=f"{kind.service}.{kind.door}", security=[{"token": []}])
    @blueprint.arguments(CommandHeaders, location="headers")
    @blueprint.arguments(kind, location="json")
    @blueprint.response(200, Done, headers=ANSWERED)
    def command(headers: Mapping[str, Any], _: Mapping[str, Any]) -> Any:
        given = given_of(headers, g.actor, kind.service)
        done = call(kind.service, "do", door=kind.door, request=g.asked, given=given)
        return done, {} if done["version"] is None else {
            "ETag": f'"{done["version"]}"', "Link": proof_link(kind.service, done),
        }

    _add(blueprint, kind, command, "POST")


def proof_link(service: str, done: Mapping[str, Any]) -> str:
    """Where there is a promise for what was just recorded, and later its proof (RFC 8288)."""
    of = {"source": service, "stream": done["stream"], "version": done["version"]}
    return f'</api/ledger/promise?{urlencode(of)}>; rel="{PROOF}"'


def _add_question(blueprint: Doors, kind: type[Request], call: Call) -> None:
    security = [] if (kind.service, kind.door) in PUBLIC else [{"token": []}]

    @blueprint.doc(operationId=f"{kind.service}.{kind.door}", security=security)
    @blueprint.arguments(kind, location="json" if kind.in_body else "query")
    @blueprint.response(200, Answer)
    def question(_: Mapping[str, Any]) -> Any:
        return call(kind.service, "ask", door=kind.door, request=g.asked)

    _add(blueprint, kind, question, "POST" if kind.in_body else "GET")


def _add(blueprint: Doors, kind: type[Request], view: Callable[..., Any], method: str) -> None:
    view.__doc__ = kind.__doc__
    blueprint.add_url_rule(
        f"/{kind.door}", endpoint=kind.door, view_func=view, methods=[method],
        provide_automatic_options=False,
    )


def _name_of(schema: Any) -> str:
    """Two services may have a schema of one name: ``cases.Submit``, but ``Problem``."""
    kind = resolve_schema_cls(schema)
    module = kind.__module__.rpartition(".")[2].removeprefix("asked_")
    service = getattr(kind, "service", module)
    name = kind.__name__.removesuffix("Schema")
    return f"{service}.{name}" if service in SERVICES else name
