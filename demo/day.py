"""The day: import, grant, decide, supervise, check; then stay up to be looked at."""

import json
import os
import signal
import time
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import eventlet
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from demo import (
    applicants,
    cases,
    changes,
    checks,
    gz2020,
    md2023,
    questions,
    sr2020,
    st2021,
    supervision,
    zz2021,
)
from demo.material import content
from demo.player import Player
from demo.system import System, embedded, on_deployment, on_servers
from shared.cli.run import PROCESSES
from shared.logs import configure
from shared.settings import SERVICES, WITH_DATABASE, Settings

PARTS = (st2021, md2023, sr2020, zz2021, gz2020, cases, applicants, supervision, changes)
PROGRAMMES = ("ST2021", "MD2023", "SR2020", "ZZ2021", "GZ2020")
DEFAULT_PORT = 8080
console = Console()


def play(data: Path, *, port: int, on: str, stay: bool) -> int:
    """Play the day on the data folder, print the summary; returns 0 only if every check holds.

    Args:
        on: "embedded"; "servers" of the environment; or a "deployment" that runs there already,
            whose public keys are in FUQUAN_KEYS.
    """
    os.environ.setdefault("FUQUAN_LOG", "error")  # also for the processes of --servers
    configure("demo")
    data.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with _system(data, port, on) as system:
        console.print(
            f"[bold]赋权 Fuquan[/bold] · {system.mode} · {len(PROCESSES)} services, relay"
            f" · data in {data}"
        )
        found, answers, digests = _play(system, data)
        seconds = time.monotonic() - started
        _print(found, answers, seconds)
        summary = {
            "mode": system.mode, "seconds": round(seconds, 1), **digests,
            "checks": {c.name: c.found for c in found}, "holds": all(c.holds for c in found),
        }
        (data / "summary.json").write_text(
            json.dumps(summary, ensure_ascii=False, indent=1), "utf-8"
        )
        if stay:
            _stay(system)
    return 0 if all(check.holds for check in found) else 1


def _system(data: Path, port: int, on: str) -> AbstractContextManager[System]:
    if on == "embedded":
        return embedded(data, port)
    told = replace(Settings.from_environment(), driven_clock=True, http_port=port)
    if on == "deployment":
        return on_deployment(told)
    return on_servers(replace(told, keys=data / "keys", deployment="demo"))


def _play(
    system: System, data: Path
) -> tuple[list[checks.Check], list[dict[str, Any]], dict[str, str]]:
    with Progress(
        SpinnerColumn(), TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), console=console,
    ) as progress:
        player = Player(system, data / "acknowledged.jsonl", progress)
        player.part("导入五个方案  import", [lambda: _import(player)])
        for part in PARTS:
            player.part(part.TITLE, [lambda part=part: part.play(player)])
        outcomes = cases.outcomes(player)
        answers = questions.ask(player)
        player.part("核验  checks", [lambda: _wait_for_signatures(system)])
        found = [
            *(checks.log_of(system, source) for source in SERVICES),
            *eventlet.GreenPool().imap(partial(checks.read_model_of, system), WITH_DATABASE),
            checks.authority(player),
            checks.competence(player),
            checks.audited(player),
            checks.nothing_parked(system),
            checks.nothing_lost(system, player),
            *(check for part in PARTS for check in part.checks(player)),
        ]
    return found, answers, {"holders": checks.digest(answers), "outcomes": checks.digest(outcomes)}


def _import(player: Player) -> None:
    for programme in PROGRAMMES:
        player.do(
            f"import/{programme}", "catalog", "import_programme",
            {"programme": programme, "content": content(programme)},
            at="2020-01-02T09:00:00+08:00", actor=programme, role="registrar",
        )


def _wait_for_signatures(system: System, timeout: float = 20.0) -> None:
    """Wait until the last event of every log is under a signed checkpoint."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if all(
            system.database(source).rows(
                "SELECT (SELECT count(*) FROM log.entry)"
                " = (SELECT coalesce(max(size), 0) FROM log.checkpoint)"
            )[0][0]
            for source in SERVICES
        ):
            return
        time.sleep(0.05)


def _print(found: list[checks.Check], answers: list[dict[str, Any]], seconds: float) -> None:
    asked = Table(title="谁在何时持有何种权限  who held what when")
    widths = {"item": 8, "town": 6, "facet": 8, "at": 16, "known": 10, "holders": 20}
    for column, least in widths.items():
        asked.add_column(column, min_width=least, overflow="fold")
    for one in answers:
        asked.add_row(one["item"], one["town_name"], one["facet"], one["at"][:16],
                      one["known_at"][:10], "；".join(one["holders"]) or "（无）")
    console.print(asked)
    table = Table(title=f"核验 checks · {seconds:.0f} s")
    for column in ("", "check", "found"):
        table.add_column(column, overflow="fold")
    for check in found:
        sign = "[green]✓[/green]" if check.holds else "[red]✗[/red]"
        table.add_row(sign, check.name, check.found)
    console.print(table)


def _stay(system: System) -> None:
    """Say where to look and with which token to ask, then wait for Ctrl-C."""
    port = system.admin.http_port
    console.print(f"http://127.0.0.1:{port}/towns · /docs · /openapi.json    (Ctrl-C ends)")
    told = {
        "FUQUAN_KEYS": system.admin.keys, "FUQUAN_DEPLOYMENT": system.admin.deployment,
        "FUQUAN_DATABASE_URL": f"'{system.admin.database_url}'",
        "FUQUAN_TOKEN": "$(fuquan token --org auditor --role auditor --operator demo)",
    }
    if port != DEFAULT_PORT:
        told["FUQUAN_URL"] = f"http://127.0.0.1:{port}"
    for name, value in told.items():
        console.print(f"export {name}={value}", soft_wrap=True, highlight=False)
    stop = eventlet.event.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.ready() or stop.send(None))
    stop.wait()
