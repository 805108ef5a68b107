"""`fuquan programme`, `fuquan catalogue`: programmes from folders, item catalogues from tables."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid5

import typer

from services.catalog.domain.folder import BrokenFolder, Problem, load, problems
from shared.cli.client import HERE, REFUSED, Gateway, Url, reached, tell
from shared.cli.sheets import File, command_of, sheet_of, show_counts, show_findings
from shared.cli.tables import show

app = typer.Typer(
    no_args_is_help=True,
    help="实施方案 Programmes: check a folder, import it, list what is registered.",
    epilog="Example: fuquan programme check services/catalog/programmes/MD2023",
)

catalogue = typer.Typer(
    no_args_is_help=True, help="事项目录 Item catalogues from .xlsx and .csv: preview, import.",
    epilog="Example: fuquan catalogue preview 目录.xlsx --programme MD2023",
)

Programme = Annotated[
    str, typer.Option("--programme", help="方案 Programme, e.g. MD2023.", show_default=False)
]
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


@catalogue.command()
def preview(file: File, programme: Programme, url: Url = HERE) -> None:
    """Show what is wrong with a table of items, row by row, and what its import would change.

    Example: fuquan catalogue preview 目录.xlsx --programme MD2023
    """
    with reached(url) as gateway:
        _preview(gateway, file, programme)
    typer.echo(f"可以导入 ready: fuquan catalogue import {file} --programme {programme}")


@catalogue.command("import")
def import_table(
    file: File, programme: Programme,
    ref: Annotated[
        str | None, typer.Option("--ref", help="Document that issues the catalogue, 文号.")
    ] = None,
    url: Url = HERE,
) -> None:
    """Import the new items of a table, if nothing in it is wrong; a second time changes nothing.

    Example: fuquan catalogue import 目录.xlsx --programme MD2023 --ref 菏区政发〔2023〕2号
    """
    with reached(url) as gateway:
        request = _preview(gateway, file, programme) | {"instrument_ref": ref}
        gateway.do("catalog", "import_catalogue", request, command_of(file, programme, ref))
    typer.echo(f"已导入 imported into {programme}")


def _preview(gateway: Gateway, file: Path, programme: str) -> dict[str, Any]:
    """Show the preview; returns the request, or ends where there is an error."""
    request = {"programme": programme, "sheet": sheet_of(file)}
    found = gateway.ask_at_length("catalog", "preview_catalogue", request)
    show_findings(found["findings"])
    listed = [
        (one["row"], one["item_id"], one["code"], one["name"], one["power_type"], one["change"])
        for one in found["items"] if one["change"] != "unchanged"
    ]
    if listed:
        show(("行 row", "编号 id", "编码 code", "事项 item", "类型 type", ""), listed)
    show_counts(found["counts"])
    if not found["ready"]:
        tell("有错误，什么都没有登记 There are errors; nothing is recorded. Mend the rows above.")
        raise typer.Exit(REFUSED)
    return request
