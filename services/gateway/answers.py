"""Any answer of the ledger as a page, and as a file with its proof."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, render_template, request

from services.gateway.events_shown import Ask
from services.gateway.moments import moment_of
from services.gateway.problems import Problem
from shared.clock import system_clock
from shared.export.answer import Answer
from shared.export.columnar import NoParquet
from shared.export.files import FORMS, download
from shared.export.gather import gathered
from shared.export.tables import QUESTIONS, question_of

MOST = 1000  # rows in a page, and in a report: what is longer keeps the gateway from its callers
MOST_OF_FILE = 10_000
INSTANTS = ("at", "known_at")


def answer_of(ask: Ask, door: str, asked: Mapping[str, Any], most: int = MOST) -> Answer:
    """An answer with its proof, and a link to its page here.

    Raises:
        Refused: ``export.too-long``, and what the ledger refuses.
    """
    return gathered(
        ask, door, asked, made_at=system_clock(), base=request.url_root, most=most
    )


def add_answers(app: Flask, ask: Ask) -> None:
    """Add the page and the downloads of every answer that is a table."""
    app.add_template_filter(question_of, "question")

    @app.get("/audit/answers/<door>")
    def audit_answer(door: str) -> str:
        found = answer_of(ask, _known(door), _asked())
        return render_template("audit_answer.html", answer=found, forms=FORMS)

    @app.get("/audit/answers/<door>.<suffix>")
    def audit_file(door: str, suffix: str) -> Response:
        if suffix not in FORMS:
            said = f"没有格式：{suffix}；可用：{'、'.join(FORMS)}"
            raise Problem(404, "gateway.unknown-format", said)
        most = MOST if suffix == "pdf" else MOST_OF_FILE
        found = answer_of(ask, _known(door), _asked(), most)
        try:
            content, name, media = download(found, suffix)
        except NoParquet as missing:
            said = "此处未安装 Parquet 组件，请选其他格式"
            raise Problem(404, "gateway.no-parquet", said) from missing
        return Response(content, mimetype=media, headers={
            "Content-Disposition": f'attachment; filename="{name}"'
        })


def _known(door: str) -> str:
    if door not in QUESTIONS:
        said = f"没有这一查询：{door}；可用：{'、'.join(QUESTIONS)}"
        raise Problem(404, "gateway.unknown-question", said)
    return door


def _asked() -> dict[str, Any]:
    """What is asked in the address; a day stands for its first instant."""
    found: dict[str, Any] = {name: value for name, value in request.args.items() if value}
    for name in INSTANTS:
        if moment := moment_of(name, found.get(name)):
            found[name] = moment.isoformat()
    return found
