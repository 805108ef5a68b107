"""From an empty register to a town's list and back, as an officer types it: CLI, HTTP, services."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner, Result
from werkzeug.serving import make_server

from services.gateway.app import make_app
from services.gateway.tokens import issue
from shared.cli import app
from shared.contracts.envelope import given_of
from tests.annexes import book, printed
from tests.sixth import P, folder
from tests.world import World

SHATU = "MD2023-TOWN-08"
DESIRED = [
    ["沙土镇赋权事项清单", None, None],
    ["序号", "事项名称", "赋权方式"],
    ["1", "食品经营许可", "委托办理"],
    ["2", "公共场所卫生许可", "委托受理"],
]


@pytest.fixture
def fuquan(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """A command line before a gateway on a real port, and the services behind it."""

    def call(service: str, method: str, *, door: str, request: Any, given: Any = None) -> Any:
        commands = world.commands(service)
        if method == "ask":
            return commands.ask(door, request)
        answer = commands.do(door, request, given_of(given))
        world.settle()
        return answer

    server = make_server("127.0.0.1", 0, make_app(call, world.settings))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("FUQUAN_URL", f"http://127.0.0.1:{server.server_port}")
    token = issue(world.settings, "MD2023-ORG-19", "registrar", "op-7", 1)
    monkeypatch.setenv("FUQUAN_TOKEN", token)
    yield lambda *line: CliRunner().invoke(app, [str(word) for word in line])
    server.shutdown()
    thread.join()
    server.server_close()


def said(ended: Result) -> str:
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def test_a_sixth_county_goes_live_from_the_command_line(fuquan, tmp_path: Path):
    made = folder(tmp_path)

    assert "可以导入" in said(fuquan("programme", "check", made))
    assert f"已导入 imported {P}" in said(fuquan("programme", "import", made))
    assert "云岭县" in said(fuquan("programme", "list"))


def test_a_list_is_drafted_from_a_table_exported_and_read_again(
    fuquan, world: World, tmp_path: Path
):
    world.imported("MD2023")
    table, out = tmp_path / "沙土镇.xlsx", tmp_path / "现行.csv"
    table.write_bytes(book(DESIRED, merged=["A1:C1"]))

    assert "新增 added 2" in said(fuquan("list", "preview", SHATU, table))
    assert "已拟定" in said(fuquan("list", "import", SHATU, table))
    world.do("delegation", "approve_list", {
        "programme": "MD2023", "town": SHATU, "approved_by": "MD2023-ORG-02",
        "decision_ref": "菏区政字〔2023〕15号", "approved_on": "2023-06-01",
    })
    world.settle()
    said(fuquan("list", "export", SHATU, "--out", out))
    again = said(fuquan("list", "import", SHATU, out))

    assert "不变 unchanged 2" in again
    assert "没有可登记的" in again
    assert len(world.facts("delegation", "TownListDrafted")) == 1


def test_a_catalogue_comes_in_as_printed_and_a_wrong_row_keeps_all_of_it_out(
    fuquan, world: World, tmp_path: Path
):
    world.imported("MD2023")
    annex, wrong = tmp_path / "附件2.xlsx", tmp_path / "错.xlsx"
    annex.write_bytes(book(printed("MD2023-2")))
    wrong.write_bytes(book([
        *printed("MD2023-2"), ["51", "示例许可", "行政许可", "区卫生建康局", "区卫健局"],
    ]))

    same = said(fuquan("catalogue", "import", annex, "--programme", "MD2023"))
    refused = fuquan("catalogue", "import", wrong, "--programme", "MD2023")

    assert "不变 unchanged 50" in same
    assert (refused.exit_code, "区卫生健康局" in refused.stdout) == (1, True)
    assert len(world.facts("catalog", "ItemListed")) == 50
