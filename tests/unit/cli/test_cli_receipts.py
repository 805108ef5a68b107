"""`fuquan ledger receipt` and `fuquan verify`: a receipt fetched, written, checked."""

from pathlib import Path

import pytest

from shared.log.signer import OpenSslSm2
from shared.refusal import Refused
from tests.receipts import Logs
from tests.unit.cli.conftest import Fuquan
from tests.unit.cli.desk import Desk

CASE = "a1b2c3d0-2b1d-4c5e-9f60-7a8b9c0d1e2f"


@pytest.fixture
def logs(desk: Desk) -> Logs:
    """Logs whose receipt the gateway answers with."""
    logs = Logs()
    desk.answers["receipt"] = {"case": CASE, "receipt": logs.receipt().decode()}
    return logs


def test_a_receipt_is_written_byte_for_byte_and_holds(
    fuquan: Fuquan, logs: Logs, tmp_path: Path
):
    out, keys = tmp_path / "receipt.json", tmp_path / "county.vkeys"
    keys.write_text("\n".join(logs.trusted()), "utf-8")

    fetched = fuquan("ledger", "receipt", CASE, "--out", str(out))
    ended = fuquan("verify", str(out), "--key", str(keys))

    assert (fetched.exit_code, out.read_bytes()) == (0, logs.receipt())
    assert ended.exit_code == 0
    assert ended.stdout.startswith(f"已证明 Proven: 案件 case {CASE}")


def test_the_sm2_keys_in_a_file_of_keys_are_left_to_others(
    fuquan: Fuquan, logs: Logs, tmp_path: Path
):
    out, keys = tmp_path / "receipt.json", tmp_path / "county.vkeys"
    sm2 = OpenSslSm2.create(tmp_path / "cases.sm2.key", "fuquan/county/cases").verifier
    keys.write_text("\n".join([*logs.trusted(), str(sm2)]), "utf-8")
    fuquan("ledger", "receipt", CASE, "--out", str(out))

    ended = fuquan("verify", str(out), "--key", str(keys))

    assert ended.exit_code == 0


def test_without_a_file_the_receipt_goes_to_stdout(fuquan: Fuquan, logs: Logs):
    ended = fuquan("ledger", "receipt", CASE)

    assert (ended.exit_code, ended.stdout) == (0, logs.receipt().decode())


def test_a_receipt_under_other_keys_is_refused(fuquan: Fuquan, logs: Logs, tmp_path: Path):
    out = tmp_path / "receipt.json"
    fuquan("ledger", "receipt", CASE, "--out", str(out))

    ended = fuquan("verify", str(out), "--key", Logs().trusted()[0])

    assert ended.exit_code == 1
    assert "未通过 Refused: unknown-key" in ended.stderr


def test_a_refusal_is_told_in_words(fuquan: Fuquan, desk: Desk, tmp_path: Path):
    desk.refusals["receipt"] = Refused(
        "ledger.not-decided", {"case": CASE}, "该案件已受理，尚未作出决定"
    )
    out = tmp_path / "receipt.json"

    ended = fuquan("ledger", "receipt", CASE, "--out", str(out))

    assert (ended.exit_code, out.exists()) == (1, False)
    assert "尚未作出决定" in ended.stderr
    assert "ledger.not-decided" in ended.stderr


def test_what_is_no_case_is_wrong_use(fuquan: Fuquan, desk: Desk):
    ended = fuquan("ledger", "receipt", "x")

    assert ended.exit_code == 2
    assert "case" in ended.stderr


def test_a_file_that_cannot_be_written_is_said(fuquan: Fuquan, logs: Logs, tmp_path: Path):
    ended = fuquan("ledger", "receipt", CASE, "--out", str(tmp_path / "no" / "receipt.json"))

    assert ended.exit_code == 2
    assert "--out" in ended.stderr
