"""`fuquan …`: the command line; each service brings its own commands by entry point."""

from importlib.metadata import entry_points

import typer

from shared.cli import run
from shared.cli.rules import rules

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode="rich", pretty_exceptions_show_locals=False,
    help="赋权 Fuquan — who holds which power, when, under which grant.",
    epilog="First look: [bold]fuquan demo[/bold]. On servers: [bold]fuquan migrate[/bold], then [bold]fuquan up[/bold].",
)
app.command()(run.migrate)
app.command()(run.up)
app.command()(run.relay)
app.command()(rules)
for found in entry_points(group="fuquan.commands"):
    brought = found.load()
    if isinstance(brought, typer.Typer):
        app.add_typer(brought, name=found.name)
    else:
        app.command(found.name)(brought)


def main() -> None:
    """The console script."""
    app()
