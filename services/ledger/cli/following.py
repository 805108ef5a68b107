"""`fuquan ledger follow`: the city's copies of the counties' logs, verified and cosigned."""

import fcntl
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from services.ledger.cli.app import ledger
from services.ledger.cli.words import Keys, auditors
from services.ledger.cosigning import witness_key
from services.ledger.counties import counties_of, followers
from services.ledger.follow import AWAY, BEHIND, NOTHING, VOUCHED, Followed
from shared.cli.client import REFUSED, WRONG_OR_AWAY, tell
from shared.cli.run import told
from shared.cli.tables import show, yes
from shared.settings import NotConfigured, Settings

WORDS = {
    VOUCHED: "已见证 cosigned", BEHIND: "所示变短 behind", AWAY: "无应答 away",
    NOTHING: "尚无检查点 no-checkpoint",
    "differs": "与签名不符 differs", "altered": "本地副本受损 altered", "refused": "拒绝 refused",
}


@ledger.command()
@told
def follow(
    counties: Annotated[
        Path,
        typer.Argument(
            metavar="COUNTIES", dir_okay=False, exists=True,
            help='县区 A TOML file: [name], url = "https://…/log", keys = "name.vkeys".',
        ),
    ],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made if it is not there.")],
    *,
    every: Annotated[
        float | None,
        typer.Option(min=1, metavar="SECONDS", help="Look again and again. Without it, once."),
    ] = None,
    keys: Keys = Settings.keys,
) -> None:
    """Mirror counties' logs, verify every entry, and cosign what they have signed.

    A log that has signed two histories is refused from then on; both notes stay in DIR, in
    <county>/<service>/evidence. Any web server can serve DIR again. Each cosignature is offered to
    the county, which keeps it if this witness's key stands in its witnesses.vkey.

    Examples:

      FUQUAN_DEPLOYMENT=city fuquan ledger follow counties.toml mirror

      FUQUAN_DEPLOYMENT=city fuquan ledger follow counties.toml mirror --every 60
    """  # noqa: D412 - without the blank lines the help would run the commands together
    known = counties_of(counties)
    own = auditors(keys)
    signer = witness_key(own.witness or keys, own.deployment)
    stop, before = Event(), dict[tuple[str, str], Followed]()
    with _alone(folder):
        if every is not None:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while True:
            found = {
                (county, service): one.look()
                for county, service, one in followers(known, folder, signer)
            }
            _show({at: one for at, one in found.items() if before.get(at) != one})
            before = found
            if every is None or stop.wait(every):
                break
    states = {one.state for one in found.values()}
    if every is None and states - {VOUCHED, NOTHING}:
        raise typer.Exit(WRONG_OR_AWAY if states <= {VOUCHED, NOTHING, AWAY} else REFUSED)


def _show(found: dict[tuple[str, str], Followed]) -> None:
    if found:
        show(
            ("县区 county", "日志 log", "状态 state", "原有 before", "现有 entries",
             "交回 handed back"),
            [
                (county, service, WORDS.get(one.state, one.state), one.before, one.size,
                 yes(one.handed_back))
                for (county, service), one in found.items()
            ],
        )
    for (county, service), one in found.items():
        if one.why and one.state != NOTHING:
            tell(f"{county}/{service}: {one.why}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One follower at a time writes a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise NotConfigured(f"Another follower is at work in {folder}.") from held
        yield
