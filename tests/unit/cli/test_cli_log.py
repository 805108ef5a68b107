"""`fuquan log`: how far the logs reach, whether they hold, and what they say."""

from pathlib import Path

import pytest

from shared.log.signer import FileKey
from shared.settings import Settings
from tests.unit.cli.conftest import Fuquan
from tests.unit.cli.desk import ENVELOPES, ORIGIN, SOUND, Desk


def test_a_sound_log_is_shown_with_its_root(fuquan: Fuquan):
    ended = fuquan("log", "status")

    assert ended.exit_code == 0
    assert "ab" * 32 in ended.stdout


@pytest.mark.parametrize(
    "found",
    [
        {"dense": False, "first_missing": 1}, {"parked": 1}, {"root_equal": False},
        {"signature": "bad-signature", "checkpoint": None, "root_equal": None},
        {"witness": {"state": "refused", "size": 3}},
    ],
    ids=["a hole", "a parked fact", "another root", "a forged signature", "two histories"],
)
def test_a_log_that_is_not_as_it_should_be_ends_with_one(
    fuquan: Fuquan, desk: Desk, found: dict[str, object]
):
    desk.answers["status"] = {"cases": SOUND | found}

    ended = fuquan("log", "status")

    assert ended.exit_code == 1
    assert "Not as it should be: cases" in ended.stderr


def test_a_source_that_is_away_is_not_held_against_the_log(fuquan: Fuquan, desk: Desk):
    away = {"signature": "source-away", "checkpoint": None, "root_equal": None}
    desk.answers["status"] = {"cases": SOUND | away}

    ended = fuquan("log", "status")

    assert (ended.exit_code, "source-away" in ended.stdout) == (0, True)


def test_a_log_that_holds_is_verified(fuquan: Fuquan, desk: Desk):
    ended = fuquan("log", "verify", "cases")

    assert ended.exit_code == 0
    assert desk.asked == [("ledger", "verify", {"source": "cases"})]


def test_the_first_bad_position_is_named(fuquan: Fuquan, desk: Desk):
    bad = {"ok": False, "position": 41, "reason": "altered", "vouched": 40}
    desk.answers["verify"] = {"cases": bad}

    ended = fuquan("log", "verify")

    assert ended.exit_code == 1
    assert {"41", "altered", "40"} <= set(ended.stdout.split())
    assert "Does not hold: cases" in ended.stderr


def test_facts_are_shown_to_the_end_of_the_log_with_their_proof(fuquan: Fuquan):
    ended = fuquan("log", "show", "cases")

    rows = [line.split() for line in ended.stdout.splitlines() if "ApplicationSubmitted" in line]
    assert ended.exit_code == 0
    assert [(row[0], row[-1]) for row in rows] == [("0", "✓"), ("1", "✓"), ("2", "—")]
    assert "2023-09-01 09:00" in ended.stdout


def test_from_and_limit_choose_the_facts_and_json_gives_their_bytes(fuquan: Fuquan):
    ended = fuquan("log", "show", "cases", "--from", "1", "--limit", "1", "--json")

    assert ended.stdout == f"{ENVELOPES[1]}\n"


def test_an_altered_fact_is_found_out(fuquan: Fuquan, desk: Desk):
    desk.envelopes[1] = ENVELOPES[1].replace("officer", "auditor")

    ended = fuquan("log", "show", "cases")

    assert ended.exit_code == 1
    assert "Not in the signed log as shown: 1." in ended.stderr


def test_a_log_signed_by_another_key_proves_nothing(fuquan: Fuquan, office: Settings):
    (office.keys / "cases.vkey").write_text(f"{FileKey.generate(ORIGIN).verifier}\n", "utf-8")

    ended = fuquan("log", "show", "cases", "--limit", "1")

    assert (ended.exit_code, "✗" in ended.stdout) == (1, True)


def test_without_the_key_the_reader_is_told_that_nothing_was_checked(
    fuquan: Fuquan, tmp_path: Path
):
    ended = fuquan("log", "show", "cases", "--limit", "1", "--keys", str(tmp_path))

    assert ended.exit_code == 0
    assert "Not checked: there is no cases.vkey" in ended.stderr


def test_a_file_that_is_no_key_is_wrong_use(fuquan: Fuquan, office: Settings):
    (office.keys / "cases.vkey").write_text("nothing", "utf-8")

    ended = fuquan("log", "show", "cases")

    assert (ended.exit_code, "holds no public key" in ended.stderr) == (2, True)


def test_a_position_beyond_the_end_is_refused(fuquan: Fuquan):
    ended = fuquan("log", "show", "cases", "--from", "3")

    assert (ended.exit_code, "ledger.unknown-fact" in ended.stderr) == (1, True)


@pytest.mark.parametrize(
    "line", [("verify", "ledger"), ("show", "gateway"), ("show", "cases", "--limit", "0")]
)
def test_wrong_use_is_said_before_anything_is_asked(
    fuquan: Fuquan, desk: Desk, line: tuple[str, ...]
):
    ended = fuquan("log", *line)

    assert (ended.exit_code, desk.asked) == (2, [])
