"""Why a recall is refused."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from shared.refusal import Refused


def evidence_required(ground: str) -> Refused:
    """R180: each ground needs evidence."""
    return Refused("delegation.evidence-required", {"ground": ground}, "收回须附评估或稽核依据")


def recall_step_missing(grant: UUID, step: str) -> Refused:
    """R180: recall is by procedure."""
    return Refused(
        "delegation.recall-step-missing", {"grant": str(grant), "step": step},
        f"须按程序收回，尚缺步骤：{step}"
    )


def retroactive_recall(grant: UUID, decided_on: date, effective_from: date) -> Refused:
    """R181: a recall cannot reach back."""
    return Refused(
        "delegation.retroactive-recall",
        {
            "grant": str(grant), "decided_on": decided_on.isoformat(),
            "effective_from": effective_from.isoformat()
        },
        "收回不得溯及既往，生效日不得早于决定日",
    )


def term_not_expired(grant: UUID) -> Refused:
    """R075: this ground is the calendar's."""
    return Refused(
        "delegation.term-not-expired", {"grant": str(grant)},
        "委托期限尚未届满，不能以期限届满为由收回，请选择其他情形",
    )


def recall_after_term(grant: UUID, term_to: date, effective_from: date) -> Refused:
    """R075: the power lapses with the term, not after it."""
    return Refused(
        "delegation.recall-after-term",
        {
            "grant": str(grant), "term_to": term_to.isoformat(),
            "effective_from": effective_from.isoformat(),
        },
        f"委托期限至{term_to}届满，收回的生效日不得晚于届满次日",
    )


def recall_by_grantor_only(grant: UUID, grantors: Sequence[str], named: str) -> Refused:
    """R180: who granted decides on the recall."""
    return Refused(
        "delegation.recall-by-grantor-only",
        {"grant": str(grant), "grantors": list(grantors), "named": named},
        f"收回由{'或'.join(grantors)}决定，{named}无权决定",
    )
