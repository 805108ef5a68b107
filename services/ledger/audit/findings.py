"""What an audit finds: one row with its rule, its event and its place; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.ledger.audit.checks import VIOLATION, Check, Facts
from services.ledger.audit.scene import Scene
from services.ledger.audit.told import Told


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Args:
        weight: ``violation``, ``note``, ``refused`` (an attempt that was turned down, on record) or
            ``read`` (a sensitive read, on record).
        rule: of RULES.md. *code*: of the check, or the recorded refusal's own.
        source: the log. *position*: in it. *event*: type of the fact. *event_id*: its id.
        late: whether the act was in order by what had been recorded when it was: then a fact that
            was recorded later has made it a violation, which flags and never erases it (R131).
        facts: what the check rests on; *flagged*, of an approval: whether supervision has marked
            it as issued without authority.
    """

    weight: str
    rule: str
    code: str
    zh: str
    source: str
    position: int
    event: str
    event_id: str
    programme: str
    jurisdiction: str
    occurred_at: datetime | None
    recorded_at: datetime | None
    late: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "weight": self.weight, "rule": self.rule, "code": self.code, "zh": self.zh,
            "source": self.source, "position": self.position, "event": self.event,
            "event_id": self.event_id, "programme": self.programme,
            "jurisdiction": self.jurisdiction,
            "occurred_at": self.occurred_at and self.occurred_at.isoformat(),
            "recorded_at": self.recorded_at and self.recorded_at.isoformat(),
            "late": self.late, "facts": dict(self.facts),
        }


def judged(check: Check, scene: Scene, facts: Facts) -> Finding:
    """What a check has found in one act; as then known too, where it is a violation now."""
    told = scene.told
    late = (
        check.weight == VIOLATION and scene.known is None
        and check.judge(scene.as_known(told.recorded)) is None
    )
    if check.weight == VIOLATION and told.name == "ApprovalIssued":
        facts = {**facts, "flagged": told.data["decision_id"] in scene.world.flagged}
    return of(told, check.weight, check.rule, check.code, check.sentence(facts), facts, late=late)


def of(
    told: Told, weight: str, rule: str, code: str, zh: str, facts: Mapping[str, Any], *,
    late: bool = False,
) -> Finding:
    """A finding about one fact."""
    return Finding(
        weight, rule, code, zh, told.source, told.position, f"{told.source}.{told.name}", told.id,
        told.programme, told.jurisdiction, told.occurred, told.recorded, late, facts,
    )
