"""Tables at the command line: a file read, its findings shown, a file written."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid5

import typer

from shared.cli.client import WRONG_OR_AWAY, tell
from shared.cli.tables import show
from shared.sheets.read import MOST_BYTES, read

File = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, readable=True, metavar="FILE", show_default=False,
        help="Table with a header line, .xlsx or .csv.",
    ),
]


def sheet_of(file: Path) -> dict[str, Any]:
    """The table in a file, as a request wants it."""
    with file.open("rb") as opened:
        return read(opened.read(MOST_BYTES + 1), file.name).plain()


def command_of(file: Path, *about: object) -> UUID:
    """The same file for the same purpose is the same command, so a repetition repeats."""
    digest = sha256(file.read_bytes()).hexdigest()
    return uuid5(NAMESPACE_URL, ":".join(["fuquan:table", digest, *map(str, about)]))


def show_findings(found: Sequence[Mapping[str, Any]]) -> None:
    """Where what is wrong, why, and what to write instead."""
    if found:
        show(
            ("行 row", "列 column", "原因 reason", "建议 suggestion", ""),
            [
                (one["row"], one["column"], f"{one['message_zh']}\n{one['message_en']}",
                 one["suggestion"], one["severity"])
                for one in found
            ],
        )


def show_counts(counts: Mapping[str, int]) -> None:
    """How many entries would be new, different, as they are, gone."""
    words = {
        "added": "新增", "changed": "变更", "unchanged": "不变", "removed": "移出",
    }
    told = (f"{zh} {name} {counts[name]}" for name, zh in words.items() if name in counts)
    typer.echo("，".join(told))


def write(path: Path, data: bytes) -> None:
    """Write a file, or end with the reason."""
    try:
        path.write_bytes(data)
    except OSError as wrong:
        tell(f"Cannot write {path}: {wrong.strerror}.")
        raise typer.Exit(WRONG_OR_AWAY) from wrong
    typer.echo(f"已写入 written {path}")
