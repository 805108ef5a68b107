"""What an HTTP request asks: body, query and headers as a service's door wants them."""

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NoReturn
from uuid import NAMESPACE_URL, UUID, uuid5

from flask import Request, g
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict

from services.gateway.problems import Problem
from shared.contracts.requests import reckonable
from shared.log.canonical import EnvelopeTooLarge, NotCanonical, canonical
from shared.sheets.read import TEXT, WORKBOOK, read

MAX_BODY = 2**20
SHEET = "sheet"  # the field of a request that holds a table
FILES = (WORKBOOK, TEXT)
VERSION = re.compile(r'"?([0-9]{1,9})"?')
MADE_OF_A_NAME = 5  # a UUID's version


class Version(fields.String):
    """A version of an aggregate as an entity tag: ``"3"``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        found = VERSION.fullmatch(str(value))
        if found is None:
            raise ValidationError('Not a version such as "3".')
        return int(found[1])


class Instrument(Schema):
    """The document under which something is done (R220)."""

    class Meta:
        unknown = RAISE

    kind = fields.String(required=True, validate=validate.Length(min=1, max=100))
    ref = fields.String(required=True, validate=validate.Length(min=1, max=500))
    dated = fields.Date(load_default=None)
    sha256 = fields.String(load_default=None, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))


class InstrumentJson(fields.String):
    r"""An `Instrument` as JSON in a header; beyond ASCII by ``\u`` escapes."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> dict[str, Any]:
        schema = Instrument()
        return schema.dump(schema.load(plain_json(json_of(value))))


class PositionsJson(fields.String):
    """Positions by source as JSON in a header."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> dict[str, int]:
        positions = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True))
        found: dict[str, int] = positions.deserialize(plain_json(json_of(value)))
        return found


class CommandHeaders(Schema):
    """What accompanies a command."""

    key = fields.String(
        required=True, data_key="Idempotency-Key", validate=validate.Length(min=1, max=255),
        metadata={"description": "One per command; a repetition gets the first answer (幂等键)"},
    )
    expected = Version(
        data_key="If-Match", load_default=None,
        metadata={"description": 'Version that the caller has seen, e.g. "3" (所见版本)'},
    )
    at = fields.AwareDateTime(
        format="iso", data_key="Occurred-At", load_default=None, validate=reckonable,
        metadata={"description": "When the act was done, with zone; else now (行为时间)"},
    )
    instrument = InstrumentJson(
        data_key="Instrument", load_default=None,
        metadata={
            "description": "The document, as JSON with kind, ref, dated, sha256;"
            " characters beyond ASCII as \\u escapes (依据文件)"
        },
    )
    after = PositionsJson(
        data_key="After", load_default=None,
        metadata={
            "description": "Positions that the service must have seen before it decides, as JSON,"
            ' e.g. {"delegation": 41} (已见位置)'
        },
    )
    prefer = fields.String(
        data_key="Prefer", load_default="",
        metadata={
            "description": "wait: the answer carries the event's position in the log (等待定序)"
        },
    )
    correlation = fields.UUID(
        data_key="Correlation-Id", load_default=None,
        metadata={"description": "Of the process that this belongs to (关联编号)"},
    )


def given_of(
    headers: Mapping[str, Any], actor: Mapping[str, str], service: str
) -> dict[str, Any]:
    """The circumstances of a command, as its service wants them; the actor is the token's."""
    at, correlation = headers["at"], headers["correlation"]
    return {
        "command": str(command_id(headers["key"], actor, service)),
        "actor": dict(actor),
        "at": at and at.isoformat(),
        "instrument": headers["instrument"],
        "expected": headers["expected"],
        "correlation": correlation and str(correlation),
        "after": headers["after"],
        "wait": "wait" in headers["prefer"],
    }


