"""`fuquan ops`: is everything moving, what is stuck, and mending it with one's name on it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from uuid import uuid4

import typer
from kombu import Connection
from kombu.exceptions import OperationalError as BrokerAway

from shared.bus.broker import connection
from shared.bus.message import queue_of
from shared.cli.client import HERE, REFUSED, WRONG_OR_AWAY, Gateway, Url, reached, tell
from shared.cli.tables import shanghai, show, yes
from shared.operations import ITS_BOOKKEEPER, LEDGER
from shared.settings import WITH_DATABASE

ops = typer.Typer(
    no_args_is_help=True,
    help="运维 Is everything moving, what is stuck, and mending it.",
    epilog="Example: fuquan ops status",
)

Row = Mapping[str, Any]
Reason = Annotated[str, typer.Option(help="理由 Why; it is recorded with your name.")]
Ids = Annotated[
    list[int] | None,
    typer.Argument(metavar="[ID]...", help="As `ops parked` shows them; repeatable."),
]
All = Annotated[bool, typer.Option("--all", help="Everything that is parked there now.")]


def _service(text: str) -> str:
    if text not in WITH_DATABASE:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(WITH_DATABASE)}")
    return text


Service = Annotated[
    str, typer.Argument(parser=_service, metavar="SERVICE", help=", ".join(WITH_DATABASE))
]


@ops.command()
def status(*, url: Url = HERE) -> None:
    """Show how far every log and every consumer is; 1 if something is stuck.

    Example: fuquan ops status
    """
    with reached(url) as gateway:
        found = {name: gateway.ask(name, "standing") for name in WITH_DATABASE}
    logs = {name: one["log"] for name, one in found.items() if one["log"]}
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
    show(
        ("服务 service", "来源 source", "未入账 behind", "未办 unreacted", "搁置 parked"),
        [
            (name, source, logs[source]["size"] - at["projected"],
             logs[source]["size"] - at["reacted"], sum(one["parked"].values()))
            for name, one in found.items() for source, at in sorted(one["cursors"].items())
        ],
    )
    if stuck := list(_stuck(found, logs)):
        tell("\n".join(stuck))
        raise typer.Exit(REFUSED)


def _stuck(found: Mapping[str, Row], logs: Mapping[str, Row]) -> Iterator[str]:
    for name, one in logs.items():
        if not one["relayed"]:
            yield f"{name}: no relay holds this log; start `fuquan relay`."
    for name, one in found.items():
        if one["parked"]:
            yield f"{name}: {sum(one['parked'].values())} parked; see `fuquan ops parked {name}`."


@ops.command()
def lag(*, url: Url = HERE) -> None:
    """Show only what is behind: facts without effect, by service and source.

    Example: fuquan ops lag
    """
    with reached(url) as gateway:
        found = {name: gateway.ask(name, "standing") for name in WITH_DATABASE}
    size = {name: one["log"]["size"] for name, one in found.items() if one["log"]}
    rows = [
        (name, source, size[source] - at["projected"], size[source] - at["reacted"])
        for name, one in found.items() for source, at in sorted(one["cursors"].items())
        if at["reacted"] < size[source]
    ]
    show(("服务 service", "来源 source", "未入账 behind", "未办 unreacted"), rows)


@ops.command()
def queues(
    *,
    broker: Annotated[
        str, typer.Option(envvar="FUQUAN_AMQP_URL", help="amqp://user:password@host:5672/")
    ],
) -> None:
    """Show what waits in each service's queue, and whether somebody reads it.

    Example: FUQUAN_AMQP_URL=amqp://… fuquan ops queues
    """
    try:
        with connection(broker) as bus:
            rows = [_queue(bus, name) for name in WITH_DATABASE]
    except (OSError, BrokerAway) as away:
        tell(f"The broker does not answer: {away}. Set FUQUAN_AMQP_URL.")
        raise typer.Exit(WRONG_OR_AWAY) from away
    show(("队列 queue", "待取 waiting", "读者 consumers"), rows)
    if unread := [str(name) for name, _, readers in rows if not readers]:
        tell(f"Nobody reads {', '.join(unread)}; start the service.")
        raise typer.Exit(REFUSED)


def _queue(bus: Connection, name: str) -> tuple[str, int | None, int]:
    queue = queue_of(name, ())
    with bus.channel() as channel:
        try:
            found = queue(channel).queue_declare(passive=True)
        except bus.channel_errors:
            return queue.name, None, 0
        return queue.name, found.message_count, found.consumer_count


@ops.command()
def parked(service: Service, *, url: Url = HERE) -> None:
    """List what a service could not process, oldest first, with the error.

    Example: fuquan ops parked cases
    """
    with reached(url) as gateway:
        rows = gateway.ask(service, "parked")
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
        (row,) = _named(gateway.ask(service, "parked", limit=500), [which], service)
    for name, value in row.items():
        typer.echo(f"{name:10} {value}")


@ops.command()
def retry(
    service: Service, ids: Ids = None, *, reason: Reason, all_: All = False, url: Url = HERE
) -> None:
    """Try parked facts again, each with what waits behind it in its stream.

    Example: fuquan ops retry cases 7 --reason "release 1.3 reads it"
    """
    _mend("retry_parked", service, ids, reason, url, everything=all_)


@ops.command()
def discard(
    service: Service, ids: Ids = None, *, reason: Reason, all_: All = False, url: Url = HERE
) -> None:
    """Give up parked facts for good: the service's read model lacks them from then on.

    Example: fuquan ops discard cases 8 --reason "no message of this system"
    """
    _mend("discard_parked", service, ids, reason, url, everything=all_)


def _mend(
    door: str, service: str, ids: Sequence[int] | None, reason: str, url: str, *, everything: bool
) -> None:
    if bool(ids) == everything:
        raise typer.BadParameter("name what is meant by its id, or say --all")
    with reached(url) as gateway:
        rows = gateway.ask(service, "parked", limit=500)
        meant = rows if everything else _named(rows, ids or (), service)
        if not meant:
            typer.echo(f"Nothing is parked at {service}.")
            return
        _send(gateway, door, service, meant, reason)
    typer.echo(f"Recorded for {len(meant)}; `fuquan ops parked {service}` shows what is left.")


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
        tell(f"Not parked at {service}: {', '.join(missing)}. See `fuquan ops parked {service}`.")
        raise typer.Exit(REFUSED)
    return [known[one] for one in ids]


def _age(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:.1f} s"
