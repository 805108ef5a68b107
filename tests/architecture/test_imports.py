"""The arrows between the parts: who may import whom (DESIGN, section 3)."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMMES = frozenset(path.name for path in (ROOT / "services/catalog/programmes").iterdir())
KERNEL = ("shared.refusal", "shared.calendar", "shared.clock", "eventsourcing.domain")
DRIVERS = ("psycopg2", "kombu", "amqp", "flask", "flask_smorest", "nameko", "eventlet")
EDGES = ("shared/entrypoints.py", "services/*/service.py")
CLOCKS = ("now", "utcnow", "today", "system_clock", "monotonic")


def findings(path: str, source: str) -> list[str]:
    """What a file does against the rules, one sentence each; empty where it keeps them.

    Args:
        path: from the root of the repository, with slashes.
        source: the text of the file.
    """
    tree = ast.parse(source, path)
    file = PurePosixPath(path)
    return [
        f"{path}:{line}: {what}"
        for line, what in sorted(
            [*_imports(file, tree), *_clock(file, tree), *_programme_comparisons(tree)]
        )
    ]


def _imports(file: PurePosixPath, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for line, name in _imported(file, tree):
        if what := _broken(file, name):
            yield line, f"{what}: {name}"


def _broken(file: PurePosixPath, name: str) -> str:
    """The rule that importing *name* in *file* breaks, or nothing."""
    top, service = file.parts[0], file.parts[1]
    in_domain = top == "services" and "domain" in file.parts
    if top == "shared" and _within(name, "services"):
        return "shared imports a service"
    if top == "services" and _within(name, "services") and not _within(name, f"services.{service}"):
        return "a service imports another"
    if _within(name, "nameko") and not any(file.match(edge) for edge in EDGES):
        return "nameko outside the edge"
    if file.parts[:2] == ("shared", "contracts") and any(_within(name, one) for one in DRIVERS):
        return "a contract imports a driver"
    if in_domain and not (
        name.partition(".")[0] in sys.stdlib_module_names
        or any(_within(name, one) for one in (*KERNEL, f"services.{service}.domain"))
    ):
        return "a domain imports more than the kernel"
    return ""


def _imported(file: PurePosixPath, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, full name) of every module or attribute that the file imports, at any depth."""
    package = ".".join(file.parts[:-1]).split(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, one.name) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{one.name}") for one in node.names)


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _clock(file: PurePosixPath, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The time comes into a domain as an argument."""
    if "domain" not in file.parts:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in CLOCKS:
                yield node.lineno, f"a domain reads the clock: {called}()"


def _programme_comparisons(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What differs between programmes is data, never a branch."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.MatchValue):
            for one in ast.walk(node):
                if isinstance(one, ast.Constant) and one.value in PROGRAMMES:
                    yield node.lineno, f"a branch on a programme: {one.value}"


def test_the_five_programmes_are_known_by_their_folders():
    assert {"MD2023", "ST2021", "SR2020", "ZZ2021", "GZ2020"} == PROGRAMMES


@pytest.mark.parametrize(
    "path",
    [
        path.relative_to(ROOT).as_posix()
        for top in ("shared", "services")
        for path in sorted((ROOT / top).rglob("*.py"))
        if path.parent != ROOT / top or path.name != "__init__.py"
    ],
)
def test_a_file_keeps_to_the_arrows(path: str):
    assert findings(path, (ROOT / path).read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("path", "source", "finding"),
    [
        ("services/cases/commands.py", "from services.delegation.domain import grant",
         "a service imports another: services.delegation.domain.grant"),
        ("services/cases/commands.py", "import services.catalog",
         "a service imports another: services.catalog"),
        ("services/cases/commands.py", "from services import delegation",
         "a service imports another: services.delegation"),
        ("services/cases/commands.py", "from ..delegation import commands",
         "a service imports another: services.delegation.commands"),
        ("services/cases/commands.py", "def late():\n    import services.ledger",
         "a service imports another: services.ledger"),
        ("shared/bus/relay.py", "from services.cases import commands",
         "shared imports a service: services.cases.commands"),
        ("services/cases/domain/case.py", "import psycopg2",
         "a domain imports more than the kernel: psycopg2"),
        ("services/cases/domain/case.py", "from shared.database import Database",
         "a domain imports more than the kernel: shared.database.Database"),
        ("services/cases/domain/case.py", "from eventsourcing.persistence import Mapper",
         "a domain imports more than the kernel: eventsourcing.persistence.Mapper"),
        ("services/cases/domain/case.py", "from services.cases.readmodel import Questions",
         "a domain imports more than the kernel: services.cases.readmodel.Questions"),
        ("services/cases/domain/case.py", "from ..commands import Cases",
         "a domain imports more than the kernel: services.cases.commands.Cases"),
        ("services/cases/domain/parts/case.py", "import flask",
         "a domain imports more than the kernel: flask"),
        ("services/cases/commands.py", "import nameko.rpc",
         "nameko outside the edge: nameko.rpc"),
        ("shared/bus/consumer.py", "from nameko.rpc import rpc",
         "nameko outside the edge: nameko.rpc.rpc"),
        ("shared/contracts/cases.py", "from kombu import Exchange",
         "a contract imports a driver: kombu.Exchange"),
        ("shared/contracts/cases.py", "import flask_smorest",
         "a contract imports a driver: flask_smorest"),
        ("shared/contracts/cases.py", "import psycopg2.extras",
         "a contract imports a driver: psycopg2.extras"),
        ("services/cases/domain/case.py", "from datetime import datetime\nx = datetime.now()",
         "a domain reads the clock: now()"),
        ("services/cases/domain/case.py", "import time\nx = time.monotonic()",
         "a domain reads the clock: monotonic()"),
        ("services/cases/commands.py", "if programme == 'MD2023': ...",
         "a branch on a programme: MD2023"),
        ("shared/commands.py", "x = 1 if programme in ('ZZ2021', 'other') else 2",
         "a branch on a programme: ZZ2021"),
        ("services/cases/readmodel.py", "if 'SR2020' != row['programme_id']: ...",
         "a branch on a programme: SR2020"),
        ("services/cases/commands.py", "match programme:\n    case 'GZ2020': ...",
         "a branch on a programme: GZ2020"),
    ],
)
def test_a_planted_violation_is_found(path: str, source: str, finding: str):
    found = findings(path, source)

    assert [one.partition(": ")[2] for one in found] == [finding]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("services/cases/domain/case.py", "from datetime import date\nfrom uuid import UUID"),
        ("services/cases/domain/case.py", "from eventsourcing.domain import Aggregate, event"),
        ("services/cases/domain/case.py", "from shared.refusal import Refused"),
        ("services/cases/domain/case.py", "from services.cases.domain import refusals"),
        ("services/cases/domain/case.py", "from . import refusals"),
        ("services/cases/service.py", "from nameko.rpc import rpc"),
        ("shared/entrypoints.py", "from nameko.rpc import Rpc"),
        ("shared/cli/run.py", "name = 'services.cases.service:CasesService'"),
        ("services/cases/commands.py", "example = {'programme': 'MD2023'}"),
    ],
)
def test_what_is_allowed_is_not_found(path: str, source: str):
    assert findings(path, source) == []
