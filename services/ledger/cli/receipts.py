"""`fuquan ledger receipt`: the file that proves one approval offline."""

from pathlib import Path
from typing import Annotated

import typer

from services.ledger.cli.app import ledger
from shared.cli.client import HERE, Url, reached


@ledger.command()
def receipt(
    case: Annotated[
        str, typer.Argument(metavar="CASE", help="案件 Id of the case.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="File to write, e.g. receipt.json; else to stdout."),
    ] = None,
    *,
    url: Url = HERE,
) -> None:
    """Write the receipt of an approval: facts, proofs and signed roots in one file (R131).

    Check it with `fuquan verify FILE --key …`, or without Fuquan: `python verify.py FILE --key …`.

    Example: fuquan ledger receipt 80ef552f-dad6-5b03-9c32-fd2a0a58059e --out receipt.json
    """
    with reached(url) as gateway:
        text = str(gateway.ask("ledger", "receipt", case=case)["receipt"])
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_bytes(text.encode())
    except OSError as why:
        raise typer.BadParameter(f"{out}: {why.strerror}", param_hint="--out") from why
    typer.echo(str(out))
