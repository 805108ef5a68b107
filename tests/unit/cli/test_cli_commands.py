"""Which commands there are, in an image of everything and in one of less."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest
import typer
from click import Command
from typer.main import get_command
from typer.testing import CliRunner

from shared.cli import add, app
from shared.cli.run import told
from shared.settings import NotConfigured

GROUP = "fuquan.commands"


def commands(one: Command, line: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and every group of them, as typed."""
    if line:
        yield line
    for name, inner in getattr(one, "commands", {}).items():
        yield from commands(inner, (*line, name))


EVERY = list(commands(get_command(app)))


def test_there_are_the_commands_of_every_service_and_of_the_system():
    assert len(EVERY) > 50
    assert {("up",), ("ops", "retry"), ("events", "publish"), ("ledger", "audit")} <= set(EVERY)


@pytest.mark.parametrize("line", EVERY, ids=" ".join)
def test_every_command_explains_itself_with_an_example(line: tuple[str, ...]):
    ended = CliRunner().invoke(app, [*line, "--help"])

    assert ended.exit_code == 0
    assert "Example" in ended.stdout


@pytest.mark.parametrize("module", ["no_such_service.cli", "services.no_such_service.cli"])
def test_an_image_without_a_package_goes_without_its_command(module: str):
    before = len(app.registered_commands)

    add(EntryPoint("absent", f"{module}:app", GROUP))

    assert len(app.registered_commands) == before


@pytest.mark.parametrize("module", ["services.catalog.no_such_module", "demo.no_such_module"])
def test_a_package_that_lacks_a_module_is_not_passed_over(module: str):
    with pytest.raises(ModuleNotFoundError):
        add(EntryPoint("broken", f"{module}:app", GROUP))


def test_a_command_whose_own_import_fails_is_not_passed_over(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path_factory.mktemp("broken")
    (folder / "command_with_a_missing_library.py").write_text("import no_such_library\n", "utf-8")
    monkeypatch.syspath_prepend(folder)

    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        add(EntryPoint("broken", "command_with_a_missing_library:app", GROUP))


def test_what_is_not_configured_is_told_as_it_is(capsys: pytest.CaptureFixture[str]):
    @told
    def command() -> None:
        raise NotConfigured("[mudan] wants url and keys")

    with pytest.raises(typer.Exit) as ended:
        command()

    assert ended.value.exit_code == 2
    assert capsys.readouterr().err == "[mudan] wants url and keys\n"
