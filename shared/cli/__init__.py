"""`fuquan …`: the command line; each service brings its own commands by entry point."""

from importlib.metadata import EntryPoint, entry_points

import typer

from shared.cli import run
from shared.cli.backups import backup, restore
from shared.cli.events import events
from shared.cli.ops import ops
from shared.cli.rules import rules

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    help="赋权 Fuquan — who holds which power, when, under which grant.",
    epilog="First look: [bold]fuquan demo[/bold]."
    " On servers: [bold]fuquan migrate[/bold], then [bold]fuquan up[/bold].",
)
app.command()(run.migrate)
app.command()(run.up)
app.command()(run.relay)
app.command()(rules)
app.command()(backup)
app.command()(restore)
app.add_typer(ops, name="ops")
app.add_typer(events, name="events")


def add(found: EntryPoint) -> None:
    """Add a command that a package brings, unless this image lacks the package.

    Raises:
        ImportError: the package is there and cannot be imported.
    """
    try:
        brought = found.load()
    except ModuleNotFoundError as missing:
        if found.module.startswith(f"{missing.name}."):
            return
        raise
    if isinstance(brought, typer.Typer):
        app.add_typer(brought, name=found.name)
    else:
        app.command(found.name)(brought)


for one in entry_points(group="fuquan.commands"):
    add(one)


def main() -> None:
    """The console script."""
    app()
