"""`fuquan ledger audit`: content, order and legality of the whole history, judged again."""

import json
import multiprocessing
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import psycopg2
import typer
from rich.console import Console
from rich.progress import Progress

from services.ledger.audit.checks import NOTE, READ, REFUSED, VIOLATION
from services.ledger.audit.findings import Finding
from services.ledger.audit.reading import Databases, Reading
from services.ledger.audit.run import Audit, Bounds
from services.ledger.audit.told import Stored
from services.ledger.cli.app import ledger
from services.ledger.cli.exports import Export, write
from services.ledger.cli.words import Json, Keys, auditors, instant, one_of
from services.ledger.offline import verified
from services.ledger.own_proofs import own_proofs
from services.ledger.sources import Source, sources_of
from shared.cli.client import REFUSED as FOUND
from shared.cli.client import WRONG_OR_AWAY, tell
from shared.cli.run import told
from shared.cli.tables import shanghai, show, yes
from shared.clock import system_clock
from shared.export.answer import Answer
from shared.export.gather import evidence
from shared.log.verify import Bad, Verified
from shared.plain import plain
from shared.settings import SERVICES, Settings

LISTED = 1_000
STEP = 500  # entries between two moves of the progress bar
WEIGHTS = {
    VIOLATION: "违规 violation", NOTE: "提示 note", REFUSED: "被拒 refused", READ: "查阅 read",
}


def _until(text: str) -> tuple[str, int] | datetime:
    source, slash, position = text.partition("/")
    if not slash:
        return instant(text)
    if not position.isdecimal():
        raise typer.BadParameter(f"{text!r} is no place in a log; write cases/4711")
    return one_of(SERVICES, source), int(position)


@ledger.command()
@told
def audit(
    until: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SOURCE/POSITION|WHEN",
            help="截至 Judge only acts up to a place in a log (cases/4711), or done before WHEN;"
            " repeatable.",
        ),
    ] = None,
    as_known: Annotated[
        datetime | None,
        typer.Option(parser=instant, metavar="WHEN", help="已知时点 By what was recorded by then."),
    ] = None,
    jurisdiction: Annotated[
        str | None, typer.Option(metavar="CODE", help="辖区 Only acts of this one, e.g. 371702.")
    ] = None,
    *,
    as_json: Json = False,
    export: Export = None,
    keys: Keys = Settings.keys,
) -> None:
    """Check content, order and legality of the whole history; name each violation with its rule.

    Reads the logs' databases as a role that may read them; no service is asked. Each act is judged
    by the rules from the logs alone: who held that facet at that instant, scope, seal, agreement.
    A violation that later facts have made is late: it flags an act and never erases it (R131).
    Ends with 1 where there is a violation, or a log does not hold.

    Examples:

      FUQUAN_DATABASE_URL=postgresql://… fuquan ledger audit

      fuquan ledger audit --until 2024-01-01 --jurisdiction 371702

      fuquan ledger audit --as-known 2024-03-01 --json      a finding a line, a summary last
    """  # noqa: D412 - without the blank lines the help would run the commands together
    if export and as_json:
        raise typer.BadParameter("a file or --json, not both", param_hint="--export")
    settings = auditors(keys)
    sources = sources_of(settings)
    try:
        reading = Databases(sources)
        bounds = _bounds([_until(text) for text in until or ()], as_known, jurisdiction)
        with _verifying(settings) as outcomes:
            counts, listed, looked_at = _audited(
                reading, bounds, as_json=as_json, every=export is not None
            )
            logs = {name: outcome.result() for name, outcome in outcomes.items()}
    except psycopg2.ProgrammingError as forbidden:
        tell(f"This role cannot read the logs: {str(forbidden).strip()}\n"
             "Use the administrator or a reader's role, after `fuquan migrate`.")
        raise typer.Exit(WRONG_OR_AWAY) from forbidden
    if export:
        _write(sources, reading, bounds, listed, export)
    if as_json:
        typer.echo(_line({"summary": _summary(counts, logs, looked_at)}))
    else:
        _show(counts, listed, logs, looked_at)
    if any(isinstance(found, Bad) for found in logs.values()) or _violations(counts):
        raise typer.Exit(FOUND)


Counts = Counter[tuple[str, str, str]]


def _bounds(
    until: Iterable[tuple[str, int] | datetime], known: datetime | None, jurisdiction: str | None
) -> Bounds:
    places = [one for one in until if isinstance(one, tuple)]
    instants = [one for one in until if isinstance(one, datetime)]
    return Bounds(
        jurisdiction, before=min(instants, default=None), last=dict(places), known=known
    )


