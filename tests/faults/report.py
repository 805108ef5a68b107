"""The report of a run, in `docs/reliability.md`."""

import os
import statistics
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.bench.figure import machine
from tests.faults.run import Result, Row
from tests.faults.scenario import SCENARIOS

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"


def write(result: Result, names: Sequence[str], servers: dict[str, str]) -> None:
    """Put the figures between the document's two marks."""
    text = DOCUMENT.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(
        f"{before}{BEGIN}\n{figures(result, names, servers)}\n{END}{after}", "utf-8"
    )


def figures(result: Result, names: Sequence[str], servers: dict[str, str]) -> str:
    """The lines that the log's page of figures asks for, and the table of scenarios."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True,
        check=True,
    ).stdout.strip()
    trials = sum(result.faults.values())
    about = {
        "seed": result.seed, "commit": commit, **machine(), **servers,
        "processes": ", ".join(names),
        "duration": f"{result.seconds / 60:.0f} minutes",
        "attempted": f"{result.attempted:,} commands, {result.repeated:,} of them sent again",
        "acknowledged": f"{result.acknowledged:,}; refused as expected: {result.refused:,}",
        "faults": f"{trials:,}: "
        + ", ".join(f"{kind} {count}" for kind, count in result.faults.items()),
        "lost": len(result.found.lost), "duplicated effects": len(result.found.doubled),
        "unexpected": len(result.found.unexpected),
        "recovered": f"{result.recovered:,} times, {result.late} of them later than aimed at",
        "load average of the machine at the end": f"{os.getloadavg()[1]:.0f}",
        "longest outage": f"{result.outage:.1f} s without any answer",
    }
    lines = [f"* {name}: {value}" for name, value in about.items()]
    heads = ("no.", "scenario", "injected", "expected", "trials", "recovery, median / longest",
             "seen")
    lines += ["", "| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    lines += [_row(row) for row in sorted(
        result.rows.values(), key=lambda row: int(row.scenario.number)
    )]
    missing = [one.name for one in SCENARIOS if one.run.__name__ not in result.rows]
    if missing:
        lines += ["", f"Not reached in this run: {', '.join(missing)}."]
    return "\n".join(lines)


def _row(row: Row) -> str:
    one, took = row.scenario, row.recoveries
    recovery = f"{statistics.median(took):.1f} s / {max(took):.1f} s" if took else "–"
    notes = "; ".join(
        f"{note} ({count} ×)" if count > 1 else note for note, count in Counter(row.notes).items()
    )
    bad = "; ".join(f"{note} ({count} ×)" for note, count in Counter(row.failures).items())
    seen = "; ".join(part for part in ("as expected" if not bad else bad[:400], notes) if part)
    cells = (one.number, one.name, one.injected, one.expected, str(row.trials), recovery, seen)
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"
