"""`fuquan ledger follow`: the file that names counties, the logs it follows, how it ends."""

import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.ledger.counties import counties_of
from shared.cli import app
from shared.log.cosignature import Witness, cosigned
from shared.log.signer import FileKey
from shared.settings import NotConfigured
from tests.county_on_line import LOG, ORIGIN, Shown, entries_of, served, written
from tests.integration.test_city import CITY, COUNTY, books, county  # noqa: F401 - the fixtures
from tests.unit.ledger.books import Books

Fuquan = Callable[..., Result]


@pytest.fixture
def fuquan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fuquan:
    monkeypatch.setenv("FUQUAN_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("FUQUAN_DEPLOYMENT", "city")
    return lambda *line: CliRunner().invoke(app, ["ledger", *map(str, line)])


def test_the_command_follows_every_log_that_it_has_a_key_of(
    books: Books, county: str, tmp_path: Path, fuquan: Fuquan
):
    counties = written(
        tmp_path / "city", county, books.signers["catalog"].verifier, Witness.of(books.witness)
    )

    ended = fuquan("follow", counties, tmp_path / "mirror")

    note = (tmp_path / "mirror/mudan/catalog/checkpoint").read_text("utf-8")
    city = Witness.parse((tmp_path / "keys/ledger.vkey").read_text("utf-8").strip())
    assert ended.exit_code == 0
    assert {"mudan", "catalog", "9"} <= set(ended.stdout.split())
    assert set(cosigned(note, [city, Witness.of(books.witness)])) == {COUNTY, CITY}
    assert fuquan("keys").stdout == f"{city}\n"


def test_the_command_ends_with_one_for_a_fork_and_names_the_log(
    tmp_path: Path, fuquan: Fuquan
):
    shown = Shown(tmp_path / "county")
    with served(shown.app) as url:
        counties = written(tmp_path / "city", url, LOG.verifier)
        shown.history(entries_of(300), 300)
        first = fuquan("follow", counties, tmp_path / "mirror")
        shown.history(entries_of(300, 7), 300)

        second = fuquan("follow", counties, tmp_path / "mirror")

    (kept,) = (tmp_path / "mirror/mudan/catalog/evidence").glob("*.json")
    assert (first.exit_code, second.exit_code) == (0, 1)
    assert "mudan/catalog: two signed histories" in second.stderr
    assert json.loads(kept.read_text("utf-8"))["reason"] == "fork"
    assert fuquan("follow", counties, tmp_path / "mirror").exit_code == 1


def test_the_command_ends_with_two_where_nobody_answers(
    tmp_path: Path, fuquan: Fuquan
):
    counties = written(
        tmp_path / "city", "http://127.0.0.1:1", LOG.verifier
    )

    assert fuquan("follow", counties, tmp_path / "mirror").exit_code == 2


TYPED = b"\xffother" + bytes(40)
HASH = sha256(ORIGIN.encode() + b"\n" + TYPED).hexdigest()[:8]
OTHER = f"{ORIGIN}+{HASH}+{b64encode(TYPED).decode()}"


def test_a_key_of_another_algorithm_is_passed_over(tmp_path: Path):
    path = written(tmp_path, "http://county/log", LOG.verifier, OTHER)

    (county,) = counties_of(path)

    assert county.verifiers == (LOG.verifier,)


@pytest.mark.parametrize(
    "text",
    ["mudan = 1", "[../x]\nurl = 1", '["../x"]\nurl="http://x"\nkeys="county.vkeys"',
     '[a]\nurl="http://x"', '[a]\nurl="file:///x"\nkeys="county.vkeys"',
     '[a]\nurl="http://x"\nkeys="absent"', '[a]\nurl="http://x"\nkeys="wrong"',
     '[a]\nurl="http://x"\nkeys="none"', '[a]\nurl="http://x"\nkeys="evil"'],
)
def test_a_file_that_names_no_county_is_told(tmp_path: Path, text: str):
    path = written(tmp_path, "http://county/log", LOG.verifier)
    (tmp_path / "wrong").write_text("nothing\n", "utf-8")
    (tmp_path / "none").write_text("", "utf-8")
    (tmp_path / "evil").write_text(f"{FileKey.generate('fuquan/x/..').verifier}\n", "utf-8")
    path.write_text(text, "utf-8")

    with pytest.raises(NotConfigured):
        counties_of(path)
