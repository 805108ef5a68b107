"""One measured figure, and how it is printed and kept."""

import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """What was measured.

    Args:
        other: the other side's figure on the same work, or None where there is none.
        aim: as text, e.g. "≥ 3 ×" or "≤ 50 ms".
        met: whether the aim was reached; None without an aim.
    """

    name: str
    ours: float
    unit: str
    other: float | None = None
    other_name: str = ""
    aim: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> str:
        """Ours over the other's."""
        return f"{self.ours / self.other:.2f} ×" if self.other else "–"

    def cells(self) -> list[str]:
        """name, ours, other, ratio, aim."""
        other = f"{_short(self.other)} {self.unit} ({self.other_name})" if self.other else "–"
        return [self.name, f"{_short(self.ours)} {self.unit}", other, self.ratio,
                f"{self.aim} {'✓' if self.met else '✗'}" if self.aim else "–"]


def _short(value: float) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"


def write(path: Path, figures: Iterable[Figure], servers: dict[str, str]) -> None:
    """Keep the figures with machine, versions and date."""
    rows = "\n".join("| " + " | ".join(figure.cells()) + " |" for figure in figures)
    about = "\n".join(f"* {name}: {value}" for name, value in {**machine(), **servers}.items())
    path.write_text(
        "# Figures\n\nMeasured by `make bench`, both sides in one run on the same payloads."
        f" Read the ratios; the absolute\nnumbers are this machine's.\n\n{about}\n\n"
        f"| figure | ours | other | ratio | aim |\n|---|---|---|---|---|\n{rows}\n",
        "utf-8",
    )


def machine() -> dict[str, str]:
    """Where and with what the figures were taken."""
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    cores = subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout.strip()
    libraries = ", ".join(f"{name} {version(name)}"
                          for name in ("psycopg2-binary", "kombu", "nameko", "eventsourcing"))
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{cores} cores, {platform.machine()}, {system}",
        "Python": platform.python_version(),
        "libraries": libraries,
    }
