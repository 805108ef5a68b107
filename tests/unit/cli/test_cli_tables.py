"""`fuquan catalogue` and `fuquan list`: a table looked at, imported once, a list written."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from shared.cli import app
from shared.sheets.read import read
from tests.annexes import book
from tests.unit.cli.conftest import Fuquan
from tests.unit.cli.desk import Desk

TOWN = "MD2023-TOWN-08"
ROWS = [["序号", "事项名称", "赋权方式"], ["1", "食品经营许可", "委托办理"]]
FINDING = {
    "row": 2, "column": "赋权方式", "code": "unknown_mode", "suggestion": "委托办理",
    "message_zh": "第2行 赋权方式：方案没有赋权方式“委托办里”",
    "message_en": "row 2 赋权方式: the programme has no mode '委托办里'", "severity": "error",
}
ENTRY = {"item": "MD23-04", "mode": "entrusted_handling"}
DRAFT = {"programme": "MD2023", "town": TOWN, "entries": [ENTRY], "replaces": None}
LISTED = {
    "ready": True, "findings": [], "removed": [], "entries": [], "draft": DRAFT,
    "counts": {"added": 1, "changed": 0, "unchanged": 0, "removed": 0},
}
CATALOGUED = {
    "ready": True, "findings": [], "counts": {"added": 1, "changed": 0, "unchanged": 0},
    "items": [{"row": 2, "change": "added", "item_id": "MD23-51", "code": None,
               "name": "食品经营许可", "power_type": "行政许可"}],
}
WRONG = {"ready": False, "findings": [FINDING], "draft": None}
LINES = {"town": "沙土镇", "version": 2, "entries": [{
    "item_id": "MD23-04", "code": None, "name": "食品经营许可", "mode_zh": "委托办理", "scope": [],
    "power_type": "行政许可", "granting_name": "区行政审批服务局", "supervising_name": None,
    "override_reason": None,
}]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "清单.xlsx"
    path.write_bytes(book(ROWS))
    return path


@pytest.fixture
def answering(desk: Desk) -> Desk:
    desk.answers |= {
        "preview_list": LISTED, "preview_catalogue": CATALOGUED, "list_lines": LINES
    }
    return desk


def asked(desk: Desk, door: str) -> dict[str, Any]:
    (request,) = (request for _, of, request in desk.asked if of == door)
    return request


def test_a_preview_sends_the_table_and_records_nothing(fuquan: Fuquan, answering: Desk, file: Path):
    ended = fuquan("list", "preview", TOWN, str(file))

    request = asked(answering, "preview_list")
    assert (ended.exit_code, answering.commands) == (0, [])
    assert (request["programme"], request["town"]) == ("MD2023", TOWN)
    assert [row["cells"] for row in request["sheet"]["rows"]] == ROWS
    assert "新增 added 1" in ended.stdout
    assert f"fuquan list import {TOWN}" in ended.stdout


def test_an_import_drafts_what_the_preview_showed(fuquan: Fuquan, answering: Desk, file: Path):
    ended = fuquan("list", "import", TOWN, str(file))

    ((service, door, request, _),) = answering.commands
    assert (service, door, request) == ("delegation", "draft_list", DRAFT)
    assert "已拟定" in ended.stdout


def test_the_same_file_is_the_same_command_and_another_is_another(
    fuquan: Fuquan, answering: Desk, file: Path
):
    fuquan("list", "import", TOWN, str(file))
    fuquan("list", "import", TOWN, str(file))
    file.write_bytes(book([*ROWS, ["2", "兽药经营许可", "委托办理"]]))
    fuquan("list", "import", TOWN, str(file))

    first, again, other = (given.command for *_, given in answering.commands)
    assert first == again
    assert first != other


@pytest.mark.parametrize("line", [
    ["list", "import", TOWN], ["catalogue", "import", "--programme", "MD2023"]
])
def test_with_a_wrong_row_nothing_is_sent_and_the_row_is_shown(
    fuquan: Fuquan, answering: Desk, file: Path, line: list[str]
):
    wrong = WRONG | {"counts": {"added": 0}, "items": [], "entries": []}
    answering.answers |= {"preview_list": wrong, "preview_catalogue": wrong}

    ended = fuquan(*line, str(file))

    assert (ended.exit_code, answering.commands) == (1, [])
    assert "方案没有赋权方式“委托办里”" in ended.stdout
    assert "the programme has no mode" in ended.stdout
    assert "委托办理" in ended.stdout
    assert "nothing is recorded" in ended.stderr


def test_a_list_that_changes_nothing_is_not_drafted(fuquan: Fuquan, answering: Desk, file: Path):
    answering.answers["preview_list"] = LISTED | {"draft": None}

    ended = fuquan("list", "import", TOWN, str(file))

    assert (ended.exit_code, answering.commands) == (0, [])


def test_a_catalogue_is_imported_with_the_document_that_issues_it(
    fuquan: Fuquan, answering: Desk, file: Path
):
    ended = fuquan("catalogue", "import", str(file), "--programme", "MD2023", "--ref", "文号")

    ((service, door, request, _),) = answering.commands
    assert (service, door) == ("catalog", "import_catalogue")
    assert (request["programme"], request["instrument_ref"]) == ("MD2023", "文号")
    assert request["sheet"] == asked(answering, "preview_catalogue")["sheet"]
    assert "MD23-51" in ended.stdout


def test_a_preview_of_a_catalogue_says_how_to_import_it(
    fuquan: Fuquan, answering: Desk, file: Path
):
    ended = fuquan("catalogue", "preview", str(file), "--programme", "MD2023")

    assert (ended.exit_code, answering.commands) == (0, [])
    assert "fuquan catalogue import" in ended.stdout


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_towns_list_is_written_as_the_file_that_its_name_says(
    fuquan: Fuquan, answering: Desk, tmp_path: Path, form: str
):
    out = tmp_path / f"沙土镇.{form}"

    ended = fuquan("list", "export", TOWN, "--out", str(out))

    cells = read(out.read_bytes(), out.name).rows[-1].cells
    assert (ended.exit_code, "已写入" in ended.stdout) == (0, True)
    assert cells[:5] == ["1", "MD23-04", None, "食品经营许可", "委托办理"]


def test_a_file_of_another_kind_is_wrong_use(fuquan: Fuquan, answering: Desk, tmp_path: Path):
    ended = fuquan("list", "export", TOWN, "--out", str(tmp_path / "沙土镇.pdf"))

    assert (ended.exit_code, answering.asked) == (2, [])


def test_a_folder_that_is_not_there_is_told_without_a_trace(
    fuquan: Fuquan, answering: Desk, tmp_path: Path
):
    ended = fuquan("list", "export", TOWN, "--out", str(tmp_path / "none" / "沙土镇.csv"))

    assert ended.exit_code == 2
    assert "Cannot write" in ended.stderr


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path):
    ended = CliRunner().invoke(app, ["list", "preview", TOWN, str(tmp_path / "none.xlsx")])

    assert ended.exit_code == 2
