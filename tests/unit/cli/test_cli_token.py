"""`fuquan token`: a token that the gateway of the same keys admits."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.gateway.tokens import Gate, key_of
from shared.cli import app
from shared.settings import Settings

CLAIMS = ("--org", "MD2023-ORG-05", "--role", "officer", "--operator", "op-7")


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The gateway's folder of keys, as the environment names it."""
    monkeypatch.setenv("FUQUAN_KEYS", str(tmp_path))
    monkeypatch.setenv("FUQUAN_DEPLOYMENT", "mudan")
    key_of(Settings(keys=tmp_path))
    return tmp_path


def test_the_gateway_admits_the_token(keys: Path):
    ended = CliRunner().invoke(app, ["token", *CLAIMS])

    gate = Gate(Settings(keys=keys, deployment="mudan"))
    actor = gate.actor(f"Bearer {ended.stdout.strip()}")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert actor == {"org": "MD2023-ORG-05", "role": "officer", "operator": "op-7"}


def test_where_the_gateway_has_no_key_none_is_made(keys: Path):
    (keys / "gateway.key").unlink()

    ended = CliRunner().invoke(app, ["token", *CLAIMS])

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "set FUQUAN_KEYS" in ended.stderr
    assert not (keys / "gateway.key").exists()


@pytest.mark.parametrize(
    "wrong",
    [("--role", "policy"), ("--org", ""), ("--hours", "0"), ("--hours", "-1"), ("--hours", "nan"),
     ("--hours", "inf"), ("--hours", "1e300")],
)
def test_a_token_for_nobody_or_no_time_is_refused(keys: Path, wrong: tuple[str, str]):
    ended = CliRunner().invoke(app, ["token", *CLAIMS, *wrong])

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr
