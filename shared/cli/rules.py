"""`fuquan rules`: which rule is shown by which test."""

import ast
import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

ROOT = Path(str(files("shared"))).parent
EVERYONE = "all"

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Rule:
    """One row of docs/rules.csv."""

    id: str
    title: str
    source: str
    force: str
    owner: str
    events: str

    def owned_by(self, owners: Iterable[str]) -> bool:
        """Whether one of *owners* has a part in it; a rule of all services is everyone's."""
        return not {*owners, EVERYONE}.isdisjoint(re.findall(r"\w+", self.owner))


def read_rules(path: Path) -> dict[str, Rule]:
    """The rules of an index file by id, in its order."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [{"id": row.pop("rule_id"), **row} for row in csv.DictReader(file)]
    return {row["id"]: Rule(**row) for row in rows}


def covered(tests: Path) -> dict[str, list[str]]:
    """The tests that show each marked rule: ``{"R013": ["tests/rules/test_x.py::test_y"]}``.

    Args:
        tests: folder with ``test_*.py`` at any depth; ids start with its own name.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        name = path.relative_to(tests.parent).as_posix()
        for rule, test in marks(path.read_text("utf-8"), name):
            found.setdefault(rule, []).append(test)
    return found


def marks(source: str, name: str) -> Iterator[tuple[str, str]]:
    """(rule, test) for every ``pytest.mark.rule`` on a test, its class, its module or its cases."""
    tree = ast.parse(source, name)
    tables = {
        target.id: _named_in(statement.value, {})
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    everywhere = tables.pop("pytestmark", set())
    for test, path, inherited in _tests(tree.body, name, everywhere, tables):
        own = {rule for one in test.decorator_list for rule in _named_in(one, tables)}
        yield from ((rule, path) for rule in sorted(own | inherited))


def _tests(
    body: Iterable[ast.stmt], name: str, inherited: set[str], tables: Mapping[str, set[str]]
) -> Iterator[tuple[Function, str, set[str]]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            own = {rule for one in node.decorator_list for rule in _named_in(one, tables)}
            yield from _tests(node.body, f"{name}::{node.name}", inherited | own, tables)
        elif isinstance(node, Function) and node.name.startswith("test_"):
            yield node, f"{name}::{node.name}", inherited


def _named_in(expression: ast.expr, tables: Mapping[str, set[str]]) -> set[str]:
    """Rules of the marks within an expression, and of the tables of cases that it names."""
    found: set[str] = set()
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and _is_mark(node.func):
            found |= {ast.unparse(one).strip("'\"") for one in node.args}
        elif isinstance(node, ast.Name):
            found |= tables.get(node.id, set())
    return found


def _is_mark(function: ast.expr) -> bool:
    """``pytest.mark.rule``, or ``rule`` where a module has given it that short name."""
    name = function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)
    return name == "rule"


def rules(
    owner: Annotated[str, typer.Option(help="Only rules of these services, with commas.")] = "",
    *,
    missing: Annotated[bool, typer.Option("--missing", help="Only rules without a test.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Show which rule is covered by which test.

    Example: fuquan rules --owner delegation --missing
    """
    index, shown = read_rules(ROOT / "docs" / "rules.csv"), covered(ROOT / "tests")
    asked = [
        rule
        for rule in index.values()
        if (not owner or rule.owned_by(owner.split(","))) and not (missing and rule.id in shown)
    ]
    unknown = {rule: shown[rule] for rule in sorted(shown.keys() - index.keys())}
    if as_json:
        rows = [vars(rule) | {"tests": shown.get(rule.id, [])} for rule in asked]
        typer.echo(json.dumps({"rules": rows, "unknown": unknown}, ensure_ascii=False, indent=2))
    else:
        _print(asked, shown)
        done = len(index.keys() & shown.keys())
        typer.echo(f"{done} of {len(index)} rules are covered; {len(index) - done} are not")
    for rule, where in unknown.items():
        typer.echo(f"{rule} is not in docs/rules.csv, but marked on {', '.join(where)}", err=True)
    if unknown:
        raise typer.Exit(1)


def _print(asked: Iterable[Rule], shown: Mapping[str, list[str]]) -> None:
    table = Table("rule", Column("title", overflow="fold"), "force", "owner", box=SIMPLE)
    table.add_column("tests", overflow="fold", ratio=1)
    for rule in asked:
        tests = shown.get(rule.id, [])
        where = "\n".join(escape(test) for test in tests) or "[red]none[/red]"
        table.add_row(rule.id, escape(rule.title), rule.force, escape(rule.owner), where)
    Console().print(table)
