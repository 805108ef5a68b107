"""The running system: its ledger witnesses by itself, and a city follows it over HTTP."""

from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner

from services.ledger.folder import Folder
from shared.cli import app
from shared.log.checkpoint import Checkpoint
from shared.log.cosignature import Witness, cosigned
from tests.e2e.bad_input_caller import LIMIT, Running
from tests.waiting import until


def vouched_for(size: int, system: Running) -> list[tuple[int, bytes]]:
    """What the ledger has vouched for by itself, once it has come so far."""
    query = "SELECT size, root FROM witness.cosigned WHERE source = 'catalog' ORDER BY size DESC"
    found = until(
        lambda: system.rows("ledger", query), lambda rows: rows and rows[0][0] == size, every=0.2
    )
    return [(size, bytes(root)) for size, root in found]


def test_the_ledger_vouches_by_itself_for_what_the_relay_has_signed(system: Running) -> None:
    ((size,),) = system.rows("catalog", "SELECT count(*) FROM log.entry")

    (latest, *_) = vouched_for(size, system)

    ((root,),) = system.rows("catalog", f"SELECT root FROM log.checkpoint WHERE size = {size}")
    assert latest == (size, bytes(root))


def test_a_city_follows_every_log_over_http_and_has_the_countys_roots(
    system: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((size,),) = system.rows("catalog", "SELECT count(*) FROM log.entry")
    vouched_for(size, system)
    monkeypatch.setenv("FUQUAN_DEPLOYMENT", "city")
    printed = CliRunner().invoke(app, ["ledger", "keys", "--keys", system.ready["keys"]])
    (tmp_path / "county.vkeys").write_text(printed.stdout, "utf-8")
    counties = tmp_path / "counties.toml"
    url = f"{system.ready['url']}/log"
    counties.write_text(f'[county]\nurl = "{url}"\nkeys = "county.vkeys"\n', "utf-8")

    ended = CliRunner().invoke(app, [
        "ledger", "follow", str(counties), str(tmp_path / "mirror"),
        "--keys", str(tmp_path / "keys"),
    ])

    folder = Folder(tmp_path / "mirror/county/catalog")
    note = folder.note()
    county = Witness.parse(printed.stdout.split()[-1])
    city = Witness.parse((tmp_path / "keys/ledger.vkey").read_text("utf-8").strip())
    ((root,),) = system.rows("catalog", f"SELECT root FROM log.checkpoint WHERE size = {size}")
    assert ended.exit_code == 0, ended.stdout + ended.stderr
    assert note is not None
    assert set(cosigned(note, [city, county])) == {"fuquan/city/ledger", "fuquan/bad-input/ledger"}
    assert folder.checkpoint() == Checkpoint("fuquan/bad-input/catalog", size, bytes(root))
    assert folder.tree().root() == bytes(root)
    assert requests.get(f"{url}/catalog/checkpoint", timeout=LIMIT).ok
