"""Public pages of receipts: the certificate of an approval, and the check of any receipt."""

from typing import Any
from uuid import UUID

import segno
from flask import Flask, Response, render_template, request, url_for
from markupsafe import Markup

from services.gateway.api import Call
from services.gateway.problems import Problem
from shared.refusal import Refused

JSON = "application/json; charset=utf-8"
UNKNOWN = "ledger.unknown-case"


def add_certificates(app: Flask, call: Call) -> None:
    """Add ``/certificate/<case>``, its download and its QR code, and ``/verify`` to *app*."""

    def ask(door: str, case: UUID) -> Any:
        try:
            return call("ledger", "ask", door=door, request={"case": str(case)})["answer"]
        except Refused as refused:
            if refused.code != UNKNOWN:
                raise
            raise Problem(404, "gateway.unknown-case", refused.zh) from refused

    @app.get("/certificate/<uuid:case>")
    def certificate(case: UUID) -> str:
        address = url_for("certificate", case=case, _external=True)
        return render_template(
            "certificate.html", told=ask("certificate", case), address=address, qr=_qr(address)
        )

    @app.get("/certificate/<uuid:case>/receipt.json")
    def receipt_file(case: UUID) -> Response:
        """The file, byte for byte as the checker wants it."""
        name = f"receipt-{case}.json"
        return Response(
            ask("receipt", case)["receipt"].encode(), content_type=JSON,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @app.route("/verify", methods=["GET", "POST"])
    def verify_page() -> str:
        told = None
        if request.method == "POST":
            asked = {"receipt": _receipt()}
            told = call("ledger", "ask", door="check_receipt", request=asked)["answer"]
        return render_template("verify.html", told=told)


def _receipt() -> str:
    """The receipt in a form: the file as it is, or what was pasted, with the lines of a file.

    Raises:
        Problem: 400, there is neither.
        werkzeug.exceptions.RequestEntityTooLarge: longer than the application allows.
    """
    sent = request.files.get("file")
    if sent is not None and (content := sent.read()):
        return content.decode("utf-8", "replace")
    pasted = request.form.get("text", "").replace("\r\n", "\n").strip()
    if not pasted:
        raise Problem(400, "request.invalid", "请选择凭证文件，或粘贴凭证全文")
    return pasted + "\n"


def _qr(address: str) -> Markup:
    """The address as an SVG of its own, without a style that the page's policy would forbid."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(  # noqa: S704 - made of squares; the address is in none of its text
        scale=4, border=4, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff"
    ))
