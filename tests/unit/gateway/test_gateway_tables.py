"""Tables over HTTP: a file as the body of a preview or an import, a town's list as a file."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.sheets.read import TEXT, WORKBOOK, read
from tests.annexes import book, sheet, text
from tests.unit.gateway.backend import ENTRY, Backend

ROWS: list[list[str | None]] = [["序号", "事项名称", "权力类型"], ["1", "食品经营许可", "行政许可"]]
PREVIEW = "/api/catalog/preview_catalogue?programme=MD2023"
IMPORT = "/api/catalog/import_catalogue?programme=MD2023&instrument_ref=文号"
FILES = pytest.mark.parametrize(
    ("media", "data"), [(WORKBOOK, book(ROWS)), (TEXT, text(ROWS)), (TEXT, text(ROWS, "gb18030"))]
)


@pytest.fixture
def answering(backend: Backend) -> Backend:
    backend.answers |= {"preview_catalogue": {"ready": True, "findings": []}}
    return backend


@FILES
def test_a_file_is_looked_at(
    client: FlaskClient, officer: dict[str, str], answering: Backend, media: str, data: bytes
):
    answer = client.post(PREVIEW, data=data, headers=officer | {"Content-Type": media})

    assert (answer.status_code, answer.json["answer"]["ready"]) == (200, True)


@FILES
def test_a_file_is_imported_as_the_table_it_holds(
    client: FlaskClient, officer: dict[str, str], backend: Backend, media: str, data: bytes
):
    headers = officer | {"Content-Type": media, "Idempotency-Key": "目录-1".encode().hex()}

    answer = client.post(IMPORT, data=data, headers=headers)

    ((service, door, request, _),) = backend.commands
    assert (answer.status_code, service, door) == (200, "catalog", "import_catalogue")
    assert request["programme"] == "MD2023"
    assert request["instrument_ref"] == "文号"
    assert [row["cells"] for row in request["sheet"]["rows"]] == ROWS


def test_the_same_table_may_be_sent_as_json(
    client: FlaskClient, officer: dict[str, str], answering: Backend
):
    asked = {"programme": "MD2023", "sheet": sheet(book(ROWS))}

    answer = client.post("/api/catalog/preview_catalogue", json=asked, headers=officer)

    assert answer.status_code == 200


def test_a_file_that_cannot_be_read_reaches_the_service_as_the_finding_it_is(
    client: FlaskClient, officer: dict[str, str], backend: Backend
):
    headers = officer | {"Content-Type": WORKBOOK, "Idempotency-Key": "k"}

    client.post(IMPORT, data=b"no workbook", headers=headers)

    ((_, _, request, _),) = backend.commands
    assert [fault["code"] for fault in request["sheet"]["faults"]] == ["no_workbook"]


def test_without_a_token_no_file_is_opened(client: FlaskClient, backend: Backend):
    answer = client.post(PREVIEW, data=book(ROWS), headers={"Content-Type": WORKBOOK})

    assert answer.status_code == 401


def test_a_file_beyond_the_gateways_size_is_not_read(
    client: FlaskClient, officer: dict[str, str], backend: Backend
):
    headers = officer | {"Content-Type": TEXT}

    answer = client.post(PREVIEW, data=b"1,2\n" * 300_000, headers=headers)

    assert (answer.status_code, answer.json["code"]) == (413, "request.too-large")


def test_a_door_without_a_table_takes_no_file(
    client: FlaskClient, officer: dict[str, str], backend: Backend
):
    headers = officer | {"Content-Type": TEXT, "Idempotency-Key": "k"}

    answer = client.post("/api/catalog/assign_code", data=text(ROWS), headers=headers)

    assert answer.status_code == 415


def test_a_sheet_of_another_shape_is_named_field_by_field(
    client: FlaskClient, officer: dict[str, str], backend: Backend
):
    asked: dict[str, Any] = {"programme": "MD2023", "sheet": {"rows": [{"row": 0, "cells": [1]}]}}

    answer = client.post("/api/catalog/preview_catalogue", json=asked, headers=officer)

    assert (answer.status_code, answer.json["code"]) == (400, "request.invalid")
    assert {"row", "cells"} <= answer.json["errors"]["sheet"]["rows"]["0"].keys()


# The list of a town as a file


@pytest.mark.rule("R105")
@pytest.mark.parametrize(("form", "media"), [("xlsx", WORKBOOK), ("csv", TEXT)])
def test_everyone_may_take_a_towns_published_list_as_a_file(
    client: FlaskClient, backend: Backend, form: str, media: str
):
    answer = client.get(f"/towns/MD2023-TOWN-11/list.{form}")

    cells = read(answer.data, form).rows[-1].cells
    assert (answer.status_code, answer.mimetype) == (200, media)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert cells[1] == ENTRY["item_id"]
    assert ENTRY["name"] in cells
    assert "委托办理" in cells


def test_the_page_of_a_town_links_both_files(client: FlaskClient, backend: Backend):
    page = client.get("/towns/MD2023-TOWN-11").text

    assert 'href="/towns/MD2023-TOWN-11/list.xlsx"' in page
    assert 'href="/towns/MD2023-TOWN-11/list.csv"' in page


@pytest.mark.parametrize(("path", "code"), [
    ("/towns/MD2023-TOWN-77/list.csv", "gateway.unknown-town"),
    ("/towns/MD2023-TOWN-11/list.pdf", "http.not-found"),
])
def test_there_is_no_file_of_what_there_is_not(
    client: FlaskClient, backend: Backend, path: str, code: str
):
    answer = client.get(path, headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json["code"]) == (404, code)


def test_an_unpublished_list_is_no_file(client: FlaskClient, backend: Backend):
    backend.answers["published_list"] = json.loads('{"list_version": null, "entries": []}')

    answer = client.get("/towns/MD2023-TOWN-11/list.csv", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json["code"]) == (404, "gateway.no-published-list")
