"""`fuquan holders prove` and `draw`: whether there was ever a gap, and the picture of it."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Fuquan
from tests.unit.cli.desk import FINDING, PROOF, Desk


@pytest.fixture(autouse=True)
def two_programmes(desk: Desk) -> None:
    desk.answers["programmes"] = [{"programme_id": "MD2023"}, {"programme_id": "ST2021"}]


def test_a_proof_without_findings_says_what_was_looked_at(fuquan: Fuquan, desk: Desk):
    ended = fuquan("holders", "prove")

    assert ended.exit_code == 0
    assert ended.stdout == "100 items, 40 places, 42 grants: no findings.\n"
    assert [asked[2] for asked in desk.asked if asked[1] == "prove"] == [
        {"programme": "MD2023"}, {"programme": "ST2021"},
    ]


def test_a_finding_is_shown_with_its_days_and_the_fact_that_caused_it_and_ends_with_one(
    fuquan: Fuquan, desk: Desk
):
    desk.answers["prove"] = PROOF | {"found": 1, "findings": [FINDING]}

    ended = fuquan("holders", "prove", "--programme", "MD2023")

    (row,) = [line for line in ended.stdout.splitlines() if "agreement-expired" in line]
    assert ended.exit_code == 1
    for shown in ("MD23-12", "MD2023-TOWN-18", "2024-07-01 00:00", "—",
                  "delegation.AgreementSigned delegation/826", "请收回（R075）"):
        assert shown in row
    assert "50 items, 20 places, 21 grants: 1 findings." in ended.stdout


def test_more_findings_than_are_told_are_counted(fuquan: Fuquan, desk: Desk):
    desk.answers["prove"] = PROOF | {"found": 5000, "findings": [FINDING]}

    ended = fuquan("holders", "prove", "--programme", "MD2023")

    assert ended.exit_code == 1
    assert "Only 1 of 5000 are told" in ended.stderr


def test_machines_get_the_proofs_by_programme(fuquan: Fuquan):
    ended = fuquan("holders", "prove", "--json")

    assert json.loads(ended.stdout) == {"MD2023": PROOF, "ST2021": PROOF}


def test_a_proof_can_be_of_one_item_as_known_then(fuquan: Fuquan, desk: Desk):
    fuquan("holders", "prove", "--item", "MD23-12", "--known-at", "2024-07-02")

    assert [asked[2] for asked in desk.asked] == [
        {"item": "MD23-12", "known_at": "2024-07-01T16:00:00+00:00"}
    ]


@pytest.mark.parametrize("what", ["MD23-12", "MD2023-TOWN-18"])
def test_a_picture_of_an_item_or_a_town_is_written_to_a_file(
    fuquan: Fuquan, tmp_path: Path, what: str
):
    ended = fuquan("holders", "draw", what, "--out", str(tmp_path / "one.svg"))

    assert (ended.exit_code, (tmp_path / "one.svg").read_text("utf-8")) == (0, "<svg/>")


def test_without_a_file_the_picture_goes_to_the_output(fuquan: Fuquan, desk: Desk):
    ended = fuquan("holders", "draw", "MD23-12", "--known-at", "2024-01-01")

    assert ended.stdout == "<svg/>\n"
    assert desk.asked[0][2] == {"item": "MD23-12", "known_at": "2023-12-31T16:00:00+00:00"}


def test_a_file_that_cannot_be_written_is_said_so(fuquan: Fuquan, tmp_path: Path):
    ended = fuquan("holders", "draw", "MD23-12", "--out", str(tmp_path / "none" / "one.svg"))

    assert ended.exit_code == 2
    assert "No such file or directory" in ended.stderr
