"""`fuquan ledger restore`: a damaged log rebuilt from a copy, after saying what will change."""

from pathlib import Path
from typing import Annotated

import psycopg2
import typer

from services.ledger.cli.app import ledger
from services.ledger.cli.words import Keys, auditors, one_of
from services.ledger.copies import MIRROR, NoCopy, copy_of
from services.ledger.folder import Spoilt
from services.ledger.restore import StillAtWork, planned, restored
from services.ledger.sides import Difference, Unrestorable
from shared.cli.client import REFUSED, WRONG_OR_AWAY, tell
from shared.cli.run import told
from shared.cli.tables import show
from shared.settings import SERVICES, Settings


def _service(text: str) -> str:
    return one_of(SERVICES, text)


@ledger.command()
@told
def restore(
    service: Annotated[
        str,
        typer.Argument(parser=_service, metavar="SERVICE", help=f"One of {', '.join(SERVICES)}."),
    ],
    *,
    from_: Annotated[
        str,
        typer.Option(
            "--from", metavar="mirror|DIR|URL",
            help="来源 The ledger's mirror, a folder of tiles, or the address of a log.",
        ),
    ] = MIRROR,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it. Without it, only say what would change.")
    ] = False,
    keys: Keys = Settings.keys,
) -> None:
    """Rebuild a damaged or cut-off log from a copy; the damaged rows stay as evidence.

    FUQUAN_DATABASE_URL is the administrator's, and --keys the relay's folder. Stop the relay first.
    What is found damaged goes into witness.damaged of the ledger's database before it is replaced.

    Examples:

      fuquan ledger restore cases

      fuquan ledger restore cases --from /srv/city/mudan --yes
    """  # noqa: D412 - without the blank lines the help would run the commands together
    settings = auditors(keys)
    try:
        copy = copy_of(settings, service, from_)
        found = (restored if yes else planned)(settings, service, copy)
    except (Unrestorable, NoCopy, Spoilt) as no:
        tell(f"不能恢复 Not restored, nothing was changed: {no}")
        raise typer.Exit(REFUSED) from no
    except StillAtWork as busy:
        tell(f"A relay is at work on {service}. Stop `fuquan relay` (or `fuquan up`), wait 5 s,"
             " and repeat the command.")
        raise typer.Exit(WRONG_OR_AWAY) from busy
    except psycopg2.errors.InsufficientPrivilege as forbidden:
        tell(f"This role may not: {str(forbidden).strip()}. FUQUAN_DATABASE_URL must be the"
             " administrator's.")
        raise typer.Exit(WRONG_OR_AWAY) from forbidden
    _tell(service, found, from_, keys, done=yes)


def _tell(service: str, found: Difference, from_: str, keys: Path, *, done: bool) -> None:
    show(
        ("日志 log", "副本 copy", "缺失 missing", "改动 altered", "首处 first",
         "异签 other checkpoints", "恢复后 entries"),
        [(service, found.copied, found.missing, found.altered, found.first,
          len(found.other_notes), found.size)],
    )
    if not found.any():
        tell("与副本一致 The log is what the copy is; there is nothing to restore.")
    elif done:
        tell(f"已恢复 Restored. Start the relay again, then: fuquan log verify {service}"
             f" --database --keys {keys}")
    else:
        tell(f"尚未改动 Nothing was changed. To do it, with the relay stopped:"
             f" fuquan ledger restore {service} --from {from_} --yes --keys {keys}")
