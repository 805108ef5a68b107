"""Who held a power exclusively, read from delegation's facts one after the other: no SQL in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from shared.contracts.envelope import Fact

RECALLED = "delegation.ItemRecalled"
ENDS = (RECALLED, "delegation.GrantModeChanged")
ACCEPTED, REFUSED = "cases.CaseAccepted", "cases.AuthorityCheckFailed"
ACTS = {ACCEPTED: "accepted_at", "cases.CaseForwarded": "forwarded_at"}


class Interval(NamedTuple):
    """From when (inclusive) to when (exclusive) a grant held, as known from a position on."""

    known: int
    begins: datetime
    ends: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.begins <= at and (self.ends is None or at < self.ends)

    def meets(self, other: "Interval") -> bool:
        """Whether both hold at one instant; an interval that ends as it begins holds at none."""
        first = max(self.begins, other.begins)
        return self.holds(first) and other.holds(first)


@dataclass
class Held:
    """One exclusive grant: the facets it gives in a town, and its interval as it became known."""

    powers: frozenset[tuple[str, ...]]
    intervals: list[Interval]

    def in_force(self, at: datetime, known: int | None = None) -> bool:
        """Whether it held at an instant, by the facts up to a position; None: by all."""
        told = [one for one in self.intervals if known is None or one.known <= known]
        return bool(told) and told[-1].holds(at)


@dataclass
class Replay:
    """The exclusive grants of a log, and every moment at which two of them met."""

    grants: dict[str, Held] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    doubled: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "Replay":
        """Take every fact in, and look after each whether a power has two holders at an instant."""
        replay = cls()
        for fact in facts:
            if grant := replay._take(fact):
                replay._compare(grant, fact)
        return replay

    def _take(self, fact: Fact) -> str | None:
        told = fact.data
        if fact.type == "delegation.ItemDelegated" and told["exclusive"]:
            begins = told["effective_from"]
            self.grants[told["grant_id"]] = Held(
                _powers(told["item_id"], told["town_id"], told["facets"]),
                [Interval(fact.position, begins, None)],
            )
            return str(told["grant_id"])
        held = self.grants.get(told.get("grant_id", ""))
        if held is None:
            return None
        if fact.type == RECALLED and told["effective_from"] <= fact.occurred_at:
            self.ended.add(told["grant_id"])
        _, begins, ends = held.intervals[-1]
        if fact.type in ENDS:
            ends = max(begins, told["effective_from"])
        elif fact.type == "delegation.GrantCorrected" and told["field"] == "effective_from":
            begins = datetime.fromisoformat(told["new"])
        else:
            return None
        held.intervals.append(Interval(fact.position, begins, ends))
        return str(told["grant_id"])

    def _compare(self, grant: str, fact: Fact) -> None:
        held = self.grants[grant]
        for other_id, other in self.grants.items():
            if other_id != grant and held.powers & other.powers and held.intervals[-1].meets(
                other.intervals[-1]
            ):
                power = min(held.powers & other.powers)
                self.doubled.append(f"{power}: {other_id} and {grant} after {fact.position}")

    def unfounded(self, facts: Iterable[Fact]) -> tuple[list[str], int]:
        """Acts in cases whose grant, as far as the act says it was known, was not in force then.

        Returns:
            Those acts; and how many others a fact that was told later has overtaken.
        """
        wrong, overtaken = [], 0
        for fact in facts:
            if (instant := ACTS.get(fact.type)) is None:
                continue
            at, authority = fact.data[instant], fact.data["authority"]
            held = self.grants.get(authority["grant_id"] or "")
            if held is None or not held.in_force(at, authority["grant_position"]):
                wrong.append(f"{fact.type} at {fact.position}: {authority} at {at}")
            elif not held.in_force(at):
                overtaken += 1
        return wrong, overtaken

    def kept(self, facts: Iterable[Fact]) -> list[str]:
        """Cases accepted and not moved since, though their grant had ended when that was told."""
        accepted: dict[str, str] = {}
        for fact in facts:
            if fact.type == ACCEPTED:
                accepted[fact.data["case_id"]] = fact.data["authority"]["grant_id"]
            elif fact.type != REFUSED:
                accepted.pop(str(fact.stream), None)
        return [case for case, grant in accepted.items() if grant in self.ended]


def _powers(item: str, town: str, facets: Iterable[dict[str, Any]]) -> frozenset[tuple[str, ...]]:
    return frozenset(
        (item, town, row["facet"], row["filed_at"], row["cross_town"]) for row in facets
    )
