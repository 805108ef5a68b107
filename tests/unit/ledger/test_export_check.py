"""The check of an export: what was altered, or was never so, is refused with a reason."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shared.export.answer import Answer, digest_of
from shared.export.check import NotProven, checked
from shared.export.files import save
from shared.export.read import Export, Unreadable, opened
from shared.export.tables import TABLES
from shared.log.note import Signer, Verifier
from shared.settings import Settings
from tests.exporting import answer, recorded, trusted
from tests.unit.ledger.books import CENTRE, DEPARTMENT, Books

Keys = Mapping[str, list[Verifier]]
COLUMNS = TABLES["holders"].columns
AT = {column.key: at for at, column in enumerate(COLUMNS)}
OTHER = "4" * 8 + "-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def signed(migrated: Settings) -> Iterator[Books]:
    books = recorded(migrated)
    yield books
    books.close()


@pytest.fixture(scope="module")
def keys(signed: Books) -> Keys:
    return trusted(signed)


@pytest.fixture(scope="module")
def made(signed: Books) -> Answer:
    return answer(signed)


@pytest.fixture
def export(made: Answer, tmp_path: Path) -> Export:
    save(made, tmp_path / "who.csv")
    return opened(tmp_path / "who.csv")


def refused(export: Export, keys: Keys) -> str:
    """The code with which the check refuses it."""
    with pytest.raises(NotProven) as why:
        checked(export, keys)
    return why.value.code


def forged(export: Export, key: str, value: str, row: int = 0) -> Export:
    """Another cell, and the digest made to fit, as whoever makes the file can."""
    rows = [list(one) for one in export.rows]
    rows[row][AT[key]] = value
    return replace(export, rows=rows, proof=export.proof | {"sha256": digest_of(COLUMNS, rows)})


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "jsonl", "parquet"])
@pytest.mark.parametrize(
    ("door", "asked"),
    [
        ("holders", {}),
        ("held_by", {"org": DEPARTMENT, "at": "2023-09-01T00:00:00+08:00"}),
        ("timeline", {"item": "MD23-04", "known_at": "2024-02-01T00:00:00+08:00"}),
        ("prove", {"programme": "MD2023", "known_at": "2024-02-01T00:00:00+08:00"}),
        ("status", {"after": None}),
    ],
)
def test_what_was_written_holds_in_every_format(
    signed: Books, keys: Keys, tmp_path: Path, suffix: str, door: str, asked: dict[str, Any]
):
    made = answer(signed, door, **asked)
    save(made, tmp_path / f"it.{suffix}")

    found = checked(opened(tmp_path / f"it.{suffix}"), keys)

    assert (found.rows, found.facts) == (len(made.rows), len(made.facts))
    assert found.digest == made.digest()
    assert {source: one.origin for source, one in found.checkpoints.items()} == {
        "catalog": "fuquan/test/catalog", "delegation": "fuquan/test/delegation",
    }


def test_a_corrected_and_recalled_grant_is_proven_by_the_facts_that_did_so(made: Answer):
    facts = [json.loads(fact["envelope"])["type"] for fact in made.facts]

    assert made.rows[0]["effective_from"] == "2023-07-31T16:00:00+00:00"
    assert [fact for fact in facts if fact.startswith("delegation.")] == [
        "delegation.ItemDelegated", "delegation.GrantCorrected", "delegation.ItemRecalled",
    ]


def test_another_cell_or_order_and_a_row_more_or_less_is_another_digest(
    export: Export, keys: Keys
):
    one, two, *more = export.rows
    altered = [
        [[*one[:-1], "9"], two, *more], [two, one, *more], [two, *more], [one, *export.rows],
    ]

    codes = [refused(replace(export, rows=rows), keys) for rows in altered]

    assert codes == ["rows-differ"] * 4


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("org_id", "MD2023-TOWN-09-CENTRE"), ("facet", "归档 archive"), ("item_id", "MD23-05"),
        ("town_id", "MD2023-TOWN-09"), ("mode", "direct"), ("scope", "旅店"),
        ("effective_from", "2023-06-01 00:00"), ("effective_to", "2025-01-01 00:00"),
        ("capacity", "own"), ("filed_at", "区县 district"), ("cross_town", "跨镇街 yes"),
        ("grant_id", OTHER),
    ],
)
def test_a_row_that_the_facts_do_not_tell_is_refused_though_the_digest_fits(
    export: Export, keys: Keys, key: str, value: str
):
    assert refused(forged(export, key, value), keys) == "row-differs"


def test_a_row_on_a_fact_that_is_not_shown_is_refused(export: Export, keys: Keys):
    assert refused(forged(export, "opened_by", "7"), keys) == "fact-missing"


def test_another_organ_cannot_be_given_the_departments_own_power(
    signed: Books, keys: Keys, tmp_path: Path
):
    save(answer(signed, "holders", item="MD23-05", at="2023-09-01T00:00:00+08:00"),
         tmp_path / "own.csv")

    own = opened(tmp_path / "own.csv")

    assert checked(own, keys).rows > 0
    assert refused(forged(own, "org_id", CENTRE), keys) == "row-differs"


def _another_envelope(fact: dict[str, Any]) -> dict[str, Any]:
    return fact | {"envelope": fact["envelope"].replace("entrusted", "Entrusted")}


def _another_position(fact: dict[str, Any]) -> dict[str, Any]:
    return fact | {"position": fact["position"] + 1}


def _short(fact: dict[str, Any]) -> dict[str, Any]:
    return fact | {"path": fact["path"][:-1]}


@pytest.mark.parametrize("alter", [_another_envelope, _another_position, _short])
def test_a_fact_that_is_not_in_the_signed_log_is_refused(
    export: Export, keys: Keys, alter: Callable[[dict[str, Any]], dict[str, Any]]
):
    facts = [
        alter(fact) if fact["envelope"].find("ItemDelegated") > 0 else fact
        for fact in export.proof["facts"]
    ]

    assert refused(replace(export, proof=export.proof | {"facts": facts}), keys) == "not-included"


def test_a_fact_left_out_is_missed(export: Export, keys: Keys):
    proof = export.proof | {"facts": []}

    assert refused(replace(export, proof=proof), keys) == "fact-missing"


def test_a_checkpoint_of_another_key_is_refused(export: Export, keys: Keys):
    stranger = Signer.generate("fuquan/test/delegation").verifier

    assert refused(export, {**keys, "delegation": [stranger]}) == "bad-checkpoint"
    assert refused(export, {"catalog": keys["catalog"]}) == "unknown-key"


def test_the_checkpoint_of_another_log_is_refused(export: Export, keys: Keys):
    notes = export.proof["checkpoints"]
    swapped = export.proof | {"checkpoints": {**notes, "delegation": notes["catalog"]}}

    assert refused(replace(export, proof=swapped), keys) == "bad-checkpoint"


def test_a_fact_that_is_not_signed_yet_proves_nothing_yet(export: Export, keys: Keys):
    facts = [fact | {"path": None} for fact in export.proof["facts"]]

    assert refused(replace(export, proof=export.proof | {"facts": facts}), keys) == "not-signed"


def test_a_cell_altered_in_the_workbook_is_seen(made: Answer, keys: Keys, tmp_path: Path):
    save(made, tmp_path / "who.xlsx")
    book = openpyxl.load_workbook(tmp_path / "who.xlsx")
    book["答案"].cell(2, AT["org_name"] + 1).value = "某镇便民服务中心"
    book.save(tmp_path / "who.xlsx")

    assert refused(opened(tmp_path / "who.xlsx"), keys) == "rows-differ"


def test_a_workbook_saved_again_unaltered_still_holds(made: Answer, keys: Keys, tmp_path: Path):
    save(made, tmp_path / "who.xlsx")
    openpyxl.load_workbook(tmp_path / "who.xlsx").save(tmp_path / "again.xlsx")

    assert checked(opened(tmp_path / "again.xlsx"), keys).digest == made.digest()


@pytest.mark.parametrize(
    "proof",
    [
        {}, {"format": "fuquan-export/v2"}, {"question": {"door": "do"}}, {"facts": [{}]},
        {"facts": None}, {"checkpoints": {"delegation": 7}}, {"columns": 3, "sha256": None},
        {"facts": [{"source": "delegation", "position": "0", "envelope": "{", "path": ["?"]}]},
    ],
)
def test_a_proof_of_another_shape_is_refused_and_nothing_else_happens(
    export: Export, keys: Keys, proof: dict[str, Any]
):
    whole = export.proof | proof if proof else {}

    assert refused(replace(export, proof=whole), keys) in {
        "malformed", "rows-differ", "bad-checkpoint", "not-included"
    }


@pytest.mark.parametrize("suffix", ["xlsx", "jsonl", "parquet", "zip", "csv"])
@pytest.mark.parametrize("content", [b"", b"{", b"PK\x03\x04", b"\xff" * 40, b"a,b\n1\n"])
def test_a_file_that_is_no_export_is_told(tmp_path: Path, suffix: str, content: bytes):
    (tmp_path / f"it.{suffix}").write_bytes(content)
    (tmp_path / f"it.{suffix}.proof.json").write_bytes(content)

    with pytest.raises(Unreadable):
        opened(tmp_path / f"it.{suffix}")


def test_a_report_says_to_take_its_attachments(tmp_path: Path):
    (tmp_path / "it.pdf").write_bytes(b"%PDF-1.7")

    with pytest.raises(Unreadable, match="附件"):
        opened(tmp_path / "it.pdf")
