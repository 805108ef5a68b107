"""`fuquan programme`: check a programme's folder, import it, list what is registered."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid5

import typer

from services.catalog.domain.folder import BrokenFolder, Problem, load, problems
from shared.cli.client import HERE, REFUSED, Url, reached, tell
from shared.cli.tables import show

app = typer.Typer(
    no_args_is_help=True,
    help="实施方案 Programmes: check a folder, import it, list what is registered.",
    epilog="Example: fuquan programme check services/catalog/programmes/MD2023",
)

Folder = Annotated[
    Path,
    typer.Argument(
        exists=True, file_okay=False, metavar="FOLDER", show_default=False,
        help="Folder with programme.toml and the tables.",
    ),
]


@app.command()
def check(folder: Folder) -> None:
    """Check a programme's folder, offline; every fault with its row and what to write instead.

    Example: fuquan programme check services/catalog/programmes/MD2023
    """
    found = problems(folder)
    _show(found)
    errors = sum(one.severity == "error" for one in found)
    if errors:
        tell(f"{errors} 处错误 errors; mend the rows above and check again.")
        raise typer.Exit(REFUSED)
    typer.echo(f"可以导入 ready: fuquan programme import {folder}")


@app.command("import")
def import_(folder: Folder, url: Url = HERE) -> None:
    """Import a programme from its folder; the same folder a second time changes nothing.

    Example: fuquan programme import services/catalog/programmes/MD2023
    """
    try:
        content = load(folder)
    except BrokenFolder as broken:
        _show(broken.problems)
        tell("没有导入 Nothing was imported; mend the rows above and import again.")
        raise typer.Exit(REFUSED) from broken
    programme = content["programme"]["id"]
    request = {"programme": programme, "content": content}
    with reached(url) as gateway:
        gateway.do("catalog", "import_programme", request, _command_of(content))
    tables = ("organs", "towns", "items", "modes")
    counts = ", ".join(f"{len(content[table])} {table}" for table in tables)
    typer.echo(f"已导入 imported {programme}: {counts}")


@app.command("list")
def list_(url: Url = HERE) -> None:
    """List the registered programmes.

    Example: fuquan programme list
    """
    with reached(url) as gateway:
        found = gateway.ask("catalog", "programmes")
    if not found:
        typer.echo("没有方案 none; import one: fuquan programme import FOLDER")
        return
    columns = ("programme_id", "title", "document_no", "jurisdiction_name", "issued_on")
    show(
        ("方案 programme", "标题 title", "文号 document", "辖区 jurisdiction", "发文 issued"),
        [tuple(one.get(column) for column in columns) for one in found],
    )


def _command_of(content: dict[str, Any]) -> UUID:
    """The same content is the same command, so a repetition repeats."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return uuid5(NAMESPACE_URL, f"fuquan:import:{sha256(text.encode()).hexdigest()}")


def _show(found: list[Problem]) -> None:
    if found:
        show(
            ("文件 file", "行 row", "列 column", "原因 reason", "建议 suggestion", ""),
            [
                (one.file, one.row, one.column, f"{one.message_zh}\n{one.message_en}",
                 one.suggestion, one.severity)
                for one in found
            ],
        )
