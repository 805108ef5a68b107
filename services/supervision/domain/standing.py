"""How an obligation stands on a day: what was due, what was done, the day (R191, R195, R196)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from shared.calendar import days_late
from shared.clock import day_of, end_of, start_of


def standing(
    obligation: Mapping[str, Any], history: Sequence[Mapping[str, Any]], *, on: date
) -> dict[str, Any]:
    """The state at the end of the day *on*.

    Args:
        obligation: ``due_at``, ``precision`` and ``deadlines`` as `TaskAssigned` has them.
        history: its later facts in order, each ``{"type", "data"}``; those after *on* do not count.

    Returns:
        ``state``: assigned, reported, continuing, overdue, completed or completed_late;
        ``days_late``, ``completed_at``, ``evidence_refs``; ``reports``: how many activities;
        ``within``: the dates written elsewhere that were kept where the binding one was not.
    """
    end, due_at = end_of(on), obligation["due_at"]
    reports = [one["data"] for one in _of(history, "TaskReported") if _at(one["data"]["at"]) < end]
    done = next(
        (
            one["data"]
            for one in _of(history, "TaskCompleted")
            if _at(one["data"]["completed_at"]) < end
        ),
        None,
    )
    late = 0
    if done:
        late = done["days_late"]
        state = "completed_late" if late else "completed"
    elif due_at is not None and due_at < end:
        late = days_late(due_at, start_of(on))
        state = "overdue"
    elif obligation["precision"] == "year" and reports:
        state = "continuing"
    else:
        state = "reported" if reports else "assigned"
    until = day_of(_at(done["completed_at"])) if done else on
    return {
        "state": state,
        "days_late": late,
        "completed_at": done["completed_at"] if done else None,
        "evidence_refs": done["evidence_refs"] if done else [],
        "reports": len(reports),
        "within": _kept(obligation["deadlines"], until) if state in LATE else [],
    }


LATE = ("overdue", "completed_late")


def _kept(deadlines: Sequence[Mapping[str, Any]], until: date) -> list[dict[str, str]]:
    return [
        {"date": one["date"], "source": one["source"]}
        for one in deadlines
        if not one["binding"] and until <= date.fromisoformat(one["date"])
    ]


def _of(history: Sequence[Mapping[str, Any]], event: str) -> list[Mapping[str, Any]]:
    return [one for one in history if one["type"] == f"supervision.{event}"]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
