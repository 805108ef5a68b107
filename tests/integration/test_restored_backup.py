"""A restored backup stops the relay instead of signing a fork; restored, it signs on."""

import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from shared.bus.relay import Relay
from shared.cli import app
from shared.log.store import Log
from shared.settings import Settings
from tests.integration.test_bus import alias_added, at_work, queue, settings
from tests.integration.test_restore import cut, tampered
from tests.waiting import until

__all__ = ["queue", "settings"]

STREAM = UUID(int=7)


def test_a_restored_backup_stops_says_what_is_missing_and_signs_on_once_it_is_back(
    log: Log, settings: Settings, queue: str, empty_log: Settings, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment = replace(empty_log, keys=settings.keys).environment()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    last, copy = settings.keys / "catalog.last", tmp_path / "copy"
    with at_work(Relay(settings, "catalog")):
        for version in range(1, 6):
            alias_added(log, STREAM, version, f"别名{version}")
        until(lambda: last.exists() and json.loads(last.read_text())["size"] == 5)
    signed = json.loads(last.read_text("utf-8"))
    CliRunner().invoke(app, ["ledger", "tiles", str(copy)], catch_exceptions=False)
    cut(empty_log, 3)
    alias_added(log, UUID(int=8), 1, "后来")

    stopped = Relay(settings, "catalog")
    stopped.run()

    assert "entries 3 to 4 are missing" in stopped.progress.failed
    assert "fuquan ledger restore catalog" in stopped.progress.failed
    assert json.loads(last.read_text("utf-8")) == signed
    assert log.database.rows("SELECT max(position) FROM log.entry") == [(2,)]
    assert log.database.rows("SELECT max(size) <= 3 FROM log.checkpoint") in ([(True,)], [(None,)])

    tampered(empty_log, "UPDATE relay SET until = 'epoch'")
    ended = CliRunner().invoke(
        app, ["ledger", "restore", "catalog", "--from", str(copy), "--yes"]
    )
    with at_work(Relay(settings, "catalog")) as again:
        until(lambda: json.loads(last.read_text())["size"] == 6)

    assert ended.exit_code == 0, ended.stderr
    assert again.progress.failed == ""
    assert [event for event, *_ in log.events(STREAM)] == [1, 2, 3, 4, 5]
    assert log.database.rows(
        "SELECT encode(root, 'hex') FROM log.checkpoint WHERE size = 5"
    ) == [(signed["root"],)]


def test_an_altered_entry_stops_the_relay_too(
    log: Log, settings: Settings, queue: str, empty_log: Settings
) -> None:
    last = settings.keys / "catalog.last"
    with at_work(Relay(settings, "catalog")):
        alias_added(log, STREAM, 1, "别名")
        until(lambda: last.exists() and '"size": 1' in last.read_text())
    tampered(empty_log, "UPDATE entry SET leaf_hash = sha256('other')")

    stopped = Relay(settings, "catalog")
    stopped.run()

    assert "the root at size 1 is not the one signed before" in stopped.progress.failed
    assert "fuquan ledger restore catalog" in stopped.progress.failed
