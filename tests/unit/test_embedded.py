"""PostgreSQL from the wheel: what happens when it does not start."""

from pathlib import Path

import pytest

from shared.embedded import NotStarted, postgres


def test_a_server_that_cannot_start_says_so_however_long_its_log_is(tmp_path: Path):
    with postgres(tmp_path):
        pass
    data = tmp_path / "postgres"
    (data / "log").write_text("an earlier line of the log\n" * 10_000, "utf-8")
    (data / "postgresql.auto.conf").write_text("no_such_setting = 1\n", "utf-8")

    with pytest.raises(NotStarted, match="no_such_setting"), postgres(tmp_path):
        pass
