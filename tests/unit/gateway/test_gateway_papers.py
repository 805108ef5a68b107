"""Papers to download: for callers with a token, as files of a word processor."""

from base64 import b64encode

import pytest
from flask.testing import FlaskClient

from services.gateway.papers import DOCX
from tests.unit.gateway.backend import Backend

FILE = b"PK\x03\x04 a word processor's file"
AGREEMENT = "/papers/agreements/376e709c-9341-5e05-92de-22453b4b78f3"
LIST = "/papers/lists/MD2023-TOWN-11"


@pytest.fixture
def backend(backend: Backend) -> Backend:
    docx = b64encode(FILE).decode()
    backend.answers |= {
        "agreement_paper": {"name": "agreement.docx", "docx": docx},
        "list_paper": {"name": "list.docx", "docx": docx},
    }
    return backend


@pytest.mark.parametrize("path", [AGREEMENT, LIST, f"{LIST}?on=2024-02-27"])
def test_a_paper_is_a_file_to_download(
    client: FlaskClient, backend: Backend, officer: dict[str, str], path: str
):
    answer = client.get(path, headers=officer)

    assert (answer.status_code, answer.content_type, answer.data) == (200, DOCX, FILE)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")


@pytest.mark.parametrize("path", [AGREEMENT, LIST])
def test_without_a_token_there_is_no_paper(client: FlaskClient, path: str):
    answer = client.get(path)

    assert (answer.status_code, answer.json["code"]) == (401, "auth.token-missing")


@pytest.mark.parametrize("asked", ["on=yesterday", "at=2024-02-27"])
def test_a_wrong_parameter_is_told(
    client: FlaskClient, officer: dict[str, str], asked: str
):
    answer = client.get(f"{LIST}?{asked}", headers=officer)

    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_an_agreement_has_an_id_and_nothing_else(client: FlaskClient, officer: dict[str, str]):
    answer = client.get("/papers/agreements/first", headers=officer)

    assert answer.status_code == 404
