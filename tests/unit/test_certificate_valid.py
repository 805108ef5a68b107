"""For how long a process's certificate is valid, read from the file that its URL names."""

import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shared.clock import system_clock
from shared.ops.gauges import Certificate

SCRIPT = Path(__file__).parents[2] / "infra/rabbitmq/certificates.sh"
DAY = 86_400.0
SLACK = 120.0  # seconds that a busy machine may take over a test


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a certificate of cases, valid for ten days."""
    subprocess.run(
        ["sh", SCRIPT, tmp_path, "client", "cases"],
        check=True, env={"PATH": os.environ["PATH"], "OPENSSL_DAYS": "10"},
    )
    return tmp_path


def url(folder: Path, own: str = "client-cases.pem") -> str:
    return (
        f"amqps://mq-0:5671//?cacertfile={folder}/ca.pem&certfile={folder}/{own}"
        f"&keyfile={folder}/client-cases.key&auth_mechanism=external"
    )


def told(url: str) -> dict[tuple[str, str], float]:
    return {
        (family.name, sample.labels["service"]): sample.value
        for family in Certificate("cases", url).collect() for sample in family.samples
    }


@pytest.mark.parametrize(("later", "left"), [(0, 10 * DAY), (10, 0.0), (11, -DAY)])
def test_the_gauge_tells_for_how_long_a_processs_own_certificate_is_valid(
    monkeypatch: pytest.MonkeyPatch, folder: Path, later: int, left: float
):
    then = system_clock() + timedelta(days=later)
    monkeypatch.setattr("shared.ops.gauges.system_clock", lambda: then)

    found = told(url(folder))

    assert found == {
        ("fuquan_certificate_valid_seconds", "cases"): pytest.approx(left, abs=SLACK)
    }


def test_of_several_hosts_the_parameters_of_the_first_hold_for_all(folder: Path):
    several = f"{url(folder)};amqps://mq-1:5671//"

    found = told(several)

    assert list(found.values()) == [pytest.approx(10 * DAY, abs=SLACK)]


def test_a_certificate_that_was_renewed_is_told_at_the_next_look(folder: Path):
    gauge = Certificate("cases", url(folder))
    before = [sample.value for family in gauge.collect() for sample in family.samples]
    for file in folder.glob("client-*"):
        file.unlink()
    subprocess.run(
        ["sh", SCRIPT, folder, "client", "cases"], check=True, env={"PATH": os.environ["PATH"]}
    )

    after = [sample.value for family in gauge.collect() for sample in family.samples]

    assert before == [pytest.approx(10 * DAY, abs=SLACK)]
    assert after == [pytest.approx(825 * DAY, abs=SLACK)]


@pytest.mark.parametrize(
    "without",
    ["memory://", "amqp://cases:pw@mq-0:5672/", "amqps://cases:pw@mq-0:5671//?cacertfile=ca.pem"],
)
def test_a_process_without_a_certificate_tells_nothing(without: str):
    with capture_logs() as lines:
        found = told(without)

    assert (found, lines) == ({}, [])


@pytest.mark.parametrize("own", ["client-nobody.pem", "client-cases.key", ""])
def test_a_file_that_cannot_be_read_as_a_certificate_is_a_warning_and_no_figure(
    folder: Path, own: str
):
    with capture_logs() as lines:
        found = told(url(folder, own))

    assert found == {}
    assert [(line["event"], line["log_level"], line["of"]) for line in lines] == [
        ("gauges.unread", "warning", "certificate")
    ]
