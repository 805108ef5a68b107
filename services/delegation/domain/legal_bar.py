"""What the law forbids to entrust or to devolve (R046)."""

from collections.abc import Iterable
from datetime import date

from services.delegation.domain import refusals
from services.delegation.domain.programme import Row, town_decides
from shared.refusal import Refused

# A department's rule (规章) counts only where the mode's criterion in the notice speaks of rules.
ALWAYS = ("law", "regulation")


def applies(kind: str, norm_rank: str, mode: Row) -> bool:
    """Whether a bar of this kind and rank stands against this mode."""
    if norm_rank not in ALWAYS and "规章" not in (mode["criterion"] or ""):
        return False
    in_name = town_decides(mode, "in_name_of")
    return in_name if kind == "entrust_forbidden" else town_decides(mode) and not in_name


def in_force(constraint: Row, on: date) -> bool:
    """Whether the norm is in force on that day."""
    ends = constraint["valid_to"]
    return bool(constraint["valid_from"] <= on and (ends is None or on < ends))


def bar(constraints: Iterable[Row], mode: Row, on: date) -> Row | None:
    """The first constraint in force on that day against this mode, or None."""
    return next(
        (
            found for found in constraints
            if in_force(found, on) and applies(found["kind"], found["norm_rank"], mode)
        ),
        None,
    )


def refusal(found: Row, item: str, mode: str) -> Refused:
    return refusals.forbidden_by_law(
        found["kind"], item, mode, found["article"], found["norm_rank"]
    )


def constraint_id(facts: Row) -> str | None:
    """How a rejection names the bar it rests on; from the refusal's facts."""
    return f"{facts['item']}:{facts['kind']}:{facts['article']}" if "article" in facts else None
