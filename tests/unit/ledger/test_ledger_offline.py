"""`fuquan log verify --database`: the logs verified without any service."""

from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest
from typer.testing import CliRunner, Result

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
    _alter(granted.settings.dsn("catalog"))

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


def test_without_the_key_of_a_signed_log_nothing_is_said_of_it(
    verify: Verify, granted: Books, tmp_path: Path
):
    granted.sign("catalog")

    ended = verify("catalog", "--keys", str(tmp_path))

    assert (ended.exit_code, "catalog.vkey" in ended.stderr) == (2, True)


def test_the_key_of_another_deployment_is_not_held_against_the_log(
    verify: Verify, granted: Books, monkeypatch: pytest.MonkeyPatch
):
    granted.sign("catalog")
    monkeypatch.setenv("FUQUAN_DEPLOYMENT", "elsewhere")

    ended = verify("catalog")

    assert (ended.exit_code, "set FUQUAN_DEPLOYMENT" in " ".join(ended.stderr.split())) == (2, True)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "FUQUAN_DATABASE_URL is not set"),
        ("postgresql://x:y@127.0.0.1:1/", "does not answer"),
    ],
)
def test_without_a_database_the_reader_is_told_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, url: str, told: str
):
    monkeypatch.setenv("FUQUAN_DATABASE_URL", url)

    ended = CliRunner().invoke(app, ["log", "verify", "--database"])

    assert (ended.exit_code, told in ended.stderr) == (2, True)


def test_a_cluster_without_the_tables_is_no_bad_log(
    migrated: Settings, monkeypatch: pytest.MonkeyPatch, database_url: str
):
    name = f"{migrated.prefix}bare_catalog"
    cluster = psycopg2.connect(database_url)
    cluster.autocommit = True
    cluster.cursor().execute(f"CREATE DATABASE {name}")
    monkeypatch.setenv("FUQUAN_DATABASE_URL", database_url)
    monkeypatch.setenv("FUQUAN_PREFIX", f"{migrated.prefix}bare_")

    ended = CliRunner().invoke(app, ["log", "verify", "--database", "catalog"])

    cluster.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    cluster.close()
    assert (ended.exit_code, "after `fuquan migrate`" in ended.stderr) == (2, True)


def _alter(dsn: str) -> None:
    """What only an administrator can do, past the triggers."""
    held = psycopg2.connect(dsn)
    with held, held.cursor() as at:
        at.execute("SET session_replication_role = replica")
        at.execute(
            "UPDATE log.event SET envelope = envelope || ' '"
            " WHERE ord = (SELECT ord FROM log.entry WHERE position = 1)"
        )
    held.close()
