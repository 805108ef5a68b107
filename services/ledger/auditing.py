"""The audit over the ledger's own mirror: an answer in bounded time, or the way to a full one."""

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.ledger.audit.checks import NOTE, VIOLATION
from services.ledger.audit.reading import Mirrored
from services.ledger.audit.run import Audit, Bounds
from shared.database import Database
from shared.refusal import Refused

if TYPE_CHECKING:
    from services.ledger.audit.findings import Finding

MOST = 50_000  # entries that an answer reads: a few seconds
TOLD = 1_000  # findings in one answer


def audited(
    database: Database, *, programme: str | None, before: datetime | None, known: datetime | None,
    most: int = MOST,
) -> dict[str, Any]:
    """Every act of a programme judged again; None: of all.

    Args:
        before: only acts done before that instant.
        known: by what was recorded by then; None: by all that is.
        most: entries that may be read for it.

    Returns:
        ``judged``: facts by log; ``violations``: how many; ``found``: how many of each ``weight,
        rule, code``; ``findings``: the first that are more than notes.

    Raises:
        Refused: ``ledger.too-long-to-audit``.
    """
    mirrored = Mirrored(database)
    if (size := sum(mirrored.sizes().values())) > most:
        raise too_long(size, most)
    audit = Audit(mirrored.log, mirrored.entry, Bounds(
        programme=programme, before=before, known=known
    ))
    counts: Counter[tuple[str, str, str]] = Counter()
    findings: list[Finding] = []
    for one in audit.run():
        counts[one.weight, one.rule, one.code] += 1
        if one.weight != NOTE and len(findings) < TOLD:
            findings.append(one)
    return {
        "judged": audit.looked_at,
        "violations": sum(n for (weight, *_), n in counts.items() if weight == VIOLATION),
        "found": [
            {"weight": weight, "rule": rule, "code": code, "count": count}
            for (weight, rule, code), count in sorted(counts.items())
        ],
        "findings": [one.told() for one in findings],
    }


def too_long(size: int, most: int) -> Refused:
    """A whole county's years are read by the command, which takes its time and a core."""
    return Refused(
        "ledger.too-long-to-audit", {"entries": size, "most": most},
        f"日志已有{size}条，超过在线核查的上限{most}条，请以 fuquan ledger audit 核查",
    )
