"""Exports as text: .csv for spreadsheets and people, JSON Lines for machines, the proof beside."""

import csv
import json
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from shared.export.answer import Answer
from shared.export.tables import Column

# What an office program takes for a formula, in the width of either keyboard; and our own sign.
FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "'")
PROOF = ".proof.json"


def inert(text: str) -> str:
    """The text so that no office program takes it for a formula; `told` takes the sign away."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def told(text: str) -> str:
    """The text as it was before `inert`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_SIGNS) else text


def heading(column: Column) -> str:
    """Chinese heading and stable key, as the first line of a table has them."""
    return f"{column.zh} {column.key}"


def write_csv(answer: Answer, into: BinaryIO) -> None:
    """Text with commas, marked as UTF-8 for the office programs that would guess otherwise."""
    text = TextIOWrapper(into, "utf-8-sig", newline="", write_through=True)
    lines = csv.writer(text)
    lines.writerow([heading(one) for one in answer.table.columns])
    lines.writerows([inert(cell) for cell in row] for row in answer.texts())
    text.detach()


def write_jsonl(answer: Answer, into: BinaryIO) -> None:
    """A JSON object per row, by the columns' keys; instants are in UTC."""
    into.writelines(lines_of(answer))


def lines_of(answer: Answer) -> Iterator[bytes]:
    """The lines of JSON Lines."""
    for row in answer.rows:
        values = {one.key: row.get(one.key) for one in answer.table.columns}
        yield json.dumps(values, ensure_ascii=False).encode() + b"\n"


def proof_text(proof: dict[str, Any]) -> str:
    """The proof as the file beside a table has it."""
    return json.dumps(proof, ensure_ascii=False, indent=1) + "\n"


def write_zip(answer: Answer, name: str, table: bytes, into: BinaryIO) -> None:
    """A table and its proof in one archive; the same answer gives the same bytes.

    Args:
        name: of the table in it; the proof has that and `PROOF`.
    """
    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        for part, content in (
            (name, table), (name + PROOF, proof_text(answer.proof()).encode()),
        ):
            archive.writestr(entry(answer, part), content)


def entry(answer: Answer, name: str) -> ZipInfo:
    """An entry of an archive, dated by the answer."""
    found = ZipInfo(name, answer.made_at.timetuple()[:6])
    found.compress_type = ZIP_DEFLATED
    return found


def with_proof(answer: Answer, name: str, table: bytes) -> bytes:
    """As `write_zip`, in memory."""
    into = BytesIO()
    write_zip(answer, name, table, into)
    return into.getvalue()
