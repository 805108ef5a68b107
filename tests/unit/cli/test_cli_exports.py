"""`fuquan ledger export`, `check-export`: from the gateway into a file, and checked offline."""

import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from services.gateway.tokens import issue
from shared.cli import app
from shared.settings import Settings
from tests.exporting import behind_gateway, recorded, tampered
from tests.unit.cli.conftest import Fuquan
from tests.unit.cli.desk import serving
from tests.unit.ledger.books import CENTRE, TOWN, Books

ASKED = ("item=MD23-04", f"town={TOWN}", "at=2023-09-01")


@pytest.fixture(scope="module")
def books(migrated: Settings) -> Iterator[Books]:
    books = recorded(migrated)
    yield books
    books.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(deployment="test", keys=tmp_path_factory.mktemp("office") / "keys")


@pytest.fixture(scope="module")
def url(books: Books, office: Settings) -> Iterator[str]:
    """The gateway in front of the real ledger."""
    with serving(behind_gateway(books), office) as found:
        yield found


@pytest.fixture
def fuquan(
    books: Books, office: Settings, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Fuquan:
    """Run a command line, in a folder of its own."""
    monkeypatch.setenv("FUQUAN_URL", url)
    monkeypatch.setenv("FUQUAN_KEYS", str(books.settings.keys))
    monkeypatch.setenv("FUQUAN_TOKEN", issue(office, "MD2023", "auditor", "op-9", 1))
    monkeypatch.chdir(tmp_path)
    return lambda *line: CliRunner().invoke(app, list(line))


def test_an_export_is_written_and_holds_and_asked_again_is_the_same(
    fuquan: Fuquan, tmp_path: Path
):
    written = fuquan("ledger", "export", "holders", "who.xlsx", *ASKED)
    ended = fuquan("ledger", "check-export", "who.xlsx", "--again")

    digest = written.stdout.split("sha256 ")[1].strip()
    assert (written.exit_code, written.stdout.splitlines()[0]) == (0, "who.xlsx")
    assert ended.exit_code == 0
    for said in (digest, "14 rows", "fuquan/test/delegation 3", "未证明 Not proven",
                 "再次提问，答案相同"):
        assert said in ended.stdout


def test_rows_left_out_are_found_by_asking_again(fuquan: Fuquan, tmp_path: Path):
    fuquan("ledger", "export", "holders", "who.jsonl", *ASKED, "facet=decide")
    fuquan("ledger", "export", "holders", "part.jsonl", *ASKED, "facet=accept")
    proof = json.loads((tmp_path / "part.jsonl.proof.json").read_text("utf-8"))
    proof["question"]["asked"]["facet"] = "decide"
    (tmp_path / "part.jsonl.proof.json").write_text(json.dumps(proof), "utf-8")

    alone = fuquan("ledger", "check-export", "part.jsonl")
    again = fuquan("ledger", "check-export", "part.jsonl", "--again")

    assert (alone.exit_code, again.exit_code) == (0, 1)
    assert "再次提问的答案不同" in again.stderr


def test_the_questions_of_holders_can_be_exported_where_they_are_asked(
    fuquan: Fuquan, tmp_path: Path
):
    of = fuquan("holders", "of", "MD23-04", "--town", TOWN, "--facet", "decide", "--at",
                "2023-09-01", "--export", "of.csv")
    by = fuquan("holders", "by", CENTRE, "--at", "2023-09-01", "--export", "by.xlsx")

    assert (of.exit_code, by.exit_code) == (0, 0)
    assert (tmp_path / "of.csv.proof.json").is_file()
    sheet = openpyxl.load_workbook(tmp_path / "by.xlsx")["答案"]
    assert {row[5] for row in sheet.iter_rows(min_row=2, values_only=True)} == {CENTRE}
    assert fuquan("ledger", "check-export", "of.csv").exit_code == 0


def test_what_is_not_signed_yet_is_said(fuquan: Fuquan):
    ended = fuquan("ledger", "export", "history", "it.csv", *ASKED[:2], "facet=decide")
    checked = fuquan("ledger", "check-export", "it.csv")

    assert (ended.exit_code, checked.exit_code) == (0, 1)
    assert "facts are not signed yet" in ended.stderr
    assert "not-signed (delegation 3)" in checked.stderr


def test_an_altered_file_is_refused_with_the_reason(fuquan: Fuquan, tmp_path: Path):
    fuquan("ledger", "export", "holders", "who.csv", *ASKED)
    text = (tmp_path / "who.csv").read_text("utf-8")
    (tmp_path / "who.csv").write_text(text.replace("2024-03-01", "2025-03-01"), "utf-8")

    ended = fuquan("ledger", "check-export", "who.csv")

    assert ended.exit_code == 1
    assert "rows-differ" in ended.stderr


def test_a_fact_altered_in_the_ledger_does_not_pass(fuquan: Fuquan, books: Books):
    with tampered(books, "delegation", 0):
        fuquan("ledger", "export", "holders", "who.xlsx", *ASKED)

    ended = fuquan("ledger", "check-export", "who.xlsx")

    assert ended.exit_code == 1
    assert "not-included (delegation 0)" in ended.stderr


def test_keys_can_be_given_as_a_file_of_all_logs_and_the_witness(
    fuquan: Fuquan, books: Books, tmp_path: Path
):
    fuquan("ledger", "export", "holders", "who.xlsx", *ASKED)
    lines = [(books.settings.keys / f"{one}.vkey").read_text("utf-8").strip()
             for one in ("catalog", "delegation")]
    witness = "fuquan/test/ledger+00000000+BAAA"
    (tmp_path / "county.vkeys").write_text("\n".join([*lines, witness]), "utf-8")

    whole = fuquan("ledger", "check-export", "who.xlsx", "--key", "county.vkeys")
    part = fuquan("ledger", "check-export", "who.xlsx", "--key", lines[0])

    assert whole.exit_code == 0
    assert (part.exit_code, "unknown-key (delegation)" in part.stderr) == (1, True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("export", "holders", "who.doc"), "does not end in .xlsx"),
        (("export", "do", "who.csv"), "is none of holders"),
        (("export", "holders", "who.csv", "item"), "is no NAME=VALUE"),
        (("export", "holders", "who.csv", "at=soon"), "is no day or time"),
        (("export", "holders", "who.csv", "itme=x"), "itme"),
        (("export", "holders", "none/who.csv", *ASKED), "No such file"),
        (("check-export", "none.xlsx"), "No such file"),
        (("check-export", "none.xlsx", "--keys", "none"), "no .vkey in none"),
        (("check-export", "none.xlsx", "--key", "fuquan/test/cases+1"), "公钥"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    fuquan: Fuquan, tmp_path: Path, line: tuple[str, ...], said: str
):
    ended = fuquan("ledger", *line)

    assert ended.exit_code == 2
    assert said in ended.stderr.replace("\n", " ")
    assert list(tmp_path.glob("who.*")) == []
