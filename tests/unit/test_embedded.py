"""PostgreSQL from the wheel: what happens when it does not start."""

from pathlib import Path

import psycopg2
import pytest

from shared.embedded import NotStarted, postgres

STANDALONE = "-21163\n/data\n1795406790\n5432\n\n\n  2506826    360453\n"  # initdb's own server


def test_a_server_that_cannot_start_says_so_however_long_its_log_is(tmp_path: Path):
    with postgres(tmp_path):
        pass
    data = tmp_path / "postgres"
    (data / "log").write_text("an earlier line of the log\n" * 10_000, "utf-8")
    (data / "postgresql.auto.conf").write_text("no_such_setting = 1\n", "utf-8")

    with pytest.raises(NotStarted, match="no_such_setting"), postgres(tmp_path):
        pass


def test_a_first_start_that_was_interrupted_begins_anew(tmp_path: Path):
    data = tmp_path / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("18\n", "utf-8")
    (data / "postmaster.pid").write_text(STANDALONE, "utf-8")

    with postgres(tmp_path) as url:
        assert answers(url)


def test_data_outlive_a_log_or_a_password_that_was_removed(tmp_path: Path):
    with postgres(tmp_path) as url:
        answers(url, "CREATE TABLE kept ()")
    (tmp_path / "postgres" / "log").unlink()

    with postgres(tmp_path) as url:
        assert answers(url, "SELECT count(*) FROM kept")
    (tmp_path / "postgres.password").unlink()

    with pytest.raises(NotStarted), postgres(tmp_path):
        pass
    assert (tmp_path / "postgres" / "PG_VERSION").exists()


def answers(url: str, statement: str = "SELECT 1") -> bool:
    with psycopg2.connect(url) as held, held.cursor() as at:
        at.execute(statement)
    held.close()
    return True
