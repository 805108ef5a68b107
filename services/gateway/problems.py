"""Errors as RFC 9457 problem details: a stable code, a Chinese title, facts, no internals."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import psycopg2.errorcodes
import psycopg2.errors
import structlog
from flask import Flask, Response, json, render_template, request
from marshmallow import Schema, ValidationError, fields
from werkzeug.exceptions import HTTPException

from shared.bus.alarm import NotTaken
from shared.entrypoints import RemoteError, UnknownService
from shared.refusal import Refused

CONTENT_TYPE = "application/problem+json"
PAGE = "text/html; charset=utf-8"

TITLES = {
    400: "请求内容有误",
    401: "需要有效的令牌",
    403: "无权进行此操作",
    404: "没有这个地址",
    405: "此地址不支持这种请求方法",
    409: "依规则不予办理",
    412: "所见版本已过期",
    413: "请求内容过大",
    415: "内容类型不受支持",
    500: "系统故障",
    503: "暂时无法答复",
    504: "服务未在时限内答复",
}
# Refusals about the state of the conversation, not of the law; every other one is a 409.
REFUSAL_STATUS = {
    "log.stale-version": HTTPStatus.PRECONDITION_FAILED,
    "log.not-yet": HTTPStatus.SERVICE_UNAVAILABLE,
    "log.event-too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "ledger.not-yet-signed": HTTPStatus.SERVICE_UNAVAILABLE,
    "ledger.source-away": HTTPStatus.SERVICE_UNAVAILABLE,
    "ledger.no-promise": HTTPStatus.SERVICE_UNAVAILABLE,
}

# Phrases that another Python words otherwise.
HTTP_CODES = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "request.too-large"}

# What a service says whose database is away, full or ending, by psycopg2's names of the errors.
# Source: PEP 249; PostgreSQL, appendix A, classes 08, 53, 57 and 58.
DATABASE_AWAY = frozenset({"OperationalError", "InterfaceError"}) | {
    psycopg2.errors.lookup(code).__name__
    for code in vars(psycopg2.errorcodes).values()
    if isinstance(code, str) and re.fullmatch(r"(08|53|57|58)\w{3}", code)
}
# Of what happens to a call on its way; the first that fits.
CODES = {
    NotTaken: "gateway.broker-holds", UnknownService: "gateway.service-away",
    TimeoutError: "gateway.timeout",
}
# Calls that another time, with the same key, may be answered.
AWAY = {
    "gateway.service-away": "所需服务未运行，请稍后重试",
    "gateway.broker-holds":
        "消息代理暂停接收或无法连接；本次请求可能稍后生效，请稍后以同一幂等键重试，不会重复办理",
    "gateway.database-away":
        "服务的数据库无法连接或空间已满；请稍后以同一幂等键重试，不会重复办理",
}
LATE = "本次请求可能稍后生效，请稍后以同一幂等键重试，不会重复办理"

log = structlog.get_logger()


class ProblemSchema(Schema):
    """Problem details (RFC 9457)."""

    class Meta:
        title = "Problem"

    type = fields.String(metadata={"description": "urn:fuquan:problem:<code>"})
    title = fields.String(metadata={"description": "What kind of problem, in Chinese"})
    status = fields.Integer(metadata={"description": "HTTP status"})
    code = fields.String(metadata={"description": "Stable code, <service>.<reason>"})
    detail = fields.String(metadata={"description": "One sentence in Chinese for the person"})
    facts = fields.Dict(metadata={"description": "What a refusal rests on"})
    errors = fields.Dict(metadata={"description": "Messages by field, for a 400"})


class Problem(Exception):
    """A request that cannot be answered as asked."""

    def __init__(
        self, status: int, code: str, detail: str = "", *,
        facts: Mapping[str, Any] | None = None, errors: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.facts = dict(facts or {})
        self.errors = dict(errors or {})
        self.headers = dict(headers or {})

    @property
    def title(self) -> str:
        """The kind of problem, in Chinese."""
        return TITLES.get(self.status, "请求未能完成")

    def body(self) -> dict[str, Any]:
        """The members that have something to say."""
        told = {
            "type": f"urn:fuquan:problem:{self.code}", "title": self.title,
            "status": self.status, "code": self.code, "detail": self.detail,
            "facts": self.facts, "errors": self.errors,
        }
        return {key: value for key, value in told.items() if value not in ("", {})}

    def response(self) -> Response:
        """A page for a browser, problem details for everyone else."""
        if _wants_page():
            body, content_type = render_template("problem.html", problem=self), PAGE
        else:
            body, content_type = json.dumps(self.body()), CONTENT_TYPE
        return Response(body, self.status, self.headers, content_type=content_type)


def handle_in(app: Flask) -> None:
    """Answer every error of *app* as a problem."""
    app.register_error_handler(Problem, Problem.response)
    app.register_error_handler(Refused, lambda refused: _refused(refused).response())
    app.register_error_handler(ValidationError, lambda wrong: _invalid(wrong).response())
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, lambda error: unanswered(error).response())


def _wants_page() -> bool:
    return "text/html" in request.accept_mimetypes.values() and not request.path.startswith("/api/")


def _refused(refused: Refused) -> Problem:
    status = REFUSAL_STATUS.get(refused.code, HTTPStatus.CONFLICT)
    headers = {"Retry-After": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Problem(status, refused.code, refused.zh, facts=refused.facts, headers=headers)


def _invalid(wrong: ValidationError) -> Problem:
    errors = wrong.messages if isinstance(wrong.messages, dict) else {"_schema": wrong.messages}
    return Problem(400, "request.invalid", "请按 errors 中的说明逐项更正", errors=errors)


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    name = HTTPStatus(error.code).phrase.lower().replace(" ", "-")
    code = HTTP_CODES.get(HTTPStatus(error.code), f"http.{name}")
    return Problem(error.code, code, headers=headers).response()


def unanswered(error: Exception) -> Problem:
    """Why a call has no answer; the log has the error, the caller the code."""
    code = code_of(error)
    if code == "gateway.fault":
        log.error(code, path=request.path, error=repr(error), exc_info=error)
        return Problem(500, code, "请稍后重试；若仍如此，请联系系统管理员")
    log.warning(code, path=request.path, error=str(error))
    if code == "gateway.timeout":
        return Problem(504, code, LATE)
    return Problem(503, code, AWAY[code], headers={"Retry-After": "10"})


def code_of(error: Exception) -> str:
    """The stable code of a call without an answer."""
    if isinstance(error, RemoteError):
        return "gateway.database-away" if error.exc_type in DATABASE_AWAY else "gateway.fault"
    return next((code for kind, code in CODES.items() if isinstance(error, kind)), "gateway.fault")
