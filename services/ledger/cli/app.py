"""`fuquan ledger`: the room that the commands of the verifiable ledger are hung in."""

import typer

ledger = typer.Typer(
    no_args_is_help=True,
    help="存证 The verifiable ledger: tiles, keys, receipts, audit, restore.",
    epilog="Example: fuquan ledger tiles public/log",
)
