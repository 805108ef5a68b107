"""`fuquan token`: a token for one operator of one organ."""

import math
from pathlib import Path
from typing import Annotated
from warnings import catch_warnings, simplefilter

import typer

from shared.cli.client import WRONG_OR_AWAY, tell
from shared.settings import Settings


def token(
    org: Annotated[str, typer.Option(help="Organ that is acted for, e.g. MD2023-ORG-05.")],
    role: Annotated[str, typer.Option(help="officer, registrar, …; auditor and reader only ask.")],
    operator: Annotated[str, typer.Option(help="Opaque id of the person, never a name.")],
    hours: Annotated[float, typer.Option(help="How long it is valid.")] = 8,
    keys: Annotated[
        Path, typer.Option(envvar="FUQUAN_KEYS", help="Folder with gateway.key.")
    ] = Settings.keys,
    deployment: Annotated[
        str, typer.Option(envvar="FUQUAN_DEPLOYMENT", help="For which it is valid.")
    ] = Settings.deployment,
) -> None:
    """Print a token for one operator of one organ, signed with the gateway's key.

    Example: export FUQUAN_TOKEN=$(fuquan token --org MD2023-ORG-05 --role officer --operator op-7)

    Of the demo: fuquan token --keys .fuquan/demo/keys --deployment demo --org … --role …
    """
    if not 0 < hours < math.inf:
        raise typer.BadParameter("a token is valid for some hours, e.g. 8", param_hint="--hours")
    if not (keys / "gateway.key").is_file():
        tell(f"No gateway.key in {keys}; set FUQUAN_KEYS to the gateway's folder of keys."
             " The gateway makes it when it starts: `fuquan up` or `fuquan demo`.")
        raise typer.Exit(WRONG_OR_AWAY)
    with catch_warnings():
        simplefilter("ignore")  # eventlet's, on being imported
        from services.gateway.tokens import issue  # noqa: PLC0415 - only this command needs the gateway
    try:
        signed = issue(Settings(keys=keys, deployment=deployment), org, role, operator, hours)
    except (ValueError, OverflowError, PermissionError) as wrong:
        tell(f"No token: {wrong}.")
        raise typer.Exit(WRONG_OR_AWAY) from wrong
    typer.echo(signed)
