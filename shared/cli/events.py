"""`fuquan events`: read the logs, send messages, check both, write the contracts out."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Annotated, Any, TextIO
from uuid import uuid4

import amqp
import typer
from kombu.exceptions import OperationalError as BrokerAway

from shared.bus.published import broken, files
from shared.cli.client import HERE, REFUSED, WRONG_OR_AWAY, Gateway, Url, reached, tell
from shared.cli.sending import Broker, Unanswering
from shared.contracts.checking import faults_of
from shared.settings import SERVICES

PATIENCE = 30
CHUNK = 50

events = typer.Typer(
    no_args_is_help=True,
    help="事件 The logs and the bus, for other platforms: tail, replay, publish, validate.",
    epilog="Example: fuquan events replay cases --from 41 | fuquan events validate -",
)

Types = Annotated[
    list[str] | None,
    typer.Option("--type", help="Only events of this type, e.g. cases.CaseAccepted; repeatable."),
]
Lines = Annotated[
    typer.FileText, typer.Argument(help="One CloudEvent as JSON, or one a line; - is the input.")
]


@events.command()
def replay(
    service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")],
    first: Annotated[int, typer.Option("--from", min=0, help="Position to begin with.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    types: Types = None,
    url: Url = HERE,
) -> None:
    """Print a log's facts from any position to its end, one CloudEvent a line.

    Example: fuquan events replay delegation --from 41 --type delegation.ItemRecalled
    """
    with reached(url) as gateway:
        left = limit
        while left is None or left > 0:
            page = gateway.facts(_known(service), first, types or ())
            _print(page.lines[:left])
            left = None if left is None else left - len(page.lines)
            first = page.next
            if first >= page.size:
                return


@events.command()
def tail(
    services: Annotated[list[str] | None, typer.Argument(help="Logs; without any, all.")] = None,
    first: Annotated[
        int | None, typer.Option("--from", min=0, help="Position to begin with; else the end.")
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many.")] = None,
    types: Types = None,
    url: Url = HERE,
) -> None:
    """Print new facts as they are recorded, one CloudEvent a line; Ctrl-C ends.

    Example: fuquan events tail cases supervision
    """
    with reached(url) as gateway:
        following = _Following(gateway, types or [], count)
        following.run([_known(one) for one in services or SERVICES], first)


@events.command()
def publish(
    file: Lines,
    broker: Annotated[
        str, typer.Option(envvar="FUQUAN_AMQP_URL", help="amqp://user:password@host:5672/")
    ],
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for an answer.")] = 60,
) -> None:
    """Send messages to fuquan.inbound and print the answers, in the order of the messages.

    A message without id or specversion gets one. Ends with 1 if any was not accepted, with 2 if
    any was not answered: send those again, with the same id.

    Example: fuquan events publish application.json
    """
    wrong = 0
    try:
        with Broker(broker) as open_broker:
            for chunk in _chunks(_told(file)):
                for answer in open_broker.ask(chunk, timeout):
                    typer.echo(json.dumps(answer, ensure_ascii=False))
                    wrong += answer["outcome"] != "accepted"
    except Unanswering as silent:
        tell(f"{silent} Send again what was not answered, with the same id.")
        raise typer.Exit(WRONG_OR_AWAY) from silent
    except (amqp.AMQPError, BrokerAway, OSError) as away:
        tell(f"The broker does not take it: {str(away).strip()}. Check FUQUAN_AMQP_URL.")
        raise typer.Exit(WRONG_OR_AWAY) from away
    if wrong:
        raise typer.Exit(REFUSED)


@events.command()
def validate(file: Lines) -> None:
    """Check CloudEvents without sending them: facts as they come, messages as they may be sent.

    Example: fuquan events validate application.json
    """
    count = wrong = 0
    for number, message in enumerate(_told(file), 1):
        count += 1
        found = faults_of(message)
        wrong += bool(found)
        for fault in found:
            tell(f"{number}: {fault['field']}: {fault['reason']}")
    typer.echo(f"{count} checked, {wrong} wrong")
    if wrong or not count:
        raise typer.Exit(REFUSED)


@events.command()
def schemas(
    folder: Annotated[Path, typer.Argument(help="Folder for schemas, AsyncAPI and examples.")],
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; tell what today's contracts break of them."),
    ] = False,
) -> None:
    """Write JSON Schemas, the AsyncAPI document and a message of every event into a folder.

    Example: fuquan events schemas docs/contracts
    """
    if breaches := list(broken(folder)):
        for breach in breaches:
            tell(breach)
        tell("That breaks who reads or sends it: raise the version, or take it back.")
        raise typer.Exit(REFUSED)
    if check:
        typer.echo("nothing is broken")
        return
    for path, text in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    typer.echo(f"{len(files())} files in {folder}")


class _Following:
    """Several logs followed at once, a thread each, printed line by line."""

    def __init__(self, gateway: Gateway, types: list[str], count: int | None) -> None:
        self.gateway = gateway
        self.types = types
        self.left = count
        self.over = Event()
        self.lock = Lock()
        self.why: Exception | None = None

    def run(self, services: list[str], first: int | None) -> None:
        threads = [
            Thread(target=self._follow, args=(service, first), daemon=True)
            for service in services
        ]
        for thread in threads:
            thread.start()
        while not self.over.wait(0.5):  # in pieces, so that Ctrl-C is heard
            continue
        if self.why is not None:
            raise self.why

    def _follow(self, service: str, first: int | None) -> None:
        try:
            if first is None:
                first = self.gateway.facts(service, 0, ["none.None"]).size
            while not self.over.is_set():
                page = self.gateway.facts(service, first, self.types, PATIENCE)
                with self.lock:
                    self._tell(page.lines)
                first = page.next
        except Exception as why:  # noqa: BLE001 - whatever it is, `run` raises it
            self.why = why
        finally:
            self.over.set()

    def _tell(self, lines: list[str]) -> None:
        if self.over.is_set():
            return
        _print(lines[: self.left])
        if self.left is not None:
            self.left -= len(lines)
            if self.left <= 0:
                self.over.set()


def _known(service: str) -> str:
    if service not in SERVICES:
        raise typer.BadParameter(f"{service} is none of {', '.join(SERVICES)}")
    return service


def _print(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)
    sys.stdout.flush()


def _told(file: TextIO) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file: one over many lines, or one a line."""
    text = file.read()
    try:
        parts = [json.loads(text)]
    except ValueError:
        parts = []
    for number, line in enumerate([] if parts else text.splitlines(), 1):
        if line.strip():
            try:
                parts.append(json.loads(line))
            except ValueError as wrong:
                tell(f"line {number} is no JSON: {wrong}")
                raise typer.Exit(WRONG_OR_AWAY) from wrong
    for part in parts:
        if not isinstance(part, dict):
            tell("Each message has to be a JSON object.")
            raise typer.Exit(WRONG_OR_AWAY)
        yield {"specversion": "1.0", "id": str(uuid4()), **part}


def _chunks(messages: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for message in messages:
        chunk.append(message)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
