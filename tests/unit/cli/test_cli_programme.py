"""`fuquan programme`: a folder checked offline, imported once, and the list."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.catalog.domain.folder import load
from shared.cli import app
from shared.cli.rules import ROOT
from tests.unit.cli.conftest import Fuquan
from tests.unit.cli.desk import Desk

FOLDERS = ROOT / "services/catalog/programmes"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """MD2023 with an item whose granting department is in no list."""
    folder = tmp_path / "MD2023"
    shutil.copytree(FOLDERS / "MD2023", folder)
    text = (folder / "items.csv").read_text("utf-8")
    (folder / "items.csv").write_text(text.replace("MD2023-ORG-19", "MD2023-ORG-190", 1), "utf-8")
    return folder


@pytest.mark.parametrize("programme", ["GZ2020", "MD2023", "SR2020", "ST2021", "ZZ2021"])
def test_the_folders_that_we_ship_are_ready(programme: str):
    ended = CliRunner().invoke(app, ["programme", "check", str(FOLDERS / programme)])

    assert ended.exit_code == 0
    assert "可以导入" in ended.stdout


def test_a_fault_is_shown_with_its_place_in_both_languages_and_a_suggestion(broken: Path):
    ended = CliRunner().invoke(app, ["programme", "check", str(broken)])

    (row,) = [line for line in ended.stdout.splitlines() if "没有登记" in line]
    assert ended.exit_code == 1
    assert row.split()[:3] == ["items.csv", "1", "granting_org_id"]
    assert "MD2023-ORG-19 " in row
    assert "'MD2023-ORG-190' is not registered" in ended.stdout
    assert "mend the rows above" in ended.stderr


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path):
    ended = CliRunner().invoke(app, ["programme", "check", str(tmp_path / "none")])

    assert ended.exit_code == 2


def test_an_import_sends_the_whole_folder(fuquan: Fuquan, desk: Desk):
    ended = fuquan("programme", "import", str(FOLDERS / "MD2023"))

    ((service, door, request, given),) = desk.commands
    assert (service, door) == ("catalog", "import_programme")
    assert request == {"programme": "MD2023", "content": load(FOLDERS / "MD2023")}
    assert given.actor == {"org": "MD2023", "role": "registrar", "operator": "op-7"}
    assert ended.exit_code == 0
    assert "已导入 imported MD2023" in ended.stdout


def test_the_same_folder_is_the_same_command_and_another_is_another(fuquan: Fuquan, desk: Desk):
    for programme in ("MD2023", "MD2023", "ST2021"):
        fuquan("programme", "import", str(FOLDERS / programme))

    first, again, other = (given.command for *_, given in desk.commands)
    assert first == again
    assert first != other


def test_a_broken_folder_is_not_sent(fuquan: Fuquan, desk: Desk, broken: Path):
    ended = fuquan("programme", "import", str(broken))

    assert ended.exit_code == 1
    assert "没有登记" in ended.stdout
    assert desk.asked == []


def test_the_registered_programmes_are_listed(fuquan: Fuquan):
    ended = fuquan("programme", "list")

    assert ended.exit_code == 0
    assert "MD2023" in ended.stdout
    assert "牡丹区赋权镇街实施方案" in ended.stdout


def test_where_none_is_registered_the_reader_is_told_to_import_one(fuquan: Fuquan, desk: Desk):
    desk.answers["programmes"] = []

    ended = fuquan("programme", "list")

    assert (ended.exit_code, "fuquan programme import FOLDER" in ended.stdout) == (0, True)
