"""`fuquan ops`: is everything moving, what is stuck, and mending it with one's name on it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import uuid4

import typer

from shared.cli.client import HERE, REFUSED, WRONG_OR_AWAY, Gateway, Url, reached, tell
from shared.cli.tables import shanghai, show, yes
from shared.contracts.asked_operations import MOST
from shared.operations import ITS_BOOKKEEPER, LEDGER
from shared.ops.moving import SET_ASIDE
from shared.ops.queues import NO_BROKER, queues
from shared.settings import WITH_DATABASE

ops = typer.Typer(
    no_args_is_help=True,
    help="运维 Is everything moving, what is stuck, and mending it.",
    epilog="Example: fuquan ops status",
)

Row = Mapping[str, Any]
RETRY, DISCARD = "retry_parked", "discard_parked"
Reason = Annotated[str, typer.Option(help="理由 Why; it is recorded with your name.")]
Ids = Annotated[
    list[int] | None,
    typer.Argument(metavar="[ID]...", help="As `ops parked` shows them; repeatable."),
]
All = Annotated[
    bool, typer.Option("--all", help=f"All that `ops parked` shows now, the oldest {MOST} at most.")
]


def _service(text: str) -> str:
    if text not in WITH_DATABASE:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(WITH_DATABASE)}")
    return text


Service = Annotated[
    str, typer.Argument(parser=_service, metavar="SERVICE", help=", ".join(WITH_DATABASE))
]


@ops.command()
def status(*, url: Url = HERE) -> None:
    """Show how far every log and every consumer is, and what waits in the queues.

    Ends with 0 where all is moving; 1 where something is stuck or does not answer, which is then
    said on standard error (the figures are those of the alerts); 2 without gateway or token.

    Example: fuquan ops status
    """
    with reached(url) as gateway:
        found = gateway.operations()
    _show_services(found["services"])
    _show_queues(found.get("queues", {}))
    _show_logs(found["services"])
    _show_places(found["places"])
    _end(found["stuck"])


def _show_services(services: Mapping[str, Row]) -> None:
    show(
        ("服务 service", "答复 answers", "搁置 parked", "待取 waiting", "读者 consumers"),
        [
            (name, "无应答 does not answer" if one["away"] else "✓", _parked(one),
             *((one["queue"] or {}).get(told) for told in ("waiting", "readers")))
            for name, one in services.items()
        ],
    )


def _show_queues(named: Mapping[str, Row]) -> None:
    show(
        ("队列 queue", "待取 waiting", "读者 consumers"),
        [(name, one["waiting"], one["readers"]) for name, one in named.items()],
    )


def _parked(one: Row) -> int | None:
    return None if one["away"] else sum(one["parked"].values())


def _show_logs(services: Mapping[str, Row]) -> None:
    logs = {name: one["log"] for name, one in services.items() if one["log"]}
    show(
        ("日志 log", "已定序 size", "未定序 unsequenced", "最久 oldest", "未发 unsent",
         "最久 oldest", "已签 signed", "发布 relayed"),
        [
            (name, one["size"], one["unsequenced"], _age(one["barrier_age"]),
             one["size"] - one["sent"], _age(one["unsent_age"]), one["signed"],
             yes(one["relayed"]))
            for name, one in logs.items()
        ],
    )


def _show_places(places: Sequence[Row]) -> None:
    show(
        ("服务 service", "来源 source", "未入账 behind", "未办 unreacted"),
        [(one["service"], one["source"], one["behind"], one["unreacted"]) for one in places],
    )


def _end(stuck: Sequence[Row]) -> None:
    if stuck:
        tell("\n".join(one["en"] for one in stuck))
        raise typer.Exit(REFUSED)


@ops.command()
def lag(*, url: Url = HERE) -> None:
    """Show only what is behind: facts without effect, by service and source.

    Ends with 1 where a service does not answer: what it lacks is not known.

    Example: fuquan ops lag
    """
    with reached(url) as gateway:
        found = gateway.operations()
    _show_places([one for one in found["places"] if one["unreacted"] != 0])
    _end([one for one in found["stuck"] if one["cause"] == "away"])


@ops.command("queues")
def queues_(
    *,
    broker: Annotated[
        str, typer.Option(envvar="FUQUAN_AMQP_URL", help="amqp://user:password@host:5672/")
    ],
) -> None:
    """Show what waits in each service's queue and in those of all, and whether somebody reads it.

    It asks the broker itself, without a gateway. Ends with 1 where nobody reads a queue or messages
    were set aside, 2 where the broker does not answer.

    Example: FUQUAN_AMQP_URL=amqp://… fuquan ops queues
    """
    try:
        found = queues(broker)
    except NO_BROKER as away:
        tell(f"The broker does not answer: {away}. Set FUQUAN_AMQP_URL.")
        raise typer.Exit(WRONG_OR_AWAY) from away
    _show_queues(found)
    unread = [name for name, one in found.items() if not one["readers"] and name not in SET_ASIDE]
    aside = [name for name, one in found.items() if one["waiting"] and name in SET_ASIDE]
    if unread:
        tell(f"Nobody reads the queue of {', '.join(unread)}; start the service.")
    if aside:
        tell(f"Messages wait for somebody in {', '.join(aside)}; see FuquanSetAside.")
    if unread or aside:
        raise typer.Exit(REFUSED)


@ops.command()
def parked(service: Service, *, url: Url = HERE) -> None:
    """List what a service could not process, oldest first, with the error.

    One list is as long as one answer; where there may be more, that is said on standard error.

    Example: fuquan ops parked cases
    """
    with reached(url) as gateway:
        rows = _listed(gateway, service)
    show(
        ("编号 id", "来源 source", "位置 position", "对象 stream", "阶段 stage",
         "搁置于 since", "原因 error"),
        [
            (row["id"], row["source"], row["position"], row["stream"], row["stage"],
             shanghai(row["parked_at"]), row["error"])
            for row in rows
        ],
    )


@ops.command("show")
def show_(
    service: Service,
    which: Annotated[int, typer.Argument(metavar="ID", help="As `ops parked` shows it.")],
    *, url: Url = HERE,
) -> None:
    """Show one parked fact or message: its error, and its bytes as far as they are text.

    Example: fuquan ops show cases 7
    """
    with reached(url) as gateway:
        (row,) = _named(_listed(gateway, service), [which], service)
    for name, value in row.items():
        typer.echo(f"{name:10} {value}")


@ops.command()
def retry(
    service: Service, ids: Ids = None, *, reason: Reason, all_: All = False, url: Url = HERE
) -> None:
    """Try parked facts again, each with what waits behind it in its stream.

    Example: fuquan ops retry cases 7 --reason "release 1.3 reads it"
    """
    _mend(RETRY, service, ids, reason, url, everything=all_)


@ops.command()
def discard(
    service: Service, ids: Ids = None, *, reason: Reason, all_: All = False, url: Url = HERE
) -> None:
    """Give up parked facts for good: the service's read model lacks them from then on.

    Example: fuquan ops discard cases 8 --reason "no message of this system"
    """
    _mend(DISCARD, service, ids, reason, url, everything=all_)


def _mend(
    door: str, service: str, ids: Sequence[int] | None, reason: str, url: str, *, everything: bool
) -> None:
    if bool(ids) == everything:
        raise typer.BadParameter("name what is meant by its id, or say --all")
    with reached(url) as gateway:
        rows = _listed(gateway, service)
        meant = _all(rows, door) if everything else _named(rows, ids or (), service)
        if not meant:
            typer.echo(f"Nothing is parked at {service} that this could mend.")
            return
        _send(gateway, door, service, meant, reason)
    typer.echo(f"Recorded for {len(meant)}; `fuquan ops parked {service}` shows what is left.")


def _listed(gateway: Gateway, service: str) -> list[Row]:
    """What is parked, oldest first, as far as one answer goes; where it is full, that is said."""
    rows: list[Row] = gateway.ask(service, "parked", limit=MOST)
    if len(rows) >= MOST:
        tell(f"Only the oldest {MOST} are shown; mend these and ask again.")
    return rows


def _all(rows: Sequence[Row], door: str) -> Sequence[Row]:
    """All of them; of what is tried again, only facts: a message that is none stays refused."""
    facts = [row for row in rows if row["source"] is not None]
    if door == DISCARD or len(facts) == len(rows):
        return rows
    tell(f"{len(rows) - len(facts)} are no facts and stay; give them up with `ops discard`.")
    return facts


def _send(
    gateway: Gateway, door: str, service: str, meant: Sequence[Row], reason: str
) -> None:
    told = {
        "consumer": service, "reason": reason,
        "parked": [{key: row[key] for key in ("id", "source", "position")} for row in meant],
    }
    recorded_by = ITS_BOOKKEEPER if service == LEDGER else service
    gateway.do(recorded_by, door, told, uuid4())


def _named(rows: Sequence[Row], ids: Sequence[int], service: str) -> list[Row]:
    known = {row["id"]: row for row in rows}
    if missing := [str(one) for one in ids if one not in known]:
        among = f"among the oldest {MOST} parked" if len(rows) >= MOST else "parked"
        tell(f"Not {among} at {service}: {', '.join(missing)}. See `fuquan ops parked {service}`.")
        raise typer.Exit(REFUSED)
    return [known[one] for one in ids]


def _age(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:.1f} s"
