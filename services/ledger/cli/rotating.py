"""`fuquan ledger rotate`: the signing key of a log hands over to a new one."""

from typing import Annotated
from uuid import uuid4

import typer

from services.ledger.cli.app import ledger
from services.ledger.cli.words import Keys, auditors, one_of
from shared.cli.client import HERE, WRONG_OR_AWAY, Url, reached, tell
from shared.cli.run import told
from shared.log.keyring import Held
from shared.log.keys import ED25519, SM2, NoteError, verifiers_in
from shared.log.trust import statement
from shared.settings import SERVICES, Settings


def _service(text: str) -> str:
    return one_of(SERVICES, text)


@ledger.command()
@told
def rotate(
    service: Annotated[
        str, typer.Argument(parser=_service, metavar="SERVICE", help="Whose log.")
    ],
    *,
    programme: Annotated[
        str, typer.Option(help="实施方案 A programme of the jurisdiction that keeps the log.")
    ],
    reason: Annotated[str, typer.Option(help="更换原因 It is recorded.")],
    sm2: Annotated[
        bool, typer.Option("--sm2", help="The SM2 key instead of the Ed25519 one.")
    ] = False,
    keys: Keys = Settings.keys,
    url: Url = HERE,
) -> None:
    """Make a new signing key for a log, and let the old one hand over to it.

    Run it as the relay's user, where the private keys are. Both keys ask for it, the service
    records it in its own log, and the relay signs the next checkpoint with both; then the old
    private key is gone. To repeat it before that changes nothing.

    Example: fuquan ledger rotate cases --programme MD2023 --reason 年度更换
    """
    settings = auditors(keys)
    held = Held(keys, service, settings.origin(service), SM2 if sm2 else ED25519)
    public = keys / f"{service}.vkey"
    if not (held.path.is_file() and public.is_file()):
        tell(f"There is no {held.path} with its {public.name}; set FUQUAN_KEYS to the relay's"
             " folder, and be its user.")
        raise typer.Exit(WRONG_OR_AWAY)
    try:
        old, new = held.loaded(), held.next_made()
        if old.verifier not in verifiers_in(public.read_text("utf-8")):
            tell(f"{held.path} is not the key of {held.name} in {public}; set FUQUAN_DEPLOYMENT.")
            raise typer.Exit(WRONG_OR_AWAY)
        asked = statement(old, new)
    except NoteError as wrong:
        tell(str(wrong))
        raise typer.Exit(WRONG_OR_AWAY) from wrong
    with reached(url) as gateway:
        gateway.do(service, "rotate_signing_key", {
            "programme": programme, "old_key": str(old.verifier), "new_key": str(new.verifier),
            "statement": asked, "reason": reason,
        }, uuid4())
    typer.echo(f"已登记 Recorded; the next checkpoint hands over to {new.verifier}")
