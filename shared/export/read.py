"""Reads an export back: its rows as text, and its proof."""

import csv
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import BadZipFile, LargeZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from shared.export.columnar import KEY, NoParquet
from shared.export.tables import TABLES, WORD, Column, text_of
from shared.export.text import PROOF, told
from shared.export.workbook import ANSWER, DATA

MOST_UNPACKED = 2**30
# What the libraries raise on bytes that are not as they should be.
BROKEN = (
    ArithmeticError, AttributeError, BadZipFile, EOFError, InvalidFileException, LargeZipFile,
    LookupError, RuntimeError, SyntaxError, TypeError, ValueError, csv.Error, zlib.error,
)


class Unreadable(ValueError):
    """A file that is no export, or is not one any more; the message says what it lacks."""


@dataclass(frozen=True)
class Export:
    """An export as it was found: nothing of it is checked.

    Args:
        keys: of the columns.
        rows: texts, in their order.
        proof: JSON value.
    """

    keys: list[str]
    rows: list[list[str]]
    proof: dict[str, Any]


def opened(path: Path) -> Export:
    """The export in a file: .xlsx, .csv, .jsonl, .parquet, or a .zip with a table and its proof.

    Raises:
        OSError: it is not there, or its proof is not beside it.
        Unreadable: it is no export.
    """
    suffix = path.suffix.lower()
    if suffix not in READERS and suffix != ".zip":
        raise Unreadable(f"{path.name}: 请核验 {'、'.join((*READERS, '.zip'))}；.pdf 请存出其附件")
    try:
        if suffix == ".zip":
            return _zipped(path)
        if suffix in {".csv", ".jsonl"}:
            beside = path.with_name(path.name + PROOF)
            return _export(suffix, path.read_bytes(), beside.read_bytes())
        return _export(suffix, path.read_bytes(), None)
    except (Unreadable, OSError):
        raise
    except BROKEN as wrong:
        raise Unreadable(f"{path.name}: {type(wrong).__name__}: {wrong}") from wrong


def _zipped(path: Path) -> Export:
    with ZipFile(path) as archive:
        _guard(archive)
        names = archive.namelist()
        (proof,) = (name for name in names if name.endswith(PROOF))
        table = proof.removesuffix(PROOF)
        return _export(Path(table).suffix, archive.read(table), archive.read(proof))


def _guard(archive: ZipFile) -> None:
    if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
        raise Unreadable("解压后过大 unpacks to too much")


def _export(suffix: str, table: bytes, proof: bytes | None) -> Export:
    found = None if proof is None else json.loads(proof)
    return READERS[suffix](table, found)


def _csv(table: bytes, proof: Any) -> Export:
    head, *rows = csv.reader(StringIO(table.decode("utf-8-sig"), newline=""), strict=True)
    return Export(_keys(head), [[told(cell) for cell in row] for row in rows], proof)


def _jsonl(table: bytes, proof: Any) -> Export:
    columns = _columns(proof)
    rows = [_texts(json.loads(line), columns) for line in table.split(b"\n") if line]
    return Export([one.key for one in columns], rows, proof)


def _xlsx(table: bytes, _: Any) -> Export:
    with ZipFile(BytesIO(table)) as archive:
        _guard(archive)
    book = load_workbook(BytesIO(table), read_only=True)
    lines = [
        ["" if value is None else str(value) for value in row]
        for row in book[ANSWER].iter_rows(values_only=True)
    ]
    proof = json.loads("".join(
        str(row[0]) for row in book[DATA].iter_rows(max_col=1, values_only=True)
    ))
    head, *rows = lines
    keys = _keys(head)
    return Export(keys, [[*row, *[""] * (len(keys) - len(row))] for row in rows], proof)


def _parquet(table: bytes, _: Any) -> Export:
    try:
        import duckdb  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise Unreadable(str(NoParquet("pip install fuquan[parquet]"))) from missing
    with TemporaryDirectory() as folder, duckdb.connect() as database:
        path = Path(folder, "export.parquet")
        path.write_bytes(table)
        try:
            ((proof,),) = database.execute(
                "SELECT value FROM parquet_kv_metadata(?) WHERE key = ?", [str(path), KEY]
            ).fetchall()
            rows = database.execute(
                "SELECT to_json(t)::VARCHAR FROM read_parquet(?) AS t", [str(path)]
            ).fetchall()
        except duckdb.Error as wrong:
            raise Unreadable(str(wrong)) from wrong
        found = json.loads(proof)
        columns = _columns(found)
    return Export(
        [one.key for one in columns], [_texts(json.loads(row), columns) for (row,) in rows], found
    )


READERS: Mapping[str, Callable[[bytes, Any], Export]] = {
    ".xlsx": _xlsx, ".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet,
}


def _keys(head: list[str]) -> list[str]:
    """The stable keys out of the headings, each behind its Chinese name."""
    return [cell.rpartition(" ")[2] for cell in head]


def _columns(proof: Any) -> tuple[Column, ...]:
    return TABLES[proof["question"]["door"]].columns


def _texts(row: Mapping[str, Any], columns: tuple[Column, ...]) -> list[str]:
    return [text_of(row.get(one.key), one.kind) for one in columns]


def rows_of(export: Export) -> Iterator[dict[str, str]]:
    """The rows by key, words as they were recorded."""
    words = {one.key for one in _columns(export.proof) if one.kind == WORD}
    for row in export.rows:
        yield {
            key: cell.rpartition(" ")[2] if key in words else cell
            for key, cell in zip(export.keys, row, strict=True)
        }
