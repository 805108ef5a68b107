"""`fuquan log`: how far each log is mirrored, whether it holds, what it says."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import psycopg2
import typer

from services.ledger.cli.words import Keys, auditors, one_of
from services.ledger.offline import proven, verified
from shared.cli.client import HERE, REFUSED, WRONG_OR_AWAY, Gateway, Unanswered, Url, reached, tell
from shared.cli.run import told
from shared.cli.tables import shanghai, show, yes
from shared.log.keys import NoteError, Verifier, verifiers_in
from shared.log.verify import Verified
from shared.settings import SERVICES, Settings

log = typer.Typer(
    no_args_is_help=True, help="日志 The signed logs: how far, whether they hold, what they say.",
    epilog="Example: fuquan log verify",
)

SOUND = ("valid", "no-checkpoint", "source-away")  # the last cannot be confirmed, and is not wrong
AGAINST = ("refused", "differs", "altered", "behind")  # what a witness has against a log
END = "ledger.unknown-fact"

SERVICE_HELP = f"One of {', '.join(SERVICES)}."


def _service(text: str) -> str:
    return one_of(SERVICES, text)


@log.command()
def status(url: Url = HERE) -> None:
    """Show how far each log is mirrored, and whether it is what was signed.

    Example: fuquan log status
    """
    with reached(url) as gateway:
        found = gateway.ask("ledger", "status")
    show(
        ("日志 log", "已存 mirrored", "搁置 parked", "首缺 first missing", "已签 signed",
         "签名 signature", "根一致 root equal", "见证 witnessed", "根 root"),
        [
            (name, one["mirrored"], one["parked"], one["first_missing"],
             one["checkpoint"] and one["checkpoint"]["size"], one["signature"],
             yes(one["root_equal"]), _witnessed(one["witness"]), one["root"])
            for name, one in found.items()
        ],
    )
    bad = [name for name, one in found.items() if not _sound(one)]
    if bad:
        tell(f"Not as it should be: {', '.join(bad)}."
             " `fuquan log verify` names the first bad position.")
        raise typer.Exit(REFUSED)


def _sound(one: Mapping[str, Any]) -> bool:
    return (
        one["dense"] and not one["parked"] and one["root_equal"] is not False
        and one["signature"] in SOUND and one["witness"]["state"] not in AGAINST
    )


def _witnessed(witness: Mapping[str, Any]) -> str:
    size = witness["size"]
    return witness["state"] if size is None else f"{witness['state']} {size}"


@log.command()
def verify(
    service: Annotated[
        str | None,
        typer.Argument(parser=_service, metavar="SERVICE", help=f"{SERVICE_HELP} Without it, all."),
    ] = None,
    *,
    database: Annotated[
        bool,
        typer.Option("--database", help="Read FUQUAN_DATABASE_URL itself; no service is asked."),
    ] = False,
    keys: Keys = Settings.keys,
    url: Url = HERE,
) -> None:
    """Check every stored byte, the order of every stream and every signed root.

    Example: fuquan log verify cases

    With no service running, as any role that may read the logs:
    FUQUAN_DATABASE_URL=postgresql://… FUQUAN_DEPLOYMENT=… fuquan log verify --database
    """
    if database:
        found = _from_database(keys, (service,) if service else SERVICES)
    else:
        with reached(url) as gateway:
            found = gateway.ask("ledger", "verify", source=service)
    show(
        ("日志 log", "", "条数 events", "已签 signed", "首错 first bad", "原因 reason", "根 root"),
        [
            (name, yes(one["ok"]), one.get("size"), one["vouched"], one.get("position"),
             one.get("reason"), one.get("root"))
            for name, one in found.items()
        ],
    )
    bad = [name for name, one in found.items() if not one["ok"]]
    if bad:
        tell(f"Does not hold: {', '.join(bad)}."
             " Change nothing there, and compare with another mirror or copy.")
        raise typer.Exit(REFUSED)


@told
def _from_database(keys: Path, services: Iterable[str]) -> dict[str, dict[str, Any]]:
    settings = auditors(keys)
    found = {}
    for service in services:
        try:
            outcome = verified(settings, service)
        except psycopg2.ProgrammingError as forbidden:
            tell(f"This role cannot read the log of {service}: {str(forbidden).strip()}\n"
                 "Use the administrator or a reader's role, after `fuquan migrate`.")
            raise typer.Exit(WRONG_OR_AWAY) from forbidden
        found[service] = {"ok": isinstance(outcome, Verified)} | asdict(outcome)
        if isinstance(outcome, Verified):
            found[service]["root"] = outcome.root.hex()
    return found


@log.command("show")
def show_(
    service: Annotated[
        str, typer.Argument(parser=_service, metavar="SERVICE", help=SERVICE_HELP)
    ],
    first: Annotated[int, typer.Option("--from", min=0, help="Position to begin at.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many facts at most.")] = 10,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="The recorded bytes, one fact a line.")
    ] = False,
    keys: Keys = Settings.keys,
    url: Url = HERE,
) -> None:
    """Show facts as recorded, each checked against the signed log if its public key is at hand.

    Example: fuquan log show delegation --from 40 --limit 5
    """
    known = _keys_of(keys, service)
    with reached(url) as gateway:
        facts = dict(_facts(gateway, service, first, limit))
    proofs = {
        position: proven(fact, position, known) if known else None
        for position, fact in facts.items()
    }
    if as_json:
        typer.echo("\n".join(fact["envelope"] for fact in facts.values()))
    else:
        show(
            ("位置 position", "事实 fact", "对象 stream", "版 version", "行为 occurred",
             "登记 recorded", "单位 actor", "已证 proven"),
            [_line(position, fact, proofs[position]) for position, fact in facts.items()],
        )
    if not known:
        tell(f"Not checked: there is no {service}.vkey in {keys}; give its folder with --keys.")
    if bad := [position for position, proof in proofs.items() if proof is False]:
        tell(f"Not in the signed log as shown: {', '.join(map(str, bad))}."
             f" Run `fuquan log verify {service}`.")
        raise typer.Exit(REFUSED)


def _keys_of(keys: Path, service: str) -> list[Verifier]:
    path = keys / f"{service}.vkey"
    try:
        return verifiers_in(path.read_text("utf-8")) if path.is_file() else []
    except (NoteError, UnicodeDecodeError) as wrong:
        tell(f"{path} holds no public key of a log; fetch it again.")
        raise typer.Exit(WRONG_OR_AWAY) from wrong


def _facts(
    gateway: Gateway, service: str, first: int, limit: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Facts from *first* on, until *limit* or the end of the log; the first must be there."""
    for position in range(first, first + limit):
        try:
            yield position, gateway.ask("ledger", "fact", source=service, position=position)
        except Unanswered as why:
            if why.code != END or position == first:
                raise
            return


def _line(position: int, fact: Mapping[str, Any], proof: bool | None) -> tuple[Any, ...]:  # noqa: FBT001
    told = json.loads(fact["envelope"])
    return (
        position, told["type"], told["stream"], told["version"], shanghai(told["occurred_at"]),
        shanghai(told["recorded_at"]), told["actor"]["org"], yes(proof),
    )
