"""`fuquan catalogue`: look at a table of items, and import it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from shared.cli.client import HERE, REFUSED, Gateway, Url, reached, tell
from shared.cli.sheets import File, command_of, sheet_of, show_counts, show_findings
from shared.cli.tables import show

app = typer.Typer(
    no_args_is_help=True, help="事项目录 Item catalogues from .xlsx and .csv: preview, import.",
    epilog="Example: fuquan catalogue preview 目录.xlsx --programme MD2023",
)

Programme = Annotated[
    str, typer.Option("--programme", help="方案 Programme, e.g. MD2023.", show_default=False)
]


@app.command()
def preview(file: File, programme: Programme, url: Url = HERE) -> None:
    """Show what is wrong with a table of items, row by row, and what its import would change.

    Example: fuquan catalogue preview 目录.xlsx --programme MD2023
    """
    with reached(url) as gateway:
        _preview(gateway, file, programme)
    typer.echo(f"可以导入 ready: fuquan catalogue import {file} --programme {programme}")


@app.command("import")
def import_(
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
