"""Keys of several algorithms in one file, at the command line."""

from pathlib import Path

from typer.testing import CliRunner

from shared.cli import app
from shared.log.signer import OpenSslSm2
from tests.receipts import Logs


def test_a_receipt_is_checked_with_a_file_that_holds_the_logs_sm2_keys_too(tmp_path: Path):
    logs = Logs()
    sm2 = OpenSslSm2.create(tmp_path / "cases.sm2.key", "fuquan/county/cases")
    (tmp_path / "receipt.json").write_bytes(logs.receipt())
    (tmp_path / "county.vkeys").write_text("\n".join([*logs.trusted(), str(sm2.verifier), ""]))

    checked = CliRunner().invoke(
        app, ["verify", str(tmp_path / "receipt.json"), "--key", str(tmp_path / "county.vkeys")]
    )

    assert checked.exit_code == 0, checked.output
