"""`fuquan log verify --database`: the logs verified without any service."""

from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from shared.cli import app
from shared.migrate import as_role
from shared.settings import Settings
from tests.unit.ledger.books import Books

Verify = Callable[..., Result]


@pytest.fixture
def verify(granted: Books, migrated: Settings, monkeypatch: pytest.MonkeyPatch) -> Verify:
    """Run it as the ledger's role, which is a reader."""
    monkeypatch.setenv("FUQUAN_DATABASE_URL", as_role(migrated, "ledger"))
    monkeypatch.setenv("FUQUAN_PREFIX", migrated.prefix)
    monkeypatch.setenv("FUQUAN_DEPLOYMENT", migrated.deployment)
    monkeypatch.setenv("FUQUAN_KEYS", str(migrated.keys))
    return lambda *line: CliRunner().invoke(app, ["log", "verify", "--database", *line])


def test_logs_that_hold_are_told_with_what_is_signed(verify: Verify, granted: Books):
    granted.sign("catalog")

    ended = verify()

    rows = {line.split()[0]: line.split()[1:4] for line in ended.stdout.splitlines() if "✓" in line}
    assert ended.exit_code == 0
    assert rows["catalog"] == ["✓", "2", "2"]
    assert rows["delegation"] == ["✓", "1", "0"]


def test_an_altered_byte_is_found(verify: Verify, granted: Books):
    granted.sign("catalog")
    granted.tamper("catalog", 1)

    ended = verify("catalog")

    assert ended.exit_code == 1
    assert {"1", "altered"} <= set(ended.stdout.split())


def test_a_log_cut_off_behind_its_checkpoints_is_missing_what_the_relay_signed(
    verify: Verify, migrated: Settings
):
    (migrated.keys / "delegation.last").write_text('{"size": 9, "root": "00"}', "utf-8")

    ended = verify("delegation")

    (migrated.keys / "delegation.last").unlink()
    assert ended.exit_code == 1
    assert {"1", "missing"} <= set(ended.stdout.split())
