"""The formats of an export by their suffix, for a file or a download."""

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from shared.export.answer import Answer
from shared.export.columnar import write_parquet
from shared.export.text import PROOF, proof_text, with_proof, write_csv, write_jsonl
from shared.export.workbook import write_xlsx


def _pdf(answer: Answer, into: BinaryIO) -> None:
    from shared.export.report import write_pdf  # noqa: PLC0415 - its library is slow to import

    write_pdf(answer, into)


class Form(NamedTuple):
    """A format.

    Args:
        media: its type, as a download has it.
        beside: its proof is a file of its own, so that a download is a .zip of both.
    """

    zh: str
    media: str
    write: Callable[[Answer, BinaryIO], None]
    beside: bool = False


FORMS: Mapping[str, Form] = {
    "xlsx": Form(
        "Excel 表格", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        write_xlsx,
    ),
    "csv": Form("文本表格", "text/csv", write_csv, beside=True),
    "jsonl": Form("JSON Lines", "application/x-ndjson", write_jsonl, beside=True),
    "pdf": Form("打印报告", "application/pdf", _pdf),
    "parquet": Form("Parquet", "application/vnd.apache.parquet", write_parquet),
}


def save(answer: Answer, path: Path) -> list[Path]:
    """Write an export, in the format of the file's suffix; returns the files that were written.

    Raises:
        OSError: it cannot be written.
        NoParquet: .parquet, and DuckDB is not installed.
    """
    form = FORMS[path.suffix.lower().removeprefix(".")]
    with path.open("wb") as file:
        form.write(answer, file)
    if not form.beside:
        return [path]
    beside = path.with_name(path.name + PROOF)
    beside.write_text(proof_text(answer.proof()), "utf-8")
    return [path, beside]


def download(answer: Answer, suffix: str) -> tuple[bytes, str, str]:
    """An export as content, file name and media type.

    Raises:
        NoParquet: .parquet, and DuckDB is not installed.
    """
    form, into = FORMS[suffix], BytesIO()
    form.write(answer, into)
    name = f"{answer.door}.{suffix}"
    if form.beside:
        return with_proof(answer, name, into.getvalue()), f"{name}.zip", "application/zip"
    return into.getvalue(), name, form.media
