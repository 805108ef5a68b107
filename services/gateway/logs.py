"""The logs for everyone, as C2SP tlog-tiles lays them out; and cosignatures that come back."""

from base64 import b64decode
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request

from services.gateway.problems import Problem
from shared.refusal import Refused
from shared.settings import SERVICES

NOTE, TILE = "text/plain; charset=utf-8", "application/octet-stream"
SHORTLY, FOR_EVER = "public, max-age=2", "public, max-age=31536000, immutable"
LONGEST_NOTE = 16_384
NOT_THERE = ("ledger.no-checkpoint", "ledger.unknown-tile")


def add_logs(app: Flask, call: Callable[..., Any]) -> None:
    """Add ``/log/<service>/…`` to *app*; the ledger answers from its mirror.

    Source:
        https://c2sp.org/tlog-tiles, for paths, content types and caching: what a tile of a given
        width holds never changes.
    """

    def asked(door: str, source: str, **more: str | int) -> Any:
        known_log(source)
        try:
            return call("ledger", "ask", door=door, request={"source": source, **more})["answer"]
        except Refused as refused:
            if refused.code not in NOT_THERE:
                raise
            raise Problem(404, refused.code, refused.zh, facts=refused.facts) from refused

    @app.get("/log/<source>/checkpoint")
    def log_checkpoint(source: str) -> Response:
        note = asked("checkpoint", source)["note"]
        return Response(note, content_type=NOTE, headers={"Cache-Control": SHORTLY})

    @app.get("/log/<source>/handover/<int:position>")
    def log_handover(source: str, position: int) -> Response:
        """As the static folder has it: the checkpoint that two keys have signed."""
        note = asked("handover", source, position=position)["note"]
        return Response(note, content_type=NOTE, headers={"Cache-Control": FOR_EVER})

    @app.get("/log/<source>/tile/<path:rest>")
    def log_tile(source: str, rest: str) -> Response:
        data = b64decode(asked("tile", source, path=f"tile/{rest}")["data"])
        return Response(data, content_type=TILE, headers={"Cache-Control": FOR_EVER})

    @app.post("/log/<source>/cosignature")
    def log_cosignature(source: str) -> Response:
        """A checkpoint with the cosignature of a witness whose key this ledger knows."""
        known_log(source)
        note = _note(request.get_data())
        call("ledger", "cosigned", source=source, note=note)
        return Response(status=204)


def known_log(source: str) -> None:
    """Nothing, if there is such a log.

    Raises:
        Problem: 404, there is none.
    """
    if source not in SERVICES:
        said = f"没有{source}的日志；可用：{'、'.join(SERVICES)}"
        raise Problem(404, "gateway.unknown-log", said)


def _note(body: bytes) -> str:
    if len(body) > LONGEST_NOTE:
        raise Problem(413, "request.too-large", "请求内容过大")
    try:
        return body.decode()
    except UnicodeDecodeError as wrong:
        raise Problem(400, "request.invalid", "检查点须为 UTF-8 文字") from wrong
