"""`fuquan …`: the command line."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="赋权 Fuquan — who holds which power, when, under which grant.")


def main() -> None:
    """The console script."""
    app()
