"""Fixtures: a gateway on a real port, and the command line with a registrar's token."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.gateway.tokens import issue
from shared.cli import app
from shared.log.signer import FileKey
from shared.settings import Settings
from tests.unit.cli.desk import ORIGIN, Desk, serving

Fuquan = Callable[..., Result]


@pytest.fixture
def office(tmp_path: Path) -> Settings:
    """A deployment with a folder of keys."""
    return Settings(deployment="mudan", keys=tmp_path / "keys")


@pytest.fixture
def desk(office: Settings) -> Desk:
    """What stands behind the gateway; the public key of its log is in the folder of keys."""
    signer = FileKey.generate(ORIGIN)
    office.keys.mkdir()
    (office.keys / "cases.vkey").write_text(f"{signer.verifier}\n", "utf-8")
    return Desk(signer)


@pytest.fixture
def fuquan(
    desk: Desk, office: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Fuquan]:
    """Run a command line; the environment names that gateway, its keys and a token."""
    with serving(desk, office) as url:
        monkeypatch.setenv("FUQUAN_URL", url)
        monkeypatch.setenv("FUQUAN_KEYS", str(office.keys))
        monkeypatch.setenv("FUQUAN_TOKEN", issue(office, "MD2023", "registrar", "op-7", 1))
        yield lambda *line: CliRunner().invoke(app, list(line))
