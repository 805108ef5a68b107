"""`fuquan papers`, `fuquan list`: agreements and towns' lists as files, and lists from files."""

from base64 import b64decode
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from shared.cli.client import HERE, REFUSED, WRONG_OR_AWAY, Gateway, Url, reached, tell
from shared.cli.sheets import File, command_of, sheet_of, show_counts, show_findings, write
from shared.sheets.write import FORMATS, list_file

papers = typer.Typer(
    no_args_is_help=True, help="文本 Papers: agreements and town lists as .docx files.",
    epilog="Example: fuquan papers list MD2023-TOWN-08 --out 沙土镇.docx",
)

lists = typer.Typer(
    no_args_is_help=True, help="镇街清单 Towns' lists from and to .xlsx and .csv.",
    epilog="Example: fuquan list export MD2023-TOWN-08 --out 沙土镇.xlsx",
)

Town = Annotated[
    str, typer.Argument(help="镇街 Town, e.g. MD2023-TOWN-08.", show_default=False)
]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise typer.BadParameter(f"{text!r} is no day; write 2023-07-01") from wrong


Out = Annotated[
    Path | None,
    typer.Option(
        "--out", dir_okay=False, metavar="FILE.docx",
        help="Where to write it; without it, here under the name of the paper.",
    ),
]


@papers.command()
def agreement(
    agreement: Annotated[UUID, typer.Argument(help="协议 Agreement id.", show_default=False)],
    out: Out = None,
    url: Url = HERE,
) -> None:
    """Write an agreement for signature, with its parties, articles, items and term.

    Example: fuquan papers agreement 376e709c-9341-5e05-92de-22453b4b78f3 --out 委托协议.docx
    """
    _write("agreement_paper", out, url, agreement=str(agreement))


@papers.command("list")
def list_(
    town: Annotated[
        str, typer.Argument(help="镇街 Town, e.g. MD2023-TOWN-08.", show_default=False)
    ],
    out: Out = None,
    on: Annotated[
        date | None,
        typer.Option(parser=_day, metavar="DAY", help="As of that day; without it, the current."),
    ] = None,
    url: Url = HERE,
) -> None:
    """Write a town's list as a table: item, type, mode, departments, sub-items.

    Example: fuquan papers list MD2023-TOWN-08 --on 2023-12-31 --out 清单.docx
    """
    _write("list_paper", out, url, town=town, on=on and on.isoformat())


def _write(door: str, out: Path | None, url: str, **asked: Any) -> None:
    with reached(url) as gateway:
        paper = gateway.ask("delegation", door, **asked)
    path = out or Path(paper["name"])
    try:
        path.write_bytes(b64decode(paper["docx"]))
    except OSError as wrong:
        tell(f"Cannot write {path}: {wrong.strerror}; name another file with --out.")
        raise typer.Exit(WRONG_OR_AWAY) from wrong
    typer.echo(f"已写入 written {path}")


@lists.command()
def preview(town: Town, file: File, url: Url = HERE) -> None:
    """Show what is wrong with a table of a town's list, and what its draft would change.

    Example: fuquan list preview MD2023-TOWN-08 沙土镇.xlsx
    """
    with reached(url) as gateway:
        draft = _preview(gateway, town, file)
    if draft:
        typer.echo(f"可以拟定 ready: fuquan list import {town} {file}")


@lists.command("import")
def import_(town: Town, file: File, url: Url = HERE) -> None:
    """Draft a town's list from a table, if nothing in it is wrong; it is then to be approved.

    Example: fuquan list import MD2023-TOWN-08 沙土镇.xlsx
    """
    with reached(url) as gateway:
        draft = _preview(gateway, town, file)
        if draft:
            gateway.do("delegation", "draft_list", draft, command_of(file, town, draft["replaces"]))
            typer.echo(f"已拟定，待审定 drafted, to be approved: {town}")


@lists.command()
def export(
    town: Town,
    out: Annotated[
        Path, typer.Option("--out", dir_okay=False, metavar="FILE", show_default=False,
                           help="Where to write it: a name in .xlsx or .csv."),
    ],
    url: Url = HERE,
) -> None:
    """Write a town's current list as a table that imports again.

    Example: fuquan list export MD2023-TOWN-08 --out 沙土镇.xlsx
    """
    form = out.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise typer.BadParameter("a name that ends in .xlsx or .csv", param_hint="--out")
    with reached(url) as gateway:
        found = gateway.ask("delegation", "list_lines", town=town)
    title = f"{found['town']}赋权事项清单（第{found['version']}版）"
    write(out, list_file(title, found["entries"], form))


def _preview(gateway: Gateway, town: str, file: Path) -> dict[str, Any] | None:
    """Show the preview; returns the draft, None where nothing changes; ends where it is wrong."""
    asked = {"programme": town.partition("-")[0], "town": town, "sheet": sheet_of(file)}
    found = gateway.ask_at_length("delegation", "preview_list", asked)
    show_findings(found["findings"])
    show_counts(found["counts"])
    if not found["ready"]:
        tell("有错误，什么都没有登记 There are errors; nothing is recorded. Mend the rows above.")
        raise typer.Exit(REFUSED)
    draft: dict[str, Any] | None = found["draft"]
    return draft
