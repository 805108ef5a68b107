"""`fuquan verify`: a receipt checked offline, with the same lines that stand alone in verify.py."""

from base64 import b64decode
from pathlib import Path
from typing import Annotated

import typer

from services.ledger.verify import Key, Refused, checked, report
from shared.cli.client import REFUSED, WRONG_OR_AWAY, tell
from shared.log.keys import SM2


def verify(
    receipt: Annotated[Path, typer.Argument(metavar="FILE", help="凭证 The receipt.")],
    *,
    key: Annotated[
        list[str],
        typer.Option(help="Verifier key, or a file with one per line; repeatable. A witness's key"
                     " must have cosigned everything shown."),
    ],
) -> None:
    """Check an approval's receipt offline: which power, of whom, under which grant (R131).

    Example: fuquan verify receipt.json --key county.vkeys
    """
    try:
        keys = [Key.parse(line) for given in key for line in _lines(given)]
        facts = checked(receipt.read_bytes(), keys)
    except OSError as wrong:
        tell(f"{wrong.filename}: {wrong.strerror}")
        raise typer.Exit(WRONG_OR_AWAY) from wrong
    except Refused as refused:
        tell(f"未通过 Refused: {refused}")
        raise typer.Exit(REFUSED) from refused
    typer.echo("\n".join(report(facts)))


def _lines(given: str) -> list[str]:
    """A key, or the Ed25519 keys in a file; what is signed in SM2 too is checked by Ed25519."""
    path = Path(given)
    if not path.is_file():
        return [given]
    return [line for line in path.read_text("utf-8").split() if not _in_sm2(line)]


def _in_sm2(line: str) -> bool:
    try:
        return b64decode(line.split("+", 2)[-1]).startswith(SM2.type)
    except ValueError:  # no key at all: the checker says so
        return False