@contextmanager
def _verifying(settings: Settings) -> Iterator[dict[str, Future[Verified | Bad]]]:
    """Content and order of every log, checked on the second core meanwhile."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as beside:
        yield {name: beside.submit(verified, settings, name) for name in SERVICES}


def _audited(
    reading: Reading, bounds: Bounds, *, as_json: bool, every: bool = False
) -> tuple[Counts, list[Finding], dict[str, int]]:
    """Run it, with progress; printed as it goes where a machine listens."""
    counts: Counts = Counter()
    listed: list[Finding] = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("核查 auditing", total=sum(reading.sizes().values()))
        found = Audit(
            lambda source: _watched(reading.log(source), partial(progress.advance, bar)),
            reading.entry, bounds,
        )
        for one in found.run():
            counts[one.weight, one.rule, one.code] += 1
            if as_json:
                typer.echo(_line(one.told()))
            elif every or (one.weight != NOTE and len(listed) < LISTED):
                listed.append(one)
    return counts, listed, found.looked_at


def _watched(entries: Iterable[Stored], advance: Any) -> Iterator[Stored]:
    read = 0
    for read, entry in enumerate(entries, 1):
        if read % STEP == 0:
            advance(STEP)
        yield entry
    advance(read % STEP)


def _write(
    sources: Mapping[str, Source], reading: Reading, bounds: Bounds, found: Iterable[Finding],
    file: Path,
) -> None:
    """The findings as an export, proven out of the same logs."""

    def ask(_: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"answer": own_proofs(sources[asked["source"]], asked["positions"])}

    rows = [one.told() for one in found]
    checkpoints, facts = evidence(ask, rows)
    asked = {name: value for name, value in plain(asdict(bounds)).items() if value}
    made_at = system_clock().replace(microsecond=0)
    write(Answer("audit", asked, made_at, reading.sizes(), rows, checkpoints, facts), file)


def _show(
    counts: Counts, listed: list[Finding], logs: dict[str, Verified | Bad],
    looked_at: dict[str, int],
) -> None:
    if listed:
        show(
            ("", "规则 rule", "位置 position", "事实 event", "行为 occurred", "登记 recorded",
             "迟 late", "说明"),
            [
                (WEIGHTS[one.weight], one.rule, f"{one.source}/{one.position}",
                 one.event.partition(".")[2],
                 shanghai(one.occurred_at and one.occurred_at.isoformat()),
                 shanghai(one.recorded_at and one.recorded_at.isoformat()),
                 "✓" if one.late else "", one.zh or one.code)
                for one in [one for one in listed if one.weight != NOTE][:LISTED]
            ],
        )
    show(
        ("日志 log", "内容与顺序 content and order", "条数 events", "已签 signed", "首错 first bad",
         "原因 reason", "核查 judged"),
        [
            (name, yes(isinstance(found, Verified)), getattr(found, "size", None), found.vouched,
             getattr(found, "position", None), getattr(found, "reason", None), looked_at[name])
            for name, found in logs.items()
        ],
    )
    if counts:
        show(
            ("", "规则 rule", "检查 check", "条数 found"),
            [(WEIGHTS[weight], rule, code, count)
             for (weight, rule, code), count in sorted(counts.items())],
        )
    total = sum(counts[key] for key in counts if key[0] in {VIOLATION, REFUSED, READ})
    if total > LISTED:
        tell(f"Only {LISTED} of {total} are listed; --json tells all.")
    typer.echo(f"{sum(looked_at.values())} facts judged: {_violations(counts) or 'no'} violations.")


def _summary(
    counts: Counts, logs: dict[str, Verified | Bad], looked_at: dict[str, int]
) -> dict[str, Any]:
    return {
        "judged": looked_at,
        "violations": _violations(counts),
        "found": [
            {"weight": weight, "rule": rule, "code": code, "count": count}
            for (weight, rule, code), count in sorted(counts.items())
        ],
        "logs": {
            name: {"ok": isinstance(found, Verified)} | asdict(found)
            | ({"root": found.root.hex()} if isinstance(found, Verified) else {})
            for name, found in logs.items()
        },
    }


def _violations(counts: Counts) -> int:
    return sum(count for (weight, _, _), count in counts.items() if weight == VIOLATION)


def _line(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False)
