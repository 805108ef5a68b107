"""Exports as Parquet, by DuckDB: an extra (`pip install fuquan[parquet]`)."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from shared.export.answer import Answer
from shared.export.tables import INSTANT, LIST, NUMBER, PAPER, TEXT, WORD, YES
from shared.export.text import lines_of

TYPES = {
    TEXT: "VARCHAR", INSTANT: "TIMESTAMPTZ", NUMBER: "BIGINT", LIST: "VARCHAR[]", YES: "BOOLEAN",
    PAPER: "JSON", WORD: "VARCHAR",
}
KEY = "fuquan_proof"


class NoParquet(RuntimeError):
    """DuckDB is not installed here."""


def write_parquet(answer: Answer, into: BinaryIO) -> None:
    """A typed table, with the proof as JSON in the file's metadata under `KEY`.

    Raises:
        NoParquet: the extra is not installed.
    """
    try:
        import duckdb  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise NoParquet("pip install fuquan[parquet]") from missing
    columns = ", ".join(f"'{one.key}': '{TYPES[one.kind]}'" for one in answer.table.columns)
    proof = json.dumps(answer.proof(), ensure_ascii=False).replace("'", "''")
    with TemporaryDirectory() as folder, duckdb.connect() as database:
        lines, table = Path(folder, "rows.jsonl"), Path(folder, "rows.parquet")
        with lines.open("wb") as rows:
            rows.writelines(lines_of(answer))
        if answer.rows:
            source = f"read_json('{lines}', format='newline_delimited', columns={{{columns}}})"
            database.execute(f"CREATE TABLE answer AS SELECT * FROM {source}")
        else:
            wanted = ", ".join(
                f'"{one.key}" {TYPES[one.kind]}' for one in answer.table.columns
            )
            database.execute(f"CREATE TABLE answer ({wanted})")
        database.execute(
            f"COPY answer TO '{table}' (FORMAT parquet, KV_METADATA {{{KEY}: '{proof}'}})"
        )
        into.write(table.read_bytes())