def command_id(key: str, actor: Mapping[str, str], service: str) -> UUID:
    """A UUID stands for itself; any other key is the operator's own, for one service.

    So is a UUID made of a name (RFC 9562, version 5): reactions have such ids, and whoever knows
    the fact could use one up beforehand.
    """
    with suppress(ValueError):
        if (own := UUID(key)).version != MADE_OF_A_NAME:
            return own
    return uuid5(NAMESPACE_URL, f"fuquan:{service}:{actor['org']}:{actor['operator']}:{key}")


class Asked(FlaskParser):
    """Reads body and query for the API; what a service gets is what was sent, checked before."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = {"headers": "exclude"}  # noqa: RUF012 - as webargs has it

    def load_json(self, req: Request, schema: Schema) -> Any:
        of_file = req.mimetype in FILES and SHEET in schema.load_fields
        g.asked = file_of(req, schema) if of_file else body_of(req)
        return g.asked

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        g.asked = query_of(req.args, schema)
        return g.asked

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, *,
        error_status_code: int | None, error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        (messages,) = error.messages_dict.values()  # by location; an error is in one of them
        raise ValidationError(messages)


class Doors(Blueprint):
    """The operations of one service, their arguments read by `Asked`."""

    ARGUMENTS_PARSER = Asked()


def body_of(request: Request) -> Any:
    """The JSON value in a request's body.

    Raises:
        Problem: 415 for another type, 400 for what is no plain JSON.
        werkzeug.exceptions.RequestEntityTooLarge: longer than the application allows.
    """
    if request.mimetype != "application/json":
        raise Problem(
            415, "request.not-json-type", "请以 application/json 提交",
            facts={"content_type": request.mimetype},
        )
    try:
        value = json.loads(request.get_data().decode())
    except (ValueError, RecursionError) as wrong:
        raise Problem(400, "request.malformed-json", "请求内容不是有效的 JSON") from wrong
    return plain_json(value)


def file_of(request: Request, schema: Schema) -> Any:
    """The table in a file that is the body; what else is asked stands in the query.

    Raises:
        werkzeug.exceptions.RequestEntityTooLarge: longer than the application allows.
    """
    sheet = read(request.get_data(), request.mimetype).plain()
    return plain_json(query_of(request.args, schema) | {SHEET: sheet})


def json_of(text: str) -> Any:
    """The plain JSON value of a parameter or header.

    Raises:
        ValidationError: it is none.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise ValidationError("Not valid JSON.") from wrong


def query_of(arguments: MultiDict[str, str], schema: Schema) -> dict[str, Any]:
    """A question from its query parameters: lists by repetition, objects as JSON.

    Raises:
        ValidationError: a single value is given twice, or an object is not JSON.
    """
    known = {field.data_key or name: field for name, field in schema.load_fields.items()}
    found = {
        name: _value(known.get(name), name, values) for name, values in arguments.lists()
    }
    return dict(plain_json(found))


def _value(field: fields.Field | None, name: str, values: list[str]) -> Any:
    if isinstance(field, fields.List):
        return values
    if len(values) > 1:
        raise ValidationError({name: ["Given more than once."]})
    if isinstance(field, (fields.Dict, fields.Nested)):
        try:
            return json_of(values[0])
        except ValidationError as wrong:
            raise ValidationError({name: wrong.messages}) from wrong
    return values[0]


def plain_json(value: Any) -> Any:
    """*value*, if every part of it can be recorded.

    Raises:
        Problem: 400 for a fraction, an inexact integer, a NUL or half a character.
    """
    try:
        canonical(value, MAX_BODY)
    except NotCanonical as wrong:
        raise Problem(
            400, "request.not-plain-json", "数值须为整数，文字须为完整字符；金额与时间以文字表示"
        ) from wrong
    except EnvelopeTooLarge as wrong:
        raise Problem(413, "request.too-large", "请求内容过大") from wrong
    if any("\x00" in text for text in _texts(value)):
        raise Problem(400, "request.not-plain-json", "文字中不得有空字符")
    return value


def _texts(value: Any) -> Iterable[str]:
    parts = [value]
    for part in parts:  # grows while it is walked
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            parts += [*part, *part.values()]
        elif isinstance(part, list):
            parts += part
