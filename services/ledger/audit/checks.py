"""The table of checks: each with its rule, what it looks at, and what it finds; pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.ledger.audit.scene import Scene

VIOLATION, NOTE, REFUSED, READ = "violation", "note", "refused", "read"

Facts = Mapping[str, Any]
Judge = Callable[[Scene], Facts | None]


@dataclass(frozen=True)
class Check:
    """One thing that must hold.

    Args:
        code: stable; one word for one way of being wrong.
        rule: of RULES.md.
        zh: the sentence for people, with the facts' names in braces.
        on: names of the events it looks at.
        judge: the facts of a violation; None where the act is in order.
        weight: a note is told and counted, and wrongs nobody.
    """

    code: str
    rule: str
    zh: str
    on: tuple[str, ...]
    judge: Judge
    weight: str = VIOLATION

    def sentence(self, facts: Facts) -> str:
        """What is wrong, for people."""
        return self.zh.format_map(facts)


CHECKS: dict[str, Check] = {}
BY_EVENT: dict[str, list[Check]] = defaultdict(list)


def check(
    code: str, rule: str, zh: str, *, on: tuple[str, ...], weight: str = VIOLATION
) -> Callable[[Judge], Judge]:
    """Enter a judge into the table."""

    def enter(judge: Judge) -> Judge:
        assert code not in CHECKS, code
        CHECKS[code] = Check(code, rule, zh, on, judge, weight)
        for name in on:
            BY_EVENT[name].append(CHECKS[code])
        return judge

    return enter
