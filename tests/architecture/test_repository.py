"""The shape of the repository: the same few files in each context, and files of a readable size."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTEXTS = ("catalog", "delegation", "cases", "supervision")
PARTS = {"__init__", "domain", "commands", "readmodel", "service", "migrations"}
LONGEST = 400
FEW = 3


def names_in(folder: Path) -> set[str]:
    """Names of the modules, packages and folders in *folder*, without suffix."""
    return {path.stem for path in folder.iterdir() if path.name != "__pycache__"}


@pytest.mark.parametrize("service", CONTEXTS)
def test_a_context_has_the_same_parts_as_the_others(service: str):
    parts = names_in(ROOT / "services" / service)

    assert PARTS - parts == set()
    assert len(parts - PARTS) <= FEW


@pytest.mark.parametrize("service", CONTEXTS)
def test_a_context_keeps_its_refusals_in_one_module(service: str):
    assert (ROOT / "services" / service / "domain/refusals.py").exists()


@pytest.mark.parametrize("service", [*CONTEXTS, "ledger", "gateway"])
def test_every_service_is_one_nameko_class_that_the_project_names(service: str):
    project = (ROOT / "pyproject.toml").read_text("utf-8")

    assert (ROOT / "services" / service / "service.py").exists()
    assert f'{service} = "services.{service}.service:{service.title()}Service"' in project


@pytest.mark.parametrize("service", [*CONTEXTS, "ledger"])
def test_migrations_are_numbered_one_by_one(service: str):
    numbers = sorted(
        int(path.name.partition("_")[0])
        for path in (ROOT / "services" / service / "migrations").glob("*.sql")
    )

    assert numbers == list(range(1, len(numbers) + 1))


def test_no_file_of_the_program_is_longer_than_a_reader_can_follow():
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for top in ("shared", "services")
        for path in (ROOT / top).rglob("*.py")
    }

    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_the_services_and_the_tests_agree_on_how_many_there_are():
    folders = {path.name for path in (ROOT / "services").iterdir() if path.is_dir()}

    assert folders - {"__pycache__"} == {*CONTEXTS, "ledger", "gateway"}
