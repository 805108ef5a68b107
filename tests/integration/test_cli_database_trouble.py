"""What a command line says of a PostgreSQL that is not there, and of one that gives the work up."""

import psycopg2
import pytest
import typer

from shared.cli.run import told
from tests.servers import free_port

FULL = """DO $$ BEGIN
  RAISE EXCEPTION 'could not extend file'
    USING ERRCODE = 'disk_full', HINT = 'Check free disk space.';
END $$"""


def given_up(database_url: str) -> None:
    with psycopg2.connect(database_url) as held, held.cursor() as at:
        at.execute(FULL)


def test_a_full_disk_is_not_told_as_a_server_that_does_not_answer(database_url, capsys):
    """Scenario 10: the operator is informed of what it is."""
    with pytest.raises(typer.Exit) as ended:
        told(given_up)(database_url)

    said = " ".join(capsys.readouterr().err.split())
    assert ended.value.exit_code == 2
    assert "given this up: could not extend file HINT: Check free disk space." in said
    assert "FUQUAN_DATABASE_URL" not in said


def test_a_server_that_is_not_there_is_told_with_the_setting_that_names_it(capsys):
    with pytest.raises(typer.Exit) as ended:
        told(given_up)(f"postgresql://nobody@127.0.0.1:{free_port()}/")

    assert ended.value.exit_code == 2
    assert "does not answer at FUQUAN_DATABASE_URL" in " ".join(capsys.readouterr().err.split())
