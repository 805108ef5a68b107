"""`fuquan demo`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def demo(
    data: Annotated[
        Path, typer.Option(help="Folder of the demo's data; a second run continues there.")
    ] = Path(".fuquan/demo"),
    *,
    servers: Annotated[
        bool, typer.Option("--servers", help="Play on FUQUAN_DATABASE_URL and FUQUAN_AMQP_URL.")
    ] = False,
    running: Annotated[
        bool, typer.Option("--running", help="Play on a deployment that runs, clock driven.")
    ] = False,
    exit_: Annotated[
        bool,
        typer.Option("--exit", help="End after the summary; exit code 0 if every check holds."),
    ] = False,
    port: Annotated[int, typer.Option(help="HTTP port of the gateway on 127.0.0.1.")] = 8080,
) -> None:
    """Play a day of the five real programmes and check everything that must hold.

    Examples:

      fuquan demo                      look around at http://127.0.0.1:8080 afterwards

      fuquan demo --exit               end by itself, for scripts

      fuquan demo --servers --exit     on the servers that the environment names

      fuquan demo --running --exit     on the containers of a test deployment
    """  # noqa: D412 - without the blank lines the help would run the commands together
    told = ["--data", str(data), "--port", str(port)]
    told += ["--servers"] if servers else []
    told += ["--running"] if running else []
    told += ["--exit"] if exit_ else []
    command = [sys.executable, "-W", "ignore", "-m", "demo", *told]
    # a fresh interpreter, because the services' green threads want to be there before anything else
    os.execv(sys.executable, command)  # noqa: S606 - our own module, no shell
