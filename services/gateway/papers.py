"""Papers to download: agreements and town lists as .docx, under the caller's token."""

from base64 import b64decode
from uuid import UUID

from flask import Flask, Response, request

from services.gateway.api import Call
from services.gateway.tokens import Gate

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def add_papers(app: Flask, call: Call, gate: Gate) -> None:
    """Add the downloads to *app*; delegation makes the files."""

    def download(door: str, **asked: str) -> Response:
        gate.actor(request.headers.get("Authorization"))
        paper = call("delegation", "ask", door=door, request=asked)["answer"]
        return Response(
            b64decode(paper["docx"]), mimetype=DOCX,
            headers={"Content-Disposition": f'attachment; filename="{paper["name"]}"'},
        )

    @app.get("/papers/agreements/<uuid:agreement>")
    def agreement_paper(agreement: UUID) -> Response:
        return download("agreement_paper", agreement=str(agreement))

    @app.get("/papers/lists/<town>")
    def list_paper(town: str) -> Response:
        return download("list_paper", town=town, **request.args.to_dict())
