"""`fuquan applicant`: shown, exported, checked offline, erased; through a gateway on a port."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.cases.applicants.cli import applicant
from services.gateway.tokens import issue
from shared.contracts.envelope import given_of
from shared.settings import Settings
from tests.applicants import CENTRE, CORRECTED, DETAILS, ITEM, STRANGER, TOWN, Counter
from tests.county import county  # noqa: F401 - the fixture
from tests.unit.cli.desk import serving

Line = Callable[..., Result]


@pytest.fixture
def counter(county) -> Counter:
    county.granted(ITEM, TOWN, "entrusted_handling")
    return Counter(county)


@pytest.fixture
def line(
    counter: Counter, office: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Line]:
    """Run a command line with an officer's token, or another's, after all has settled."""
    cases = counter.county.commands("cases")

    def call(service: str, method: str, **told: Any) -> Any:
        if method == "ask":
            return cases.ask(told["door"], told["request"])
        return cases.do(told["door"], told["request"], given_of(told["given"]))

    with serving(call, office) as url:
        monkeypatch.setenv("FUQUAN_URL", url)

        def run(*words: object, org: str = CENTRE, role: str = "officer") -> Result:
            counter.county.settle()
            monkeypatch.setenv("FUQUAN_TOKEN", issue(office, org, role, "op-7", 1))
            return CliRunner().invoke(applicant, [str(word) for word in words])

        yield run


def test_what_is_held_and_recorded_is_shown_without_any_detail(counter, line):
    key = counter.registered()

    ended = line("show", key, org=STRANGER, role="reader")

    assert ended.exit_code == 0
    assert "address, id_kind, id_number, kind, name, phone" in ended.stdout
    assert "cases.ApplicantRegistered" in ended.stdout
    assert [value for name, value in DETAILS.items() if name not in {"kind", "id_kind"}
            and value in ended.stdout] == []


def test_an_export_has_everything_and_opens_the_commitment_of_the_log(counter, line, tmp_path):
    key = counter.registered()
    case = counter.filed(key)
    out = tmp_path / "export.json"

    ended = line("export", key, "--case", case, "--out", out)
    checked = line("check", out)

    document = json.loads(out.read_text("utf-8"))
    (registered,) = counter.facts("ApplicantRegistered")
    (read,) = counter.facts("ApplicantDetailsRead")
    assert (ended.exit_code, checked.exit_code) == (0, 0)
    assert document["shown"]["details"] == DETAILS
    assert registered["commitment"] in checked.stdout
    assert read["purpose"] == "subject_access"
    assert out.stat().st_mode & 0o777 == 0o600


def test_an_export_is_never_written_over_another_file(counter, line, tmp_path):
    key = counter.registered()
    out = tmp_path / "export.json"
    out.write_text("mine", "utf-8")

    ended = line("export", key, "--out", out, role="data_officer")

    assert ended.exit_code == 2
    assert out.read_text("utf-8") == "mine"
    assert counter.facts("ApplicantDetailsRead") == []


def test_a_refused_export_leaves_no_file(counter, line, tmp_path):
    key = counter.registered()
    out = tmp_path / "export.json"

    ended = line("export", key, "--out", out, org=STRANGER)

    assert ended.exit_code == 1
    assert not out.exists()


@pytest.mark.parametrize("altered", [
    lambda shown: shown | {"details": CORRECTED},
    lambda shown: shown | {"salt": "AAAAAAAAAAAAAAAAAAAAAA=="},
])
def test_an_altered_export_is_told(counter, line, tmp_path, altered):
    out = tmp_path / "export.json"
    line("export", counter.registered(), "--out", out, role="data_officer")
    document = json.loads(out.read_text("utf-8"))
    out.write_text(json.dumps(document | {"shown": altered(document["shown"])}), "utf-8")

    ended = line("check", out)

    assert ended.exit_code == 1
    assert "不符" in ended.stderr


def test_details_of_another_fact_are_told_apart_by_the_commitment_of_the_log(
    counter, line, tmp_path
):
    key = counter.registered()
    (registered,) = counter.facts("ApplicantRegistered")
    case = counter.filed(key)
    counter.do("correct_applicant", applicant=key, case=case, details=CORRECTED)
    out = tmp_path / "export.json"
    line("export", key, "--out", out, role="data_officer")

    ended = line("check", out, "--commitment", registered["commitment"])

    assert ended.exit_code == 1
    assert line("check", out).exit_code == 0


@pytest.mark.parametrize("content", ["", "[]", '{"shown": {}, "record": {}}', "\x00"])
def test_what_is_no_export_is_told(line, tmp_path: Path, content: str):
    file = tmp_path / "other.json"
    file.write_text(content, "utf-8")

    ended = line("check", file)

    assert ended.exit_code == 2


def test_an_erasure_is_refused_and_done_and_told_by_the_next_export(counter, line, tmp_path):
    key = counter.registered()
    case = counter.closed(key)
    out = tmp_path / "export.json"

    refused = line("erase", key, "--ground", "by_law", "--case", case, org=STRANGER)
    done = line("erase", key, "--ground", "retention_expired", "--case", case)
    exported = line("export", key, "--out", out, role="data_officer")
    checked = line("check", out)

    document = json.loads(out.read_text("utf-8"))
    assert refused.exit_code == 1
    assert "cases.not-an-organ-of-the-case" in refused.stderr
    assert (done.exit_code, exported.exit_code, checked.exit_code) == (0, 0, 0)
    assert document["shown"] is None
    assert document["record"]["erased"]["ground"] == "retention_expired"
    assert "保存期限已届满" in checked.stdout


def test_a_ground_that_the_law_does_not_know_is_an_error_of_use(counter, line):
    ended = line("erase", counter.registered(), "--ground", "because")

    assert ended.exit_code == 2
    assert counter.facts("ApplicantErased") == []
