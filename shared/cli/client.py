"""The commands' way to the gateway: a question or a command, its answer or why there is none."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import requests
import typer
from rich.console import Console

from shared.contracts.requests import all_requests

HERE = "http://127.0.0.1:8080"
SECONDS = (5, 120)  # to connect, and to be answered: longer than the gateway waits for a service
REFUSED, WRONG_OR_AWAY = 1, 2
TOKEN = re.compile(r"[!-~]+")

# The answers that are the law's, or of a right; every other failure is of the call.
REFUSALS = (HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)
NEXT = {
    HTTPStatus.UNAUTHORIZED: "Set FUQUAN_TOKEN to a token of this deployment;"
    " `fuquan token --help` says how to get one.",
    HTTPStatus.FORBIDDEN: "Use the token of a role that may do this.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Try again in a moment.",
    HTTPStatus.GATEWAY_TIMEOUT: "Repeat the command; what is done already is not done twice.",
}

Url = Annotated[str, typer.Option("--url", envvar="FUQUAN_URL", help="Address of the gateway.")]


class Unanswered(Exception):
    """There is no answer; the message says why, and what to do next.

    Args:
        status: with which the command ends: 1 refused, 2 wrong use or unreachable.
        code: of the gateway's problem, or "" where it was not the gateway that spoke.
    """

    def __init__(self, message: str, status: int = WRONG_OR_AWAY, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Facts(NamedTuple):
    """A page of a log: CloudEvents as JSON, where to go on, and the position of its next fact."""

    lines: list[str]
    next: int
    size: int


class Gateway:
    """The doors of all services, by HTTP.

    Args:
        url: address of the gateway, e.g. ``http://127.0.0.1:8080``.
        token: of the caller; "" for what is public.
    """

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.session = requests.Session()
        self.session.auth = self._signed

    def ask(self, service: str, door: str, **asked: Any) -> Any:
        """The answer to a question; what is None is not sent.

        Raises:
            Unanswered: the question was refused, is wrong, or nobody answers.
        """
        return self._answer(self._send("GET", service, door, params=asked))

    def ask_at_length(self, service: str, door: str, asked: Mapping[str, Any]) -> Any:
        """The answer to a question that is too long for an address.

        Raises:
            Unanswered: the question was refused, is wrong, or nobody answers.
        """
        return self._answer(self._send("POST", service, door, json=asked))

    def told(self, service: str, door: str, asked: Mapping[str, Any]) -> Any:
        """An answer with the positions it stands on: ``{"answer", "as_of"}``.

        Raises:
            Unanswered: the question was refused, is wrong, or nobody answers.
        """
        if all_requests()[service, door].in_body:
            return self._send("POST", service, door, json=asked)
        return self._send("GET", service, door, params=asked)

    def do(self, service: str, door: str, request: Mapping[str, Any], command: UUID) -> Any:
        """The answer to a command; *command* makes its repetition harmless.

        Raises:
            Unanswered: the command was refused, is wrong, or nobody answers.
        """
        headers = {"Idempotency-Key": str(command)}
        return self._send("POST", service, door, json=request, headers=headers)

    def facts(self, service: str, first: int, types: Iterable[str] = (), wait: int = 0) -> Facts:
        """Facts of one log from a position on; with *wait*, seconds, until there is one.

        Raises:
            Unanswered: the question is wrong, or nobody answers.
        """
        response = self._request(
            "GET", f"events/{service}", params={"from": first, "types": list(types)},
            headers={"Prefer": f"wait={wait}"} if wait else {},
        )
        if not response.ok:
            self._read(response)
        try:
            told = response.headers
            next_, size = int(told["Next-Position"]), int(told["Log-Size"])
        except (KeyError, ValueError) as other:
            raise self._no_gateway("an answer of another kind") from other
        return Facts(response.content.decode().splitlines(), next_, size)

    def operations(self) -> Any:
        """How everything stands, as the operators' page has it.

        Raises:
            Unanswered: without a token, or nobody answers.
        """
        return self._read(self._request("GET", "ops", headers={"Accept": "application/json"}))

    def _send(self, method: str, service: str, door: str, **content: Any) -> Any:
        return self._read(self._request(method, f"api/{service}/{door}", **content))

    def _request(self, method: str, path: str, **content: Any) -> requests.Response:
        try:
            return self.session.request(
                method, f"{self.url}/{path}", timeout=SECONDS, allow_redirects=False, **content,
            )
        except (requests.ConnectionError, requests.ConnectTimeout) as away:
            raise Unanswered(
                f"No gateway at {self.url}; start `fuquan up` or `fuquan demo`,"
                " or say with --url or FUQUAN_URL where it is."
            ) from away
        except requests.Timeout as slow:
            raise Unanswered(
                f"The gateway at {self.url} has not answered in {SECONDS[1]} s."
                f" {NEXT[HTTPStatus.GATEWAY_TIMEOUT]}"
            ) from slow
        except requests.RequestException as wrong:
            raise Unanswered(
                f"Nothing can be sent to {self.url}: {wrong}."
                f" Give an address such as {HERE} with --url or FUQUAN_URL."
            ) from wrong

    def _answer(self, body: Any) -> Any:
        try:
            return body["answer"]
        except (KeyError, TypeError) as other:
            raise self._no_gateway("an answer of another kind") from other

    def _read(self, response: requests.Response) -> Any:
        try:
            body = response.json()
        except requests.JSONDecodeError as other:
            raise self._no_gateway(f"HTTP {response.status_code}, no JSON") from other
        if response.ok:
            return body
        if not isinstance(body, dict) or "code" not in body:
            raise self._no_gateway(f"HTTP {response.status_code}")
        status = REFUSED if response.status_code in REFUSALS else WRONG_OR_AWAY
        raise Unanswered(_in_words(body, response.status_code), status, str(body["code"]))

    def _no_gateway(self, found: str) -> Unanswered:
        return Unanswered(
            f"What answers at {self.url} is no Fuquan gateway ({found});"
            " say with --url or FUQUAN_URL where it is."
        )

    def _signed(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """As `auth`, so that a .netrc file cannot put another name in its place."""
        if self.token and not TOKEN.fullmatch(self.token):
            raise Unanswered(f"FUQUAN_TOKEN holds no token. {NEXT[HTTPStatus.UNAUTHORIZED]}")
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


@contextmanager
def reached(url: str) -> Iterator[Gateway]:
    """The gateway for one command line; where there is no answer, it ends with the reason."""
    gateway = Gateway(url, os.environ.get("FUQUAN_TOKEN", "").strip())
    try:
        yield gateway
    except Unanswered as why:
        tell(str(why))
        raise typer.Exit(why.status) from why
    finally:
        gateway.session.close()


def tell(message: str) -> None:
    """Say *message* on standard error, as it is."""
    Console(stderr=True).print(message, style="red", markup=False, highlight=False, soft_wrap=True)


def _in_words(problem: Mapping[str, Any], status: int) -> str:
    """Title and sentence, the code, and what it rests on, a line each."""
    title, detail = problem.get("title", ""), problem.get("detail", "")
    told = {"code": problem["code"]} | problem.get("facts", {}) | problem.get("errors", {})
    lines = [
        f"{title}：{detail}" if detail else str(title),
        *(f"  {name}: {_plain(value)}" for name, value in told.items()),
        *([NEXT[HTTPStatus(status)]] if status in NEXT else []),
    ]
    return "\n".join(lines)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
