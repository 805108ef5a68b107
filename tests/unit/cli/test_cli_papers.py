"""`fuquan papers`: agreements and lists written to files."""

from base64 import b64encode
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Fuquan
from tests.unit.cli.desk import Desk

AGREEMENT = "376e709c-9341-5e05-92de-22453b4b78f3"
FILE = b"PK\x03\x04 a word processor's file"


@pytest.fixture
def papers(desk: Desk) -> Desk:
    """What the service answers: the file and what it is called."""
    docx = b64encode(FILE).decode()
    desk.answers |= {
        "agreement_paper": {"name": "agreement.docx", "docx": docx},
        "list_paper": {"name": "list-MD2023-TOWN-08-2.docx", "docx": docx},
    }
    return desk


def test_an_agreement_is_written_where_it_is_wanted(fuquan: Fuquan, papers: Desk, tmp_path: Path):
    ended = fuquan("papers", "agreement", AGREEMENT, "--out", str(tmp_path / "委托协议.docx"))

    assert ended.exit_code == 0
    assert (tmp_path / "委托协议.docx").read_bytes() == FILE
    assert papers.asked[-1] == ("delegation", "agreement_paper", {"agreement": AGREEMENT})


def test_a_list_is_written_under_its_own_name(
    fuquan: Fuquan, papers: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)

    ended = fuquan("papers", "list", "MD2023-TOWN-08", "--on", "2024-02-27")

    assert "list-MD2023-TOWN-08-2.docx" in ended.stdout
    assert (tmp_path / "list-MD2023-TOWN-08-2.docx").read_bytes() == FILE
    assert papers.asked[-1][2] == {"town": "MD2023-TOWN-08", "on": "2024-02-27"}


def test_a_day_that_is_none_is_wrong_use(fuquan: Fuquan):
    ended = fuquan("papers", "list", "MD2023-TOWN-08", "--on", "yesterday")

    assert ended.exit_code == 2


def test_a_file_that_cannot_be_written_is_said_with_what_to_do(
    fuquan: Fuquan, papers: Desk, tmp_path: Path
):
    ended = fuquan(
        "papers", "list", "MD2023-TOWN-08", "--out", str(tmp_path / "nowhere" / "list.docx")
    )

    assert ended.exit_code == 2
    assert "name another file with --out" in ended.stderr
