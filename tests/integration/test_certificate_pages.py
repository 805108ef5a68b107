"""The certificate page and the check of a receipt, over real cases and the real ledger."""

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.gateway.app import make_app
from services.ledger.verify import Key, checked
from tests.certified import ANXING, MD_BUREAU, MODES, MORNING, Certified
from tests.unit.gateway.test_gateway_pages import Page

pytest_plugins = ("tests.certified",)

UNKNOWN = "7e4b6f0e-9a39-5b3e-8d51-6a0f3c2d1b00"


@pytest.fixture
def client(certified: Certified) -> FlaskClient:
    def call(service: str, method: str, *, door: str, request: dict[str, Any]) -> Any:
        assert (service, method) == ("ledger", "ask")
        return certified.signing.ledger.ask(door, request)

    return make_app(call, certified.signing.settings).test_client()


@pytest.mark.parametrize("mode", MODES)
def test_a_certificate_is_a_well_formed_chinese_page_for_anyone_without_script(
    client: FlaskClient, certified: Certified, mode: str
):
    answer = client.get(f"/certificate/{certified.cases[mode]}")
    page = Page(answer.text)

    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    assert '<html lang="zh-CN">' in answer.text
    assert {"main", "h1", "table", "caption", "svg"} <= page.tags
    assert page.tags.isdisjoint({"script", "style", "iframe", "img"})
    assert "style=" not in answer.text
    assert "已核验" in answer.text


@pytest.mark.rule("R084")
@pytest.mark.rule("R131")
def test_the_page_says_who_approved_what_under_which_grant_and_seal(
    client: FlaskClient, certified: Certified
):
    page = client.get(f"/certificate/{certified.cases['entrusted_handling']}").text

    assert "安兴镇" in page
    assert "<dt>以谁的名义</dt><dd>区行政审批服务局</dd>" in page
    assert "委托办理" in page
    assert "2号公章" in page
    assert "未登记的情形无从证明" in page


def test_a_department_that_decides_on_its_own_power_says_so(
    client: FlaskClient, certified: Certified
):
    page = client.get(f"/certificate/{certified.cases['own power']}").text

    assert "由本级部门依本职权办理，没有授权。" in page


def test_the_page_names_no_applicant_and_no_operator(client: FlaskClient, certified: Certified):
    page = client.get(f"/certificate/{certified.cases['entrusted_handling']}").text

    assert [word for word in ("applicant-7", "op-1") if word in page] == []


def test_the_page_has_its_own_address_as_a_code_and_as_text(
    client: FlaskClient, certified: Certified
):
    case = certified.cases["direct"]
    page = client.get(f"/certificate/{case}").text

    assert '<div role="img" aria-label="二维码：本凭证的网址"><svg' in page
    assert f"<code>http://localhost/certificate/{case}</code>" in page


def test_the_download_is_what_the_offline_checker_wants(
    client: FlaskClient, certified: Certified
):
    case = certified.cases["direct"]
    answer = client.get(f"/certificate/{case}/receipt.json")

    facts = checked(answer.data, [Key.parse(key) for key in certified.signing.trusted])

    assert answer.headers["Content-Disposition"] == f'attachment; filename="receipt-{case}.json"'
    assert facts[0]["case_id"] == case


@pytest.mark.parametrize("path", [
    f"/certificate/{UNKNOWN}", f"/certificate/{UNKNOWN}/receipt.json", "/certificate/x",
])
def test_a_case_that_nobody_knows_is_not_found(client: FlaskClient, path: str):
    assert client.get(path).status_code == 404


def test_a_case_not_yet_decided_is_told_as_a_page(client: FlaskClient, certified: Certified):
    case = certified.office.accepted("MD23-04", f"{ANXING}-CENTRE", at=MORNING, key="k-open")
    certified.signing.sign()

    answer = client.get(f"/certificate/{case}", headers={"Accept": "text/html"})

    assert answer.status_code == 409
    assert "尚未作出决定" in answer.text


def test_what_is_not_signed_yet_is_there_in_a_moment(client: FlaskClient, certified: Certified):
    case = certified.office.decided("MD23-05", MD_BUREAU, key="k-fresh")
    certified.office.settle()

    answer = client.get(f"/certificate/{case}")
    certified.signing.sign()

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert client.get(f"/certificate/{case}").status_code == 200


@pytest.fixture
def receipt(certified: Certified) -> str:
    return certified.signing.receipt(certified.cases["transfer"])


def test_an_uploaded_receipt_is_checked(client: FlaskClient, receipt: str):
    sent = {"file": (BytesIO(receipt.encode()), "receipt.json")}

    answer = client.post("/verify", data=sent)

    assert answer.status_code == 200
    assert "<strong>通过。</strong>" in answer.text
    assert Page(answer.text).open == []


def test_a_pasted_receipt_is_checked_though_a_form_changes_its_line_ends(
    client: FlaskClient, receipt: str
):
    answer = client.post("/verify", data={"text": receipt.replace("\n", "\r\n").strip()})

    assert "<strong>通过。</strong>" in answer.text


@pytest.mark.parametrize(("content", "code"), [
    (b"\xff\x00", "malformed"), (b"{}", "malformed"), (b"<script>alert(1)</script>", "malformed"),
])
def test_anything_else_is_refused_with_the_reason(client: FlaskClient, content: bytes, code: str):
    answer = client.post("/verify", data={"file": (BytesIO(content), "receipt.json")})

    assert answer.status_code == 200
    assert "<strong>未通过。</strong>" in answer.text
    assert f"<code>{code}</code>" in answer.text
    assert "<script>" not in answer.text


def test_an_altered_receipt_is_refused_with_the_reason(client: FlaskClient, receipt: str):
    altered = receipt.replace("GZ20-001", "GZ20-002")

    answer = client.post("/verify", data={"text": altered})

    assert "<code>not-included</code>" in answer.text


@pytest.mark.parametrize("data", [{}, {"text": "  "}, {"file": (BytesIO(b""), "")}])
def test_nothing_to_check_is_said(client: FlaskClient, data: dict[str, Any]):
    answer = client.post("/verify", data=data)

    assert (answer.status_code, answer.json["code"]) == (400, "request.invalid")


@pytest.mark.parametrize("field", ["text", "file"])
def test_what_is_too_long_is_not_read(client: FlaskClient, field: str):
    long = "x" * (2**20 + 1)
    data = {"text": long} if field == "text" else {"file": (BytesIO(long.encode()), "r.json")}

    assert client.post("/verify", data=data).status_code == 413
