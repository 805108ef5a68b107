"""Reading the rule marks of the tests, and the table of what they cover."""

import json
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from shared.cli.rules import ROOT, covered, marks, read_rules

cli = import_module("shared.cli.rules")

INDEX = """rule_id,title,source,force,owner,events
R001,Every movement has a programme,D000,must,catalog,ProgrammeRegistered
R013,Only named sub-items,D004 附件,must,"catalog (definition), cases (check)",ItemScopeDefined
R065,Half-open intervals,D003,inferred,all services; supervision verifies,ItemDelegated
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/rules.csv").write_text(INDEX, "utf-8")
    (tmp_path / "tests").mkdir()
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(cli.rules)
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_the_index_holds_the_179_rules_of_the_five_notices():
    rules = read_rules(ROOT / "docs" / "rules.csv")

    assert len(rules) == 179
    assert rules["R013"].title == "A grant may cover only named sub-items [下放范围备注]"
    assert rules["R013"].owned_by(["cases"])
    assert not rules["R013"].owned_by(["supervision"])


def test_a_mark_may_name_several_rules_and_a_test_may_have_several_marks():
    source = """
import pytest

@pytest.mark.rule("R001", "R002")
@pytest.mark.rule("R003")
def test_it():
    assert True
"""

    found = list(marks(source, "tests/test_x.py"))

    assert found == [(rule, "tests/test_x.py::test_it") for rule in ("R001", "R002", "R003")]


def test_a_module_may_give_the_mark_a_short_name():
    source = "rule = pytest.mark.rule\n\n@rule('R007')\ndef test_it(): ...\n"

    found = list(marks(source, "tests/test_a.py"))

    assert found == [("R007", "tests/test_a.py::test_it")]


def test_marks_of_class_and_module_hold_for_every_test_within():
    source = """
import pytest
pytestmark = [pytest.mark.rule("R001")]

@pytest.mark.rule("R002")
class TestThem:
    def test_one(self): ...
    def helper(self): ...

def test_two(): ...
"""

    found = list(marks(source, "t.py"))

    assert found == [
        ("R001", "t.py::TestThem::test_one"),
        ("R002", "t.py::TestThem::test_one"),
        ("R001", "t.py::test_two"),
    ]


def test_marks_on_single_cases_count_also_when_the_table_has_a_name():
    source = """
import pytest
CASES = [pytest.param(1, marks=pytest.mark.rule("R001"))]

@pytest.mark.parametrize("case", CASES)
def test_table(case): ...

@pytest.mark.parametrize("case", [pytest.param(2, marks=pytest.mark.rule("R002"))])
def test_inline(case): ...
"""

    found = list(marks(source, "t.py"))

    assert found == [("R001", "t.py::test_table"), ("R002", "t.py::test_inline")]


def test_a_function_that_is_no_test_covers_nothing():
    source = """
import pytest

@pytest.mark.rule("R001")
def helper(): ...
"""

    assert list(marks(source, "t.py")) == []


def test_tests_are_found_at_any_depth(tmp_path: Path):
    deep = tmp_path / "tests" / "rules" / "more"
    deep.mkdir(parents=True)
    (deep / "test_r001.py").write_text("@mark.rule('R001')\ndef test_a(): ...\n", "utf-8")

    assert covered(tmp_path / "tests") == {"R001": ["tests/rules/more/test_r001.py::test_a"]}


def test_the_table_counts_covered_and_uncovered_rules(project: Path):
    (project / "tests/test_a.py").write_text("@mark.rule('R001')\ndef test_a(): ...\n", "utf-8")

    code, output = run()

    assert code == 0
    assert "1 of 3 rules are covered; 2 are not" in output


def test_rules_can_be_asked_by_owner_and_by_absence_of_a_test(project: Path):
    (project / "tests/test_a.py").write_text("@mark.rule('R001')\ndef test_a(): ...\n", "utf-8")

    code, output = run("--owner", "catalog,cases", "--missing", "--json")

    assert code == 0
    assert [rule["id"] for rule in json.loads(output)["rules"]] == ["R013", "R065"]


def test_json_names_the_tests_of_each_rule(project: Path):
    (project / "tests/test_a.py").write_text("@mark.rule('R001')\ndef test_a(): ...\n", "utf-8")

    _, output = run("--owner", "catalog", "--json")

    assert json.loads(output)["rules"][0]["tests"] == ["tests/test_a.py::test_a"]


def test_a_mark_with_an_unknown_rule_is_an_error(project: Path):
    (project / "tests/test_a.py").write_text("@mark.rule('R999')\ndef test_a(): ...\n", "utf-8")

    code, output = run()

    assert code == 1
    assert "R999 is not in docs/rules.csv, but marked on tests/test_a.py::test_a" in output


def test_every_mark_in_this_project_names_a_rule_of_the_index():
    known = read_rules(ROOT / "docs" / "rules.csv").keys()

    assert covered(ROOT / "tests").keys() - known == set()
